"""The program that sends: `python -m dashboard.notify.posting FD`, one letter a child process.

A service that stalls can hold a thread for ever, and a thread cannot be ended; a process can. So the
monitor asks this program, which has Apprise in memory and forks for each letter; the child has a time
limit that the system itself keeps. It reads letters from the socket FD, and ends with the monitor: when
the other end closes, it lets its children finish within their limits. Nothing is printed, and nothing but
a plain sentence about each letter goes back, because what Apprise logs has the addresses' secrets in it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from typing import Any

from dashboard.notify.reasons import reason_of, redacted

LONGEST_BYTES = 1 << 16
_REAP_S = 0.1
Post = Callable[[dict[str, Any]], str]


def serve(line: socket.socket, post: Post) -> None:
    """Until the other end is closed and every child is over. `post` sends one letter and says why it
    could not, "" when it could."""
    children: dict[int, str] = {}
    open_ = True
    while open_ or children:
        ready = select.select([line] if open_ else [], [], [], _REAP_S if children else None)[0]
        if ready:
            asked = line.recv(LONGEST_BYTES)
            open_ = bool(asked)
            if asked:
                letter = json.loads(asked)
                children[_forked(line, letter, post)] = str(letter["id"])
        _reap(line, children)


def _forked(line: socket.socket, letter: dict[str, Any], post: Post) -> int:
    """The number of the child that sends this letter."""
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, letter["limit_s"])
        _answer(line, str(letter["id"]), post(letter))
    except BaseException as error:
        # The last line of defence: whatever it says may hold secrets, its name does not.
        _answer(line, str(letter["id"]), f"sending failed ({type(error).__name__})")
    finally:
        os._exit(0)


def _reap(line: socket.socket, children: dict[int, str]) -> None:
    for child in list(children):
        done, status = os.waitpid(child, os.WNOHANG)
        if not done:
            continue
        number = children.pop(child)
        if os.WIFSIGNALED(status):
            late = os.WTERMSIG(status) == signal.SIGALRM
            _answer(line, number, "there was no answer in time" if late else "sending was broken off")


def _answer(line: socket.socket, number: str, error: str) -> None:
    with contextlib.suppress(OSError):  # The monitor is gone: it will ask again.
        line.send(json.dumps({"id": number, "error": error}).encode())


class _Log(logging.Handler):
    """Keeps what is said, the loudest first."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.warnings: list[str] = []
        self.details: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        kept = self.warnings if record.levelno >= logging.WARNING else self.details
        kept.append(record.getMessage()[:2000])


def post(letter: dict[str, Any]) -> str:
    """Sends with Apprise; why it could not, "" when it could."""
    import apprise

    log, address = _Log(), str(letter["address"])
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(log)
    asset = apprise.AppriseAsset(app_id="Poolwatch", app_desc="Poolwatch", async_mode=False)
    service = apprise.Apprise.instantiate(address, asset=asset)
    if service is None:
        return redacted(f"Apprise does not take the address {address}", address)
    if letter["kind"] == "report":
        calmed(service)
    name = str(service.service_name or address.partition("://")[0])
    many = apprise.Apprise(asset=asset)
    many.add(service)
    kind = {"alarm": apprise.NotifyType.FAILURE, "all_clear": apprise.NotifyType.SUCCESS}
    sent = many.notify(
        title=letter["title"],
        body=letter["text"],
        notify_type=kind.get(letter["kind"], apprise.NotifyType.INFO),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return "" if sent else reason_of([*log.warnings, *_causes(log.details)], name, address)


def calmed(service: Any) -> None:
    """A report wakes nobody, however loud the address asks an emergency to be."""
    usual = service.template_args.get("priority", {}).get("default")
    if usual is not None and hasattr(service, "priority"):
        service.priority = usual


def _causes(details: list[str]) -> list[str]:
    return [line for line in details if "Exception" in line or "Error" in line]


def _get_ready(patience_s: tuple[float, float]) -> None:
    """Silence, and everything in memory that a letter needs."""
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    from apprise import Apprise
    from apprise.url import URLBase

    # Its own four seconds for each are short for a mobile network; an address may say otherwise.
    URLBase.socket_connect_timeout, URLBase.socket_read_timeout = patience_s
    # Reads all services, once for all children.
    Apprise.instantiate("json://localhost")


def main(arguments: list[str]) -> int:
    """FD, and how long to wait for a connection and for an answer, in seconds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=int(arguments[0])) as line:
        _get_ready((float(arguments[1]), float(arguments[2])))
        serve(line, post)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
