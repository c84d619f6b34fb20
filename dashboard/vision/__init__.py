"""Seeing: models, searchers, landmarks and the learnt background of one camera."""

from dashboard.vision.models import VisionModels, load_models
from dashboard.vision.runtime import Precision, VisionError
from dashboard.vision.seer import SeeBudget, Seer

__all__ = ["Precision", "SeeBudget", "Seer", "VisionError", "VisionModels", "load_models"]
