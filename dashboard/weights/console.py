"""The installer's progress on a terminal."""

from __future__ import annotations

import sys

from dashboard.weights.install import ensure_default


class ProgressLine:
    """Progress on one line of a terminal, or in quarters where the output is a file."""

    def __init__(self) -> None:
        self._told = ("", -1)
        self._open = False

    def __call__(self, what: str, fraction: float) -> None:
        if fraction >= 1:
            self.say(f"{what}.")
            return
        step = int(fraction * (100 if sys.stderr.isatty() else 4))
        if (what, step) == self._told:
            return
        self._told = (what, step)
        line = f"{what}: {fraction:.0%}"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
            self._open = True
        else:
            print(line, file=sys.stderr, flush=True)

    def say(self, sentence: str) -> None:
        """A whole line, after the progress line if one is open."""
        if self._open:
            print("\r\033[K", end="", file=sys.stderr)
            self._open = False
        print(sentence, file=sys.stderr, flush=True)


def first_start(progress: ProgressLine | None = None) -> tuple[str, ...]:
    """`ensure_default` with its progress and its sentences on the terminal; the sentences."""
    line = progress or ProgressLine()
    sentences = ensure_default(line)
    for sentence in sentences:
        line.say(sentence)
    return sentences
