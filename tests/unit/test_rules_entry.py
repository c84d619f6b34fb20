"""Stories of coming and going, in watch and in supervised, at every frame rate."""

from __future__ import annotations

import math

import pytest

from dashboard.values import Level, Mode, Zone, ZoneKind
from tests.unit.rules_stage import (
    CAMERA,
    RATES,
    Actor,
    adult,
    child,
    film,
    play,
    somebody,
    swimmer,
)

# From outside (left of the boundary) to the deck before the pool.
WALK_IN = ((1.0, 40.0, 520.0), (3.0, 200.0, 520.0), (30.0, 200.0, 520.0))
ENTERS_S = 1.75
WHOLE = (Zone(CAMERA, "garden", ZoneKind.BOUNDARY, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),)


@pytest.mark.parametrize("fps", RATES)
class TestWatch:
    def test_empty(self, fps: float) -> None:
        assert play(film((), fps, 30)).events == []

    def test_adult_is_an_alert_and_a_question(self, fps: float) -> None:
        played = play(film([adult(1, *WALK_IN)], fps, 30))
        (entered,) = played.of("person_entered")
        assert entered.level is Level.ALERT
        assert ENTERS_S + 0.4 <= entered.t <= ENTERS_S + 0.5 + 2 / fps
        (asked,) = played.of("mode_prompt")
        assert asked.level is Level.PROMPT
        assert asked.t <= ENTERS_S + 5
        assert asked.detail["to"] == "supervised"
        assert played.emergencies() == []
        assert played.state.mode.mode is Mode.WATCH

    @pytest.mark.parametrize("who", [child, somebody], ids=["child", "unknown"])
    def test_child_or_unknown_alone_is_an_emergency_within_3_s(self, fps: float, who: object) -> None:
        visible = 1.0
        path = ((visible, 200.0, 520.0), (30.0, 220.0, 520.0))
        (alone,) = play(film([who(1, *path)], fps, 30)).of("child_alone")  # type: ignore[operator]
        assert alone.level is Level.EMERGENCY
        assert visible + 0.5 <= alone.t <= visible + 3.0

    def test_child_with_adult_is_none(self, fps: float) -> None:
        actors = [adult(1, (0, 250, 520), (40, 250, 520)), child(2, (2, 330, 540), (40, 330, 540))]
        assert play(film(actors, fps, 40)).emergencies() == []

    def test_adult_goes_and_child_stays(self, fps: float) -> None:
        leaves = adult(1, (0, 250, 520), (10, 250, 520), (12, 20, 520), (20, 20, 520))
        played = play(film([leaves, child(2, (2, 330, 540), (40, 330, 540))], fps, 40))
        (alone,) = played.of("child_alone")
        assert 11 < alone.t <= 14.5
        assert alone.person == 2

    def test_one_frame_never_fires(self, fps: float) -> None:
        ghost = somebody(1, (5.0, 500, 500), (5.0, 500, 500))
        assert play(film([ghost], fps, 20)).events == []

    def test_ghost_of_less_than_half_a_second_never_fires(self, fps: float) -> None:
        ghosts = [
            somebody(n, (3.0 * n, 500, 560), (3.0 * n + 0.45, 500, 560), hidden=((3.0 * n + 0.45, 99.0),))
            for n in range(1, 8)
        ]
        assert play(film(ghosts, fps, 30)).events == []

    @pytest.mark.parametrize("to", [(500.0, 250.0), (500.0, 500.0)], ids=["deck", "water"])
    def test_box_that_jumps_in_for_one_frame_never_fires(self, fps: float, to: tuple[float, float]) -> None:
        step = 1 / fps
        path = (
            (0.0, 40.0, 300.0),
            (5.0, 40.0, 300.0),
            (5.0 + step, *to),
            (5.0 + 2 * step, 40.0, 300.0),
            (20.0, 40.0, 300.0),
        )
        assert play(film([adult(1, *path)], fps, 20)).events == []

    def test_person_in_water_is_an_emergency(self, fps: float) -> None:
        actor = Actor(
            ((0.0, 200.0, 520.0), (3.0, 200.0, 520.0), (4.0, 400.0, 420.0), (20.0, 500.0, 420.0)),
            ((0.0, 1),),
            swims=lambda t: t >= 4.0,
        )
        emergency = play(film([actor], fps, 20)).of("person_in_water")
        assert [e.level for e in emergency] == [Level.EMERGENCY]
        assert emergency[0].t <= 5.0 + 1 / fps


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize(
    ("goes_to", "how"),
    [
        ((20.0, 300.0), "seen outside"),
        ((980.0, 300.0), "seen outside"),
        ((500.0, 30.0), "seen outside"),
        ((500.0, 598.0), "seen outside"),
    ],
    ids=["left", "right", "top", "bottom"],
)
def test_leaving_on_every_side_is_seen(fps: float, goes_to: tuple[float, float], how: str) -> None:
    deck = (200.0, 300.0) if goes_to[0] < 500 else (800.0, 300.0)
    deck = (goes_to[0], 200.0 if goes_to[1] < 300 else 520.0) if goes_to[0] == 500.0 else deck
    path = ((0.0, *deck), (10.0, *deck), (13.0, *goes_to), (18.0, *goes_to))
    played = play(film([adult(1, *path)], fps, 30), Mode.SUPERVISED)
    (left,) = played.of("person_left")
    assert 10 < left.t <= 15
    assert left.detail["how"] == how
    assert played.emergencies() == []


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize(
    "to",
    [(110.0, 300.0), (880.0, 300.0), (500.0, 60.0), (500.0, 545.0)],
    ids=["left", "right", "top", "bottom"],
)
def test_vanishing_on_the_way_out_is_leaving(fps: float, to: tuple[float, float]) -> None:
    deck = (
        (200.0 if to[0] < 500 else 800.0, 300.0) if to[0] != 500 else (500.0, 200.0 if to[1] < 300 else 500.0)
    )
    path = ((0.0, *deck), (10.0, *deck), (11.0, *to))
    played = play(film([adult(1, *path)], fps, 30), Mode.SUPERVISED)
    (left,) = played.of("person_left")
    assert left.t <= 11 + 3 + 1 + 1 / fps
    assert played.of("person_missing") == []


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("to", [(-25.0, 300.0), (1025.0, 300.0), (500.0, 0.0)], ids=["left", "right", "top"])
def test_strolling_out_of_the_picture_is_leaving(fps: float, to: tuple[float, float]) -> None:
    # At a fifth of a body a second, and of the cut box's middle at half of that: it is in nobody's doubt.
    away = 150.0 if to[0] < 500 else 850.0 if to[0] > 500 else 500.0
    start = (away, 300.0) if to[0] != 500 else (500.0, 150.0)
    out_t = 10 + math.dist(start, to) / 30
    strolls = adult(1, (0.0, *start), (10.0, *start), (out_t, *to))
    stays = child(2, (0, 500, 560), (60, 500, 560))
    played = play(film([strolls, stays], fps, 40), Mode.SUPERVISED, WHOLE)
    (left,) = played.of("person_left")
    assert left.detail["how"] == "edge of the picture"
    (alone,) = played.of("adult_left_child")
    assert out_t < alone.t <= out_t + 4


