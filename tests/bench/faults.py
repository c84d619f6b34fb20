"""What befalls cameras: random stories of the simulated pool and real clips, with a fault and without, beside
OpenCV's phase correlation of whole pictures in the same run.

In two of three stories the check knows where people are, in the third nobody is found. The alert is due 8 s
after the fault was first seen (the rule's own delay), and in time within 10 s of its true beginning."""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from dashboard.clock import SystemClock
from dashboard.monitor.lens import LensWatch
from dashboard.settings import RuleSettings
from dashboard.source.simulated.world import World
from dashboard.source.simulated.zones import story_zones
from dashboard.values import CameraFault, Floats, Frame, Image, Track, TrackState, Zone
from tests.bench.clip import pictures
from tests.bench.fault_stories import (
    KINDS,
    LONG_S,
    NAMES,
    FaultStory,
    Paint,
    fault_story,
    painted_fault,
    sound_story,
)

SIZE_WH, FPS, WITHIN_S, AFTER_S = (1280, 720), 4.0, 10.0, 4.0
CLIPS = (
    "multi_camera/cam0.mp4",
    "multi_camera/cam2.mp4",
    "static_camera/highway_trees_shadows.avi",
    "static_camera/pedestrians_vtest.avi",
    "static_camera/six_visits_room.mp4",
    "pool/underwater_drowning_acted.mp4",
    "pool/lane_overhead_swimmer.mp4",
    "wildlife/cat_night.mp4",
    "pool/underwater_treading_water.mp4",
    "pool/child_at_pool_edge.mp4",
    "fall/corridor_fall.mp4",
)
CLIP_FROM_S = 12.0
Told = list[tuple[float, CameraFault | None]]


class PeerShift:
    """A camera counts as moved when the whole picture is shifted against the usual one for four seconds."""

    def __init__(self) -> None:
        self._usual: Floats | None = None
        self._window: Floats | None = None
        self._since: float | None = None
        self.told: list[float] = []

    def step(self, image: Image, t: float) -> None:
        grey: Floats = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if self._usual is None or self._window is None:
            self._usual = grey
            window = cv2.createHanningWindow((grey.shape[1], grey.shape[0]), cv2.CV_32F)
            self._window = np.asarray(window, np.float32)
            return
        (x, y), peak = cv2.phaseCorrelate(self._usual, grey, self._window)
        shifted = float(np.hypot(x, y)) > 0.012 * grey.shape[1] and peak > 0.05
        self._since = (self._since if self._since is not None else t) if shifted else None
        if self._since is None:
            cv2.accumulateWeighted(grey, self._usual, 0.01)
        elif t - self._since >= 4.0:
            self.told.append(t)


@dataclass
class Tally:
    """Of one kind of story: faults, those alerted in time, those named rightly, delays; false alerts."""

    faults: int = 0
    found: int = 0
    named: int = 0
    delays: list[float] = field(default_factory=list)
    peer_found: int = 0
    false: int = 0
    peer_false: int = 0
    video_s: float = 0.0
    ms: list[float] = field(default_factory=list)
    peer_ms: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.faults, self.found = self.faults + other.faults, self.found + other.found
        self.named, self.peer_found = self.named + other.named, self.peer_found + other.peer_found
        self.false, self.peer_false = self.false + other.false, self.peer_false + other.peer_false
        self.video_s += other.video_s
        self.delays += other.delays
        self.ms += other.ms
        self.peer_ms += other.peer_ms
        self.notes += other.notes

    def told(self) -> dict[str, Any]:
        hours = max(self.video_s, 1e-9) / 3600
        late = sorted(self.delays)
        return {
            "faults": self.faults,
            "told_in_10_s": _share(self.found, self.faults),
            "named_rightly": _share(self.named, self.faults),
            "delay_s_p50": round(float(np.median(late)), 1) if late else None,
            "delay_s_p95": round(float(np.percentile(late, 95)), 1) if late else None,
            "peer_told_in_10_s": _share(self.peer_found, self.faults),
            "sound_video_s": round(self.video_s),
            "false_an_hour": round(self.false / hours, 2) if self.video_s else None,
            "peer_false_an_hour": round(self.peer_false / hours, 2) if self.video_s else None,
        }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of `--stories` stories with a fault and as many without, of `--seed`, and of the clips."""
    orders = [(what, n, options.seed) for n in range(options.stories) for what in ("fault", "sound")]
    tallies: dict[str, Tally] = defaultdict(Tally)
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        for (what, number, seed), found in zip(orders, pool.map(_played, orders), strict=True):
            kind = KINDS[number % len(KINDS)] if what == "fault" else "sound"
            for name in (kind, "all"):
                tallies[name].add(found)
            _print(found.notes, f"{what} {seed} {number}")
    clips = Tally()
    for clip in CLIPS:
        path = options.data / clip
        befalls: tuple[str | None, ...] = (None, *KINDS[1:]) if path.is_file() else ()
        for painted in befalls:
            found = _clip(path, painted, options.seed)
            clips.add(found)
            _print(found.notes, f"{path.stem} {painted}")
    return {
        "stories": {name: tally.told() for name, tally in sorted(tallies.items())},
        "clips": clips.told(),
        # A look is taken only so often: what counts is a second's work over ten frames.
        "ms_a_frame_of_10_a_s": round(float(np.mean(tallies["sound"].ms)) * FPS / 10, 2),
        "ms_a_frame_of_10_a_s_in_faults": round(float(np.mean(clips.ms)) * FPS / 10, 2),
        "peer_ms_a_frame": round(float(np.mean(tallies["sound"].peer_ms)), 2),
    }


def _played(order: tuple[str, int, int]) -> Tally:
    what, number, seed = order
    cv2.setNumThreads(1)
    told = fault_story(number, seed) if what == "fault" else sound_story(number, seed)
    return play(told, "entrance" if number % 3 == 0 and told.kind != "glare" else "overview", number % 3 != 1)


def play(told: FaultStory, view: str, found: bool) -> Tally:
    """What is told of one story's camera; `found`: whether it is known where people are."""
    world, zones = World(told.story), story_zones("pool", f"story:{view}")
    seen = _Watched(zones)
    for n in range(int(LONG_S * FPS)):
        t = n / FPS
        image = told.paint(world.render(view, t, SIZE_WH), t)
        people = world.truth(t, view, SIZE_WH).persons if found else ()
        seen.step(image, t, [person.xyxy for person in people])
    return seen.tally(told.kind, told.from_s, told.to_s, LONG_S)


