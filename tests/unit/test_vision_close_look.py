"""The closer look at what stands out from the water."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from dashboard.geometry import Polygon
from dashboard.settings import TrackSettings, VisionSettings
from dashboard.source.simulated import World
from dashboard.source.simulated.checked import Node
from dashboard.source.simulated.loading import read_story
from dashboard.source.simulated.zones import story_zones
from dashboard.track import Tracker
from dashboard.values import Detection, Frame, Patch, Track, TrackState, ZoneKind
from dashboard.vision import Seer
from dashboard.vision.blazepose import Found
from dashboard.vision.close_look import FINDER, CloseLook, Square
from dashboard.vision.findings import Finding
from dashboard.vision.spots import Spot, expected, is_known
from tests.unit.vision_models import models

SIZE = (1280, 720)
POOL: Polygon = ((0.08, 0.4), (0.86, 0.4), (0.86, 0.84), (0.08, 0.84))
DAY = 130.0
HEAD = Spot((500.0, 400.0, 560.0, 450.0), 40.0)
OTHER = Spot((800.0, 400.0, 860.0, 450.0), 40.0)


def somebody(x: float, y: float, score: float = 0.7, body: float = 50.0) -> Found:
    """The detector's finding of a head at a place; `body` is from the hips to its scale's point, pixels."""
    head = np.array([x - 10, y - 10, x + 10, y + 10], np.float32)
    hips = (x, y + 40)
    return Found(score, head, np.array([hips, (x, y + 40 - body), (x, y + 15), (x, y)], np.float32))


def finding_at(x: float, y: float) -> Finding:
    """A head at a place, as a close look tells it."""
    return Finding((x - 20, y - 20, x + 20, y + 40), 0.7, FINDER, head=(x - 10, y - 10, x + 10, y + 10))


def the_square(look: CloseLook, patches: Sequence[Spot], brightness: float, t: float) -> Square | None:
    """The one square that is due first, if any."""
    squares = look.choose(patches, [POOL], brightness, t)
    return squares[0] if squares else None


def test_a_square_is_cut_around_what_stands_out_of_the_water() -> None:
    square = the_square(CloseLook(SIZE), [HEAD], DAY, 1.0)
    assert square is not None and square.patch == HEAD.xyxy
    assert square.crop.centre == (530.0, 425.0)
    assert 60 < square.crop.side < 0.25 * 720


@pytest.mark.parametrize(
    "patch",
    [
        Spot((500.0, 100.0, 560.0, 150.0), 40.0),
        Spot(HEAD.xyxy, 8.0),
        Spot(HEAD.xyxy, None),
        Spot((500.0, 400.0, 506.0, 406.0), 40.0),
        Spot((200.0, 310.0, 900.0, 590.0), 40.0),
    ],
    ids=["on land", "as dull as ripples", "of unknown clearness", "a glint", "half of the pool"],
)
def test_nothing_else_is_looked_at(patch: Spot) -> None:
    assert the_square(CloseLook(SIZE), [patch], DAY, 1.0) is None


@pytest.mark.parametrize(("brightness", "count"), [(DAY, 0), (70.0, 1)], ids=["by day", "in the dusk"])
def test_who_is_under_water_is_not_found_and_in_the_dusk_all_is_duller(brightness: float, count: int) -> None:
    look, dull = CloseLook(SIZE), Spot(HEAD.xyxy, 18.0)
    square = the_square(look, [dull], brightness, 1.0)
    assert square is not None
    assert len(look.found(square, [somebody(530, 415)], 1.0)) == count


def test_what_stands_out_is_looked_at_before_what_is_dull() -> None:
    square = the_square(CloseLook(SIZE), [Spot(OTHER.xyxy, 15.0), HEAD], DAY, 1.0)
    assert square is not None and square.patch == HEAD.xyxy


def test_after_some_looks_in_vain_it_is_nobody_until_somebody_is_found() -> None:
    look = CloseLook(SIZE)
    told = []
    for n in range(30):
        square = the_square(look, [HEAD], DAY, n / 10)
        if square is not None:
            look.found(square, [], n / 10)
            told.append(look.in_vain(HEAD.xyxy))
    assert told[:5] == [False, False, False, True, True]
    assert not look.in_vain(OTHER.xyxy)
    square = the_square(look, [HEAD], DAY, 5.0)
    assert square is not None and look.found(square, [somebody(530, 415)], 5.0)
    assert not look.in_vain(HEAD.xyxy)


def test_without_water_there_is_no_look() -> None:
    assert CloseLook(SIZE).choose([HEAD], [], DAY, 1.0) == []


def test_where_nobody_is_found_the_looks_become_rare_and_the_square_changes() -> None:
    look, times, sides = CloseLook(SIZE), [], []
    for n in range(100):
        t = n / 10
        square = the_square(look, [HEAD], DAY, t)
        if square is not None:
            times.append(t)
            sides.append(square.crop.side)
            assert look.found(square, [], t) == []
    gaps = np.diff(times)
    assert gaps[0] <= 0.3 and gaps[-1] >= 0.45 and all(np.diff(gaps) > -0.15)
    assert len(set(sides[:3])) == 3
    assert len(times) < 24


def test_two_patches_take_turns() -> None:
    look, seen = CloseLook(SIZE), []
    for n in range(8):
        square = the_square(look, [HEAD, OTHER], DAY, n / 10)
        if square is not None:
            seen.append(square.patch)
            look.found(square, [somebody((square.patch[0] + square.patch[2]) / 2, 410)], n / 10)
    assert seen.count(HEAD.xyxy) == seen.count(OTHER.xyxy) == 4


def test_of_sparse_pictures_where_somebody_was_just_found_comes_before_what_is_new() -> None:
    """Whoever swims is somewhere else soon, and one look is no witness."""
    look = CloseLook(SIZE)
    square = the_square(look, [HEAD], DAY, 0.0)
    assert square is not None
    look.found(square, [somebody(530, 415)], 0.0)
    new = [Spot((x, 450.0, x + 80.0, 530.0), 60.0) for x in (200.0, 700.0, 900.0)]
    squares = look.choose([*new, HEAD], [POOL], DAY, 0.2, 2, sparse=True)
    assert squares[0].patch == HEAD.xyxy
    assert squares[1].patch in {spot.xyxy for spot in new}
    # Of one look a picture none is given away: nobody found once may keep it from all others.
    (square,) = look.choose([*new, HEAD], [POOL], DAY, 0.2, sparse=True)
    assert square.patch != HEAD.xyxy


def test_who_is_found_there_is_what_the_patch_shows() -> None:
    look = CloseLook(SIZE)
    square = the_square(look, [HEAD], DAY, 1.0)
    assert square is not None
    (found,) = look.found(square, [somebody(530, 415)], 1.0)
    assert found.finder == FINDER and found.score == 0.7
    assert found.box[0] >= 500 and found.box[2] <= 560 and found.box[1] >= 400 and found.box[3] <= 450


@pytest.mark.parametrize(
    "found", [somebody(640, 420), somebody(530, 415, body=250.0)], ids=["beside it", "far too large"]
)
def test_what_does_not_fit_the_patch_is_not_it(found: Found) -> None:
    look = CloseLook(SIZE)
    square = the_square(look, [HEAD], DAY, 1.0)
    assert square is not None
    assert look.found(square, [found], 1.0) == []


@pytest.mark.parametrize(
    ("by", "sure"),
    [((True,) * 4, True), ((True, False, False, True), True), ((True, False, False, False), False)],
)
def test_what_only_some_kinds_of_look_take_for_somebody_is_a_toy(by: tuple[bool, ...], sure: bool) -> None:
    look = CloseLook(SIZE)
    for n in range(12):
        square = the_square(look, [HEAD], DAY, float(n))
        assert square is not None
        assert len(look.found(square, [somebody(530, 415)] if by[n % 4] else [], float(n))) == by[n % 4]
        if n >= 4:
            assert look.sure(finding_at(530, 415)) == sure
        assert n >= 1 or not look.sure(finding_at(530, 415))


def test_who_is_found_often_is_looked_for_at_once_when_one_look_finds_nobody() -> None:
    look = CloseLook(SIZE)
    for n, there in enumerate((True, True, True, False)):
        square = the_square(look, [HEAD], DAY, n / 10)
        assert square is not None
        look.found(square, [somebody(530, 415)] if there else [], n / 10)
    assert the_square(look, [HEAD], DAY, 0.4) is not None


def test_a_neighbours_head_tells_nothing_of_what_stands_out_beside_them() -> None:
    """Neither that somebody is there nor that nobody is."""
    look, neighbour = CloseLook(SIZE), Detection((562.0, 380.0, 640.0, 460.0), 0.8)
    for n in range(8):
        (square,) = CloseLook(SIZE).choose([HEAD], [POOL], DAY, 0.0)
        assert look.found(square, [somebody(574, 400)], n / 10, [neighbour]) == []
        assert not look.sure(finding_at(530, 415)) and not look.in_vain(HEAD.xyxy)
    for n in range(4):
        both = [somebody(574, 400, score=0.9), somebody(530, 415)]
        assert len(look.found(square, both, 1 + n / 10, [neighbour])) == 1
    assert look.sure(finding_at(530, 415))


def test_several_patches_are_looked_at_in_one_picture() -> None:
    squares = CloseLook(SIZE).choose([HEAD, OTHER], [POOL], DAY, 1.0, 2)
    assert {square.patch for square in squares} == {HEAD.xyxy, OTHER.xyxy}


def test_a_head_just_over_the_patch_belongs_to_it_and_is_in_the_box() -> None:
    look = CloseLook(SIZE)
    square = the_square(look, [HEAD], DAY, 1.0)
    assert square is not None
    (found,) = look.found(square, [somebody(530, 388, body=8.0)], 1.0)
    assert found.box[1] == 378.0 and found.box[3] > 400


LATELY = Track(1, (500.0, 400.0, 560.0, 450.0), (0.0, 0.0), 0.8, TrackState.CONFIRMED, 0.0, 4.5)


HEADED = replace(LATELY, head=(520.0, 402.0, 540.0, 422.0))
FOUND = Detection((505.0, 400.0, 560.0, 455.0), 0.8)


@pytest.mark.parametrize(
    ("track", "people", "patches", "count"),
    [
        (LATELY, [], [], 1),
        (LATELY, [FOUND], [], 0),
        (LATELY, [], [HEAD], 0),
        (LATELY, [], [OTHER], 1),
        (replace(LATELY, state=TrackState.TENTATIVE), [], [], 0),
        (replace(LATELY, seen_t=3.0), [], [], 0),
        (HEADED, [], [HEAD], 1),
        (HEADED, [FOUND], [], 0),
        (HEADED, [replace(FOUND, head=(522.0, 400.0, 542.0, 420.0))], [], 0),
        (HEADED, [replace(FOUND, head=(546.0, 402.0, 566.0, 422.0))], [], 1),
    ],
    ids=[
        "missed",
        "found",
        "stands out",
        "another stands out",
        "nobody yet",
        "long ago",
        "the head's place stands out with others",
        "somebody without a head lies there",
        "the head is found",
        "another head is found beside it",
    ],
)
def test_who_was_found_lately_is_looked_for(
    track: Track, people: list[Detection], patches: list[Patch], count: int
) -> None:
    assert len(expected([track], people, patches, 5.0)) == count


def test_of_a_stranger_a_look_must_be_surer_than_of_who_is_expected() -> None:
    look, known = CloseLook(SIZE), replace(LATELY, head=(522.0, 405.0, 542.0, 425.0))
    for n in range(8):
        square = the_square(look, [HEAD], DAY, float(n))
        assert square is not None
        (found,) = look.found(square, [somebody(530, 415, score=0.4)], float(n))
        assert not look.sure(found) and is_known(found, [known])
    assert not is_known(found, [replace(known, state=TrackState.TENTATIVE)])
    assert not is_known(found, [replace(known, head=(560.0, 405.0, 580.0, 425.0))])


def test_a_head_beside_a_found_one_is_another_though_their_boxes_share_much() -> None:
    """Arms reach over the neighbour: the boxes overlap, the heads do not."""
    arms = Detection((490.0, 395.0, 600.0, 460.0), 0.8, head=(570.0, 400.0, 590.0, 420.0))
    (square,) = CloseLook(SIZE).choose([HEAD], [POOL], DAY, 0.0)
    assert len(CloseLook(SIZE).found(square, [somebody(520, 410), somebody(580, 410)], 0.0, [arms])) == 1
    assert CloseLook(SIZE).found(square, [somebody(520, 410)], 0.0, [arms]) == [], (
        "a skeleton's head may be wrong"
    )
    own = replace(arms, head=(512.0, 402.0, 532.0, 422.0))
    assert CloseLook(SIZE).found(square, [somebody(520, 410)], 0.0, [own]) == []


def test_who_is_missed_is_looked_for_before_strangers() -> None:
    missed = replace(OTHER, missed=True)
    (square,) = CloseLook(SIZE).choose([HEAD, missed], [POOL], DAY, 0.0)
    assert square.patch == OTHER.xyxy


def test_the_box_of_one_of_two_who_stand_out_as_one_is_their_own() -> None:
    spot = Spot((500.0, 400.0, 560.0, 450.0), 40.0, whole=(440.0, 390.0, 760.0, 470.0))
    (square,) = CloseLook(SIZE).choose([spot], [POOL], DAY, 0.0)
    (found,) = CloseLook(SIZE).found(square, [somebody(530, 415)], 0.0)
    assert found.head == (520.0, 405.0, 540.0, 425.0)
    assert found.box[0] >= 440 and found.box[2] <= 600


def test_of_two_findings_of_one_patch_the_surer_counts() -> None:
    look = CloseLook(SIZE)
    square = the_square(look, [HEAD], DAY, 1.0)
    assert square is not None
    found = look.found(square, [somebody(525, 415, 0.6), somebody(535, 415, 0.8)], 1.0)
    assert [f.score for f in found] == [0.8]


def _swim(with_water: bool) -> tuple[int, list[Detection]]:
    """Somebody treads water in a pool that was seen empty before: in how many pictures of the last seconds
    their track was seen, and all findings."""
    who = {"name": "Kid", "kind": "child", "start_s": 2.0, "at": [4.6, 1.6]}
    content = {
        "title": "one",
        "duration_s": 9,
        "seed": 4,
        "people": [{**who, "look": {"hair": "dark_hair"}, "steps": [{"tread": {"for": 9}}]}],
    }
    world = World(read_story("one", Node(content, "one")))
    seer, tracker = Seer(models(False), VisionSettings()), Tracker(TrackSettings())
    if with_water:
        zones = story_zones("drill", "story:overview")
        seer.water = tuple(zone.polygon for zone in zones if zone.kind is ZoneKind.WATER)
    seen = 0
    found: list[Detection] = []
    for n in range(80):
        t = n / 10
        frame = Frame("drill", t, world.render("overview", t, SIZE), n + 1)
        sighting = seer.see(frame, tracker.predict(t))
        tracks = tracker.step(sighting)
        (kid,) = world.truth(t, "overview", SIZE).persons or (None,)
        if kid is None or t < 3:
            continue
        x, y = (kid.xyxy[0] + kid.xyxy[2]) / 2, (kid.xyxy[1] + kid.xyxy[3]) / 2
        there = [k for k in tracks if k.xyxy[0] <= x <= k.xyxy[2] and k.xyxy[1] <= y <= k.xyxy[3]]
        seen += any(k.seen_t == t for k in there)
        found += sighting.people
    return seen, found


def test_a_swimmer_is_found_more_often_where_the_water_is_known() -> None:
    blindly, _ = _swim(False)
    knowing, found = _swim(True)
    assert knowing > blindly
    assert any(one.finder == FINDER for one in found)


def test_in_the_box_of_who_is_found_a_look_is_seldom_and_after_all_others() -> None:
    look, inside = CloseLook(SIZE), replace(OTHER, covered=True)
    (square,) = look.choose([inside, HEAD], [POOL], DAY, 0.0, 2)
    assert square.patch == HEAD.xyxy
    times = [n / 10 for n in range(20) if look.choose([inside], [POOL], DAY, n / 10, 2)]
    assert times == [0.0, 0.5, 1.0, 1.5]
