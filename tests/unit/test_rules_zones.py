"""Outlines, zone files, and where a body is among zones."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dashboard.geometry import (
    Polygon,
    crossing_edges,
    depth_inside,
    homography,
    inside,
    polygon_area,
    segments_meet,
    transform,
)
from dashboard.rules.body import body_of
from dashboard.rules.outline import why_unfit
from dashboard.rules.scale import rectangle
from dashboard.rules.zonefile import ZoneError, parse_scales, parse_zones
from dashboard.rules.zones import (
    WHOLE_PICTURE,
    Presence,
    Where,
    camera_zones,
    masked,
    presence,
    water_reaches_border,
)
from dashboard.settings import RuleSettings
from dashboard.values import Floats, Pose, Track, TrackState, Zone, ZoneKind
from tests.unit.rules_stage import CAMERA, GARDEN, SIZE, adult_pose

SQUARE: Polygon = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
SETTINGS = RuleSettings()


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        ((), (0.5, 0.5), False),
        (((0.0, 0.0), (1.0, 1.0)), (0.5, 0.5), False),
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.1, 0.5), False),
        (((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)), (2, 3), False),
        (((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)), (0.5, 2), True),
    ],
    ids=["empty", "two points", "in", "out", "in the notch", "beside the notch"],
)
def test_inside(polygon: Polygon, point: tuple[float, float], expected: bool) -> None:
    assert inside(polygon, point) is expected


def test_depth() -> None:
    assert depth_inside((), (0.0, 0.0)) == -math.inf
    assert depth_inside(SQUARE, (0.5, 0.5)) == pytest.approx(0.3)
    assert depth_inside(SQUARE, (0.1, 0.5)) == pytest.approx(-0.1)
    assert depth_inside(SQUARE, (0.1, 0.1)) == pytest.approx(-0.1 * math.sqrt(2))


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "expected"),
    [
        ((0, 0), (2, 2), (0, 2), (2, 0), True),
        ((0, 0), (1, 0), (0, 1), (1, 1), False),
        ((0, 0), (2, 0), (1, 0), (1, 2), True),
        ((0, 0), (1, 0), (2, 0), (3, 0), False),
        ((0, 0), (2, 0), (1, 0), (3, 0), True),
    ],
    ids=["cross", "parallel", "touch", "in line apart", "in line over"],
)
def test_segments_meet(
    a: tuple[float, float],
    b: tuple[float, float],
    c: tuple[float, float],
    d: tuple[float, float],
    expected: bool,
) -> None:
    assert segments_meet(a, b, c, d) is expected


def test_area_and_crossing() -> None:
    assert polygon_area(()) == 0
    assert polygon_area(SQUARE) == pytest.approx(0.36)
    assert polygon_area(SQUARE[::-1]) == pytest.approx(0.36)
    assert crossing_edges(SQUARE) is None
    assert crossing_edges(((0, 0), (1, 1), (1, 0), (0, 1))) == (0, 2)


def test_homography_takes_the_four_points_there() -> None:
    target: Polygon = ((10.0, 20.0), (110.0, 30.0), (90.0, 80.0), (20.0, 90.0))
    matrix = homography(SQUARE, target)
    for source, there in zip(SQUARE, target, strict=True):
        assert transform(matrix, source) == pytest.approx(there)


@pytest.mark.parametrize("points", [SQUARE[:3], ((0, 0), (1, 0), (2, 0), (0, 1))], ids=["three", "in line"])
def test_homography_refuses(points: Polygon) -> None:
    with pytest.raises(ValueError, match=r"four points|on a line"):
        homography(points, SQUARE)


@pytest.mark.parametrize(
    ("polygon", "reason"),
    [
        ((), "fewer than three"),
        (SQUARE[:2], "fewer than three"),
        (((0.1, 0.1), (0.1, 0.1), (0.5, 0.5)), "fewer than three"),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "crosses itself"),
        (((0.1, 0.1), (0.105, 0.1), (0.105, 0.105)), "too small"),
        (((0.1, 0.1), (1.2, 0.1), (0.5, 0.5)), "outside of the picture"),
        (((0.1, 0.1), (math.nan, 0.1), (0.5, 0.5)), "outside of the picture"),
    ],
    ids=["empty", "two", "repeated", "crossing", "small", "outside", "not a number"],
)
def test_unfit_outlines(polygon: Polygon, reason: str) -> None:
    assert reason in (why_unfit(polygon) or "")


@pytest.mark.parametrize(
    "polygon",
    [SQUARE, SQUARE[:3], (*SQUARE, SQUARE[0]), (SQUARE[0], *SQUARE)],
    ids=["4", "3", "closed", "twice"],
)
def test_fit_outlines(polygon: Polygon) -> None:
    assert why_unfit(polygon) is None


def entry(**changes: object) -> dict[str, object]:
    points = [list(point) for point in SQUARE]
    return {"camera": "c", "name": "n", "kind": "water", "polygon": points, **changes}


class TestZoneFile:
    def test_empty(self) -> None:
        assert parse_zones("[]") == ()

    def test_reads(self) -> None:
        (zone,) = parse_zones(json.dumps([entry()]))
        assert zone == Zone("c", "n", ZoneKind.WATER, SQUARE)

    def test_portals_lead_to_each_other(self) -> None:
        two = [entry(kind="portal", name="a", to="b"), entry(kind="portal", name="b", camera="d")]
        assert [z.to for z in parse_zones(json.dumps(two))] == ["b", None]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "line 1, column 1: not JSON"),
            ("{}", "a list of zones is expected, not an object"),
            ("[1]", "zone 0: an object is expected, not a number"),
            (json.dumps([entry(), {"camera": "c"}]), "zone 1: 'name' is missing"),
            (json.dumps([entry(name=" ")]), "'name': a text is expected"),
            (json.dumps([entry(kind="pool")]), "'pool' is none of boundary, water, portal, mask"),
            (json.dumps([entry(polygon="x")]), "a list of points [x, y] is expected, not a text"),
            (json.dumps([entry(polygon=[[0, 0], [1, 0]])]), "fewer than three"),
            (json.dumps([entry(polygon=[[0, 0], [1, 1], [1, 0], [0, 1]])]), "crosses itself"),
            (json.dumps([entry(polygon=[[0, 0], [1, 0], [0.5, 2]])]), "2 is not a number from 0 to 1"),
            (json.dumps([entry(polygon=[[0, 0], [1, 0], [True, 1]])]), "True is not a number"),
            (json.dumps([entry(polygon=[[0, 0], [1, 0], [1]])]), "point 2: [x, y] is expected"),
            (json.dumps([entry(kind="portal", to="x")]), "there is no portal named 'x'"),
            (json.dumps([entry(to="x")]), "only a portal leads somewhere"),
        ],
    )
    def test_says_what_is_wrong(self, text: str, words: str) -> None:
        with pytest.raises(ZoneError) as caught:
            parse_zones(text)
        assert words in str(caught.value)


class TestScales:
    def test_empty(self) -> None:
        assert parse_scales("[]") == ()
        assert parse_scales(json.dumps([entry()])) == ()

    def test_reads(self) -> None:
        assert parse_scales(json.dumps([entry(size_m=[8, 4.5])])) == (rectangle("c", SQUARE, 8, 4.5),)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"size_m": [8, 4], "polygon": [[0, 0], [1, 0], [1, 1]]}, "only a zone of four points"),
            ({"size_m": 8}, "two lengths in metres"),
            ({"size_m": [8]}, "two lengths in metres"),
            ({"size_m": [8, 0]}, "two lengths in metres"),
            ({"size_m": [8, True]}, "two lengths in metres"),
            ({"size_m": [8, 4], "polygon": [[0, 0], [0.5, 0], [1, 0], [0.5, 1]]}, "lie on a line"),
        ],
    )
    def test_says_what_is_wrong(self, changes: dict[str, object], words: str) -> None:
        with pytest.raises(ZoneError) as caught:
            parse_scales(json.dumps([entry(**changes)]))
        assert words in str(caught.value)


def track(xyxy: tuple[float, float, float, float], points: Floats | None = None) -> Track:
    pose = None if points is None else Pose(points, 0.9)
    return Track(1, xyxy, (0.0, 0.0), 0.9, TrackState.CONFIRMED, 0.0, 1.0, pose, 1.0 if pose else None)


def where(
    xyxy: tuple[float, float, float, float],
    points: Floats | None = None,
    before: Presence | None = None,
    zones: tuple[Zone, ...] = GARDEN,
) -> Presence:
    return presence(
        camera_zones(zones, CAMERA, SIZE), body_of(track(xyxy, points), SETTINGS), before, SETTINGS
    )


class TestPresence:
    def test_without_zones_everything_is_inside(self) -> None:
        found = where((10, 10, 60, 160), zones=())
        assert (found.where, found.zone) == (Where.DECK, WHOLE_PICTURE)

    def test_feet_below_the_picture_are_at_its_edge(self) -> None:
        assert where((10, 300, 200, 640), zones=()).where is Where.DECK

    def test_standing_before_the_pool_is_on_deck(self) -> None:
        found = where((475, 350, 525, 520), adult_pose(500, 520))
        assert (found.where, found.zone) == (Where.DECK, "garden")

    def test_wading_at_the_far_edge_is_in_water(self) -> None:
        assert where((475, 90, 525, 260), adult_pose(500, 260)).where is Where.WATER

    def test_head_in_the_water_is_in_water(self) -> None:
        assert where((450, 380, 550, 430)).zone == "pool"

    def test_swimmer_at_the_near_edge_stays_in_water(self) -> None:
        swimming = where((450, 380, 550, 430))
        assert where((450, 440, 550, 500), before=swimming).where is Where.WATER

    def test_walker_at_the_near_edge_stays_on_deck(self) -> None:
        walking = where((475, 350, 525, 520), adult_pose(500, 520))
        assert where((470, 420, 530, 500), before=walking).where is Where.DECK

    def test_outside(self) -> None:
        assert where((20, 100, 60, 300)).where is Where.OUTSIDE

    def test_edge_has_a_margin(self) -> None:
        inside_ = where((100, 200, 140, 340))
        assert where((78, 200, 118, 340), before=None).where is Where.OUTSIDE
        assert where((78, 200, 118, 340), before=inside_).where is Where.DECK
        assert where((60, 200, 100, 340), before=inside_).where is Where.OUTSIDE

    def test_portal(self) -> None:
        found = where((100, 150, 140, 300))
        assert found.portal is not None
        assert found.portal.name == "gate"

    def test_border(self) -> None:
        assert where((5, 100, 60, 300)).at_border
        assert not where((500, 100, 560, 300)).at_border

    def test_several_waters(self) -> None:
        tub = Zone(CAMERA, "hot tub", ZoneKind.WATER, ((0.75, 0.1), (0.88, 0.1), (0.88, 0.3), (0.75, 0.3)))
        assert where((780, 90, 840, 150), zones=(*GARDEN, tub)).zone == "hot tub"


def test_mask_is_never_looked_at() -> None:
    window = Zone(CAMERA, "window", ZoneKind.MASK, ((0.0, 0.0), (0.2, 0.0), (0.2, 0.5), (0.0, 0.5)))
    zones = camera_zones((*GARDEN, window), CAMERA, SIZE)
    assert masked(zones, (50, 50, 100, 250))
    assert not masked(zones, (500, 50, 560, 250))
    assert not masked(camera_zones((), CAMERA, SIZE), (50, 50, 100, 250))


def test_water_that_goes_on_behind_the_edge() -> None:
    lane = Zone(CAMERA, "lane", ZoneKind.WATER, ((0.0, 0.3), (0.5, 0.3), (0.5, 0.7), (0.0, 0.7)))
    zones = camera_zones((*GARDEN, lane), CAMERA, SIZE)
    assert water_reaches_border(zones, "lane", SETTINGS.border_margin)
    assert not water_reaches_border(zones, "pool", SETTINGS.border_margin)
    assert not water_reaches_border(zones, None, SETTINGS.border_margin)


def test_old_skeleton_is_not_used() -> None:
    old = Track(
        1,
        (475, 350, 525, 520),
        (0, 0),
        0.9,
        TrackState.CONFIRMED,
        0.0,
        5.0,
        Pose(adult_pose(100, 100), 1),
        1.0,
    )
    body = body_of(old, SETTINGS)
    assert body.points is None
    assert body.feet == (500.0, 520.0)
    assert np.hypot(body.head[0] - 500, body.head[1] - 375) < 10
