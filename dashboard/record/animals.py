"""Whether a clip shows animals alone, so that its real picture needs no seal. In doubt it does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.values import ANIMALS

# What only moves like an animal is not among them: it may be a child that crawls.
RECOGNISED = frozenset(label.value for label in ANIMALS)
# Something unexplained that is less than this of the picture's height and area is no person's size: an adult
# at the far side of a large garden, seen wide, is 5 % of the height.
_LEAST_HEIGHT, _LEAST_AREA = 0.04, 0.0008
# A finding is never exactly where the change is.
_WIDER = 0.3
_LEAST_FRAMES = 3
_LEAST_COVERED = 0.7
Box = Sequence[float]


class AnimalsOnly:
    """Looks at a clip's observations, as `observation_to_json` writes them, one after the other."""

    def __init__(self) -> None:
        self._doubt = False
        self._frames = 0

    def look(self, observation: Mapping[str, Any]) -> None:
        if observation["people"] is None or observation["people"]:
            self._doubt = True
            return
        boxes = [thing["box"] for thing in observation["things"] if thing["label"] in RECOGNISED]
        self._frames += bool(boxes)
        changed = [*observation["foreground"], *(box for box, _ in observation["patches"])]
        size = observation["size"]
        self._doubt |= any(_large(box, size) and not _explained(box, boxes) for box in changed)

    def doubt(self) -> None:
        """Somebody else knows better."""
        self._doubt = True

    @property
    def sure(self) -> bool:
        """An animal was recognised, no person at all, and nothing unexplained of a person's size."""
        return not self._doubt and self._frames >= _LEAST_FRAMES


def _large(box: Box, size: Sequence[int]) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    return height >= _LEAST_HEIGHT * size[1] or width * height >= _LEAST_AREA * size[0] * size[1]


def _explained(box: Box, animals: Sequence[Box]) -> bool:
    """Whether one animal covers nearly all of it."""
    area = max((box[2] - box[0]) * (box[3] - box[1]), 1e-6)
    return any(_common(box, _wider(animal)) >= _LEAST_COVERED * area for animal in animals)


def _wider(box: Box) -> Box:
    across, down = _WIDER * (box[2] - box[0]), _WIDER * (box[3] - box[1])
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def _common(a: Box, b: Box) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)
