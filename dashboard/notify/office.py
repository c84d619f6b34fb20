"""Asks the sending program (`posting.py`) for one letter at a time, and has each answered in a bounded time.

It is started with the first letter, or before; when it dies or hangs, another one is started with the
next letter.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.notify.letters import Letter, Outcome
from dashboard.notify.posting import LONGEST_BYTES
from dashboard.settings import NotifySettings

_CHECKOUT = Path(__file__).resolve().parents[2]
# What the program itself needs beyond a letter's limit; while it starts it reads all of Apprise.
_GRACE_S, _START_S = 3.0, 20.0
_WRITE_S = 2.0
# More at a time would fill a small machine's memory.
_AT_ONCE = 64
_LOG = logging.getLogger(__name__)


@dataclass
class _Asked:
    """A letter that is on its way."""

    done: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome = field(default_factory=lambda: Outcome(False, "the sending program ended"))


@dataclass
class _Program:
    """One life of the sending program."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    letters: dict[str, _Asked] = field(default_factory=dict)
    answered: bool = False
    over: bool = False


class PostOffice:
    """A `Sender` for real. Threads may ask at the same time."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._program: _Program | None = None
        self._count = 0
        self._stopped = False
        self._places = threading.Semaphore(_AT_ONCE)

    def start(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._running()

    def send(self, letter: Letter) -> Outcome:
        with self._places:
            return self._sent(letter)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            program = self._program
        if program is not None:
            self._end(program)

    def _sent(self, letter: Letter) -> Outcome:
        asked = _Asked()
        try:
            with self._lock:
                if self._stopped:
                    return Outcome(False, cut=True)
                program, number = self._running(), str(self._count)
                self._count += 1
                program.letters[number] = asked
                limit_s = self._settings.send_s + _GRACE_S + (0.0 if program.answered else _START_S)
                program.line.send(self._packed(number, letter))
        except OSError as error:
            # Memory or processes are short, or the program has ended just now.
            return Outcome(False, f"the sending program does not take it ({error.strerror or 'no answer'})")
        if not asked.done.wait(limit_s):
            self._end(program)
            return Outcome(False, "the sending program hangs")
        return asked.outcome

    def _packed(self, number: str, letter: Letter) -> bytes:
        limit_s = self._settings.send_s
        what = {"id": number, "limit_s": limit_s, "address": letter.address, "kind": letter.kind}
        packed = json.dumps({**what, "title": letter.title, "text": letter.text}).encode()
        if len(packed) > LONGEST_BYTES:
            raise OSError("too long")
        return packed

    def _running(self) -> _Program:
        """The program, started again when it is not there. The lock is held."""
        if self._program is None or self._program.over or self._program.process.poll() is not None:
            self._program = self._started()
            threading.Thread(target=self._listen, args=(self._program,), name="post", daemon=True).start()
        return self._program

    def _started(self) -> _Program:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_WRITE_S)
        patience = [str(self._settings.connect_s), str(self._settings.read_s)]
        command = [sys.executable, "-m", "dashboard.notify.posting", str(theirs.fileno()), *patience]
        places = [str(_CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
        with theirs:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
                start_new_session=True,
            )
        return _Program(process, ours)

    def _listen(self, program: _Program) -> None:
        """Hands on the answers of one life; at its end everybody who still waits is told."""
        while True:
            try:
                packed = program.line.recv(LONGEST_BYTES)
            except TimeoutError:
                continue
            except OSError:
                break
            if not packed:
                break
            self._answered(program, packed)
        with self._lock:
            program.over = True
            waiting = list(program.letters.values())
            program.letters.clear()
        program.line.close()
        code = program.process.wait()
        if not self._stopped:
            _LOG.warning("the sending program has ended (%d)", code)
        for asked in waiting:
            if self._stopped:
                asked.outcome = Outcome(False, cut=True)
            asked.done.set()

    def _answered(self, program: _Program, packed: bytes) -> None:
        said = json.loads(packed)
        with self._lock:
            program.answered = True
            asked = program.letters.pop(str(said["id"]), None)
        if asked is not None:
            asked.outcome = Outcome(not said["error"], said["error"])
            asked.done.set()

    def _end(self, program: _Program) -> None:
        """By force: it and whatever it has begun. The next letter starts another one."""
        with self._lock:
            program.over = True
        if program.process.returncode is None:
            os.killpg(program.process.pid, signal.SIGKILL)
