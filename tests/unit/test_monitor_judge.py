"""What the judge says of a camera, as named stories over observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.monitor.handle import CAMERA, REDACTED
from dashboard.monitor.judge import Judge
from dashboard.monitor.statistics import Health
from dashboard.values import CameraSpec, CameraState, Observation, SourceKind

SPEC = CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4")
SOMEBODY = {
    "id": 1, "box": [0.0, 0.0, 10.0, 20.0], "velocity": [0.0, 0.0], "keypoints": None, "pose_score": None,
    "pose_t": None, "score": 0.9, "state": "confirmed", "first_t": 100.5, "seen_t": 101.0, "clear": None,
}  # fmt: skip


def seen(t: float, people: list[Any] | None = None, blind: str = "") -> dict[str, Any]:
    return {
        "camera": "a",
        "t": t,
        "index": 1,
        "size": [640, 480],
        "people": None if blind else people or [],
        "things": [],
        "foreground": [],
        "searched": [],
        "patches": [],
        "blind_reason": blind,
    }


def judge(now: float = 100.0) -> Judge:
    found = Judge(2.0, 5000)
    found.camera_there(SPEC, now)
    return found


def test_a_judge_without_cameras_knows_nothing() -> None:
    found = Judge(2.0, 0)
    assert found.cameras() == ()
    assert found.shown("a", REDACTED) is None
    assert found.turned(1.0) == []


def test_a_new_camera_starts_and_is_shown_as_seeing_nothing_yet() -> None:
    found = judge()
    assert found.state("a", 100.0) == (CameraState.STARTING, "")
    shown = found.shown("a", REDACTED)
    assert shown is not None and shown.observation["people"] is None and shown.jpeg is None


def test_an_observation_makes_it_live_and_silence_makes_it_blind_from_outside() -> None:
    found = judge()
    found.worker_up("a")
    found.observed("a", 101.1, seen(101.0), None)
    assert found.state("a", 102.9) == (CameraState.LIVE, "")
    state, reason = found.state("a", 104.0)
    assert state is CameraState.BLIND and "3 s" in reason


def test_silence_is_told_to_the_viewers_once() -> None:
    found = judge()
    found.turned(100.0)
    found.observed("a", 101.0, seen(101.0), None)
    assert found.turned(101.0) == ["a"]
    before = found.shown("a", REDACTED)
    assert found.turned(104.0) == ["a"]
    after = found.shown("a", REDACTED)
    assert before is not None and after is not None and after.seq > before.seq and after.t == before.t
    assert found.turned(104.5) == []


def test_a_blind_tick_says_why_and_leaves_the_time_of_the_last_picture() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0), None)
    found.observed("a", 103.0, seen(103.0, blind="the camera does not answer"), None)
    assert found.state("a", 103.0) == (CameraState.BLIND, "the camera does not answer")
    shown = found.shown("a", REDACTED)
    assert shown is not None and shown.t == 101.0


def test_a_dead_worker_is_blind_with_its_reason_until_it_sees_again() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0, [SOMEBODY]), None)
    found.worker_down("a", 101.5, "its process was killed (SIGKILL)")
    assert found.state("a", 101.6) == (CameraState.BLIND, "its process was killed (SIGKILL)")
    assert found.newest("a") is None
    assert found.restarts("a") == 1
    found.worker_up("a")
    assert found.state("a", 103.0) == (CameraState.STARTING, "")
    found.observed("a", 103.5, seen(103.4), None)
    assert found.state("a", 103.5) == (CameraState.LIVE, "")


def test_a_camera_that_is_switched_off_is_stopped() -> None:
    found = Judge(2.0, 0)
    found.camera_there(CameraSpec("a", "Pool", SourceKind.FILE, enabled=False), 1.0)
    assert found.state("a", 50.0) == (CameraState.STOPPED, "switched off")


def test_numbers_only_ever_grow() -> None:
    found = judge()
    seqs = []
    for i in range(20):
        if i % 5 == 4:
            found.worker_down("a", 101.0 + i, "died")
        else:
            found.observed("a", 101.0 + i, seen(101.0 + i), None)
        shown = found.shown("a", REDACTED)
        assert shown is not None
        seqs.append(shown.seq)
    assert seqs[0] > 5000
    assert seqs == sorted(set(seqs))


def test_the_learnt_picture_stays_over_observations_and_changes_number_only_when_it_changes() -> None:
    found = judge()
    found.pictured("a", b"one")
    found.observed("a", 101.0, seen(101.0), None)
    first = found.shown("a", REDACTED)
    found.observed("a", 101.1, seen(101.1), None)
    second = found.shown("a", REDACTED)
    assert first is not None and second is not None
    assert (first.jpeg, first.picture) == (second.jpeg, second.picture) == (b"one", first.picture)
    found.pictured("a", b"two")
    third = found.shown("a", REDACTED)
    assert third is not None and third.jpeg == b"two" and third.picture > second.picture


def test_a_real_picture_comes_with_its_own_observation() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0), b"real")
    found.observed("a", 101.1, seen(101.1), None)
    real = found.shown("a", CAMERA)
    assert real is not None and real.jpeg == b"real" and real.observation["t"] == 101.0


def test_the_redacted_view_never_holds_a_real_picture() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0), b"real")
    shown = found.shown("a", REDACTED)
    assert shown is not None and shown.jpeg is None


def test_a_hidden_picture_is_gone_and_the_observation_still_shown() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0), b"real")
    found.hide("a")
    real = found.shown("a", CAMERA)
    assert real is not None and real.jpeg is None and real.observation["people"] == []
    found.hide("no such camera")


def test_a_blind_camera_keeps_its_last_real_picture_with_its_old_time() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0), b"real")
    found.observed("a", 104.0, seen(104.0, blind="silent"), None)
    real = found.shown("a", CAMERA)
    assert real is not None and real.jpeg == b"real" and real.t == 101.0
    assert real.observation["people"] is None


def test_a_removed_camera_is_forgotten() -> None:
    found = judge()
    found.camera_gone("a")
    assert found.shown("a", REDACTED) is None
    found.camera_gone("a")


def test_the_newest_observation_is_a_value_again() -> None:
    found = judge()
    found.observed("a", 101.0, seen(101.0), None)
    newest = found.newest("a")
    assert newest is not None and newest.people == () and newest.size_wh == (640, 480)


class Heard:
    """What reaches the judge of the rules."""

    def __init__(self) -> None:
        self.words: list[Observation] = []

    def observed(self, observation: Observation) -> None:
        self.words.append(observation)

    def worker_new(self, camera: str) -> None:
        return None


@pytest.mark.parametrize(
    "rubbish",
    [
        pytest.param({"camera": "b"}, id="for another camera"),
        pytest.param({"t": 1e12}, id="from the far future"),
        pytest.param({"t": float("nan")}, id="at no time"),
        pytest.param({"t": "101"}, id="a text for a time"),
        pytest.param({"t": None}, id="no time"),
        pytest.param({"size": ["a", "b"]}, id="no size"),
        pytest.param({"people": [SOMEBODY] * 1000}, id="a thousand people"),
        pytest.param({"people": [{**SOMEBODY, "box": [0, 0, float("inf"), 1]}]}, id="a box without an end"),
        pytest.param({"people": [{**SOMEBODY, "seen_t": float("nan")}]}, id="seen at no time"),
        pytest.param({"people": [{**SOMEBODY, "id": "x"}]}, id="a track without a number"),
        pytest.param({"people": [{**SOMEBODY, "keypoints": [[float("nan")] * 3] * 17, "pose_score": 1.0}]},
                     id="a skeleton that is nowhere"),
        pytest.param({"people": 7}, id="a number for people"),
        pytest.param({"people": None, "blind_reason": "x" * 10_000}, id="an endless reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_refused_and_leaves_nothing_behind(rubbish: dict[str, Any]) -> None:
    heard = Heard()
    found = Judge(2.0, 5000, heard)
    found.camera_there(SPEC, 100.0)
    found.worker_up("a")
    found.observed("a", 101.0, seen(101.0), None)
    before = found.shown("a", REDACTED)
    with pytest.raises((LookupError, TypeError, ValueError)):
        found.observed("a", 101.1, {**seen(101.1), **rubbish}, None)
    assert found.shown("a", REDACTED) == before
    assert [word.t for word in heard.words] == [101.0]
    assert found.state("a", 101.2) == (CameraState.LIVE, "")


# How often the machine looks


@dataclass
class Looking:
    """A camera that sends `source_fps` pictures a second and is looked at `fps` times."""

    found: Judge
    t: float = 100.0
    left_out: float = 0.0

    def go_on(self, seconds: float, fps: float, source_fps: float = 10.0) -> list[str]:
        """What the viewers were told meanwhile."""
        end, changed = self.t + seconds, []
        while self.t < end:
            self.t += 1 / fps
            self.left_out += (source_fps - fps) / fps
            self.found.observed("a", self.t, seen(self.t), None)
            self.found.told("a", self.t, Health(1.0, 400.0, 0, int(self.left_out), 0, 0, 3))
            changed += self.found.turned(self.t)
        return changed

    @property
    def state(self) -> tuple[CameraState, str]:
        return self.found.state("a", self.t)


def test_a_machine_that_does_not_keep_up_is_said_of_a_live_camera_and_taken_back() -> None:
    looking = Looking(judge())
    looking.go_on(5, 10)
    assert looking.state == (CameraState.LIVE, "")
    assert looking.go_on(40, 1.2) == ["a"], "viewers are told once"
    state, reason = looking.state
    assert state is CameraState.LIVE and "too slow" in reason
    assert looking.go_on(60, 2.2) == [] and "too slow" in looking.state[1], (
        "near the limit it does not flicker"
    )
    assert looking.go_on(30, 10) == ["a"] and looking.state == (CameraState.LIVE, "")


def test_a_short_moment_of_work_and_a_camera_that_sends_seldom_are_not_a_slow_machine() -> None:
    looking = Looking(judge())
    looking.go_on(10, 10)
    looking.go_on(8, 1.2)
    looking.go_on(20, 10)
    assert looking.state == (CameraState.LIVE, "")
    seldom = Looking(judge())
    seldom.go_on(60, 1, source_fps=1)
    assert seldom.state == (CameraState.LIVE, "")


def test_a_new_worker_begins_without_the_slowness_of_the_one_before() -> None:
    looking = Looking(judge())
    looking.go_on(40, 1.2)
    assert looking.state[1]
    looking.found.worker_down("a", looking.t, "it died")
    looking.found.worker_up("a")
    looking.found.observed("a", looking.t + 1, seen(looking.t + 1), None)
    assert looking.found.state("a", looking.t + 1) == (CameraState.LIVE, "")
