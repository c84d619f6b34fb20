"""Model weights: the registry of what may be used, and its installer."""

from dashboard.weights.folder import installed, models_folder
from dashboard.weights.install import Progress, ensure_default, install
from dashboard.weights.registry import UnreachableError, WeightsError

__all__ = [
    "Progress",
    "UnreachableError",
    "WeightsError",
    "ensure_default",
    "install",
    "installed",
    "models_folder",
]
