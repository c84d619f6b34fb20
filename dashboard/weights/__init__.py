"""Model weights: the registry of what may be used, and its installer."""

from dashboard.weights.console import ProgressLine, first_start
from dashboard.weights.folder import installed, models_folder
from dashboard.weights.install import Progress, ensure_default, install
from dashboard.weights.own import install_own
from dashboard.weights.registry import UnreachableError, WeightsError

__all__ = [
    "Progress",
    "ProgressLine",
    "UnreachableError",
    "WeightsError",
    "ensure_default",
    "first_start",
    "install",
    "install_own",
    "installed",
    "models_folder",
]
