"""Keeps one camera open for ever and hands out its newest frame, or says in time that there is none."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace

from dashboard.clock import Clock
from dashboard.settings import SourceSettings
from dashboard.source.address import scrub
from dashboard.source.base import Progress, Reporting, Source, SourceError, reading
from dashboard.source.browser import BrowserInbox
from dashboard.source.health import Counts, Pauses, Stillness
from dashboard.source.newest import Newest
from dashboard.source.opening import open_source
from dashboard.values import Blind, CameraSpec, Frame, SourceKind, Tick

log = logging.getLogger(__name__)

STOP_S = 2.0
# How often somebody who waits for a frame looks whether the reading thread is stuck.
LOOK_S = 0.5

Opener = Callable[[CameraSpec, Clock, SourceSettings, BrowserInbox | None], Source]


class Reader:
    """Reads a camera in a thread of its own; `next` gives the newest frame or an explicit Blind.

    The source may block, fail or go silent as it likes: `next` keeps to its time-out. A thread that
    stays inside the source for `settings.stuck_after_s` is left behind and another one takes over.
    `start`, `next` and `stop` belong to one thread.
    """

    def __init__(
        self,
        spec: CameraSpec,
        clock: Clock,
        settings: SourceSettings,
        inbox: BrowserInbox | None = None,
        opener: Opener = open_source,
    ) -> None:
        self._spec = spec
        self._clock = clock
        self._settings = settings
        self._open = lambda: opener(spec, clock, settings, inbox)
        self._newest = Newest(spec.id, clock, settings.blind_after_s)
        self._past = Counts()
        self._run: _Run | None = None

    def start(self) -> None:
        """Starts reading; again after a stop, if wanted."""
        if self._run is None:
            self._begin("")

    def stop(self) -> None:
        """Ends within `STOP_S`; a thread that is stuck inside its source is left to end by itself."""
        run, self._run = self._run, None
        self._newest.end("stopped")
        if run is None:
            return
        self._past += run.counts
        if not run.stop(STOP_S):
            log.warning("camera %s: its source did not end in time and is left behind", self._spec.id)

    @property
    def counts(self) -> Counts:
        """The sums since the first start."""
        running = Counts() if self._run is None else self._run.counts
        return self._past + running + Counts(dropped=self._newest.dropped)

    @property
    def ended(self) -> bool:
        """Whether no frame will come: not started, stopped, or a recording played once to its end."""
        return self._newest.empty and (self._run is None or self._run.ended)

    def next(self, timeout_s: float) -> Tick | None:
        """The newest frame not yet given; or Blind when nothing new came for `settings.blind_after_s`
        (as soon as that time is up, then at the end of each call); or None when neither is due.
        Returns after `timeout_s` at the latest, whatever the source does."""
        deadline = self._clock.monotonic() + timeout_s
        while True:
            now = self._clock.monotonic()
            self._replace_if_stuck(now)
            until = min(deadline, now + LOOK_S)
            tick = self._newest.take(until, repeat=until >= deadline)
            if isinstance(tick, Blind):
                return tick if tick.reason else replace(tick, reason=self._silence())
            if tick is not None or until >= deadline:
                return tick

    def _begin(self, reason: str) -> None:
        settings = self._settings
        pauses = Pauses(settings.retry_first_s, settings.retry_most_s, settings.refused_retry_s)
        self._run = _Run(self._spec, self._clock, self._settings, self._open, self._newest, pauses)
        self._newest.begin(self._run, reason)
        self._run.start()

    def _replace_if_stuck(self, now: float) -> None:
        run = self._run
        if run is None or run.stuck_s(now) < self._settings.stuck_after_s:
            return
        log.warning("camera %s: its source does not come back; it is opened anew", self._spec.id)
        run.abandon()
        self._past += run.counts + Counts(abandoned=1, reconnects=1)
        self._begin("the camera does not answer")

    def _silence(self) -> str:
        return "not started" if self._run is None else self._run.progress.silence


@dataclass(frozen=True)
class _End:
    """Why a source gave no more frames. `final`: it never will."""

    reason: str
    hopeless: bool = False
    final: bool = False


class _Run:
    """One reading thread, from its start until it is stopped or left behind."""

    def __init__(
        self,
        spec: CameraSpec,
        clock: Clock,
        settings: SourceSettings,
        open_: Callable[[], Source],
        newest: Newest,
        pauses: Pauses,
    ) -> None:
        self._spec = spec
        self._clock = clock
        self._settings = settings
        self._open = open_
        self._newest = newest
        self._pauses = pauses
        self._over = threading.Event()
        self._source: Source | None = None
        self._inside_since: float | None = None
        self._done = Counts()
        self._stillness = Stillness()
        self._thread = threading.Thread(target=self._loop, name=f"reader-{spec.id}", daemon=True)
        self.ended = False

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Ends the thread; False when it is not over in time."""
        self.abandon()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Asks the thread to end as soon as it comes back from its source. Never waits."""
        self._over.set()
        source = self._source
        if source is not None:
            source.close()

    @property
    def progress(self) -> Progress:
        """What the source that is open now tells of itself."""
        source = self._source
        return source.progress if isinstance(source, Reporting) else Progress(silence="no picture comes")

    @property
    def counts(self) -> Counts:
        progress = self.progress
        return self._done + Counts(corrupt=progress.corrupt, late=progress.late)

    def stuck_s(self, now: float) -> float:
        """For how long the thread has been inside its source; 0 where waiting long is normal."""
        since = self._inside_since
        return 0.0 if since is None or self.progress.patient else now - since

    def _loop(self) -> None:
        while not self._over.is_set():
            read_before = self._done.read
            end = self._read_once()
            self._newest.nothing(self, end.reason)
            if end.final:
                self.ended = True
                return
            pause_s = self._pauses.after(self._done.read > read_before, end.hopeless)
            if not self._over.wait(pause_s):
                self._done += Counts(reconnects=1)

    def _read_once(self) -> _End:
        """Opens the source and reads until it fails or ends."""
        try:
            self._inside_since = self._clock.monotonic()
            self._source = self._open()
            with reading(self._source) as frames:
                for frame in frames:
                    if self._over.is_set():
                        return _End("stopped", final=True)
                    self._give(frame)
                    self._inside_since = self._clock.monotonic()
            return self._source_ended()
        except SourceError as error:
            return _End(error.reason, error.hopeless)
        except Exception:  # whatever a driver or a library throws must not end the watch
            self._done += Counts(failures=1)
            words = scrub(traceback.format_exc(), self._spec.address)
            log.error("camera %s: reading failed\n%s", self._spec.id, words)
            return _End("reading failed for a reason that the program does not know (see its log)")
        finally:
            self._inside_since = None
            self._done, self._source = self.counts, None

    def _give(self, frame: Frame) -> None:
        now = self._clock.monotonic()
        since = self._stillness.since(frame.image, now)
        self._done += Counts(read=1)
        if now - since >= self._settings.frozen_after_s:
            self._done += Counts(unchanged=1)
            reason = "the camera sends the very same picture again and again (frozen)"
            self._newest.nothing(self, reason, since)
            return
        self._newest.put(self, frame, now)

    def _source_ended(self) -> _End:
        if self._spec.kind in (SourceKind.FILE, SourceKind.SIMULATED) and not self._spec.loop:
            return _End("the recording has ended", final=True)
        return _End("the camera ended the stream")
