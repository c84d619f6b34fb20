"""Cameras and recordings: each yields `Frame(camera, t, image)`, or says why it cannot."""

from dashboard.source.address import redact
from dashboard.source.base import Progress, Source, SourceError, reading
from dashboard.source.browser import BrowserInbox
from dashboard.source.health import Counts
from dashboard.source.opening import open_source, probe
from dashboard.source.reader import Reader

__all__ = [
    "BrowserInbox",
    "Counts",
    "Progress",
    "Reader",
    "Source",
    "SourceError",
    "open_source",
    "probe",
    "reading",
    "redact",
]