@pytest.mark.parametrize("fps", RATES)
def test_through_the_gate_is_leaving(fps: float) -> None:
    path = ((0.0, 250.0, 320.0), (10.0, 250.0, 320.0), (12.0, 125.0, 320.0))
    (left,) = play(film([adult(1, *path)], fps, 30), Mode.SUPERVISED).of("person_left")
    assert left.detail["how"] == "portal"


@pytest.mark.parametrize("fps", RATES)
class TestIdentitySwitches:
    def test_new_number_is_the_same_person(self, fps: float) -> None:
        path = ((0.0, 200.0, 520.0), (20.0, 260.0, 520.0))
        actor = adult(1, *path, tracks=((0.0, 1), (10.0, 9)))
        played = play(film([actor], fps, 20))
        assert len(played.of("person_entered")) == 1
        assert played.of("person_left") == []

    def test_new_number_after_an_occlusion_is_the_same_person(self, fps: float) -> None:
        path = ((0.0, 200.0, 520.0), (20.0, 300.0, 520.0))
        actor = adult(1, *path, tracks=((0.0, 1), (10.0, 9)), hidden=((9.0, 13.0),))
        played = play(film([actor], fps, 20))
        assert len(played.of("person_entered")) == 1
        assert played.of("person_left") == []

    def test_swapped_numbers_stay_two_people(self, fps: float) -> None:
        one = adult(1, (0, 180, 520), (30, 180, 520), tracks=((0.0, 1), (10.0, 2)))
        two = child(2, (0, 800, 520), (30, 800, 520), tracks=((0.0, 2), (10.0, 1)))
        played = play(film([one, two], fps, 30), Mode.SUPERVISED)
        assert len(played.of("person_entered")) == 2
        assert played.of("person_left") == []
        assert played.emergencies() == []

    def test_double_of_one_person_is_not_two(self, fps: float) -> None:
        one = adult(1, (0, 200, 520), (30, 200, 520))
        double = adult(2, (5, 206, 522), (15, 206, 522))
        played = play(film([one, double], fps, 30))
        assert len(played.of("person_entered")) == 1

    def test_child_before_an_adult_is_counted(self, fps: float) -> None:
        actors = [adult(1, (0, 200, 520), (30, 200, 520)), child(2, (5, 205, 530), (30, 205, 530))]
        assert len(play(film(actors, fps, 30)).of("person_entered")) == 2


