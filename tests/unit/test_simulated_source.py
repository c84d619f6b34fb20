"""The simulated site as a camera: its pace, its end, its faults, closing it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import numpy as np
import pytest

from dashboard.source.base import SourceError
from dashboard.source.simulated import SimulatedSource, World, load_story
from dashboard.values import CameraSpec, Frame, Pace, SourceKind


class Hands:
    """A clock whose hands are turned by waiting."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.waited: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 7, 1, tzinfo=UTC)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


def camera(address: str, **more: object) -> CameraSpec:
    return CameraSpec("c1", "Garden", SourceKind.SIMULATED, address, **more)  # type: ignore[arg-type]


def taken(source: SimulatedSource, count: int) -> list[Frame]:
    frames = source.frames()
    return [next(frames) for _ in range(count)]


def test_real_time_frames_come_every_tenth_of_a_second_on_the_clock() -> None:
    hands = Hands(1000.03)
    frames = taken(SimulatedSource(camera("garden_pool:overview"), hands, hands.wait), 3)
    assert [f.t for f in frames] == pytest.approx([1000.1, 1000.2, 1000.3])
    assert [f.index for f in frames] == [1, 2, 3] and frames[0].camera == "c1"
    assert hands.waited == pytest.approx([0.07, 0.1, 0.1])


def test_two_cameras_in_two_processes_see_the_same_moment() -> None:
    """Each derives the story's time from the clock: 1000.5 s is second 10.5 of a story of 90 s."""
    early, late = Hands(1000.42), Hands(1000.49)
    one = taken(SimulatedSource(camera("garden_pool:overview"), early, early.wait), 1)[0]
    two = taken(SimulatedSource(camera("garden_pool:entrance"), late, late.wait), 1)[0]
    assert one.t == pytest.approx(two.t)
    world = World(load_story("garden_pool"))
    assert np.array_equal(one.image, world.render("overview", one.t % 90))
    assert np.array_equal(two.image, world.render("entrance", two.t % 90))


def test_a_slow_machine_leaves_pictures_out_and_is_never_late() -> None:
    hands = Hands(1000.0)
    frames = SimulatedSource(camera("garden_pool:overview"), hands, hands.wait).frames()
    first = next(frames)
    hands.now += 0.77
    second = next(frames)
    assert (first.t, second.t) == pytest.approx((1000.0, 1000.7))


def test_max_fps_sets_the_pace() -> None:
    hands = Hands(1000.0)
    frames = taken(SimulatedSource(camera("garden_pool:overview", max_fps=4.0), hands, hands.wait), 3)
    assert [f.t for f in frames] == pytest.approx([1000.0, 1000.25, 1000.5])


def test_as_fast_as_it_goes_is_one_pass_from_zero() -> None:
    hands = Hands()
    spec = camera("camera_faults:entrance", pace=Pace.FASTEST, loop=False, max_fps=0.5)
    frames = list(SimulatedSource(spec, hands, hands.wait).frames())
    times = [f.t for f in frames]
    assert times[:3] == pytest.approx([0.0, 2.0, 4.0]) and times[-1] == pytest.approx(118.0)
    assert not [t for t in times if 30 <= t < 50], "an offline camera sends nothing"
    assert len(times) == 50 and [f.index for f in frames] == list(range(1, 51))
    assert hands.waited == []


def test_a_loop_goes_on_with_growing_times() -> None:
    spec = camera("garden_pool:entrance", pace=Pace.FASTEST, max_fps=1 / 45)
    frames = taken(SimulatedSource(spec, Hands()), 3)
    assert [f.t for f in frames] == pytest.approx([0.0, 45.0, 90.0])
    assert np.array_equal(frames[0].image, frames[2].image)


def test_without_loop_real_time_ends_with_the_story() -> None:
    hands = Hands(500.0)
    spec = camera("garden_pool:entrance", loop=False, max_fps=1 / 30)
    assert [f.t for f in SimulatedSource(spec, hands, hands.wait).frames()] == pytest.approx([500, 530, 560])


def test_an_offline_camera_says_so_and_comes_back() -> None:
    hands = Hands(120 * 10 + 99.0)
    source = SimulatedSource(camera("camera_faults:overview"), hands, hands.wait)
    with pytest.raises(SourceError, match="offline from second 98 to 106"):
        next(source.frames())
    hands.now += 8
    assert next(source.frames()).t == pytest.approx(1307.0)


def test_a_frozen_camera_sends_the_same_picture_with_new_times() -> None:
    hands = Hands(120 * 10 + 25.0)
    frames = taken(SimulatedSource(camera("camera_faults:overview"), hands, hands.wait), 3)
    assert np.array_equal(frames[0].image, frames[2].image) and frames[0].t < frames[2].t


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere:overview", "there is no story named 'nowhere'"),
        ("garden_pool:attic", "one of overview, entrance, not 'attic'"),
        ("", "there is no story named ''"),
    ],
)
def test_a_wrong_address_is_hopeless_and_says_why(address: str, said: str) -> None:
    with pytest.raises(SourceError) as error:
        SimulatedSource(camera(address), Hands()).frames()
    assert said in str(error.value) and error.value.hopeless


def test_the_view_may_be_left_out() -> None:
    spec = camera("garden_pool", pace=Pace.FASTEST)
    frame = taken(SimulatedSource(spec, Hands()), 1)[0]
    assert np.array_equal(frame.image, World(load_story("garden_pool")).render("overview", 0.0))


def test_closing_ends_a_wait_at_once() -> None:
    """The clock stands still: only closing can end the wait for the next frame."""
    source = SimulatedSource(camera("garden_pool:overview", max_fps=0.001), Hands(1000.5))
    ended = threading.Event()

    def read() -> None:
        assert list(source.frames()) == []
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    assert not ended.wait(0.2)
    source.close()
    assert ended.wait(10)
