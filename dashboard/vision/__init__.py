"""Seeing: models, searchers, landmarks and the learnt background of one camera."""

from dashboard.backends import BACKENDS
from dashboard.vision.backends import PoseBackend, pose_backend
from dashboard.vision.keeping import BackgroundError
from dashboard.vision.models import VisionModels, load_models
from dashboard.vision.runtime import Precision, VisionError
from dashboard.vision.seer import SeeBudget, Seer

__all__ = [
    "BACKENDS",
    "BackgroundError",
    "PoseBackend",
    "Precision",
    "SeeBudget",
    "Seer",
    "VisionError",
    "VisionModels",
    "load_models",
    "pose_backend",
]
