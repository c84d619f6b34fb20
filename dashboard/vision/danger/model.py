"""The classifier of a second of key points: drowning, swimming or idling, each with a calibrated probability.

There are two: one for key points of whatever model, and one for this program's own landmark model, whose
points lie and shake differently. Run by OpenVINO on one thread: with a second's window per person a second
core is never worth its cost.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from dashboard.values import Floats
from dashboard.vision.danger.features import features
from dashboard.vision.danger.window import Windows, unscored
from dashboard.vision.runtime import VisionError

_FOLDER = Path(__file__).resolve().parents[3] / "assets" / "models"
MODEL_FILE = _FOLDER / "danger_pose.onnx"
OWN_MODEL_FILE = _FOLDER / "danger_pose_own.onnx"


class Doing(StrEnum):
    """What the classifier can say, in the order of its outputs."""

    DROWN = "drown"
    SWIM = "swim"
    IDLE = "idle"


class DangerModel:
    """The network, compiled. Not for several threads at once. A network that takes x and y alone hears of no
    scores, neither by the figures. VisionError: the file is no such network."""

    def __init__(self, file: Path = MODEL_FILE) -> None:
        try:
            options = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
            self._compiled: Any = ov.Core().compile_model(str(file), "CPU", options)
            ports = {name: port for port in self._compiled.inputs for name in port.names}
            self._inputs = set(ports)
            self._places = int(ports["points"].partial_shape[3].get_length()) if "points" in ports else 3
        except RuntimeError as problem:
            reason = str(problem).strip().splitlines()[-1]
            raise VisionError(f"the model file {file.name} cannot be used: {reason}") from problem

    def probabilities(self, windows: Windows) -> Floats:
        """(N, 3) in the order of `Doing`, rows sum to one."""
        if not len(windows):
            return np.zeros((0, len(Doing)), np.float32)
        if self._places == 2:
            windows = unscored(windows)
        given = {
            "points": np.ascontiguousarray(windows.points[..., : self._places]),
            "known": windows.known.astype(np.float32),
            "features": features(windows) if "features" in self._inputs else None,
        }
        found = self._compiled({name: given[name] for name in given if name in self._inputs})
        return np.asarray(found[0], np.float32)
