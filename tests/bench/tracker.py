"""Identities from the labelled boxes alone, without pictures: ours beside a maintained library.

Also at fewer frames a second, and with everybody left out for two seconds at a time.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashboard.clock import SystemClock
from dashboard.geometry import covered
from dashboard.settings import TrackSettings, data_folder
from dashboard.track import Tracker
from dashboard.values import Detection, Sighting, TrackState
from tests.bench.clip import FRAMES, FRAMES_PER_S, SIZE_WH, TRUTH, Boxes, Rows, by_frame, material, read_rows
from tests.bench.peer_trackers import TRACKERS, PeerError, peer_python, run_peer
from tests.bench.scores import tracking_scores


@dataclass(frozen=True, eq=False)
class Story:
    """What the tracker gets: `rows` with frames counted anew from 1, `frames_per_s` of them."""

    rows: Rows
    frames_per_s: float


def run(options: argparse.Namespace) -> dict[str, object]:
    """The measurements by story, each with the peers'."""
    rows = read_rows(material(options.data, TRUTH))
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, story in stories(rows).items():
            result[name] = {"ours": ours(story), **peers(story, Path(folder))}
    return result


def stories(rows: Rows) -> dict[str, Story]:
    """All labels; fewer frames; without those that somebody in front covers; with everybody hidden for 2 s
    in every 8 s, each at another time."""
    hidden = (rows[:, 0] + 13 * rows[:, 1]) % 80 < 20
    return {
        "all": Story(rows, FRAMES_PER_S),
        "five_a_second": _thinned(rows, 2),
        "two_a_second": _thinned(rows, 5),
        "occluded": Story(rows[~_covered(rows)], FRAMES_PER_S),
        "hidden_2_s": Story(rows[~hidden], FRAMES_PER_S),
    }


def _thinned(rows: Rows, step: int) -> Story:
    chosen = rows[(rows[:, 0] - 1) % step == 0].copy()
    chosen[:, 0] = (chosen[:, 0] - 1) // step + 1
    return Story(chosen, FRAMES_PER_S / step)


def _covered(rows: Rows) -> NDArray[np.bool_]:
    """Which boxes are covered by 40 % or more by one whose feet are further down, so nearer."""
    hidden = np.zeros(len(rows), dtype=bool)
    boxes = np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1).astype(np.float32)
    for frame in np.unique(rows[:, 0]):
        own = np.flatnonzero(rows[:, 0] == frame)
        shares = covered(boxes[own], boxes[own])
        nearer = boxes[own][None, :, 3] > boxes[own][:, None, 3]
        hidden[own] = (shares * nearer).max(axis=1) >= 0.4
    return hidden


def ours(story: Story) -> dict[str, float]:
    """Our tracker's scores on these boxes, and its milliseconds a frame."""
    clock = SystemClock()
    tracker, rows = Tracker(TrackSettings()), story.rows
    frames = sorted({int(f) for f in rows[:, 0]})
    told: dict[int, Boxes] = {}
    started = clock.monotonic()
    for frame in frames:
        tracks = tracker.step(_sighting(rows[rows[:, 0] == frame], frame / story.frames_per_s))
        seen = [
            t for t in tracks if t.state is TrackState.CONFIRMED and t.seen_t == frame / story.frames_per_s
        ]
        boxes = np.array([t.xyxy for t in seen], dtype=np.float64).reshape(-1, 4)
        boxes[:, 2:] -= boxes[:, :2]
        told[frame] = Boxes(np.array([t.id for t in seen], dtype=np.int64), boxes)
    ms = (clock.monotonic() - started) / len(frames) * 1000
    empty = Boxes(np.zeros(0, dtype=np.int64), np.zeros((0, 4)))
    scores = tracking_scores(by_frame(rows), [told.get(f, empty) for f in range(1, FRAMES + 1)])
    return scores | {"ms_per_frame": round(ms, 3)}


def peers(story: Story, folder: Path) -> dict[str, object]:
    """The library's scores on the same boxes; the reason where it cannot be had."""
    boxes, tracks, rows = folder / "boxes.txt", folder / "tracks.txt", story.rows
    np.savetxt(boxes, rows, fmt="%.3f", delimiter=",")
    try:
        python = peer_python(data_folder())
        scores: dict[str, object] = {}
        for name in TRACKERS:
            run_peer(python, name, story.frames_per_s, boxes, tracks)
            scores[name] = tracking_scores(by_frame(rows), by_frame(read_rows(tracks)))
        return scores
    except PeerError as error:
        return {"peer_missing": str(error)}


def _sighting(rows: Rows, t: float) -> Sighting:
    found = tuple(
        Detection((left, top, left + width, top + height), score)
        for left, top, width, height, score in rows[:, 2:7].tolist()
    )
    return Sighting("pets", t, SIZE_WH, found)
