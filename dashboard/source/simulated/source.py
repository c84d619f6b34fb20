"""The simulated site as a camera: a Source like any other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from math import ceil, floor

from dashboard.clock import Clock
from dashboard.source.base import SourceError
from dashboard.source.simulated.checked import StoryError
from dashboard.source.simulated.loading import load_story
from dashboard.source.simulated.site import VIEWS
from dashboard.source.simulated.world import World
from dashboard.values import CameraSpec, Frame, Pace

DEFAULT_FPS = 10.0


class SimulatedSource:
    """Frames of `story:view`.

    In real time the story's time is the monotonic clock modulo the story's length, so that the
    cameras of one site, in processes of their own, see one world; with `loop` off the story starts
    with the first frame and ends. As fast as it goes, times count from 0 and, with `loop` on, go on
    through the repetitions.
    """

    def __init__(self, spec: CameraSpec, clock: Clock, wait: Callable[[float], object] | None = None) -> None:
        self._spec, self._clock = spec, clock
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait

    def frames(self) -> Iterator[Frame]:
        """Blocks for the next frame; raises SourceError while the story has the camera offline."""
        name, _, view = self._spec.address.partition(":")
        view = view or VIEWS[0]
        if view not in VIEWS:
            raise SourceError(f"a simulated camera's view is one of {', '.join(VIEWS)}, not {view!r}", True)
        try:
            world = World(load_story(name))
        except StoryError as error:
            raise SourceError(str(error), True) from None
        return self._fastest(world, view) if self._spec.pace is Pace.FASTEST else self._live(world, view)

    def close(self) -> None:
        """Ends `frames`; may be called from any thread."""
        self._closed.set()

    def _fastest(self, world: World, view: str) -> Iterator[Frame]:
        period, duration = 1 / self._fps(), world.story.duration_s
        index, n = 0, 0
        while not self._closed.is_set():
            t = n * period
            n += 1
            if t >= duration - 1e-9 and not self._spec.loop:
                return
            fault = world.fault(t % duration, view)
            if fault is not None and fault.kind == "offline":
                continue
            index += 1
            yield Frame(self._spec.id, t, world.render(view, t % duration), index)

    def _live(self, world: World, view: str) -> Iterator[Frame]:
        period, duration = 1 / self._fps(), world.story.duration_s
        start = 0.0 if self._spec.loop else self._clock.monotonic()
        tick, index = ceil((self._clock.monotonic() - start) / period), 0
        while not self._closed.is_set():
            late = self._clock.monotonic() - start - tick * period
            if late < 0:
                self._wait(-late)
                continue
            # Too slow a machine leaves pictures out; it never falls behind.
            tick += floor(late / period)
            t = tick * period
            tick += 1
            if t >= duration and not self._spec.loop:
                return
            self._check_online(world, view, t % duration)
            index += 1
            yield Frame(self._spec.id, start + t, world.render(view, t % duration), index)

    def _check_online(self, world: World, view: str, story_t: float) -> None:
        fault = world.fault(story_t, view)
        if fault is not None and fault.kind == "offline":
            raise SourceError(
                f"the simulated camera is offline from second {fault.from_s:g} to {fault.to_s:g} of its story"
            )

    def _fps(self) -> float:
        return self._spec.max_fps or DEFAULT_FPS
