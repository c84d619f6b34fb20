"""The decoder on pages of maps made from known skeletons: everybody is found, every point in its place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dashboard.settings import OpenPoseSettings, Settings
from dashboard.values import COCO_KEYPOINTS, Floats, Image
from dashboard.vision.openpose.decoder import Page, decode
from dashboard.vision.openpose.layouts import COCO_18, LAYOUTS, MPI_15, BodyLayout
from dashboard.vision.openpose.limbs import Pairs, matched
from dashboard.vision.openpose.network import Looks, look, mirrored
from dashboard.vision.openpose.peaks import find_peaks
from dashboard.vision.openpose.people import Person
from dashboard.vision.openpose.scales import candidate, one_each
from dashboard.vision.runtime import VisionError
from tests.unit.openpose_stage import body, page

SETTINGS = OpenPoseSettings()
both = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))


def people_of(
    layout: BodyLayout, bodies: Sequence[Floats], size_wh: tuple[int, int] = (80, 46)
) -> list[Person]:
    return decode(page(layout, bodies, size_wh), layout, SETTINGS)


def assert_found(people: Sequence[Person], bodies: Sequence[Floats], within: float = 0.1) -> None:
    """The same people, each with the same points, in any order."""
    assert len(people) == len(bodies)
    left = list(people)
    for points in bodies:
        nearest = min(left, key=lambda person: _apart(person, points))
        left = [person for person in left if person is not nearest]
        assert ((nearest.points[:, 2] > 0) == (points[:, 2] > 0)).all()
        assert _apart(nearest, points) < within


def _apart(person: Person, points: Floats) -> float:
    seen = points[:, 2] > 0
    return float(np.abs(person.points[seen, :2] - points[seen, :2]).max())


CROWDS: dict[str, list[tuple[float, float, float]]] = {
    "nobody": [],
    "one": [(40.3, 22.7, 36.0)],
    "two side by side": [(20.0, 23.0, 30.0), (33.4, 23.6, 30.0)],
    "ten": [(8 + 16.1 * (i % 5), 11 if i < 5 else 34.4, 20) for i in range(10)],
    "large and small": [(20.2, 23.0, 42.0), (60.0, 30.0, 14.0)],
}


@both
@pytest.mark.parametrize("crowd", CROWDS.values(), ids=list(CROWDS))
def test_everybody_is_found_exactly(layout: BodyLayout, crowd: list[tuple[float, float, float]]) -> None:
    bodies = [body(layout, (x, y), height) for x, y, height in crowd]
    assert_found(people_of(layout, bodies), bodies)


@both
def test_ten_people_in_any_place_and_turn(layout: BodyLayout) -> None:
    random = np.random.default_rng(5)
    for _ in range(5):
        places = [(13 + 26.0 * column, 13 + 26.0 * row) for row in range(2) for column in range(5)]
        bodies = [
            body(
                layout,
                (x + random.uniform(-1, 1), y + random.uniform(-1, 1)),
                22,
                turn=random.uniform(0, 6.28),
            )
            for x, y in places
        ]
        assert_found(people_of(layout, bodies, (132, 54)), bodies)


@both
def test_people_who_overlap_stay_two(layout: BodyLayout) -> None:
    bodies = [body(layout, (30.0, 23.0), 40), body(layout, (38.0, 23.3), 40)]
    assert_found(people_of(layout, bodies), bodies, within=0.35)


@both
def test_people_who_cross_stay_two(layout: BodyLayout) -> None:
    """One lies over the other's middle, as a cross: limbs go through each other."""
    bodies = [body(layout, (40.0, 23.0), 40), body(layout, (41.0, 25.0), 40, turn=np.pi / 2)]
    assert_found(people_of(layout, bodies), bodies, within=0.35)


@both
@pytest.mark.parametrize(
    "missing",
    [
        ("right_wrist",),
        ("left_ankle", "right_ankle", "left_knee"),
        ("right_elbow", "right_wrist", "left_wrist"),
    ],
    ids=["a hand", "legs", "arms"],
)
def test_missing_points_are_missing_and_nothing_else(layout: BodyLayout, missing: tuple[str, ...]) -> None:
    bodies = [body(layout, (25.0, 23.0), 38, missing), body(layout, (58.0, 23.0), 38)]
    assert_found(people_of(layout, bodies), bodies)


