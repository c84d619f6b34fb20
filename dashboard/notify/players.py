"""Programs that play a sound on this machine's output, and one playing of one sound.

A program and not a library: one that hangs in a broken driver, or crashes there, is ended and started
again, and the watch does not notice. Which one works depends on how the machine makes sound: PipeWire and
PulseAudio serve the session that is logged in, plain ALSA serves a machine where nobody is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

_GONE_S = 1.0
# In the order in which they are tried; each is given the file's path as its last word.
PLAYERS: tuple[tuple[str, ...], ...] = (("pw-play",), ("paplay",), ("aplay", "-q"))


@dataclass(frozen=True)
class Player:
    """A program that is there, with its first words."""

    command: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.command[0].rpartition("/")[2]


def players_here(known: Sequence[tuple[str, ...]] = PLAYERS) -> tuple[Player, ...]:
    """Those that are installed."""
    return tuple(Player(command) for command in known if shutil.which(command[0]) is not None)


class Playing:
    """One playing of a sound: a process that ends by itself with the sound, or before, by `stop`.

    The sound is in memory, so that a full disk does not make the alarm silent."""

    def __init__(self, player: Player, wav: bytes) -> None:
        """Starts it; OSError when the machine cannot."""
        file = os.memfd_create("poolwatch-alarm")
        try:
            with os.fdopen(os.dup(file), "wb") as sound:
                sound.write(wav)
            self._process = subprocess.Popen(
                [*player.command, f"/proc/self/fd/{file}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(file,),
                start_new_session=True,
            )
        finally:
            os.close(file)

    def wait(self, seconds: float) -> int | None:
        """Its exit code, None while it still plays after so many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Silence, now. A process that hangs in a driver cannot be ended; nobody waits for it."""
        if self._process.poll() is None:
            self._process.kill()
            self.wait(_GONE_S)
