"""What was left and what was taken: random stories of the simulated pool from the picture to the event, and
real clips, beside two background models of OpenCV and the two backgrounds of Porikli et al., in the same run.

In two of three stories people are found where they are (their true boxes), in the third nobody finds them:
the searchers are measured elsewhere, and what is asked here is what comes of either."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.rules.judge import JudgeState, Site, judge_start, judge_step
from dashboard.rules.world import World as Places
from dashboard.settings import RuleSettings
from dashboard.source.simulated.world import Truth, World
from dashboard.source.simulated.zones import story_zones
from dashboard.values import Event, Mode, Observation, Thing, Track, TrackState
from dashboard.vision.objects import ObjectWatch
from tests.bench.clip import pictures
from tests.bench.object_stories import LONG_S, Left, ObjectStory, object_story, quiet_story
from tests.bench.peer_objects import PeerObjects, shrunk
from tests.bench.processor import cpu_s

SIZE_WH, FPS, VIEW, CAMERA = (1280, 720), 5.0, "overview", "pool"
WITHIN_S = 10.0
PEERS = ("mog2", "knn", "two")
# What is told counts within these seconds; in the room they are those without anybody in the picture.
CLIPS: dict[str, tuple[tuple[float, float], ...]] = {
    "static_camera/highway_trees_shadows.avi": ((0.0, 1e9),),
    "pool/lane_overhead_swimmer.mp4": ((0.0, 1e9),),
    "static_camera/six_visits_room.mp4": (
        (0, 6),
        (21.5, 23),
        (46, 51),
        (71, 75),
        (88, 93),
        (121, 123.5),
        (137, 1e9),
    ),
}
Box = tuple[float, float, float, float]


@dataclass
class Tally:
    """Of one finder: things left, found in time, delays; reports of what was not there."""

    left: int = 0
    found: int = 0
    delays: list[float] = field(default_factory=list)
    false: int = 0
    video_s: float = 0.0
    misses: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.left, self.found = self.left + other.left, self.found + other.found
        self.delays += other.delays
        self.false, self.video_s = self.false + other.false, self.video_s + other.video_s
        self.misses += other.misses

    def told(self) -> dict[str, Any]:
        return {
            "left": self.left,
            "found_in_10_s": self.found,
            "share": round(self.found / self.left, 3) if self.left else None,
            "delay_s_p50": round(float(np.median(self.delays)), 1) if self.delays else None,
            "false": self.false,
            "video_s": round(self.video_s, 1),
            "false_an_hour": round(self.false * 3600 / max(self.video_s, 1e-9), 2),
        }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of `--stories` stories with things and as many without, of `--seed`, and of the clips; what
    is known so far is printed after every story."""
    orders = [(kind, n, options.seed) for n in range(options.stories) for kind in ("objects", "quiet")]
    tallies = {kind: {name: Tally() for name in ("ours", *PEERS)} for kind in ("objects", "quiet")}
    ms: list[float] = []
    clips = [clip for clip in CLIPS if (options.data / clip).is_file()]
    cv2.setNumThreads(1)
    with ProcessPoolExecutor(min(2, len(os.sched_getaffinity(0))), mp_context=get_context("spawn")) as pool:
        watched = [pool.submit(_clip, options.data / clip, CLIPS[clip]) for clip in clips]
        for (kind, number, _), (found, took) in zip(orders, pool.map(_played, orders), strict=True):
            ms.append(took)
            for name, tally in found.items():
                tallies[kind][name].add(tally)
            ours = found["ours"]
            print(
                f"{kind} {number}: {ours.found} of {ours.left}, false {ours.false} {ours.misses}", flush=True
            )
            print(f"  {len(ms)} of {len(orders)} so far: {_so_far(tallies)}", flush=True)
        told = {clip: one.result() for clip, one in zip(clips, watched, strict=True)}
    return {
        "stories": {name: tally.told() for name, tally in tallies["objects"].items()},
        "quiet": {name: tally.told() for name, tally in tallies["quiet"].items()},
        "clips": told,
        "cpu_ms_a_frame": round(float(np.mean(ms)), 2),
    }


def _so_far(tallies: dict[str, dict[str, Tally]]) -> str:
    """Each finder's figures in one line: found of left, and false ones of all stories."""
    false = {name: sum(kind[name].false for kind in tallies.values()) for name in ("ours", *PEERS)}
    return "; ".join(
        f"{name} {tally.found} of {tally.left}, false {false[name]}"
        for name, tally in tallies["objects"].items()
    )


def _played(order: tuple[str, int, int]) -> tuple[dict[str, Tally], float]:
    kind, number, seed = order
    cv2.setNumThreads(1)
    story = object_story(number, seed) if kind == "objects" else quiet_story(number, seed)
    return play(story)


