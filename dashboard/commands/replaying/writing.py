"""Files that a replay writes: refusals of the operating system become one line that names the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from av.error import FFmpegError


class OutputError(Exception):
    """Something could not be written; the message is one line naming what and why."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Says which output a refusal (no folder, no right, no space) belongs to."""
    try:
        yield
    except (OSError, FFmpegError) as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None


class TextFile:
    """Lines into a file that exists from the start, so that an unwritable one is known before the work."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._file: TextIO = path.open("w", encoding="utf-8", newline="\n")

    def write(self, lines: Sequence[str]) -> None:
        with writing(self._path):
            self._file.writelines(f"{line}\n" for line in lines)

    def close(self) -> None:
        with writing(self._path):
            self._file.close()
