"""The redacted picture of a clip: skeletons over the learnt empty place. Nothing of the camera's frame is in
it. Pure but for the drawing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from dashboard.values import COCO_LIMBS, Image

# While nothing is learnt: a dark slate, as the live page's.
NEUTRAL_BGR = (58, 46, 38)
_SURE_POINT = 0.3
# Where somebody was is not where somebody is.
_SHOWN_S = 1.0
_OUTLINE = (20, 20, 20)
# Blue, orange, green, purple, teal, sand: told apart also by who sees fewer colours.
_COLOURS = (
    (255, 180, 90),
    (60, 160, 255),
    (120, 220, 120),
    (230, 150, 210),
    (200, 220, 80),
    (140, 200, 240),
)
_THING = (90, 210, 250)


def neutral(size_wh: tuple[int, int]) -> Image:
    return np.full((size_wh[1], size_wh[0], 3), NEUTRAL_BGR, np.uint8)


def drawn(empty: Image, observation: Mapping[str, Any]) -> Image:
    """A copy of `empty` with everybody's skeleton, and boxes around animals and objects. `observation` is as
    `observation_to_json` writes it, in pixels of its own `size`."""
    width = observation["size"][0] or empty.shape[1]
    scale = empty.shape[1] / width
    picture = empty.copy()
    thick = max(2, round(min(picture.shape[:2]) / 180))
    for thing in observation["things"]:
        _boxed(picture, thing["box"], scale, _THING, thick, str(thing["label"]))
    for person in observation["people"] or ():
        if observation["t"] - person["seen_t"] > _SHOWN_S:
            continue
        colour = _COLOURS[int(person["id"]) % len(_COLOURS)]
        points = person["keypoints"]
        # A skeleton of an earlier frame would lie beside the person.
        if points is None or person["pose_t"] != person["seen_t"]:
            _boxed(picture, person["box"], scale, colour, thick, "")
        else:
            _skeleton(picture, points, scale, colour, thick)
    if observation["people"] is None:
        _written(picture, str(observation["blind_reason"] or "no picture")[:60], (12, 28))
    return picture


def skeletons(observation: Mapping[str, Any]) -> int:
    """How many skeletons of this very moment there are."""
    return sum(
        person["keypoints"] is not None and person["pose_t"] == person["seen_t"] == observation["t"]
        for person in observation["people"] or ()
    )


def _skeleton(
    picture: Image,
    points: Sequence[Sequence[float]],
    scale: float,
    colour: tuple[int, int, int],
    thick: int,
) -> None:
    at = [(round(x * scale), round(y * scale)) for x, y, _ in points]
    sure = [score >= _SURE_POINT for *_, score in points]
    limbs = [(at[a], at[b]) for a, b in COCO_LIMBS if sure[a] and sure[b]]
    for line_colour, width in ((_OUTLINE, thick + 2), (colour, thick)):
        for start, end in limbs:
            cv2.line(picture, start, end, line_colour, width, cv2.LINE_AA)
    head = [at[i] for i in range(5) if sure[i]]
    if head:
        middle = (round(sum(x for x, _ in head) / len(head)), round(sum(y for _, y in head) / len(head)))
        cv2.circle(picture, middle, 2 * thick + 1, colour, -1, cv2.LINE_AA)


def _boxed(
    picture: Image,
    box: Sequence[float],
    scale: float,
    colour: tuple[int, int, int],
    thick: int,
    label: str,
) -> None:
    left, top, right, bottom = (round(side * scale) for side in box)
    cv2.rectangle(picture, (left, top), (right, bottom), _OUTLINE, thick + 2, cv2.LINE_AA)
    cv2.rectangle(picture, (left, top), (right, bottom), colour, thick, cv2.LINE_AA)
    if label:
        _written(picture, label, (left, max(top - 6, 14)))


def _written(picture: Image, text: str, at: tuple[int, int]) -> None:
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.5
    cv2.putText(picture, text, at, font, size, _OUTLINE, 3, cv2.LINE_AA)
    cv2.putText(picture, text, at, font, size, (255, 255, 255), 1, cv2.LINE_AA)