@both
@pytest.mark.parametrize("middle", [(-1.0, 23.0), (79.5, 23.0), (40.0, 46.5)], ids=["left", "right", "below"])
def test_who_is_cut_off_by_the_edge_has_the_points_inside(
    layout: BodyLayout, middle: tuple[float, float]
) -> None:
    points = body(layout, middle, 40)
    (person,) = people_of(layout, [points])
    inside = (points[:, 0] > 1) & (points[:, 0] < 78) & (points[:, 1] > 1) & (points[:, 1] < 44)
    assert (person.points[inside, 2] > 0).all()
    assert np.abs(person.points[inside, :2] - points[inside, :2]).max() < 0.35


@both
def test_a_body_in_two_pieces_is_two(layout: BodyLayout) -> None:
    """Without shoulders and hips nothing joins the limbs: no guess makes them one person."""
    points = body(layout, (40.0, 23.0), 40, ("neck",))
    people = people_of(layout, [points])
    assert len(people) >= 1
    found = np.sum([(person.points[:, 2] > 0) for person in people], axis=0)
    assert (found <= 1).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("nms_threshold", 0.89), ("connect_min_subset_cnt", 18), ("connect_min_subset_score", 2.0)],
)
def test_each_threshold_can_say_that_nobody_is_there(name: str, value: float) -> None:
    points = body(COCO_18, (40.4, 22.6), 38, ("left_ankle",))
    crowd = page(COCO_18, [points])
    faint = Page(crowd.maps * 0.8, crowd.fields * 0.8, crowd.cell, crowd.origin)
    assert len(decode(faint, COCO_18, SETTINGS)) == 1
    strict = Settings().with_values({f"openpose.{name}": value}).openpose
    assert decode(faint, COCO_18, strict) == []


def test_limbs_whose_field_points_elsewhere_are_none() -> None:
    crowd = page(COCO_18, [body(COCO_18, (40.0, 22.6), 38)])
    backwards = Page(crowd.maps, -crowd.fields, crowd.cell, crowd.origin)
    assert decode(backwards, COCO_18, SETTINGS) == []


def test_places_are_pixels_of_the_picture() -> None:
    points = body(COCO_18, (40.3, 22.7), 36.0)
    crowd = page(COCO_18, [points])
    (person,) = decode(Page(crowd.maps, crowd.fields, (8.0, 8.0), (3.5, 3.5)), COCO_18, SETTINGS)
    assert np.abs(person.points[:, :2] - (points[:, :2] * 8 + 3.5)).max() < 0.8


def test_a_page_of_another_layout_is_refused() -> None:
    with pytest.raises(VisionError, match="19 and 38, this one gives 16 maps and 28 fields"):
        decode(page(MPI_15, []), COCO_18, SETTINGS)


@pytest.mark.parametrize("size_wh", [(1, 1), (2, 3)], ids=["one cell", "few cells"])
def test_the_smallest_pages(size_wh: tuple[int, int]) -> None:
    assert people_of(COCO_18, [], size_wh) == []


def test_peaks_between_cells_and_ties() -> None:
    hill = np.zeros((1, 5, 7), np.float32)
    assert len(find_peaks(hill, 0.1).score) == 0
    hill[0, 2, 2:4] = 0.8
    peaks = find_peaks(hill, 0.1)
    assert peaks.xy.tolist() == [[2.5, 2.0]]
    assert peaks.part.tolist() == [0]


def test_only_the_highest_of_too_many_peaks() -> None:
    maps = np.random.default_rng(1).uniform(0, 1, (3, 40, 40)).astype(np.float32)
    peaks = find_peaks(maps, 0.1, most=5)
    everything = find_peaks(maps, 0.1, most=10_000)
    for part in range(3):
        highest = np.sort(everything.score[everything.of(part)])[-5:]
        assert np.sort(peaks.score[peaks.of(part)]) == pytest.approx(highest)


def test_matching_takes_the_best_first() -> None:
    limb, a, b = (np.array(v, np.intp) for v in ([0, 0, 0, 1], [0, 0, 1, 0], [5, 6, 5, 5]))
    kept = matched(Pairs(limb, a, b, np.array([0.5, 0.9, 0.4, 0.1], np.float32)))
    assert sorted(zip(kept.limb.tolist(), kept.a.tolist(), kept.b.tolist(), strict=True)) == [
        (0, 0, 6),
        (0, 1, 5),
        (1, 0, 5),
    ]


