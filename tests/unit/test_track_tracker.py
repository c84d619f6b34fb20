"""Stories of people before one camera, and what the tracker makes of them at any frame rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from dashboard.settings import TrackSettings
from dashboard.track import Tracker
from dashboard.values import Detection, Floats, Sighting, Track, TrackState

SIZE_WH = (1280, 720)
SETTINGS = TrackSettings()
Way = Callable[[float], tuple[float, float]]
RATES = (2, 5, 10, 30)


def person(x: float, y: float, score: float = 0.9, height: float = 120, finder: str = "yolox") -> Detection:
    """A finding of somebody upright whose box is centred on (x, y)."""
    half = height * 0.2
    return Detection((x - half, y - height / 2, x + half, y + height / 2), score, finder=finder)


def sighting(t: float, people: Sequence[Detection], foreground: Sequence[Detection] = ()) -> Sighting:
    return Sighting("c", t, SIZE_WH, tuple(people), foreground=tuple(d.xyxy for d in foreground))


def walk(x: float, y: float, vx: float, vy: float = 0.0) -> Way:
    return lambda t: (x + vx * t, y + vy * t)


def tell(
    ways: Sequence[Way],
    rate: float,
    until_s: float,
    hidden: Callable[[int, float], bool] = lambda i, t: False,
) -> list[tuple[float, tuple[Track, ...]]]:
    """The tracks of each frame for people on their ways; `hidden(i, t)` leaves person i out."""
    tracker = Tracker(SETTINGS)
    told = []
    for k in range(int(until_s * rate) + 1):
        t = k / rate
        people = [person(*way(t)) for i, way in enumerate(ways) if not hidden(i, t)]
        told.append((t, tracker.step(sighting(t, people))))
    return told


def near(tracks: Sequence[Track], x: float, y: float) -> Track:
    """The track whose centre is nearest to a point."""

    def gap(track: Track) -> float:
        left, top, right, bottom = track.xyxy
        return float(np.hypot((left + right) / 2 - x, (top + bottom) / 2 - y))

    return min(tracks, key=gap)


def test_nobody_is_nobody() -> None:
    tracker = Tracker(SETTINGS)
    assert tracker.step(sighting(0.0, [])) == ()
    assert tracker.predict(1.0) == ()


@pytest.mark.parametrize("rate", RATES)
def test_somebody_is_confirmed_within_a_second_and_keeps_the_identity(rate: int) -> None:
    told = tell([walk(300, 300, 60)], rate, 6)
    assert all(tracks for t, tracks in told if t >= 1.0)
    assert {track.id for _, tracks in told for track in tracks} == {1}


@pytest.mark.parametrize(("stirring", "known"), [(True, 1), (False, 0)])
def test_who_treads_water_since_the_beginning_is_somebody_and_a_sign_is_not(
    stirring: bool, known: int
) -> None:
    """Weakly found where the learnt background explains everything."""
    tracker = Tracker(SETTINGS)
    found = replace(person(300, 300, 0.45, finder="tiles"), stirring=stirring)
    told = [tracker.step(sighting(k / 10, [found])) for k in range(30)]
    assert len(told[-1]) == known


@pytest.mark.parametrize("rate", RATES)
def test_one_look_is_never_a_person(rate: int) -> None:
    tracker = Tracker(SETTINGS)
    assert tracker.step(sighting(0.0, [person(300, 300, 1.0)])) == ()
    assert all(tracker.step(sighting(k / rate, [])) == () for k in range(1, 2 * rate))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("gap_s", [0.5, 2.0, 5.0])
def test_an_identity_survives_missed_detections(rate: int, gap_s: float) -> None:
    told = tell([walk(400, 300, 30)], rate, 12, hidden=lambda i, t: 4 < t < 4 + gap_s)
    assert {track.id for t, tracks in told if t > 1.5 for track in tracks} == {1}
    assert told[-1][1][0].state is TrackState.CONFIRMED


@pytest.mark.parametrize("rate", RATES)
def test_what_is_lost_stays_where_and_when_it_was_last_seen(rate: int) -> None:
    told = tell([walk(400, 300, 30)], rate, 8, hidden=lambda i, t: t > 4)
    (track,) = told[-1][1]
    assert track.state is TrackState.LOST
    assert track.seen_t == pytest.approx(4.0)
    assert (track.xyxy[0] + track.xyxy[2]) / 2 == pytest.approx(400 + 30 * 4, abs=2)
    assert track.score < 0.9


@pytest.mark.parametrize("rate", RATES)
def test_what_is_lost_too_long_ends(rate: int) -> None:
    told = tell([walk(640, 360, 0)], rate, 12, hidden=lambda i, t: t > 4)
    assert told[-1][1] == ()


def test_while_nobody_looked_nobody_went() -> None:
    tracker = Tracker(SETTINGS)
    for k in range(20):
        tracker.step(sighting(k / 10, [person(500, 300)]))
    (track,) = tracker.step(sighting(1.9 + 10.0, [person(520, 300)]))
    assert track.id == 1
    assert tracker.step(sighting(1.9 + 60.0, [])) == ()


@pytest.mark.parametrize("rate", [5, 10, 30])
def test_an_identity_survives_walking_behind_somebody_for_two_seconds(rate: int) -> None:
    """Two people cross; the further one is not found while their boxes overlap, at least 2 s."""
    ways = [walk(200, 300, 40), walk(560, 310, -40)]
    behind = lambda i, t: i == 1 and abs(t - 4.5) <= 1.0  # noqa: E731
    told = tell(ways, rate, 9, hidden=behind)
    before = [near(dict(told)[1.0 * 2], *way(2.0)).id for way in ways]
    after = [near(told[-1][1], *way(9.0)).id for way in ways]
    assert after == before == [1, 2]


@pytest.mark.parametrize("rate", [5, 10, 30])
def test_crossing_people_keep_their_own_direction(rate: int) -> None:
    ways = [walk(200, 300, 60), walk(800, 300, -60), walk(500, 100, 0, 40)]
    told = tell(ways, rate, 10)
    early = [near(dict(told)[2.0], *way(2.0)).id for way in ways]
    late = [near(told[-1][1], *way(10.0)).id for way in ways]
    assert late == early
    assert len({track.id for _, tracks in told for track in tracks}) == 3


@pytest.mark.parametrize("rate", RATES)
def test_flicker_is_never_confirmed(rate: int) -> None:
    """A false finding in one frame of three, at a middling score, never moving, for a minute."""
    tracker = Tracker(SETTINGS)
    for k in range(60 * rate):
        people = [person(300, 300, 0.45)] if k % 3 == 0 else []
        assert tracker.step(sighting(k / rate, people)) == ()


@pytest.mark.parametrize("rate", RATES)
def test_a_weak_finding_that_stands_still_is_no_person_but_one_that_moves_is(rate: int) -> None:
    for speed, people in ((0.0, 0), (40.0, 1)):
        told = tell_weak(speed, rate)
        assert len({track.id for tracks in told for track in tracks}) == people


def tell_weak(speed: float, rate: int) -> list[tuple[Track, ...]]:
    tracker = Tracker(SETTINGS)
    times = [k / rate for k in range(10 * rate)]
    return [tracker.step(sighting(t, [person(300 + speed * t, 300, 0.42)])) for t in times]


def test_a_weak_finding_that_the_background_does_not_explain_is_a_person() -> None:
    tracker = Tracker(SETTINGS)
    swimmer = person(300, 300, 0.42)
    told = [tracker.step(sighting(k / 10, [swimmer], [swimmer])) for k in range(50)]
    assert told[-1][0].id == 1


def test_following_what_never_moved_makes_nobody() -> None:
    tracker = Tracker(SETTINGS)
    told = [tracker.step(sighting(k / 10, [person(300, 300, 0.95, finder="follow")])) for k in range(100)]
    assert not any(told)


def test_a_double_of_a_person_is_not_a_second_one() -> None:
    tracker = Tracker(SETTINGS)
    seen = set()
    for k in range(100):
        whole = person(300 + 2 * k, 300)
        left, top, right, _ = whole.xyxy
        half = replace(whole, xyxy=(left + 4, top + 4, right - 4, top + 70), score=0.7)
        seen |= {track.id for track in tracker.step(sighting(k / 10, [whole, half]))}
    assert seen == {1}


def test_colours_tell_apart_who_motion_cannot() -> None:
    """Two people meet, are both hidden, and come back at each other's side: their clothes decide."""
    red, blue = unit([1, 0, 0]), unit([0, 0, 1])
    tracker = Tracker(SETTINGS)
    for k in range(30):
        t = k / 10
        people = [dressed(400 + 20 * t, red), dressed(560 - 20 * t, blue)]
        tracks = tracker.step(sighting(t, people))
    first = {track.id: track.xyxy[0] for track in tracks}
    red_id, blue_id = min(first, key=lambda i: first[i]), max(first, key=lambda i: first[i])
    for k in range(30, 50):
        tracker.step(sighting(k / 10, []))
    tracks = tracker.step(sighting(5.0, [dressed(430, red), dressed(530, blue)]))
    assert [near(tracks, 430, 300).id, near(tracks, 530, 300).id] == [red_id, blue_id]
    swapped = tracker.step(sighting(5.1, [dressed(432, red), dressed(528, blue)]))
    assert {track.id for track in swapped} == {red_id, blue_id}


