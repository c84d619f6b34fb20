"""Who goes on all fours is an animal, but in no case of doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dashboard.rules.judge import Site, judge_start, judge_step
from dashboard.rules.world import World
from dashboard.settings import RuleSettings
from dashboard.values import (
    Detection,
    Event,
    Floats,
    Label,
    Level,
    Mode,
    Observation,
    Pose,
    Track,
    TrackState,
)
from tests.unit.rules_stage import CAMERA, GARDEN, SIZE, adult_pose

FPS = (2.0, 5.0, 30.0)
Poses = Callable[[float], Floats]


def cat_pose(x: float = 200.0, y: float = 500.0) -> Floats:
    """As the landmark model sees a cat that eats: the head lower than the hips, knees and elbows below."""
    points = np.zeros((17, 3), np.float32)
    points[:, 2] = 0.7
    points[0:5, :2] = (x + 40, y - 5)
    points[5:7, :2] = [(x + 30, y - 30), (x + 34, y - 28)]
    points[7:9, :2] = [(x + 32, y - 14), (x + 36, y - 12)]
    points[9:11, :2] = [(x + 30, y), (x + 38, y)]
    points[11:13, :2] = [(x - 30, y - 40), (x - 26, y - 38)]
    points[13:15, :2] = [(x - 32, y - 20), (x - 24, y - 18)]
    points[15:17, :2] = [(x - 34, y), (x - 22, y)]
    return points


def lying_pose(x: float = 150.0, y: float = 500.0) -> Floats:
    """Somebody who lies stretched: the standing pose turned by 90 degrees."""
    stood = adult_pose(0.0, 0.0, 120.0)
    turned = stood.copy()
    turned[:, 0], turned[:, 1] = x - stood[:, 1], y + stood[:, 0]
    return turned


def track(number: int, pose: Floats, t: float, first_t: float = 0.0) -> Track:
    seen = pose[pose[:, 2] > 0]
    (left, top), (right, bottom) = seen[:, :2].min(axis=0) - 4, seen[:, :2].max(axis=0) + 4
    found = (float(left), float(top), float(right), float(bottom))
    return Track(number, found, (0.0, 0.0), 0.8, TrackState.CONFIRMED, first_t, t, Pose(pose, 0.9), t)


def judged(
    poses: dict[int, Poses],
    fps: float,
    seconds: float = 12.0,
    spans: dict[int, tuple[float, float]] | None = None,
    **settings: bool,
) -> list[Event]:
    state = judge_start(Site(World(GARDEN, settings=replace(RuleSettings(), **settings))), Mode.WATCH, 0.0)
    told: list[Event] = []
    for n in range(round(seconds * fps)):
        t = n / fps
        here = []
        for number, pose in poses.items():
            since, until = (spans or {}).get(number, (0.0, seconds))
            if since <= t < until:
                here.append(track(number, pose(t), t, since))
        state, events = judge_step(state, Observation(CAMERA, t, n + 1, SIZE, tuple(here)))
        told += events
    return told


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


@pytest.mark.parametrize("fps", FPS)
class TestOnAllFours:
    def test_cat_is_one_animal_and_nobody(self, fps: float) -> None:
        (event,) = judged({1: lambda t: cat_pose(180 + 10 * t)}, fps)
        assert (event.kind, event.level) == ("animal", Level.NOTICE)

    def test_where_babies_crawl_it_is_somebody(self, fps: float) -> None:
        told = judged({1: lambda t: cat_pose()}, fps, crawling_babies=True)
        assert [e.kind for e in told if e.level is Level.EMERGENCY] == ["child_alone"]
        assert told[-1].t <= 3.1 or "animal" not in kinds(told)

    def test_in_the_water_it_is_somebody(self, fps: float) -> None:
        told = judged({1: lambda t: cat_pose(500.0, 400.0)}, fps)
        assert "animal" not in kinds(told)
        assert Level.EMERGENCY in {event.level for event in told}

    def test_who_stands_is_somebody_at_once(self, fps: float) -> None:
        told = judged({1: lambda t: adult_pose(200.0, 500.0)}, fps)
        (entered,) = [event for event in told if event.kind == "person_entered"]
        assert entered.t <= 0.5 + 1 / fps + 1e-6

    def test_who_bends_down_after_standing_is_somebody(self, fps: float) -> None:
        told = judged({1: lambda t: adult_pose(200.0, 500.0) if t < 3 else cat_pose()}, fps, 30.0)
        assert "animal" not in kinds(told) and "person_left" not in kinds(told)

    def test_who_lost_their_number_in_a_fall_is_somebody(self, fps: float) -> None:
        told = judged(
            {1: lambda t: adult_pose(200.0, 500.0), 2: lambda t: cat_pose()},
            fps,
            20.0,
            spans={1: (0.0, 4.0), 2: (5.0, 20.0)},
        )
        assert "animal" not in kinds(told)

    def test_who_lies_stretched_is_somebody_within_the_doubt(self, fps: float) -> None:
        told = judged({1: lambda t: lying_pose()}, fps, 8.0)
        assert "animal" not in kinds(told)
        (alone,) = [event for event in told if event.level is Level.EMERGENCY]
        assert alone.kind == "child_alone" and alone.t <= 7.1

    def test_what_stands_up_is_somebody(self, fps: float) -> None:
        told = judged({1: lambda t: cat_pose() if t < 8 else adult_pose(200.0, 500.0)}, fps, 20.0)
        (entered,) = [event for event in told if event.kind == "person_entered"]
        assert kinds(told)[0] == "animal" and 8.0 < entered.t <= 8.0 + max(3.1, 6 / fps)

    def test_a_cat_does_not_hide_who_comes_after_it(self, fps: float) -> None:
        told = judged(
            {1: lambda t: cat_pose(), 2: lambda t: adult_pose(700.0, 300.0)},
            fps,
            14.0,
            spans={2: (8.0, 14.0)},
        )
        (entered,) = [event for event in told if event.kind == "person_entered"]
        assert entered.person == 2 and entered.t <= 8.5 + 1 / fps + 1e-6

    def test_a_finding_within_an_animal_is_a_part_of_it_until_it_is_taller(self, fps: float) -> None:
        cat = Detection((150.0, 440.0, 250.0, 500.0), 0.5, Label.ANIMAL, "motion")
        state = judge_start(Site(World(GARDEN)), Mode.WATCH, 0.0)
        told: list[Event] = []
        for n in range(round(20 * fps)):
            t = n / fps
            head = track(1, adult_pose(170.0, 492.0, 40.0 if t < 14 else 110.0), t, 5.0)
            people = (head,) if t >= 5 else ()
            seen = Observation(CAMERA, t, n + 1, SIZE, people, (cat,) if t < 5 else ())
            state, events = judge_step(state, seen)
            told += events
        entered = [event.t for event in told if event.kind == "person_entered"]
        assert kinds(told)[0] == "animal"
        assert len(entered) == 1 and 14.0 < entered[0] <= 14.0 + max(1.0, 4 / fps)

    def test_who_lies_and_is_called_a_cat_by_a_detector_is_somebody(self, fps: float) -> None:
        state = judge_start(Site(World(GARDEN)), Mode.WATCH, 0.0)
        told: list[Event] = []
        for n in range(round(12 * fps)):
            t = n / fps
            lying = track(1, lying_pose(), t)
            cat = Detection(lying.xyxy, 0.5, Label.CAT, "yolox")
            state, events = judge_step(state, Observation(CAMERA, t, n + 1, SIZE, (lying,), (cat,)))
            told += events
        assert "animal" not in kinds(told) and "child_alone" in kinds(told)

    def test_a_box_without_a_skeleton_is_somebody(self, fps: float) -> None:
        state = judge_start(Site(World(GARDEN)), Mode.WATCH, 0.0)
        told: list[Event] = []
        for n in range(round(3 * fps)):
            t = n / fps
            boxed = replace(track(1, cat_pose(), t), pose=None, pose_t=None)
            state, events = judge_step(state, Observation(CAMERA, t, n + 1, SIZE, (boxed,)))
            told += events
        assert "person_entered" in kinds(told)
