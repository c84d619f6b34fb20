"""Cameras and recordings: each yields `Frame(camera, t, image)`, or says why it cannot."""

from dashboard.source.address import redact
from dashboard.source.base import Source, SourceError
from dashboard.source.opening import open_source

__all__ = ["Source", "SourceError", "open_source", "redact"]
