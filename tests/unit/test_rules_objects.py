"""Things that come and go, as seeing tells of them: what is said, when, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.rules.judge import Site, judge_mode, judge_start, judge_step
from dashboard.rules.modes import SetMode
from dashboard.rules.templates import POOL
from dashboard.rules.world import World
from dashboard.values import Change, Detection, Event, Label, Level, Mode, Observation, Thing
from tests.unit.rules_stage import CAMERA, GARDEN, film, swimmer

IN_WATER = (400.0, 300.0, 420.0, 320.0)
ON_DECK = (200.0, 490.0, 220.0, 510.0)
LARGE_IN_WATER = (400.0, 300.0, 460.0, 360.0)


def thing(
    t: float, box: tuple[float, float, float, float], since: float, number: int = 1, known: bool = False
) -> Thing:
    return Thing(number, Change.APPEARED, box, since, since, t, known)


def gone(t: float, box: tuple[float, float, float, float], since: float, number: int = 1) -> Thing:
    return Thing(number, Change.REMOVED, box, since, since, t)


def judged(
    seen: Sequence[Observation], mode: Mode = Mode.WATCH, changes: Sequence[tuple[float, Mode]] = ()
) -> list[Event]:
    state, due = judge_start(Site(World(GARDEN)), mode, 0.0), list(changes)
    events: list[Event] = []
    for observation in seen:
        while due and due[0][0] <= observation.t:
            at, to = due.pop(0)
            state, new = judge_mode(state, SetMode(to, "Anna", "test"), at)
            events += new
        state, new = judge_step(state, observation)
        events += new
    return [e for e in events if e.kind.startswith("object")]


def with_objects(seconds: float, *spans: tuple[float, float, Thing], **more: object) -> list[Observation]:
    """An empty garden in which each thing is told of from one time to another."""
    return [
        replace(o, objects=tuple(replace(x, seen_t=o.t) for a, b, x in spans if a <= o.t < b), **more)  # type: ignore[arg-type]
        for o in film([], 5, seconds)
    ]


def test_a_thing_in_the_water_is_an_alert_with_where_and_when() -> None:
    (event,) = judged(with_objects(30, (12, 30, thing(0, IN_WATER, 10))))
    assert (event.kind, event.level, event.camera) == ("object_appeared", Level.ALERT, CAMERA)
    assert 15 <= event.t <= 15.2
    assert (event.detail["place"], event.detail["first_t"]) == ("water", 10)


def test_what_is_still_in_somebodys_hands_is_not_told() -> None:
    carried = [
        replace(o, objects=(Thing(1, Change.APPEARED, IN_WATER, 5.0, o.t, o.t),)) for o in film([], 5, 30)
    ]
    assert judged(carried) == []


def test_what_is_not_seen_any_more_does_not_rest_on() -> None:
    hidden = [
        replace(o, objects=(Thing(1, Change.APPEARED, IN_WATER, 5.0, 5.0, min(o.t, 8.0)),))
        for o in film([], 5, 30)
    ]
    assert judged(hidden) == []


def test_what_was_told_and_goes_is_told_as_gone_once() -> None:
    told = judged(with_objects(40, (12, 25, thing(0, ON_DECK, 10)), (25, 35, gone(0, ON_DECK, 10))))
    assert [e.kind for e in told] == ["object_appeared", "object_removed"]
    assert told[1].level is Level.NOTICE


def test_what_went_before_anybody_was_told_is_nothing() -> None:
    assert judged(with_objects(40, (12, 14, thing(0, ON_DECK, 10)), (14, 30, gone(0, ON_DECK, 10)))) == []


def test_what_only_drifted_here_is_not_new() -> None:
    assert judged(with_objects(30, (12, 30, thing(0, IN_WATER, 10, known=True)))) == []


def test_supervised_is_silent_and_the_return_lists_once_what_changed() -> None:
    seen = with_objects(
        60,
        (12, 60, thing(0, IN_WATER, 10, 1)),
        (13, 60, thing(0, ON_DECK, 11, 2)),
        (20, 30, gone(0, (300.0, 490.0, 320.0, 510.0), 14, 3)),
        things=(Detection(IN_WATER, 0.8, Label.BALL),),
    )
    told = judged(seen, Mode.SUPERVISED, [(40.0, Mode.WATCH)])
    assert [(e.kind, e.level) for e in told] == [("objects_left", Level.NOTICE)]
    assert 40 <= told[0].t <= 50
    words = "Left in the water: one ball; left on the ground: one thing; gone from the ground: one thing"
    assert told[0].detail["words"] == words
    assert POOL.words(told[0]) == words


def test_what_was_left_and_taken_again_meanwhile_is_not_listed() -> None:
    seen = with_objects(60, (12, 25, thing(0, IN_WATER, 10)), (25, 35, gone(0, IN_WATER, 10)))
    assert judged(seen, Mode.SUPERVISED, [(40.0, Mode.WATCH)]) == []


def test_what_comes_after_the_return_is_told_by_itself() -> None:
    seen = with_objects(60, (12, 60, thing(0, IN_WATER, 10, 1)), (48, 60, thing(0, ON_DECK, 47, 2)))
    told = judged(seen, Mode.SUPERVISED, [(40.0, Mode.WATCH)])
    assert [e.kind for e in told] == ["objects_left", "object_appeared"]


def test_while_a_swimmer_is_missing_something_as_large_as_somebody_is_no_object() -> None:
    bather = swimmer(1, (0, 400, 330), (12, 430, 330))
    seen = [
        replace(o, objects=(thing(o.t, LARGE_IN_WATER, 14),)) if o.t >= 15 else o
        for o in film([bather], 5, 25)
    ]
    assert judged(seen) == []
