"""Stories of heads over and under the water: by how clearly somebody stands out, and what is left of them
for who is not recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard.rules import ledger
from dashboard.rules.clear import learnt, under
from dashboard.rules.people import Ledger, Sight, Usual
from dashboard.rules.sights import Look, sight_of
from dashboard.rules.world import World
from dashboard.settings import RuleSettings
from dashboard.values import Level, Mode, Patch
from tests.unit.rules_stage import ALL_WATER, GARDEN, RATES, Actor, Played, adult, film, play, swimmer

GUARD = adult(99, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))
USUAL, UNDER = 30.0, 14.0
SINKS_S, LIMIT_S = 10.0, 10.0


def supervised(
    *actors: Actor,
    fps: float,
    until: float = 40,
    patches: Callable[[float], tuple[Patch, ...]] = lambda t: (),
) -> Played:
    return play(film([GUARD, *actors], fps, until, patches=patches), Mode.SUPERVISED)


def floating(x: float, y: float, clear: float | None = USUAL, side: float = 60.0) -> Patch:
    return Patch((x - side / 2, y - side / 2, x + side / 2, y + side / 2), clear)


def sinks(t: float) -> float:
    return USUAL if t < SINKS_S else UNDER


@pytest.mark.parametrize("fps", RATES)
class TestHeadUnder:
    def test_a_body_that_is_still_found_under_water_counts_down(self, fps: float) -> None:
        played = supervised(swimmer(1, (0, 400, 400), (40, 420, 400), clear=sinks), fps=fps)
        alert, emergency = played.of("submersion")
        assert (alert.level, emergency.level) == (Level.ALERT, Level.EMERGENCY)
        assert SINKS_S + LIMIT_S - 1 / fps <= emergency.t <= SINKS_S + LIMIT_S + 2 / fps

    def test_so_does_one_under_a_new_number(self, fps: float) -> None:
        tracks = ((0.0, 1), (12.0, 7))
        played = supervised(swimmer(1, (0, 400, 400), (40, 420, 400), clear=sinks, tracks=tracks), fps=fps)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= SINKS_S + LIMIT_S + 2 / fps
        assert [e.person for e in played.of("person_entered")] == [99, 1], "the body is no newcomer"

    def test_coming_up_ends_it(self, fps: float) -> None:
        dives = swimmer(1, (0, 400, 400), (40, 420, 400), clear=lambda t: UNDER if 10 <= t < 17 else USUAL)
        played = supervised(dives, fps=fps)
        assert [e.level for e in played.of("submersion")] == [Level.ALERT]
        assert len(played.of("surfaced")) == 1

    def test_turning_the_head_is_not_sinking(self, fps: float) -> None:
        turns = swimmer(1, (0, 400, 400), (40, 420, 400), clear=lambda t: USUAL * (0.8 if t % 6 < 3 else 1.1))
        assert supervised(turns, fps=fps).of("submersion") == []

    def test_without_a_measure_being_found_is_being_seen(self, fps: float) -> None:
        assert supervised(swimmer(1, (0, 400, 400), (40, 420, 400)), fps=fps).of("submersion") == []

    def test_whom_the_picture_cuts_off_is_not_under(self, fps: float) -> None:
        leaves = swimmer(
            1, (0, 500, 300), (10, 990, 300), (14, 990, 300), clear=lambda t: 30 if t < 9 else 12
        )
        played = play(film([leaves], fps, 40), Mode.SUPERVISED, zones=ALL_WATER)
        assert all(e.t >= 14 for e in played.of("submersion"))


@pytest.mark.parametrize("fps", RATES)
class TestUnrecognised:
    def test_what_stands_out_as_they_did_is_still_them(self, fps: float) -> None:
        lost = swimmer(1, (0, 400, 400), (22, 400, 400), hidden=((10, 20),), clear=lambda t: USUAL)
        swims = supervised(
            lost, fps=fps, until=22, patches=lambda t: (floating(400 + 5 * max(t - 10, 0), 400),)
        )
        assert swims.of("submersion") == []

    @pytest.mark.parametrize(
        ("name", "patch"),
        [
            ("a body under water", floating(400, 400, UNDER)),
            ("somewhere else", floating(660, 440)),
            ("on deck", floating(400, 220)),
            ("a leaf", floating(400, 400, USUAL, side=4)),
            ("nobody knows", floating(400, 400, None)),
        ],
    )
    def test_nothing_else_is(self, fps: float, name: str, patch: Patch) -> None:
        sunk = swimmer(1, (0, 400, 400), (10, 400, 400), clear=lambda t: USUAL)
        played = supervised(sunk, fps=fps, patches=lambda t: (patch,))
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t <= SINKS_S + LIMIT_S + 1 / fps, name

    def test_one_patch_is_one_person(self, fps: float) -> None:
        two = [
            swimmer(1, (0, 400, 400), (10, 400, 400), clear=lambda t: USUAL),
            swimmer(2, (0, 500, 400), (10, 460, 400), clear=lambda t: USUAL),
        ]
        played = supervised(*two, fps=fps, until=22, patches=lambda t: (floating(400, 400),))
        assert [e.person for e in played.of("submersion", Level.EMERGENCY)] == [2]

    def test_who_swims_to_where_something_was_taken_for_them_stays_who_they_are(self, fps: float) -> None:
        sunk = swimmer(1, (0, 400, 400), (10, 400, 400), clear=lambda t: USUAL)
        comes = swimmer(2, (0, 560, 400), (12, 560, 400), (12.5, 410, 400), (40, 410, 400))
        played = supervised(sunk, comes, fps=fps, patches=lambda t: (floating(400, 400),))
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.person == 1

    def test_a_toy_does_not_hold_it_up_for_ever(self, fps: float) -> None:
        sunk = swimmer(1, (0, 400, 400), (10, 400, 400), clear=lambda t: USUAL)
        played = supervised(sunk, fps=fps, patches=lambda t: (floating(400, 400),))
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        alone_s = RuleSettings().clear_alone_s
        assert emergency.t == pytest.approx(SINKS_S + alone_s + LIMIT_S, abs=2 / fps)

    def test_a_patch_says_nothing_about_moving(self, fps: float) -> None:
        lost = swimmer(1, (0, 400, 400), (9, 400, 400), clear=lambda t: USUAL)
        played = supervised(lost, fps=fps, until=24, patches=lambda t: (floating(400, 400),))
        assert played.of("motionless") == []


def a_sight(clear: float | None) -> Sight:
    (observation,) = film([swimmer(1, (0, 400, 400), (1, 400, 400))], 1, 0)
    world = World(GARDEN)
    people = observation.people or ()
    watch = ledger.step(Ledger(), observation, world, hidden_gone=False).cameras["pool"]
    look = Look(observation, world.camera("pool", observation.size_wh), world, watch)
    return replace(sight_of(look, people[0], None), clear=clear)


@pytest.mark.parametrize(
    ("usual", "clear", "expected"),
    [
        (None, 1.0, False),
        (Usual(30.0, 5.0), None, False),
        (Usual(30.0, 0.2), 1.0, False),
        (Usual(30.0, 5.0), 29.0, False),
        (Usual(30.0, 5.0), 15.0, True),
        (Usual(30.0, 5.0), 90.0, False),
    ],
)
def test_under_compares_with_the_usual(usual: Usual | None, clear: float | None, expected: bool) -> None:
    assert under(usual, a_sight(clear), RuleSettings()) is expected


def test_the_usual_is_learnt_and_follows_slowly() -> None:
    usual = learnt(None, a_sight(None), 0.1)
    assert usual is None
    for _ in range(20):
        usual = learnt(usual, a_sight(30.0), 0.1)
    assert usual is not None
    assert usual.clear == pytest.approx(30.0)
    assert usual.known_s == pytest.approx(1.9)
    once = learnt(usual, a_sight(60.0), 0.1)
    assert once is not None
    assert 30.0 < once.clear < 33.0
