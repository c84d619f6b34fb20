"""How like a head what was taken for one is."""

from __future__ import annotations

import json
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from dashboard.geometry import Box, Polygon
from dashboard.values import Detection
from dashboard.vision.head_check import LEAST, MOST
from dashboard.vision.spots import in_question
from tests.material import material
from tests.unit.vision_models import models

# MPII: neck and top of the head; wrists, knees and ankles.
HEAD, LIMBS = (8, 9), (10, 15, 1, 4, 0, 5)
SIZE = (1000, 500)
POOL: Polygon = ((0.0, 0.4), (1.0, 0.4), (1.0, 1.0), (0.0, 1.0))


def around(at: Sequence[float], length: float) -> Box:
    """A head's box at a place."""
    x, y = at
    return x - length / 2, y - length / 2, x + length / 2, y + length / 2


def test_of_people_in_photographs_heads_are_like_faces_and_limbs_are_not() -> None:
    check, heads, limbs = models(False).heads, [], []
    for person in json.loads(material("pose_gt/mpii/test_mpii.json").read_text()):
        loaded = cv2.imread(str(material(f"pose_gt/mpii/{person['image']}")))
        assert loaded is not None
        image = np.asarray(loaded, np.uint8)
        joints, seen = np.array(person["joints"]), person["joints_vis"]
        if not all(seen[joint] for joint in HEAD):
            continue
        neck, top = joints[HEAD[0]], joints[HEAD[1]]
        length = 0.8 * float(np.linalg.norm(top - neck))
        heads.append(check.log_odds(image, around(((neck + top) / 2).tolist(), length)))
        limbs += [check.log_odds(image, around(joints[j].tolist(), length)) for j in LIMBS if seen[j]]
    assert len(heads) >= 3 and len(limbs) >= 10
    assert min(heads) > 0 and min(limbs) >= LEAST and max(heads) <= MOST
    # A hand may be at a face.
    assert np.mean([[head > limb for limb in limbs] for head in heads]) >= 0.85


@pytest.mark.parametrize("centre", [(0.0, 0.0), (640.0, 360.0), (5000.0, -300.0)])
def test_a_head_at_the_edge_or_outside_is_asked_about_without_harm(centre: tuple[float, float]) -> None:
    picture = np.full((360, 640, 3), 90, np.uint8)
    assert models(False).heads.log_odds(picture, around(centre, 20.0)) < 0
    assert models(False).heads.log_odds(picture, around(centre, 0.0)) < 0


def test_only_those_are_in_question_whose_boxes_overlap_in_the_water_and_whose_heads_are_known() -> None:
    def person(left: float, top: float, headed: bool = True) -> Detection:
        head = (left + 20, top, left + 40, top + 20) if headed else None
        return Detection((left, top, left + 60, top + 80), 0.8, head=head)

    swimmers = [person(100, 300), person(130, 305), person(150, 300, headed=False)]
    apart, deck = person(600, 300), [person(800, 100), person(820, 100)]
    assert in_question([*swimmers, apart, *deck], [POOL], SIZE) == [(i, swimmers[i].head) for i in (0, 1)]
    assert in_question(swimmers, [], SIZE) == in_question([], [POOL], SIZE) == []
