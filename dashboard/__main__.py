"""The command line: `python -m dashboard COMMAND`. Each command is one file of `dashboard/commands/`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from dashboard import preflight

# name -> (module, one line of help); a module is imported only when its command is asked for.
COMMANDS: dict[str, tuple[str, str]] = {
    "models": ("dashboard.commands.models", "list and install model weights"),
    "doctor": ("dashboard.commands.doctor", "say what of the set-up is right and what to do about the rest"),
    "pose": ("dashboard.commands.pose", "find skeletons in pictures"),
    "replay": ("dashboard.commands.replay", "run the live pipeline over recorded video"),
    "drill": ("dashboard.commands.drill", "play random submersions and safe play, and say what was found"),
    "danger": ("dashboard.commands.danger", "judge or teach the classifier that tells drowning by the pose"),
    "bench": ("dashboard.commands.bench", "measure against ground truth and peers"),
    "report": ("dashboard.commands.report", "say what was last night, and send it to who gets it"),
    "account": ("dashboard.commands.account", "make the owner's account, set a forgotten password"),
    "seal": ("dashboard.commands.seal", "begin anew where the passphrase of sealed video is forgotten"),
    "certificate": ("dashboard.commands.certificate", "make the pages https, which a phone's camera needs"),
    "monitor": ("dashboard.commands.monitor", "run the watch without the pages, for example as a service"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is its own, 2 for a wrong call, 130 when interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words else ""
    if name not in COMMANDS:
        asked_for_help = name in ("-h", "--help")
        print(_usage(name), file=sys.stdout if asked_for_help else sys.stderr)
        return 0 if asked_for_help else 2
    try:
        return _run(name, words[1:])
    except KeyboardInterrupt:
        return 130
    except (ImportError, OSError) as error:
        sentence = preflight.cause(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 1


def _run(name: str, words: Sequence[str]) -> int:
    module, help_ = COMMANDS[name]
    command = importlib.import_module(module)
    parser = argparse.ArgumentParser(prog=f"python -m dashboard {name}", description=help_)
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(words)))


def _usage(wrong: str) -> str:
    lines = ["usage: python -m dashboard COMMAND [--help]", ""]
    if wrong and not wrong.startswith("-"):
        lines = [f"there is no command {wrong!r}", *lines]
    return "\n".join([*lines, *(f"  {name:11} {help_}" for name, (_, help_) in COMMANDS.items())])


if __name__ == "__main__":
    sys.exit(main())
