"""The siren: the tone itself, and a player program that notes what it got, dies, hangs or is missing."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.notify.players import PLAYERS, Player, Playing, players_here
from dashboard.notify.siren import NO_PLAYER, Siren
from dashboard.notify.tone import PATTERN_S, RATE_HZ, TONE_S, TONES_HZ, alarm_wav, silent_wav
from dashboard.settings import NotifySettings
from tests.waiting import fair, until

SETTINGS = NotifySettings()
LONG = 30.0
# Notes its process and the sound's bytes, plays for so long, and ends as its file `how` says.
_PLAYER = """
import os, pathlib, signal, sys
folder, seconds, file = pathlib.Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
sound = pathlib.Path(file).read_bytes()
loud = any(sound[44:])
with (folder / "played").open("a") as log:
    log.write(f"{os.getpid()} {len(sound)} {'loud' if loud else 'silent'}\\n")
how = (folder / "how").read_text() if (folder / "how").exists() else ""
if how == "fail":
    sys.exit(1)
signal.sigtimedwait([], 600.0 if how == "hang" else seconds if loud else 0.0)
"""


class Loudspeaker:
    """A machine's player, and what it has played."""

    def __init__(self, folder: Path, seconds: float = 0.2) -> None:
        self.folder = folder
        program = folder / "player.py"
        program.write_text(_PLAYER)
        self.player = Player((sys.executable, "-S", str(program), str(folder), str(seconds)))

    def how(self, how: str) -> None:
        (self.folder / "how").write_text(how)

    def wait(self, count: int) -> None:
        until(lambda: len(self.played()) >= count, LONG, f"playing {count}")

    def played(self, what: str = "loud") -> list[int]:
        """The processes that played."""
        log = self.folder / "played"
        lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        return [int(pid) for pid, _, kind in lines if kind == what]


@pytest.fixture
def speaker(tmp_path: Path) -> Loudspeaker:
    return Loudspeaker(tmp_path)


