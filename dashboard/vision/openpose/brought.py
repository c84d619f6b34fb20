"""An OpenPose network that somebody brings as ONNX, such as the original Caffe networks once converted; run
by OpenVINO or by OpenCV's own engine.

Neither OpenVINO 2026 nor OpenCV 5 reads Caffe's files any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.openpose.layouts import LAYOUTS, BodyLayout
from dashboard.vision.openpose.opencv import checked, last_line
from dashboard.vision.runtime import InputForm, Network, Precision, Runtime, VisionError

FILE = "openpose-own.onnx"
WEIGHTS = "openpose-own"
# OpenPose feeds its networks BGR, byte / 256 - 0.5.
FORM = InputForm("NCHW", rgb=False, mean=128.0, scale=256.0)


class BroughtMaps:
    """The network by OpenVINO. Its layout is known by the number of its channels."""

    multiple = 8

    def __init__(self, network: Network, channels: Sequence[int], name: str) -> None:
        self.layout, self._places = told_apart(channels, name)
        self._network = network

    def maps(self, picture: Image) -> tuple[Floats, Floats]:
        """Maps and fields of a BGR picture."""
        return parted(self._network.submit(picture).result(), self.layout, self._places)


class OpenCvMaps:
    """The same network by OpenCV's engine."""

    multiple = 8

    def __init__(self, net: cv2.dnn.Net, layout: BodyLayout, places: tuple[int, ...], name: str) -> None:
        self.layout, self._places = layout, places
        self._net, self._name = net, name
        self._outputs = net.getUnconnectedOutLayersNames()

    def maps(self, picture: Image) -> tuple[Floats, Floats]:
        """Maps and fields of a BGR picture. VisionError: OpenCV cannot run the network at this size."""
        size = (picture.shape[1], picture.shape[0])
        try:
            self._net.setInput(cv2.dnn.blobFromImage(picture, 1 / 256, size, (128, 128, 128), swapRB=False))
            answer = self._net.forward(self._outputs)
        except cv2.error as error:
            raise VisionError(f"OpenCV cannot run {self._name}: {last_line(error)}") from error
        return parted([np.asarray(one, np.float32) for one in answer], self.layout, self._places)


def told_apart(channels: Sequence[int], name: str) -> tuple[BodyLayout, tuple[int, ...]]:
    """The layout of a network with outputs of so many channels, and where the maps and the fields are: one
    output with the maps first, or two, or two of each stage, of which the last count. VisionError names the
    numbers."""
    for layout in LAYOUTS.values():
        if list(channels) == [layout.maps + layout.fields]:
            return layout, (0,)
        stages = len(channels) // 2
        if stages and sorted(channels) == sorted([layout.maps, layout.fields] * stages):
            last = {count: place for place, count in enumerate(channels)}
            return layout, (last[layout.maps], last[layout.fields])
    known = " or ".join(f"{layout.maps} and {layout.fields}" for layout in LAYOUTS.values())
    raise VisionError(
        f"{name} has outputs of {', '.join(map(str, channels)) or 'no'} channels; {known} are known"
    )


def parted(answer: Sequence[Floats], layout: BodyLayout, places: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Maps and fields out of a network's outputs (1, C, H, W)."""
    if len(places) == 2:
        return answer[places[0]][0], answer[places[1]][0]
    whole = answer[places[0]][0]
    return np.ascontiguousarray(whole[: layout.maps]), np.ascontiguousarray(whole[layout.maps :])


def load_brought(file: Path, threads: int, precision: Precision, engine: str) -> BroughtMaps | OpenCvMaps:
    """The network from an ONNX file, to be run by one of opencv.ENGINES. VisionError names what is wrong."""
    checked(engine)
    network = Runtime(threads, precision).load_any_size(file, FORM)
    if any(rank != 4 for rank in network.output_ranks):
        raise VisionError(f"{file.name} gives no maps")
    brought = BroughtMaps(network, network.output_channels, file.name)
    if engine == "openvino":
        return brought
    try:
        net = cv2.dnn.readNetFromONNX(str(file))
    except cv2.error as error:
        raise VisionError(f"OpenCV cannot read {file.name}: {last_line(error)}") from error
    return OpenCvMaps(net, brought.layout, brought._places, file.name)