class _Watched:
    """Both finders over one camera's pictures."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._lens, self._zones, self._peer = LensWatch(), zones, PeerShift()
        self._clock = SystemClock()
        self._told: Told = []
        self._ms: list[float] = []
        self._peer_ms: list[float] = []

    def step(self, image: Image, t: float, boxes: Sequence[tuple[float, float, float, float]]) -> None:
        state = TrackState.CONFIRMED
        tracks = [Track(n, box, (0.0, 0.0), 0.9, state, 0.0, t) for n, box in enumerate(boxes)]
        began = self._clock.monotonic()
        self._told.append((t, self._lens.step(Frame("pool", t, image), tracks, self._zones)))
        between = self._clock.monotonic()
        self._peer.step(image, t)
        self._ms.append((between - began) * 1e3)
        self._peer_ms.append((self._clock.monotonic() - between) * 1e3)

    def tally(self, kind: str | None, from_s: float, to_s: float, long_s: float) -> Tally:
        found = Tally(ms=self._ms, peer_ms=self._peer_ms)
        alerts = _alerts(self._told)
        sound = [a for a in alerts if kind is None or not from_s - AFTER_S <= a[0] <= to_s + WITHIN_S]
        found.false = len(sound)
        found.notes = [f"false {fault.kind} at {t:.0f}" for t, fault in sound]
        found.video_s = long_s if kind is None else from_s
        peer_early = [t for t in self._peer.told if kind is None or t < from_s]
        found.peer_false = int(bool(peer_early))
        if kind is None:
            return found
        found.faults = 1
        mine = [a for a in alerts if a not in sound]
        found.delays = [mine[0][0] - from_s] if mine else []
        found.found = int(bool(mine) and mine[0][0] - from_s <= WITHIN_S)
        found.named = int(bool(mine) and mine[0][1].kind.value in NAMES[kind])
        found.peer_found = int(any(0 <= t - from_s <= WITHIN_S for t in self._peer.told))
        if not found.found or not found.named:
            found.notes.append(f"{kind}: {[(round(t - from_s, 1), f.kind.value) for t, f in mine]}")
        return found


def _alerts(told: Told) -> list[tuple[float, CameraFault]]:
    """When the rule alerts, and of what: once in a spell."""
    found: list[tuple[float, CameraFault]] = []
    open_ = False
    for t, fault in told:
        if fault is None:
            open_ = False
        elif not open_ and t - fault.since_t >= RuleSettings().visibility_alert_s:
            open_ = True
            found.append((t, fault))
    return found


def _clip(path: Path, kind: str | None, seed: int) -> Tally:
    """A clip as it is, or with a fault painted on it from CLIP_FROM_S on; nobody is found in it."""
    cv2.setNumThreads(1)
    random = Random(f"clip {path.stem} {kind} {seed}")
    late_s = 0.0
    paint: Paint | None = None
    if kind is not None:
        paint, late_s = painted_fault(kind, CLIP_FROM_S, random)
    seen, t = _Watched(()), 0.0
    for t, image in pictures(path, FPS):
        if kind is not None and t > CLIP_FROM_S + late_s + WITHIN_S + 2:
            break
        seen.step(paint(image, t) if paint is not None else image, t, ())
    if kind is not None and t < CLIP_FROM_S + late_s + WITHIN_S:
        return Tally()
    return seen.tally(kind, CLIP_FROM_S + late_s, t + 60, t)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _print(notes: Sequence[str], where: str) -> None:
    for note in notes:
        print(f"{where}: {note}", flush=True)
