"""Installed weights for tests of seeing, or a skip that names what is missing."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from dashboard.vision import Precision, VisionModels, load_models
from dashboard.weights import installed


def model_files(detector: bool = True) -> dict[str, Path]:
    """The embedded pose models, with YOLOX if asked for; skips where they are not installed."""
    names = ("mediapipe-pose", "yolox-nano") if detector else ("mediapipe-pose",)
    files: dict[str, Path] = {}
    for name in names:
        found = installed(name)
        if found is None:
            pytest.skip(f"needs the weights {name}: python -m dashboard models install {name}")
        files.update(found)
    return files


@functools.cache
def models(detector: bool = True, precision: Precision = Precision.EXACT) -> VisionModels:
    """Loaded once for all tests."""
    return load_models(model_files(detector), 2, precision)
