"""The simulated site's pictures and truth: repeatable, true to each other, faulty when told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.source.simulated import TruePerson, Truth, World, load_story
from dashboard.source.simulated.camera import mounted
from dashboard.source.simulated.site import MOUNTS, VIEWS, WATER_Z
from dashboard.values import Image
from tests.unit.simulated_scenes import CLOTHES, SMALL, SWIMWEAR, person, scene, still

CALM = {"wind": 0.0, "clouds": 0.0, "glare": 0.0}


def only(truth: Truth) -> TruePerson:
    (person,) = truth.persons
    return person


def changed_share(a: Image, b: Image, xyxy: tuple[float, float, float, float]) -> tuple[float, float]:
    """Share of clearly different pixels within a box and outside of it."""
    differs = np.abs(a.astype(int) - b.astype(int)).max(axis=2) > 18
    x0, y0, x1, y1 = (round(v) for v in xyxy)
    inside = differs[y0:y1, x0:x1]
    outside = (differs.sum() - inside.sum()) / max(differs.size - inside.size, 1)
    return float(inside.mean()), float(outside)


@pytest.mark.parametrize("name", ["garden_pool", "rain_dusk", "night_visitors", "camera_faults"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_depends_on_story_seed_time_and_view_alone(name: str, view: str) -> None:
    story = load_story(name)
    one, other = World(story), World(story)
    wanted = one.render(view, 33.3, SMALL)
    for t in (2.0, 71.9, 33.2, 33.5):
        other.render(view, t, SMALL)
    assert np.array_equal(other.render(view, 33.3, SMALL), wanted)
    assert np.array_equal(one.render(view, 33.3, SMALL), wanted)


def test_a_picture_given_away_does_not_change_later_ones() -> None:
    world = World(scene())
    first = world.render("overview", 1.0, SMALL)
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(world.render("overview", 1.0, SMALL), kept)


def test_another_seed_is_another_picture() -> None:
    story = load_story("garden_pool")
    a, b = (World(story, seed).render("overview", 5.0, SMALL) for seed in (1, 2))
    assert not np.array_equal(a, b)


@pytest.mark.parametrize("size_wh", [(640, 360), (1280, 720), (854, 481), (320, 240)])
def test_every_size_is_rendered_as_asked(size_wh: tuple[int, int]) -> None:
    world = World(scene(person("A", "adult", [3, 5], still())))
    for view in VIEWS:
        picture = world.render(view, 1.0, size_wh)
        assert picture.shape == (size_wh[1], size_wh[0], 3) and picture.dtype == np.uint8
        assert world.truth(1.0, view, size_wh).size_wh == size_wh


def test_an_empty_story_has_an_empty_truth() -> None:
    truth = World(scene()).truth(0.0, "overview")
    assert (truth.persons, truth.animals, truth.objects, truth.present, truth.fault) == ((), (), (), (), None)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("kind", "at", "step"),
    [
        pytest.param("adult", [-0.6, 3.0], still(face_deg=-80), id="adult stands"),
        pytest.param("child", [-0.8, 4.6], still(face_deg=-20, gesture="wave"), id="child waves"),
        pytest.param("toddler", [-0.8, 2.0], still("crouch"), id="toddler crouches"),
        pytest.param("adult", [-0.9, 3.4], still("lie"), id="adult lies"),
        pytest.param("child", [1.2, 2.6], still("tread"), id="child treads water"),
        pytest.param("adult", [1.5, 2.8], still("float_back"), id="adult floats"),
    ],
)
def test_the_box_of_the_truth_is_where_the_picture_differs(
    view: str, kind: str, at: list[float], step: dict[str, object]
) -> None:
    """Without sun, so that no shadow falls outside of the box."""
    light = [{"t": 0, "daylight": 0.3}]
    weather = {**CALM, "rain": 0.0}
    somebody = person("A", kind, at, step, look=SWIMWEAR)
    world = World(scene(somebody, light=light, weather=weather))
    empty = World(scene(light=light, weather=weather))
    box = only(world.truth(4.0, view, SMALL)).xyxy
    inside, outside = changed_share(world.render(view, 4.0, SMALL), empty.render(view, 4.0, SMALL), box)
    assert inside > 0.10, "the person is in the box"
    assert outside < 0.004, "and nowhere else (rings in the water and a weak shadow apart)"


def test_key_points_lie_on_the_body() -> None:
    world = World(scene(person("A", "adult", [3, 5.2], still(face_deg=-90), look=CLOTHES)))
    seen = only(world.truth(1.0, "overview"))
    x0, y0, x1, y1 = seen.xyxy
    points = seen.keypoints
    assert (points[:, 2] == 1).all()
    assert ((points[:, 0] > x0) & (points[:, 0] < x1) & (points[:, 1] > y0) & (points[:, 1] < y1)).all()
    assert points[0, 1] < points[5, 1] < points[11, 1] < points[13, 1] < points[15, 1], "head to foot"
    assert points[5, 0] > points[6, 0], "who faces the camera has the left shoulder on the right"


def test_a_standing_adult_has_the_height_that_the_camera_says() -> None:
    """The world is metric: feet and crown of a person of 1.74 m project where a pinhole puts them."""
    world = World(scene(person("A", "adult", [3.6, 5.0], still())))
    camera = mounted(MOUNTS["overview"], (1280, 720))
    feet, crown = camera.project(np.array([[3.6, 5.0, 0.0], [3.6, 5.0, 1.74]]))[:, 1]
    _, top, _, bottom = only(world.truth(0.0, "overview")).xyxy
    assert bottom - top == pytest.approx(feet - crown, rel=0.08)


def test_refraction_lifts_what_lies_under_water() -> None:
    """A coin on the floor looks shallower; a point at the surface is where it is."""
    camera = mounted(MOUNTS["overview"], (1280, 720))
    points = np.array([[4.0, 2.0, WATER_Z - 1.2], [4.0, 2.0, WATER_Z], [4.0, 2.0, WATER_Z + 0.5]])
    dry, wet = camera.project(points), camera.project_wet(points)
    assert wet[0, 1] < dry[0, 1] - 10
    assert np.allclose(wet[1:], dry[1:], atol=1e-6)
    # Snell: from straight above, depth looks 1.33 times smaller.
    surface = camera.surface_points(points[:1])[0]
    height = camera.position[2] - WATER_Z
    near = np.hypot(*(surface[:2] - camera.position[:2]))
    far = np.hypot(*(points[0, :2] - surface[:2]))
    assert near / np.hypot(near, height) == pytest.approx(1.33 * far / np.hypot(far, 1.2), rel=1e-6)


def test_both_views_have_the_same_people_at_the_same_places() -> None:
    world = World(load_story("garden_pool"))
    seen_in_both = 0
    for t in np.arange(0.0, 90.0, 5.0):
        truths = [world.truth(float(t), view) for view in VIEWS]
        assert truths[0].present == truths[1].present == (1, 2, 3, 4)
        here, there = ({p.id: p for p in truth.persons} for truth in truths)
        for n in here.keys() & there.keys():
            seen_in_both += 1
            assert here[n].position == there[n].position
            assert (here[n].name, here[n].submerged) == (there[n].name, there[n].submerged)
    assert seen_in_both > 30


def test_the_demo_always_shows_two_people_at_least() -> None:
    world = World(load_story("garden_pool"))
    for view, least in (("overview", 3), ("entrance", 2)):
        shown = [
            sum(p.head_visible and p.xyxy[3] - p.xyxy[1] > 40 for p in truth.persons)
            for truth in world.truths(view)
        ]
        assert len(shown) == 90
        assert np.mean([n >= least for n in shown]) > 0.95
        assert min(shown) >= 1


def test_a_sinking_child_is_seen_then_submerged_then_dim() -> None:
    world = World(load_story("submersion"))
    empty = World(load_story("submersion").__class__(**{**load_story("submersion").__dict__, "people": ()}))

    def leo(t: float) -> TruePerson:
        return next(p for p in world.truth(t, "overview").persons if p.name == "Leo")

    struggling, under, below = leo(30.0), leo(44.0), leo(70.0)
    assert struggling.head_visible and not struggling.submerged and struggling.in_water
    assert under.submerged and not under.head_visible and under.above_xyxy is None
    assert (under.keypoints[:, 2] == 0.5).all()
    assert below.position[2] < under.position[2] < struggling.position[2]

    def contrast(t: float) -> float:
        x0, y0, x1, y1 = (round(v) for v in leo(t).xyxy)
        a, b = (w.render("overview", t)[y0:y1, x0:x1].astype(float) for w in (world, empty))
        return float(np.abs(a - b).mean())

    assert contrast(30.0) > 1.15 * contrast(44.0) > 1.3 * contrast(70.0) > 2, "it fades with depth"


def test_face_down_shows_the_back_and_no_head() -> None:
    world = World(scene(person("A", "child", [4, 2], still("float_face_down"), look=SWIMWEAR)))
    seen = only(world.truth(5.0, "overview"))
    assert seen.in_water and seen.above_xyxy is not None
    assert not seen.head_visible or seen.keypoints[0, 2] == 0.5, "nose and mouth are under water"
    assert (seen.keypoints[:5, 2] < 1).all()


@pytest.mark.parametrize(
    ("t", "kind"),
    [(14.0, "black"), (44.0, "covered"), (59.0, "moved"), (74.0, "noise"), (88.0, "defocused")],
)
def test_a_fault_changes_the_picture_in_its_own_way(t: float, kind: str) -> None:
    story = load_story("camera_faults")
    faulty, sound = World(story), World(story.__class__(**{**story.__dict__, "faults": ()}))
    assert faulty.truth(t, "overview", SMALL).fault == kind
    bad, good = faulty.render("overview", t, SMALL), sound.render("overview", t, SMALL)
    sharp = [cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var() for p in (bad, good)]
    match kind:
        case "black":
            assert bad.max() <= 4
        case "covered":
            assert bad.mean() < 0.5 * good.mean() and sharp[0] < 0.1 * sharp[1]
        case "moved":
            assert np.abs(bad.astype(int) - good.astype(int)).mean() > 20
        case "noise":
            assert sharp[0] > 3 * sharp[1]
        case "defocused":
            assert sharp[0] < 0.1 * sharp[1] and abs(bad.mean() - good.mean()) < 6


def test_the_truth_of_a_moved_camera_is_that_of_its_picture() -> None:
    """Where the moved picture shows the walking woman, its truth says so."""
    world = World(load_story("camera_faults"))
    before, after = world.truth(53.9, "overview"), world.truth(54.1, "overview")
    centre = [
        next((p.xyxy[0] + p.xyxy[2]) / 2 for p in truth.persons if p.name == "Ann")
        for truth in (before, after)
    ]
    assert abs(centre[0] - centre[1]) > 100


def test_a_frozen_camera_goes_on_with_its_last_picture() -> None:
    world = World(load_story("camera_faults"))
    pictures = [world.render("overview", t, SMALL) for t in (24.0, 28.7, 33.9)]
    assert np.array_equal(pictures[0], pictures[1]) and np.array_equal(pictures[0], pictures[2])
    assert not np.array_equal(pictures[0], world.render("overview", 34.1, SMALL))
    truth = world.truth(30.0, "overview")
    assert truth.fault == "frozen" and truth.picture_t == pytest.approx(24.0, abs=0.01)


def test_infrared_night_has_no_colour_and_dusk_is_darker_than_noon() -> None:
    night = World(load_story("night_visitors")).render("overview", 40.0, SMALL)
    assert (night[..., 0] == night[..., 1]).all() and (night[..., 0] == night[..., 2]).all()
    dusk = World(load_story("rain_dusk"))
    assert dusk.render("overview", 2.0, SMALL).mean() > dusk.render("overview", 80.0, SMALL).mean() + 20


def test_ripples_move_and_the_hedge_does_not() -> None:
    world = World(load_story("empty_day"))
    a, b = (world.render("overview", t, SMALL).astype(int) for t in (40.05, 40.35))
    differs = np.abs(a - b).max(axis=2)
    assert np.median(differs[170:235, 200:450]) > 4 * np.median(differs[40:90, 150:450])


@pytest.mark.parametrize(("at", "turns"), [([4.0, 2.0], True), ([4.0, 4.8], False)], ids=["water", "ground"])
def test_what_floats_turns_and_what_lies_on_the_ground_does_not(at: list[float], turns: bool) -> None:
    toy = {"name": "bed", "type": "mattress", "colour": "red", "at": at, "steps": [{"rest": {}}]}
    world = World(scene(objects=[toy], weather=CALM))
    sides = [world.truth(t, "overview").objects[0].xyxy for t in (0.0, 7.0)]
    wide = [right - left for left, _, right, _ in sides]
    assert (abs(wide[0] - wide[1]) > 5) is turns


@pytest.mark.parametrize("species", ["cat", "dog", "fox", "hedgehog", "bird"])
def test_animals_are_seen_and_are_no_people(species: str) -> None:
    animal = {
        "name": "X",
        "species": species,
        "at": [4, 5],
        "steps": [{"walk": {"to": [6, 5], "speed": 0.2}}],
    }
    truth = World(scene(animals=[animal])).truth(2.0, "overview")
    assert truth.persons == () and [a.kind for a in truth.animals] == [species]
    x0, y0, x1, y1 = truth.animals[0].xyxy
    assert 8 < x1 - x0 < 120 and 5 < y1 - y0 < 90


def test_the_helper_writes_a_picture(tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    command = [sys.executable, "-m", "dashboard.source.simulated"]
    done = subprocess.run(
        [*command, "garden_pool", "entrance", "12.5", str(target)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    picture = cv2.imread(str(target))
    assert picture is not None and picture.shape == (720, 1280, 3)
    refused = subprocess.run(
        [*command, "garden_pool", "attic", "1", str(target)], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2 and "views: overview, entrance" in refused.stdout


def test_the_ladder_is_as_deep_in_the_water_whoever_passes_behind_it() -> None:
    world = World(load_story("night_visitors"))
    alone, passed = (world.render("overview", t, (1280, 720)) for t in (12.0, 22.0))
    lowest = (slice(300, 370), slice(985, 1022))
    difference = np.abs(alone[lowest].astype(int) - passed[lowest].astype(int)).max(axis=2)
    assert float((difference > 30).mean()) < 0.01