@pytest.mark.parametrize("fps", RATES)
class TestSupervised:
    def test_adult_leaves_child(self, fps: float) -> None:
        leaves = adult(1, (0, 250, 520), (10, 250, 520), (12, 20, 520), (20, 20, 520))
        played = play(film([leaves, child(2, (2, 330, 540), (40, 330, 540))], fps, 40), Mode.SUPERVISED)
        (alone,) = played.of("adult_left_child")
        assert alone.level is Level.EMERGENCY
        crosses = 10 + 2 * (250 - 100) / 230
        assert crosses < alone.t <= crosses + 5
        assert alone.detail["children"] == [2]

    def test_adult_vanishes_on_the_way_out_and_leaves_child(self, fps: float) -> None:
        leaves = adult(1, (0, 250, 520), (10, 250, 520), (11, 120, 520))
        played = play(film([leaves, child(2, (2, 330, 540), (40, 330, 540))], fps, 40), Mode.SUPERVISED)
        (alone,) = played.of("adult_left_child")
        assert alone.t <= 11 + 5

    def test_an_adult_at_the_very_edge_has_not_left(self, fps: float) -> None:
        """Found a little beyond the boundary for two seconds, and on it again."""
        edge = ((0, 104, 520), (10, 104, 520), (10.1, 84, 520), (12.1, 84, 520), (12.2, 104, 520))
        stays = child(2, (2, 330, 540), (40, 330, 540))
        played = play(film([adult(1, *edge, (40, 104, 520)), stays], fps, 40), Mode.SUPERVISED)
        assert played.of("adult_left_child") == []

    def test_nobody_left_asks_then_returns_to_watch(self, fps: float) -> None:
        leaves = adult(1, (0, 250, 520), (10, 250, 520), (12, 20, 520), (14, 20, 520))
        played = play(film([leaves], fps, 100), Mode.SUPERVISED)
        (asked,) = played.of("mode_prompt")
        (changed,) = played.of("mode_changed")
        assert asked.t <= 20
        assert asked.t + 60 <= changed.t <= asked.t + 60 + 2 / fps
        assert played.state.mode.mode is Mode.WATCH

    def test_comings_are_notices(self, fps: float) -> None:
        played = play(film([adult(1, *WALK_IN)], fps, 30), Mode.SUPERVISED)
        assert {e.level for e in played.events} == {Level.NOTICE}

    def test_no_responsible_adult_climbs_the_ladder(self, fps: float) -> None:
        actors = [somebody(1, (0, 200, 520), (60, 200, 520)), swimmer(2, (0, 400, 400), (60, 600, 420))]
        played = play(film(actors, fps, 60), Mode.SUPERVISED)
        said = played.of("no_responsible_adult")
        assert [e.level for e in said] == [Level.PROMPT, Level.ALERT, Level.EMERGENCY]
        assert [20 <= said[0].t <= 23, 30 <= said[1].t <= 33, 40 <= said[2].t <= 43] == [True] * 3

    def test_nobody_in_the_water_is_no_emergency(self, fps: float) -> None:
        played = play(film([somebody(1, (0, 200, 520), (60, 200, 520))], fps, 60), Mode.SUPERVISED)
        assert [e.level for e in played.of("no_responsible_adult")] == [Level.PROMPT, Level.ALERT]
        assert played.emergencies() == []