def unit(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float32)


def dressed(x: float, colours: Floats) -> Detection:
    return replace(person(x, 300), appearance=colours)


def test_predicting_changes_nothing_and_looks_ahead() -> None:
    tracker = Tracker(SETTINGS)
    for k in range(30):
        tracker.step(sighting(k / 10, [person(300 + 5 * k, 300)]))
    once, twice = tracker.predict(3.4), tracker.predict(3.4)
    assert [t.xyxy for t in once] == [t.xyxy for t in twice]
    assert (once[0].xyxy[0] + once[0].xyxy[2]) / 2 == pytest.approx(300 + 5 * 34, abs=6)
    assert once[0].velocity[0] == pytest.approx(50, abs=12)


def test_a_clock_that_goes_back_is_borne() -> None:
    tracker = Tracker(SETTINGS)
    for t in (0.0, 0.1, 0.2, 0.3, 0.1, 0.4, 0.5):
        tracks = tracker.step(sighting(t, [person(300, 300)]))
    assert [track.id for track in tracks] == [1]


def test_the_same_sightings_give_the_same_tracks() -> None:
    rng = np.random.default_rng(7)
    story = [
        sighting(
            k / 10,
            [
                person(float(rng.uniform(100, 600)), float(rng.uniform(100, 600)), float(rng.uniform(0.2, 1)))
                for _ in range(6)
            ],
        )
        for k in range(60)
    ]
    runs = []
    for _ in range(2):
        tracker = Tracker(SETTINGS)
        runs.append([[(t.id, t.xyxy, t.score) for t in tracker.step(s)] for s in story])
    assert runs[0] == runs[1]


