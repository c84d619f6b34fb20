"""The real models find the simulated people where the truth says that they are.

The landmark model gets the crop that a good detector would ask for (from the truth); what it must do
by itself is say that there is a person and place the key points. The bars are what makes the scene a
fair stand-in for a camera; they leave room under what was measured when they were set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.source.simulated import TruePerson, World
from dashboard.values import Floats, Image
from dashboard.weights import installed
from tests.unit.simulated_scenes import CLOTHES, SWIMWEAR, person, scene, still

COCO_OF_BLAZEPOSE = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]
SIDE = 256


@dataclass(frozen=True)
class Found:
    """What the model made of one person: presence, and the share of key points within a quarter of
    the torso's length of the truth: of all, of all with left and right taken either way, of those in
    the air. From above the model takes some bare chests for backs."""

    presence: float
    near: float
    near_either_way: float
    near_above: float


@cache
def landmark_model() -> Any:
    files = installed("mediapipe-pose")
    if files is None:
        pytest.skip("needs the weights mediapipe-pose: python -m dashboard models install mediapipe-pose")
    import openvino

    return openvino.Core().compile_model(
        str(files["pose_landmark_full.tflite"]), "CPU", {"INFERENCE_NUM_THREADS": 1}
    )


def found(picture: Image, seen: TruePerson) -> Found:
    """Runs the landmark model on the crop around a person."""
    true = seen.keypoints[:, :2]
    to_crop = crop_of(true)
    crop = cv2.warpAffine(picture, to_crop, (SIDE, SIDE))
    pixels = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)[None].astype(np.float32) / 255
    outputs = [np.asarray(value) for value in landmark_model()(pixels).values()]
    presence = next(float(v.item()) for v in outputs if v.size == 1)
    points = next(v for v in outputs if v.shape[-1] == 195).reshape(39, 5)[COCO_OF_BLAZEPOSE, :2]
    back = cv2.invertAffineTransform(to_crop)
    placed = points @ back[:, :2].T + back[:, 2]
    torso = np.linalg.norm(true[[5, 6]].mean(axis=0) - true[[11, 12]].mean(axis=0))
    near = np.linalg.norm(placed - true, axis=1) < 0.25 * torso
    mirrored = np.linalg.norm(placed[MIRRORED] - true, axis=1) < 0.25 * torso
    above = seen.keypoints[:, 2] == 1
    share, other = float(near.mean()), float(mirrored.mean())
    in_air = float(near[above].mean()) if above.any() else float("nan")
    return Found(presence, share, max(share, other), in_air)


def crop_of(true: Floats) -> NDArray[np.float64]:
    """The square around the hips, turned so that the shoulders are up, that holds the whole body."""
    hips, shoulders = true[[11, 12]].mean(axis=0), true[[5, 6]].mean(axis=0)
    up = shoulders - hips
    angle = -np.arctan2(up[0], -up[1])
    scale = SIDE / (2.5 * np.linalg.norm(true - hips, axis=1).max() * 1.02)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, SIDE / 2 - turn @ hips])


def all_found(world: World, view: str, times: tuple[float, ...]) -> list[Found]:
    out = []
    for t in times:
        picture = world.render(view, t)
        whole = [p for p in world.truth(t, view).persons if (p.keypoints[:, 2] > 0).all()]
        out += [found(picture, p) for p in whole]
    return out


FACES = (-90, -130, -60, 180, 0, 90)


@pytest.mark.parametrize(("view", "x"), [("overview", 1.2), ("entrance", -1.9)])
@pytest.mark.parametrize("kind", ["adult", "child"])
@pytest.mark.parametrize("moving", [False, True], ids=["standing", "walking"])
def test_people_on_the_deck_are_found(view: str, x: float, kind: str, moving: bool) -> None:
    results = []
    for n, face in enumerate(FACES):
        look = CLOTHES if n % 2 else SWIMWEAR
        step = {"walk": {"to": [x + 1.2, 5.1], "speed": 0.8}} if moving else still(face_deg=face)
        world = World(scene(person("A", kind, [x, 5.0], step, look=look)))
        results += all_found(world, view, (0.8, 1.3) if moving else (2.0,))
    assert len(results) >= 6
    assert min(r.presence for r in results) > 0.5
    assert np.mean([r.near for r in results]) > 0.7
    assert np.mean([r.near_either_way for r in results]) > 0.85


def test_toddlers_are_found() -> None:
    worlds = [
        World(scene(person("A", "toddler", [2, 5], still(face_deg=f), look=CLOTHES), seed=f + 200))
        for f in FACES
    ]
    results = [r for w in worlds for r in all_found(w, "overview", (2.0,))]
    assert np.mean([r.presence > 0.5 for r in results]) > 0.8


@pytest.mark.parametrize(
    ("action", "least"),
    [("tread", 0.75), ("crawl", 0.75), ("breast", 0.7), ("float_back", 0.8)],
)
def test_most_swimmers_at_the_surface_are_found(action: str, least: float) -> None:
    results = []
    for view, xs in (("overview", (1.5, 3.5, 5.5)), ("entrance", (1.0, 1.8))):
        for n, x in enumerate(xs):
            swims = action in ("crawl", "breast")
            step = (
                {"swim": {"to": [x + 0.9, 2.2], "speed": 0.1, "stroke": action}} if swims else still(action)
            )
            somebody = person("A", ("adult", "child")[n % 2], [x, 2.0], step, look=SWIMWEAR)
            results += all_found(World(scene(somebody)), view, (3.0, 5.3, 7.1))
    assert len(results) >= 12
    assert np.mean([r.presence > 0.5 for r in results]) >= least
    assert np.nanmean([r.near_above for r in results]) > 0.5, "what is in the air is placed"


def test_nobody_is_found_in_an_empty_pool() -> None:
    """The test can fail the other way: on the empty scene the same crops hold no person."""
    world = World(scene(person("A", "adult", [2, 5], still(), look=CLOTHES)))
    seen = world.truth(2.0, "overview").persons[0]
    assert found(World(scene()).render("overview", 2.0), seen).presence < 0.3
