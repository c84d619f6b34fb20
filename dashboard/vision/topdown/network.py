"""A network on a mini-batch of people's crops, whatever head it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.layouts import COCO_17, HALPE_26, MPII_16, PointLayout
from dashboard.vision.runtime import InputForm, Network, Runtime, VisionError
from dashboard.vision.topdown.crops import PersonCrop, cut, person_crop, to_picture
from dashboard.vision.topdown.heads import flipped_maps, flipped_vectors, from_heat_maps, from_simcc

BATCH = 8
# ImageNet's mean and deviation in bytes: pose_resnet and RTMPose were both trained so.
IMAGENET = InputForm("NCHW", rgb=True, mean=(123.675, 116.28, 103.53), scale=(58.395, 57.12, 57.375))
LAYOUTS = {len(layout.points): layout for layout in (COCO_17, MPII_16, HALPE_26)}


@dataclass(frozen=True, eq=False)
class Answer:
    """One person's: `points` (K, 3) in pixels of the picture, the `crop` looked at, and heat `maps` (K, h, w)
    where the head gives them."""

    points: Floats
    crop: PersonCrop
    maps: Floats | None


class CropNetwork:
    """A pose_resnet or an RTMPose: people's crops to points. VisionError: it has another head."""

    def __init__(self, network: Network, name: str) -> None:
        self._network = network
        probe = self._run(np.zeros((1, network.size_wh[1], network.size_wh[0], 3), np.uint8))
        self.simcc, self._outputs = _head(probe, network.output_names, name)
        count = probe[self._outputs[0]].shape[1]
        # Whole-body networks begin with COCO's points too.
        self.layout = LAYOUTS.get(count) or (
            COCO_17 if count > len(COCO_17.points) else _unknown(name, count)
        )

    @property
    def size_wh(self) -> tuple[int, int]:
        """The size of a crop in pixels."""
        return self._network.size_wh

    def look(
        self, image: Image, boxes: Sequence[tuple[float, float, float, float]], flip: bool
    ) -> list[Answer]:
        """Each box's person, in mini-batches."""
        crops = [person_crop(box, self.size_wh) for box in boxes]
        answers: list[Answer] = []
        for start in range(0, len(crops), BATCH):
            some = crops[start : start + BATCH]
            pictures = np.stack([cut(image, crop, self.size_wh) for crop in some])
            answers += self._answers(some, self._seen(pictures, flip))
        return answers

    def _seen(self, pictures: Image, flip: bool) -> tuple[Floats, ...]:
        """The head's outputs, averaged with the mirrored crops' where asked."""
        straight = self._outputs_of(pictures)
        if not flip:
            return straight
        turned = self._outputs_of(np.ascontiguousarray(pictures[:, :, ::-1]))
        mirror = self.layout.mirror
        other: tuple[Floats, ...] = (
            flipped_vectors(turned[0], turned[1], mirror)
            if self.simcc
            else (flipped_maps(turned[0], mirror),)
        )
        return tuple(np.asarray((a + b) / 2, np.float32) for a, b in zip(straight, other, strict=True))

    def _outputs_of(self, pictures: Image) -> tuple[Floats, ...]:
        raw = self._run(pictures)
        kept = len(self.layout.points)
        return tuple(raw[i][:, :kept] for i in self._outputs)

    def _run(self, pictures: Image) -> tuple[Floats, ...]:
        if self._network.batches:
            return self._network.submit_batch(pictures).result()
        each = self._network.run_all(list(pictures))
        return tuple(np.concatenate(outputs) for outputs in zip(*each, strict=True))

    def _answers(self, crops: Sequence[PersonCrop], seen: tuple[Floats, ...]) -> list[Answer]:
        if self.simcc:
            points = from_simcc(*seen)
            return [
                Answer(to_picture(p, crop, self.size_wh), crop, None)
                for p, crop in zip(points, crops, strict=True)
            ]
        points, map_wh = from_heat_maps(seen[0]), (seen[0].shape[3], seen[0].shape[2])
        return [
            Answer(to_picture(p, crop, map_wh), crop, maps)
            for p, crop, maps in zip(points, crops, seen[0], strict=True)
        ]


def load_crop_network(runtime: Runtime, file: Path, form: InputForm = IMAGENET) -> CropNetwork:
    """Any pose_resnet-like or SimCC network from an ONNX file. VisionError names what is wrong with it."""
    return CropNetwork(runtime.load_batches(file, form), file.name)


def _head(outputs: Sequence[Floats], names: Sequence[str], file: str) -> tuple[bool, tuple[int, ...]]:
    """Whether it is SimCC, and which outputs count: x and y vectors, or the last heat maps."""
    flat = [i for i, output in enumerate(outputs) if output.ndim == 3]
    maps = [i for i, output in enumerate(outputs) if output.ndim == 4]
    if len(flat) == 2 and not maps:
        flat.sort(key=lambda i: ("simcc_y" in names[i], outputs[i].shape[2]))
        return True, tuple(flat)
    if maps:
        return False, (maps[-1],)
    shapes = ", ".join(str(list(output.shape)) for output in outputs)
    raise VisionError(f"{file} gives neither heat maps nor two SimCC vectors, but {shapes}")


def _unknown(file: str, count: int) -> PointLayout:
    known = ", ".join(str(n) for n in LAYOUTS)
    raise VisionError(f"{file} gives {count} points; there are layouts of {known}")
