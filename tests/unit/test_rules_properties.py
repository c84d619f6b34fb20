"""What must hold for every sequence of observations, however wild."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.alarm.book import Book, acknowledge, pass_time, raise_events
from dashboard.alarm.machine import Acknowledge
from dashboard.rules.judge import JudgeState, Site, judge_start, judge_step, judge_time
from dashboard.rules.world import World
from dashboard.settings import AlarmSettings, RuleSettings
from dashboard.values import (
    Event,
    Level,
    Mode,
    Observation,
    Pose,
    Track,
    TrackState,
)
from tests.unit.rules_stage import ALL_WATER, CAMERA, GARDEN, SIZE, film, swimmer, swimmer_pose

RULES = RuleSettings()
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

spots = st.tuples(st.floats(0, SIZE[0]), st.floats(0, SIZE[1]))
found = st.tuples(st.integers(1, 4), spots, st.sampled_from([40.0, 100.0, 170.0]), st.booleans())
looks = st.tuples(
    st.floats(0.02, 3.0),
    st.one_of(st.none(), st.lists(found, max_size=4, unique_by=lambda f: f[0])),
)


def observations(
    script: list[tuple[float, list[tuple[int, tuple[float, float], float, bool]] | None]],
) -> list[Observation]:
    """Wild tracks: they jump, vanish, come back; the camera goes blind in between."""
    seen: list[Observation] = []
    first: dict[int, float] = {}
    t = 0.0
    for step_s, people in script:
        t += step_s
        if people is None:
            seen.append(Observation(CAMERA, t, len(seen), SIZE, None, blind_reason="dark"))
            continue
        tracks = []
        for number, (x, y), height, posed in people:
            first.setdefault(number, t)
            box = (x - 0.2 * height, y - height, x + 0.2 * height, y)
            pose = Pose(swimmer_pose(x, y - height, t), 0.9) if posed else None
            tracks.append(
                Track(
                    number,
                    box,
                    (0, 0),
                    0.9,
                    TrackState.CONFIRMED,
                    first[number],
                    t,
                    pose,
                    t if pose else None,
                )
            )
        seen.append(Observation(CAMERA, t, len(seen), SIZE, tuple(tracks)))
    return seen


@CALM
@given(
    st.lists(looks, max_size=40),
    st.sampled_from([Mode.WATCH, Mode.SUPERVISED]),
    st.sampled_from([(), GARDEN, ALL_WATER]),
)
def test_no_observations_end_an_unacknowledged_emergency(
    script: list[tuple[float, list[tuple[int, tuple[float, float], float, bool]] | None]],
    mode: Mode,
    zones: tuple[object, ...],
) -> None:
    judge, book = judge_start(Site(World(zones)), mode, 0.0), Book()  # type: ignore[arg-type]
    latched: set[int] = set()
    for seen in observations(script):
        judge, events = judge_step(judge, seen)
        book = raise_events(book, events).book
        book = pass_time(book, seen.t, 2, AlarmSettings()).book
        now = {number for number, alarm in book.alarms.items() if alarm.latched}
        assert latched <= now
        assert book.siren == bool(now)
        latched = now
    for number in sorted(latched):
        book = acknowledge(book, number, Acknowledge(judge.t, "Ada")).book
    assert not book.siren


@CALM
@given(st.lists(looks, max_size=40), st.sampled_from([Mode.WATCH, Mode.SUPERVISED]))
def test_judging_never_fails_and_never_goes_back(
    script: list[tuple[float, list[tuple[int, tuple[float, float], float, bool]] | None]], mode: Mode
) -> None:
    judge, last = judge_start(Site(World(GARDEN)), mode, 0.0), 0.0
    for seen in observations(script):
        before = judge
        judge, events = judge_step(judge, seen)
        again = judge_step(before, seen)
        assert again[1] == events
        assert judge.t >= last
        assert all(e.t == judge.t for e in events)
        last = judge.t


def emergencies_of(judge: JudgeState, events: list[Event], until: float) -> list[Event]:
    while judge.t < until:
        judge, new = judge_time(judge, judge.t + 0.5)
        events += new
    return [e for e in events if e.level is Level.EMERGENCY and e.kind == "submersion"]


bathers = st.lists(
    st.tuples(st.floats(350, 650), st.floats(280, 440), st.floats(3.0, 20.0)), min_size=1, max_size=4
)


@CALM
@given(bathers, st.sampled_from([2.0, 5.0, 10.0, 30.0]))
def test_nobody_vanishes_from_the_water_without_a_countdown(
    script: list[tuple[float, float, float]], fps: float
) -> None:
    """Everybody sinks where they swim, at their own time. At most as many stay unexplained as sank: a head
    that another one hides counts once, so nobody is asked for twice."""
    apart = [
        (x, y, t)
        for i, (x, y, t) in enumerate(script)
        if all(abs(x - a) > 100 or abs(y - b) > 60 for a, b, _ in script[:i])
    ]
    actors = [swimmer(n + 1, (0.0, x, y), (t, x, y)) for n, (x, y, t) in enumerate(apart)]
    judge = judge_start(Site(World(GARDEN)), Mode.SUPERVISED, 0.0)
    events: list[Event] = []
    for seen in film(actors, fps, 21):
        judge, new = judge_step(judge, seen)
        events += new
    found = emergencies_of(judge, events, 45)
    assert sorted(e.person for e in found if e.person is not None) == list(range(1, len(apart) + 1))
    for event in found:
        sank = apart[(event.person or 0) - 1][2]
        assert event.t <= sank + RULES.submersion_limit_s + 0.5 + 1 / fps


@CALM
@given(
    st.lists(st.floats(0.05, 4.0), min_size=1, max_size=12),
    st.lists(st.floats(0.4, 3.0), min_size=12, max_size=12),
    st.sampled_from([2.0, 5.0, 30.0]),
)
def test_heads_that_keep_coming_up_are_no_emergency(
    dives: list[float], breaths: list[float], fps: float
) -> None:
    """Somebody dives for up to 4 s and breathes for a while, under a new number every time."""
    t, hidden, tracks = 5.0, [], [(0.0, 1)]
    for n, (dive_s, breath_s) in enumerate(zip(dives, breaths, strict=False)):
        hidden.append((t, t + dive_s))
        tracks.append((t + dive_s, n + 2))
        t += dive_s + breath_s + 1.0
    actor = replace(
        swimmer(1, (0.0, 400.0, 400.0), (t + 5, 600.0, 420.0)), hidden=tuple(hidden), tracks=tuple(tracks)
    )
    judge = judge_start(Site(World(GARDEN)), Mode.SUPERVISED, 0.0)
    events: list[Event] = []
    for seen in film([actor], fps, t + 4):
        judge, new = judge_step(judge, seen)
        events += new
    assert [e for e in events if e.kind == "submersion" and e.level is Level.EMERGENCY] == []