@both
def test_a_mirrored_page_turned_back_is_the_page(layout: BodyLayout) -> None:
    own = page(layout, [body(layout, (30.0, 23.0), 38, turn=0.4)])
    other_side = body(layout, (79 - 30.0, 23.0), 38, turn=-0.4)
    seen = page(layout, [other_side])
    maps, fields = mirrored(seen.maps, seen.fields, layout)
    assert np.abs(maps - own.maps).max() < 1e-5
    assert np.abs(fields - own.fields).max() < 1e-5


@both
def test_conversion_to_coco_is_by_name(layout: BodyLayout) -> None:
    points = np.array([[i, 2 * i, 0.5] for i in range(len(layout.points))], np.float32)
    keypoints = layout.to_coco(points)
    for k, name in enumerate(COCO_KEYPOINTS):
        wanted = points[layout.points.index(name)] if name in layout.points else np.zeros(3)
        assert keypoints[k].tolist() == list(wanted)


def test_layouts_hold_what_openpose_says() -> None:
    """Spot checks against poseParameters.cpp: fields of the right shoulder, the nose, the last limb."""
    named = {(COCO_18.points[m.a], COCO_18.points[m.b]): m.x for m in COCO_18.limbs}
    assert named["neck", "right_shoulder"] == 12
    assert named["neck", "nose"] == 28
    assert named["left_shoulder", "left_ear"] == 26
    for layout in LAYOUTS.values():
        assert sorted(limb.x for limb in layout.limbs) == list(range(0, layout.fields, 2))
    assert [(MPI_15.points[m.a], MPI_15.points[m.b]) for m in MPI_15.limbs][7] == ("neck", "chest")


class Drawn:
    """A network that is given a picture whose blue is a person's place, and answers with a perfect page."""

    layout, multiple = COCO_18, 8

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def maps(self, picture: Image) -> tuple[Floats, Floats]:
        height, width = picture.shape[:2]
        self.asked.append((width, height))
        rows, columns = np.nonzero(picture[..., 0] > 100)
        middle = ((columns.mean() + 0.5) / 8 - 0.5, (rows.mean() + 0.5) / 8 - 0.5)
        made = page(COCO_18, [body(COCO_18, middle, 24)], (width // 8, height // 8))
        return made.maps, made.fields


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("heights", [(256,), (256, 320)])
def test_a_look_gives_places_in_the_picture_whatever_its_size(heights: tuple[int, ...], flip: bool) -> None:
    picture = np.zeros((480, 650, 3), np.uint8)
    picture[200:261, 300:361] = 255
    network = Drawn()
    seen = look(network, picture, Looks(heights, flip))
    assert all(width % 8 == 0 and height % 8 == 0 for width, height in network.asked)
    assert len(network.asked) == len(heights) * (2 if flip else 1)
    hips = seen.maps[[8, 11]]
    peaks = find_peaks(hips, 0.3)
    at = peaks.xy * seen.cell + seen.origin
    assert at.mean(axis=0) == pytest.approx([330, 230], abs=2)


@pytest.mark.parametrize("text", ["", "tall", "368,", "12", "5000", "1,2,3,4,5,6,7"])
def test_heights_that_are_none_are_named(text: str) -> None:
    with pytest.raises(VisionError, match=r"openpose\.heights"):
        Looks.of(text)


def test_people_of_several_looks_are_one_each_and_complete() -> None:
    whole = body(COCO_18, (400.0, 300.0), 230)
    less = body(COCO_18, (402.0, 301.0), 230, ("left_ankle",))
    other = body(COCO_18, (900.0, 300.0), 230)
    assert one_each([]) == []
    fitting, small = candidate(Person(less, 1.0), 1.0), candidate(Person(whole, 1.0), 0.1)
    people = one_each([small, candidate(Person(other, 1.0), 1.0), fitting])
    assert len(people) == 2
    same = next(p for p in people if p.points[0, 0] < 600)
    assert same.points[0, :2] == pytest.approx(
        less[0, :2]
    )  # from the look in which they have the trained size
    ankle = COCO_18.points.index("left_ankle")
    assert same.points[ankle] == pytest.approx(whole[ankle])  # which missed a point that the other has
