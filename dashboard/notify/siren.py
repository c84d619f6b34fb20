"""The siren on the sound output of the machine that watches.

One thread plays the pattern again and again while it is to sound. The pattern lasts some seconds and every
playing ends with it, so that a monitor that is killed leaves no noise behind.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from dashboard.clock import Clock
from dashboard.notify.players import Player, Playing, players_here
from dashboard.notify.tone import PATTERN_S, alarm_wav, silent_wav
from dashboard.settings import NotifySettings

NO_PLAYER = "This machine has no sound player (pw-play, paplay or aplay): only the pages sound."
NO_OUTPUT = "This machine's sound output does not work ({tried}): only the pages sound."
_NOT_TRIED = "The sound of this machine is being looked at."
# A player that takes this much longer than the sound itself hangs.
_LATE_S = 4.0
_POLL_S = 0.05
# Between two attempts where no player works.
_RETRY_S = 1.0
_LOG = logging.getLogger(__name__)


class Siren:
    """`sound` says whether it is to sound and never waits; `why` says why it cannot, "" when it can."""

    def __init__(
        self,
        clock: Clock,
        settings: NotifySettings,
        players: Sequence[Player] | None = None,
        pattern: tuple[bytes, float] | None = None,
    ) -> None:
        """`players` instead of those of the machine; `pattern` instead of the tone: a WAV, its seconds."""
        self._clock = clock
        self._settings = settings
        self._players = list(players_here() if players is None else players)
        self._pattern = pattern
        self._why = _NOT_TRIED if self._players else NO_PLAYER
        self._told: str | None = None
        self._wanted = False
        self._stopping = False
        self._turn = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="siren", daemon=True)

    def start(self) -> None:
        """Looks whether the machine can sound, and is ready."""
        self._thread.start()

    def sound(self, on: bool) -> None:
        """From now on it sounds, or it does not; saying it twice changes nothing."""
        with self._turn:
            self._wanted = on
            self._turn.notify_all()

    def stop(self) -> None:
        """Silence, for good."""
        with self._turn:
            self._stopping = True
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join(2.0)

    @property
    def why(self) -> str:
        return self._why

    def _run(self) -> None:
        if not self._players:
            self._tell(NO_PLAYER)
            return
        wav, seconds = self._pattern or (alarm_wav(), PATTERN_S)
        checked_at = float("-inf")
        while not self._stopping:
            try:
                now = self._clock.monotonic()
                if self._wanted:
                    self._play(wav, seconds, for_alarm=True)
                elif now - checked_at >= self._settings.sound_check_s:
                    checked_at = now
                    self._play(silent_wav(), 1.0, for_alarm=False)
                self._rest(checked_at + self._settings.sound_check_s)
            except Exception:
                _LOG.exception("the siren failed")
                self._pause(_RETRY_S)

    def _play(self, wav: bytes, seconds: float, for_alarm: bool) -> None:
        """Once, by the first player that can; it comes first the next time."""
        tried, began = [], self._clock.monotonic()
        for player in list(self._players):
            why = self._played(player, wav, seconds, for_alarm)
            if why is None:
                self._players.remove(player)
                self._players.insert(0, player)
                self._tell("")
                if for_alarm and self._clock.monotonic() - began < seconds / 2:
                    # It says that it has played and cannot have: no reason to start it all the time.
                    self._pause(_RETRY_S)
                return
            if self._broken_off(for_alarm):
                return
            tried.append(f"{player.name}: {why}")
        self._tell(NO_OUTPUT.format(tried=", ".join(tried)))
        if for_alarm:
            self._pause(_RETRY_S)

    def _played(self, player: Player, wav: bytes, seconds: float, for_alarm: bool) -> str | None:
        """Why this player could not, None when it could or was broken off in the middle of playing."""
        began = self._clock.monotonic()
        try:
            playing = Playing(player, wav)
        except OSError as error:
            return error.strerror or "it does not start"
        try:
            while (code := playing.wait(_POLL_S)) is None:
                if self._broken_off(for_alarm):
                    return None
                if self._clock.monotonic() - began > seconds + _LATE_S:
                    return "it hangs"
        finally:
            playing.stop()
        if code < 0 and self._clock.monotonic() - began > _RETRY_S / 2:
            # Somebody ended it in the middle; it has played.
            return None
        return None if code == 0 else f"it ends with {code}"

    def _broken_off(self, for_alarm: bool) -> bool:
        """Whether what is played now is not wanted any more."""
        return self._stopping or self._wanted != for_alarm

    def _rest(self, until: float) -> None:
        """Until it is to sound, or to look again whether it can."""
        with self._turn:
            while not self._stopping and not self._wanted:
                left_s = until - self._clock.monotonic()
                if left_s <= 0:
                    return
                self._turn.wait(min(left_s, 60.0))

    def _pause(self, seconds: float) -> None:
        with self._turn:
            self._turn.wait_for(lambda: self._stopping or not self._wanted, seconds)

    def _tell(self, why: str) -> None:
        """Says it once, and again when it is something else."""
        self._why = why
        if why != self._told:
            _LOG.log(logging.WARNING if why else logging.INFO, "%s", why or "the siren can sound here")
        self._told = why
