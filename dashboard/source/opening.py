"""From a camera's description to its source."""

from __future__ import annotations

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source.base import Source, SourceError
from dashboard.source.file import FileSource
from dashboard.values import CameraSpec, SourceKind


def open_source(spec: CameraSpec, clock: Clock, settings: SourceSettings) -> Source:
    """The source that `spec` describes. Nothing is opened before its `frames` are asked for."""
    if spec.kind is SourceKind.FILE:
        return FileSource(spec, clock)
    if spec.kind is SourceKind.SIMULATED:
        from dashboard.source.simulated import SimulatedSource

        return SimulatedSource(spec, clock)
    raise SourceError(f"a camera of kind {spec.kind} cannot be opened yet", hopeless=True)
