"""Model weights: the registry of what may be used, and its installer."""

from dashboard.weights.folder import installed, models_folder
from dashboard.weights.install import Progress, ensure_default, install
from dashboard.weights.registry import Unreachable, WeightsError

__all__ = [
    "Progress",
    "Unreachable",
    "WeightsError",
    "ensure_default",
    "install",
    "installed",
    "models_folder",
]