def play(told: ObjectStory) -> tuple[dict[str, Tally], float]:
    """Each finder's tally over one story, and how much processor time ours took for a frame (ms)."""
    world, watch = World(told.story), ObjectWatch(SIZE_WH)
    peers = {name: PeerObjects(name) for name in PEERS}
    site = Site(Places(story_zones(CAMERA, f"story:{VIEW}"), (), RuleSettings()))
    state = judge_start(site, Mode.WATCH, 0.0)
    reports: dict[str, list[tuple[float, Box]]] = {name: [] for name in ("ours", *PEERS)}
    truths: list[Truth] = []
    took_s = 0.0
    for n in range(int(LONG_S * FPS)):
        t = n / FPS
        image, truth = world.render(VIEW, t, SIZE_WH), world.truth(t, VIEW, SIZE_WH)
        truths.append(truth)
        tracks = tracks_of(truth, t) if told.found else ()
        boxes = [track.xyxy for track in tracks]
        began = cpu_s()
        things = watch.step(image, t, boxes, tracks)
        took_s += cpu_s() - began
        state, events = _judged(state, t, tracks, things)
        reports["ours"] += [(t, _box(e)) for e in events if e.kind == "object_appeared"]
        small, scale = shrunk(image)
        for name, peer in peers.items():
            reports[name] += [(t, box) for box in peer.step(small, scale, t, boxes)]
    return {name: _tally(told, truths, mine) for name, mine in reports.items()}, took_s / len(truths) * 1e3


def _judged(
    state: JudgeState, t: float, tracks: Sequence[Track], things: Sequence[Thing]
) -> tuple[JudgeState, tuple[Event, ...]]:
    seen = Observation(CAMERA, t, round(t * FPS) + 1, SIZE_WH, tuple(tracks), objects=tuple(things))
    return judge_step(state, seen)


def _box(event: Event) -> Box:
    left, top, right, bottom = event.detail["box"]  # type: ignore[misc]
    return left, top, right, bottom  # type: ignore[has-type]


def tracks_of(truth: Truth, t: float) -> tuple[Track, ...]:
    """Everybody in the picture as the tracker would have them, by their true boxes."""
    return tuple(Track(p.id, p.xyxy, (0.0, 0.0), 0.9, TrackState.CONFIRMED, 0.0, t) for p in truth.persons)


def _tally(told: ObjectStory, truths: Sequence[Truth], reports: Sequence[tuple[float, Box]]) -> Tally:
    tally = Tally(video_s=LONG_S)
    matched: set[int] = set()
    for left in told.left:
        visible = [tr for tr in truths if tr.t >= left.at_s and any(o.name == left.name for o in tr.objects)]
        if not visible or left.at_s + WITHIN_S > LONG_S:
            continue
        tally.left += 1
        mine = [(t, n) for n, (t, box) in enumerate(reports) if _is(left, truths[round(t * FPS)], box)]
        matched |= {n for _, n in mine}
        first = min((t for t, _ in mine), default=None)
        if first is not None:
            tally.delays.append(first - left.at_s)
        if first is not None and first - left.at_s <= WITHIN_S:
            tally.found += 1
        else:
            kind = next(o.kind for o in visible[0].objects if o.name == left.name)
            late = None if first is None else round(first - left.at_s, 1)
            tally.misses.append(f"{kind} {left.name} left {left.at_s:.0f} seen {late} found {told.found}")
    tally.false = len(reports) - len(matched)
    return tally


def _is(left: Left, truth: Truth, box: Box) -> bool:
    there = next((o.xyxy for o in truth.objects if o.name == left.name), None)
    if there is None:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    slack = 12.0
    return there[0] - slack <= x <= there[2] + slack and there[1] - slack <= y <= there[3] + slack


def _clip(path: Path, within: Sequence[tuple[float, float]]) -> dict[str, int]:
    """How many things each finder tells of `within` seconds of a clip in which there are none, with nobody
    found in it."""
    cv2.setNumThreads(1)
    watch: ObjectWatch | None = None
    peers = {name: PeerObjects(name) for name in PEERS}
    counts = dict.fromkeys(("ours", *PEERS), 0)
    told: set[int] = set()
    for t, image in pictures(path, FPS):
        watch = watch or ObjectWatch((image.shape[1], image.shape[0]))
        for thing in watch.step(image, t, (), ()):
            if (
                thing.id not in told
                and thing.seen_t - thing.rest_t >= RuleSettings().object_s
                and not thing.known
            ):
                told.add(thing.id)
                counts["ours"] += _in(t, within)
        small, scale = shrunk(image)
        for name, peer in peers.items():
            counts[name] += len(peer.step(small, scale, t, ())) * _in(t, within)
    return counts


def _in(t: float, spans: Sequence[tuple[float, float]]) -> bool:
    return any(start <= t <= end for start, end in spans)