@pytest.fixture
def siren(speaker: Loudspeaker) -> Iterator[Siren]:
    made = Siren(SystemClock(), SETTINGS, [speaker.player], (alarm_wav(), 0.2))
    made.start()
    yield made
    made.stop()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def samples(wav: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE_HZ, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_the_alarm_is_two_tones_in_turn_and_loud() -> None:
    heard = samples(alarm_wav())
    assert len(heard) == PATTERN_S * RATE_HZ
    each = round(TONE_S * RATE_HZ)
    for n in range(len(heard) // each):
        part = heard[n * each : (n + 1) * each].astype(np.float64)
        loudest = np.argmax(np.abs(np.fft.rfft(part))) / TONE_S
        assert abs(loudest - TONES_HZ[n % 2]) <= 1 / TONE_S
        # Begins and ends in silence, so that nothing crackles where one part meets the next.
        assert abs(part[0]) < 100 and abs(part[-1]) < 2500
    assert 25_000 < np.abs(heard).max() < 32_767
    assert np.sqrt(np.mean(heard.astype(np.float64) ** 2)) > 8_000
    assert not samples(silent_wav()).any()


def test_a_machine_that_can_sound_says_so_without_a_noise(siren: Siren, speaker: Loudspeaker) -> None:
    until(lambda: siren.why == "", LONG, "the sound is looked at")
    assert len(speaker.played("silent")) == 1 and speaker.played() == []


def test_it_sounds_until_it_is_told_to_stop_and_saying_it_twice_changes_nothing(
    siren: Siren, speaker: Loudspeaker
) -> None:
    siren.sound(True)
    until(lambda: len(speaker.played()) >= 3, LONG, "the pattern goes on")
    siren.sound(True)
    count = len(speaker.played())
    until(lambda: len(speaker.played()) >= count + 2, LONG, "it goes on")
    assert sum(alive(pid) for pid in speaker.played()) <= 1
    siren.sound(False)
    siren.sound(False)
    until(lambda: not any(alive(pid) for pid in speaker.played()), fair(2), "silence")
    siren.sound(True)
    count = len(speaker.played())
    until(lambda: len(speaker.played()) > count, LONG, "it sounds again")


def test_what_is_played_is_the_alarm(siren: Siren, speaker: Loudspeaker, tmp_path: Path) -> None:
    siren.sound(True)
    until(speaker.played, LONG, "it sounds")
    sizes = {int(line.split()[1]) for line in (tmp_path / "played").read_text().splitlines()}
    assert len(alarm_wav()) in sizes


def test_a_player_that_is_killed_is_started_again(tmp_path: Path) -> None:
    speaker = Loudspeaker(tmp_path, seconds=60.0)
    siren = Siren(SystemClock(), SETTINGS, [speaker.player], (alarm_wav(), 60.0))
    siren.start()
    try:
        siren.sound(True)
        for n in range(1, 4):
            speaker.wait(n)
            os.kill(speaker.played()[-1], signal.SIGKILL)
        until(lambda: len(speaker.played()) == 4, LONG, "it sounds on")
    finally:
        siren.stop()
    until(lambda: not any(alive(pid) for pid in speaker.played()), fair(2), "it ends with the monitor")


def test_a_player_that_hangs_is_ended_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    speaker = Loudspeaker(tmp_path)
    speaker.how("hang")
    siren = Siren(SystemClock(), SETTINGS, [speaker.player], (alarm_wav(), -3.5))
    siren.start()
    try:
        siren.sound(True)
        until(lambda: "hangs" in siren.why, LONG, "it is said")
        until(lambda: len(speaker.played()) >= 2, LONG, "it is tried again")
        speaker.how("")
        until(lambda: siren.why == "", LONG, "it sounds when it can")
    finally:
        siren.stop()


def test_the_next_player_sounds_where_the_first_cannot(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "whole").mkdir()
    broken, whole = Loudspeaker(tmp_path / "broken"), Loudspeaker(tmp_path / "whole")
    broken.how("fail")
    siren = Siren(SystemClock(), SETTINGS, [broken.player, whole.player], (alarm_wav(), 0.2))
    siren.start()
    try:
        siren.sound(True)
        until(lambda: len(whole.played()) >= 3, LONG, "it sounds")
        assert siren.why == ""
        assert len(broken.played()) + len(broken.played("silent")) <= 2, "the one that works comes first now"
    finally:
        siren.stop()


def test_a_player_that_only_pretends_to_play_is_not_started_all_the_time(tmp_path: Path) -> None:
    speaker, clock = Loudspeaker(tmp_path, seconds=0.0), SystemClock()
    siren = Siren(clock, SETTINGS, [speaker.player], (alarm_wav(), 60.0))
    siren.start()
    try:
        siren.sound(True)
        speaker.wait(1)
        began = clock.monotonic()
        speaker.wait(4)
        assert clock.monotonic() - began > 2.0
    finally:
        siren.stop()


def test_a_machine_without_sound_says_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    speaker = Loudspeaker(tmp_path)
    speaker.how("fail")
    siren = Siren(SystemClock(), SETTINGS, [speaker.player], (alarm_wav(), 0.2))
    siren.start()
    try:
        siren.sound(True)
        until(lambda: len(speaker.played()) >= 2, LONG, "it is tried again: somebody may plug it in")
        assert "does not work" in siren.why
        assert caplog.text.count("does not work") == 1
    finally:
        siren.stop()


def test_a_machine_without_a_player_says_so_once_and_never_waits(caplog: pytest.LogCaptureFixture) -> None:
    siren = Siren(SystemClock(), SETTINGS, [])
    assert siren.why == NO_PLAYER
    siren.start()
    for on in (True, True, False, False, True):
        siren.sound(on)
    siren.stop()
    assert caplog.text.count(NO_PLAYER) == 1


def test_nobody_waits_for_the_siren(tmp_path: Path) -> None:
    speaker = Loudspeaker(tmp_path)
    speaker.how("hang")
    siren, clock = Siren(SystemClock(), SETTINGS, [speaker.player], (alarm_wav(), 60.0)), SystemClock()
    siren.start()
    try:
        until(lambda: speaker.played("silent"), LONG, "it hangs")
        began = clock.monotonic()
        for n in range(1000):
            siren.sound(n % 2 == 0)
        assert clock.monotonic() - began < fair(0.5)
    finally:
        siren.stop()


def test_only_players_that_are_installed_are_used() -> None:
    found = players_here((("sh", "-c"), ("no-such-player",)))
    assert [player.name for player in found] == ["sh"]


@pytest.mark.parametrize("command", PLAYERS, ids=[command[0] for command in PLAYERS])
def test_a_real_player_takes_the_sound(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    if command[0] == "aplay":
        # ALSA's own device that plays into nothing, in its own time.
        (tmp_path / "asound.conf").write_text("pcm.!default { type null }\n")
        monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    playing = Playing(Player(command), silent_wav())
    code = playing.wait(10.0)
    playing.stop()
    if code != 0 and command[0] != "aplay":
        pytest.skip(f"{command[0]} finds no sound server here")
    assert code == 0