def test_ten_people_in_every_place_cost_little_and_never_share_an_identity() -> None:
    ways = [walk(60 + 110 * i, 200 + 30 * (i % 3), 15) for i in range(10)]
    for _, tracks in tell(ways, 10, 8):
        assert len({track.id for track in tracks}) == len(tracks) <= 10


@pytest.mark.parametrize("change", [0.8, 1.25])
def test_sides_do_not_go_on_changing_while_nobody_is_found(change: float) -> None:
    """A stroke makes the box smaller, or larger, for a moment; then the swimmer is not found for a second."""
    tracker = Tracker(SETTINGS)
    for n in range(12):
        height = 120 * change ** max(n - 8, 0)
        tracker.step(sighting(n / 10, [person(400, 300, height=height)]))
    heights = [box[3] - box[1] for box in (tracker.predict(t)[0].xyxy for t in (1.1, 2.1))]
    assert 1 / 1.35 <= heights[1] / heights[0] <= 1.35


def headed(left: float, right: float, head: float, finder: str = "follow") -> Detection:
    """A swimmer from arm to arm, the head somewhere between."""
    box = (head - 10, 290.0, head + 10, 310.0)
    return Detection((left, 285.0, right, 335.0), 0.8, finder=finder, head=box)


@pytest.mark.parametrize("rate", RATES)
def test_heads_tell_apart_whose_arms_reach_over_each_other(rate: int) -> None:
    """Two tread water side by side; now the one's box reaches over both, now the other's."""
    tracker = Tracker(SETTINGS)
    for k in range(4 * rate):
        people = [headed(360, 440, 400, "tiles"), headed(420, 500, 460, "tiles")]
        tracker.step(sighting(k / rate, people, people))
    names: dict[int, set[int]] = {}
    for k in range(4 * rate, 9 * rate):
        first, second = headed(380, 500, 400), headed(360, 480, 460)
        tracks = tracker.step(sighting(k / rate, [first, second] if k % 2 else [second, first]))
        assert len(tracks) == 2 and all(track.head is not None for track in tracks)
        for track in tracks:
            assert track.head is not None
            names.setdefault(round((track.head[0] + track.head[2]) / 120), set()).add(track.id)
    assert all(len(found) == 1 for found in names.values()) and len(names) == 2


@pytest.mark.parametrize("finder", ["close", "tiles"])
def test_another_head_that_is_found_within_a_swimmers_box_is_a_double(finder: str) -> None:
    """An arm that is taken for a head must not bring back who was lost beside that swimmer."""
    tracker = Tracker(SETTINGS)
    tracks: Sequence[Track] = ()
    for k in range(20):
        wide = headed(360, 500, 400, "tiles")
        people = [wide] if k < 8 else [wide, headed(440, 490, 465, finder)]
        tracks = tracker.step(sighting(k / 10, people, people))
    assert len(tracks) == 1
