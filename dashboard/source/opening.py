"""From a camera's description to its source, and to one picture of it."""

from __future__ import annotations

import threading
from dataclasses import replace

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source.base import Reporting, Source, SourceError, reading
from dashboard.source.browser import BrowserInbox, BrowserSource
from dashboard.source.file import FileSource
from dashboard.source.network import NetworkSource
from dashboard.source.usb import UsbSource
from dashboard.values import CameraSpec, Frame, Pace, SourceKind


def open_source(
    spec: CameraSpec, clock: Clock, settings: SourceSettings, inbox: BrowserInbox | None = None
) -> Source:
    """The source that `spec` describes. Nothing is connected before its `frames` are asked for.

    `inbox` is where a browser's camera puts its pictures; only that kind needs one.
    """
    match spec.kind:
        case SourceKind.RTSP:
            return NetworkSource(spec, clock, settings)
        case SourceKind.USB:
            return UsbSource(spec, clock, settings)
        case SourceKind.FILE:
            return FileSource(spec, clock)
        case SourceKind.BROWSER:
            return BrowserSource(spec, clock, settings, inbox or BrowserInbox())
        case SourceKind.SIMULATED:
            # Loaded only where it is used: rendering the scene needs more than a camera does.
            from dashboard.source.simulated import SimulatedSource

            return SimulatedSource(spec, clock)


class _Attempt:
    """One try for one frame, in a thread of its own because a source may block for long."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.frame: Frame | None = None
        self.error: BaseException | None = None
        self.over = threading.Event()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            with reading(self.source) as frames:
                self.frame = next(frames, None)
        except Exception as error:  # handed to the caller's thread, which raises it
            self.error = error
        finally:
            self.over.set()


def probe(
    spec: CameraSpec,
    clock: Clock,
    settings: SourceSettings,
    timeout_s: float = 8.0,
    inbox: BrowserInbox | None = None,
) -> Frame:
    """One frame of the camera, or SourceError with the exact reason; waits at most `timeout_s`."""
    quick = replace(settings, open_s=min(settings.open_s, timeout_s), read_s=min(settings.read_s, timeout_s))
    source = open_source(replace(spec, pace=Pace.FASTEST), clock, quick, inbox)
    attempt = _Attempt(source, f"probe-{spec.id}")
    finished = attempt.over.wait(timeout_s)
    source.close()
    if attempt.error is not None:
        raise attempt.error
    if attempt.frame is not None:
        return attempt.frame
    if finished:
        raise SourceError("it ended before it gave a picture")
    why = source.progress.silence if isinstance(source, Reporting) else "waiting for a picture"
    raise SourceError(f"no picture came within {timeout_s:g} s ({why})")
