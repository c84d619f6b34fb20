"""The reader: newest frame wins, blind on time, never stuck, never gives up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.settings import SourceSettings
from dashboard.source import Counts, Progress, Reader, Source, SourceError
from dashboard.source.health import Pauses, Stillness
from dashboard.source.newest import Newest
from dashboard.values import Blind, CameraSpec, Frame, SourceKind, Tick
from tests.waiting import until

CLOCK = SystemClock()
SETTINGS = SourceSettings(blind_after_s=0.5, retry_first_s=0.05, retry_most_s=0.2, stuck_after_s=2.0)
SPEC = CameraSpec("pool", "Pool", SourceKind.RTSP, "rtsp://me:SECRET@10.0.0.5/live")


def frame(number: int) -> Frame:
    return Frame("pool", CLOCK.monotonic(), np.full((8, 8, 3), number % 251, np.uint8), number)


class Script:
    """A source that does what a generator function says; `gate` lets the test hold it back."""

    def __init__(self, play: Callable[[Script], Iterator[Frame]]) -> None:
        self._play = play
        self.progress = Progress(silence="connecting to 10.0.0.5 port 554")
        self.closed = threading.Event()
        self.gate = threading.Event()
        self.finished = threading.Event()

    def frames(self) -> Iterator[Frame]:
        try:
            yield from self._play(self)
        finally:
            self.finished.set()

    def close(self) -> None:
        self.closed.set()


@contextmanager
def reading_scripts(
    *plays: Callable[[Script], Iterator[Frame]], settings: SourceSettings = SETTINGS, spec: CameraSpec = SPEC
) -> Iterator[tuple[Reader, list[Script]]]:
    """A reader whose first opening plays the first script and so on; the last one again and again."""
    scripts: list[Script] = []

    def opener(*_: object) -> Source:
        scripts.append(Script(plays[min(len(scripts), len(plays) - 1)]))
        return scripts[-1]

    reader = Reader(spec, CLOCK, settings, opener=opener)
    reader.start()
    try:
        yield reader, scripts
    finally:
        for script in scripts:
            script.gate.set()
        reader.stop()


def endless(script: Script) -> Iterator[Frame]:
    number = 0
    while not script.closed.wait(0.01):
        number += 1
        yield frame(number)


def one_then_silent(script: Script) -> Iterator[Frame]:
    yield frame(1)
    script.closed.wait(30)


def one_then_stuck(script: Script) -> Iterator[Frame]:
    """Blocked where even close() does not reach, as a driver can be."""
    yield frame(1)
    script.gate.wait(30)


def silent(script: Script) -> Iterator[Frame]:
    script.closed.wait(30)
    yield from ()


def refused(script: Script) -> Iterator[Frame]:
    raise SourceError("nothing answers at 10.0.0.5 port 554 (timed out)")
    yield from ()


def wrong_password(script: Script) -> Iterator[Frame]:
    raise SourceError("the camera refused the user name or password", hopeless=True)
    yield from ()


def breaks(script: Script) -> Iterator[Frame]:
    yield frame(1)
    raise ZeroDivisionError(f"driver bug at {SPEC.address}")


def three(script: Script) -> Iterator[Frame]:
    yield from (frame(n) for n in (1, 2, 3))


def tick(reader: Reader, kind: type[Frame] | type[Blind], reason: str = "", within_s: float = 10.0) -> Tick:
    def look() -> Tick | None:
        got = reader.next(0.1)
        matches = isinstance(got, kind) and (not isinstance(got, Blind) or reason in got.reason)
        return got if matches else None

    found = until(look, within_s, f"{kind.__name__} {reason}")
    assert isinstance(found, (Frame, Blind))
    return found


def test_newest_frame_wins() -> None:
    with reading_scripts(endless) as (reader, _):
        until(lambda: reader.counts.read >= 20, 5, "twenty frames")
        got = reader.next(1.0)
        assert isinstance(got, Frame) and got.index >= 20
        assert CLOCK.monotonic() - got.t < 0.3
        assert reader.counts.dropped >= 19
        later = reader.next(1.0)
        assert isinstance(later, Frame) and later.index > got.index


def test_first_blind_comes_when_it_is_due_and_then_once_per_call() -> None:
    with reading_scripts(silent) as (reader, _):
        start = CLOCK.monotonic()
        assert reader.next(0.1) is None
        first = reader.next(5.0)
        after = CLOCK.monotonic() - start
        assert isinstance(first, Blind)
        assert first.silent_s == pytest.approx(0.5, abs=0.2) and 0.45 < after < 1.0
        assert first.reason == "connecting to 10.0.0.5 port 554"
        second_at = CLOCK.monotonic()
        second = reader.next(0.3)
        assert isinstance(second, Blind) and second.silent_s > first.silent_s
        assert 0.25 < CLOCK.monotonic() - second_at < 0.6


def test_silence_after_frames_is_blind_on_time() -> None:
    with reading_scripts(one_then_silent) as (reader, _):
        got = tick(reader, Frame)
        blind = reader.next(5.0)
        assert isinstance(blind, Blind)
        assert blind.t - got.t == pytest.approx(0.5, abs=0.2)


def test_a_frame_that_nobody_took_in_time_is_not_given_as_new() -> None:
    with reading_scripts(one_then_silent) as (reader, _):
        until(lambda: reader.counts.read == 1, 5, "the frame")
        came = CLOCK.monotonic()
        until(lambda: CLOCK.monotonic() > came + 0.6, 5, "the reader's user is busy elsewhere")
        assert isinstance(reader.next(0.0), Blind)
        assert reader.counts.dropped == 1


def test_a_blocked_source_is_left_behind_and_replaced() -> None:
    with reading_scripts(one_then_stuck, endless) as (reader, scripts):
        tick(reader, Frame)
        tick(reader, Blind)
        waits: list[float] = []

        def abandoned() -> bool:
            start = CLOCK.monotonic()
            reader.next(0.2)
            waits.append(CLOCK.monotonic() - start)
            return reader.counts.abandoned > 0

        until(abandoned, 10, "a new thread")
        assert max(waits) < 0.8
        assert tick(reader, Frame).t > 0
        assert reader.counts == replace(reader.counts, abandoned=1, reconnects=1)
        # The old thread comes back: it ends, and what it brings is not heard.
        scripts[0].gate.set()
        until(scripts[0].finished.is_set, 5, "the old thread's end")
        assert isinstance(reader.next(1.0), Frame)


def test_a_patient_source_is_not_left_behind() -> None:
    def patient(script: Script) -> Iterator[Frame]:
        script.progress.patient = True
        yield from silent(script)

    settings = replace(SETTINGS, stuck_after_s=0.1)
    with reading_scripts(patient, settings=settings) as (reader, scripts):
        tick(reader, Blind)
        for _ in range(5):
            reader.next(0.1)
        assert reader.counts.abandoned == 0 and len(scripts) == 1


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (refused, "nothing answers at 10.0.0.5"),
        (three, "the camera ended the stream"),
        (breaks, "does not know"),
    ],
)
def test_after_any_end_it_is_opened_again(
    first: Callable[[Script], Iterator[Frame]], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = replace(SETTINGS, retry_first_s=1.0, retry_most_s=1.0)
    with reading_scripts(first, endless, settings=settings) as (reader, _):
        assert reason in _reason(tick(reader, Blind, reason))
        assert isinstance(tick(reader, Frame), Frame)
        assert reader.counts.reconnects == 1
        assert reader.counts.failures == (1 if first is breaks else 0)
    assert "SECRET" not in caplog.text
    assert ("driver bug" in caplog.text) == (first is breaks)


def _reason(blind: Tick) -> str:
    assert isinstance(blind, Blind)
    return blind.reason


def test_it_never_gives_up() -> None:
    settings = replace(SETTINGS, retry_first_s=0.05, retry_most_s=0.05)
    with reading_scripts(*[refused] * 30, endless, settings=settings) as (reader, _):
        tick(reader, Frame)
        assert reader.counts.reconnects == 30


def test_a_refused_password_waits_longest() -> None:
    with reading_scripts(wrong_password) as (reader, scripts):
        tick(reader, Blind, "refused the user name")
        reader.next(0.3)
        assert len(scripts) == 1


@pytest.mark.parametrize("play", [endless, silent, refused, wrong_password], ids=lambda p: p.__name__)
def test_stops_at_once(play: Callable[[Script], Iterator[Frame]]) -> None:
    with reading_scripts(play, settings=replace(SETTINGS, retry_most_s=60)) as (reader, scripts):
        until(lambda: scripts and (play is not endless or reader.counts.read), 5, "the opening")
        start = CLOCK.monotonic()
        reader.stop()
        assert CLOCK.monotonic() - start < 1.0
        assert reader.ended
        assert not any(t.name == "reader-pool" for t in threading.enumerate())
        assert _reason(tick(reader, Blind)) == "stopped"
        reader.stop()


def test_stops_in_two_seconds_though_the_source_is_stuck(caplog: pytest.LogCaptureFixture) -> None:
    with reading_scripts(one_then_stuck) as (reader, scripts):
        tick(reader, Frame)
        start = CLOCK.monotonic()
        reader.stop()
        assert CLOCK.monotonic() - start < 2.5
        assert "left behind" in caplog.text
        scripts[0].gate.set()
        until(scripts[0].finished.is_set, 5, "the thread's end")


def test_starts_again_after_a_stop() -> None:
    with reading_scripts(endless) as (reader, _):
        first = tick(reader, Frame)
        reader.stop()
        before = reader.counts
        reader.start()
        second = tick(reader, Frame)
        assert second.t > first.t and reader.counts.read > before.read >= 1


def test_the_same_picture_again_and_again_is_blind() -> None:
    def thaws(script: Script) -> Iterator[Frame]:
        while not script.gate.is_set():
            yield frame(7)
            script.closed.wait(0.01)
        yield from endless(script)

    settings = replace(SETTINGS, frozen_after_s=1.0)
    with reading_scripts(thaws, settings=settings) as (reader, scripts):
        tick(reader, Frame)
        blind = tick(reader, Blind, "frozen")
        assert isinstance(blind, Blind) and blind.silent_s >= 1.0
        assert reader.counts.unchanged > 0
        scripts[0].gate.set()
        tick(reader, Frame)


def test_a_recording_played_once_ends() -> None:
    spec = replace(SPEC, kind=SourceKind.FILE, loop=False)
    with reading_scripts(three, spec=spec) as (reader, scripts):
        got = tick(reader, Frame)
        assert isinstance(got, Frame)
        until(lambda: reader.next(0.1) is not None and reader.ended, 5, "the end")
        assert _reason(tick(reader, Blind)) == "the recording has ended"
        assert reader.counts == Counts(read=3, dropped=reader.counts.dropped) and len(scripts) == 1


def test_what_the_source_counts_is_kept_over_openings() -> None:
    def damaged(script: Script) -> Iterator[Frame]:
        script.progress.corrupt, script.progress.late = 2, 3
        yield frame(1)

    with reading_scripts(damaged, damaged, endless) as (reader, _):
        until(lambda: reader.next(0.05) is not None and reader.counts.read > 5, 10, "frames")
        assert (reader.counts.corrupt, reader.counts.late, reader.counts.reconnects) == (4, 6, 2)


def test_many_reconnects_leave_no_thread_behind(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    settings = replace(SETTINGS, retry_first_s=0.05, retry_most_s=0.05)
    before = threading.active_count()
    with reading_scripts(three, settings=settings) as (reader, scripts):
        until(lambda: reader.next(0.05) is not None and reader.counts.reconnects >= 50, 20, "50 openings")
        assert all(s.finished.is_set() and s.closed.is_set() for s in scripts[:50])
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_only_the_present_writer_is_heard() -> None:
    newest = Newest("pool", CLOCK, 60.0)
    old, present = object(), object()
    newest.begin(old)
    newest.begin(present)
    newest.put(old, frame(1), CLOCK.monotonic())
    newest.nothing(old, "the old one's reason", since=CLOCK.monotonic() - 100)
    assert newest.empty and newest.take(CLOCK.monotonic(), repeat=True) is None
    newest.put(present, frame(2), CLOCK.monotonic())
    got = newest.take(CLOCK.monotonic(), repeat=True)
    assert isinstance(got, Frame) and got.index == 1 and got.image[0, 0, 0] == 2


def test_pauses_double_up_to_the_cap_and_start_anew_after_pictures() -> None:
    pauses = Pauses(1.0, 10.0, 30.0)
    assert [pauses.after(False, False) for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    assert [pauses.after(True, False), pauses.after(False, False)] == [1, 2]
    assert [pauses.after(False, True) for _ in range(6)] == [30, 60, 120, 240, 300, 300]
    assert pauses.after(False, False) == 4


def test_stillness() -> None:
    stillness = Stillness()
    still, moved = np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)
    moved[8, 3, 1] = 1
    pictures = [still, still, moved, still, still.copy(), still[:16]]
    assert [stillness.since(p, t) for t, p in enumerate(pictures)] == [0, 0, 2, 3, 3, 5]
