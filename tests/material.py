"""Real pictures, clips and weights that tests use where they lie beside the checkout, and skip without."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = CHECKOUT.parent / "shared"


def material(name: str) -> Path:
    """The path of `../shared/data/NAME`; skips the test, naming the file, where it is absent."""
    return _or_skip(SHARED / "data" / name)


def model_file(name: str) -> Path:
    """The path of the weights file `../shared/models/NAME`; skips the test, naming it, where it is absent."""
    return _or_skip(SHARED / "models" / name)


def _or_skip(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"needs ../{path.relative_to(CHECKOUT.parent)}, which is not here")
    return path
