"""The monitor's log: plain lines, in a file that cannot grow without end, without credentials."""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from dashboard.monitor.folder import make_private

_BYTES = 2_000_000
_PARTS = 3
_FORMAT = "%(asctime)s %(levelname)s %(message)s"
# user:password@ in any address that slips into a message, from whatever library.
_USERINFO = re.compile(r"://[^/\s@]*@")


class _Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _USERINFO.sub("://***@", super().format(record))


def start_journal(path: Path, printing: bool) -> None:
    """Sends this process's log to `path`, and to standard error where `printing`. A disk that cannot be
    written costs the file, not the watch."""
    # A full disk must not print a traceback for each line.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)] if printing else []
    try:
        make_private(path.parent)
        handlers.append(RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_PARTS, encoding="utf-8"))
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror or error}", file=sys.stderr)
    for handler in handlers:
        handler.setFormatter(_Redacting(_FORMAT))
        root.addHandler(handler)
