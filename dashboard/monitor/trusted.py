"""What a camera's worker says is believed as far as it can be true: a worker that is ill, or was taken over
by what it decodes, must neither stop the judge nor move the judge's time. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from dashboard.values import Observation

# More than any pool holds, and few enough to be judged within a frame's time.
MOST_PEOPLE = 200
# Two clocks' reading of one moment; timestamps of cameras are fitted to the machine's clock.
# Numbers of people are made of these, and must fit into the database.
_MOST_TRACKS = 1_000_000_000
_AHEAD_S = 5.0
_LONGEST_REASON = 500
_LONGEST_LOOK = 512


def check(observation: Observation, camera: str, now: float) -> None:
    """ValueError or TypeError, saying what, when the worker of `camera` cannot have seen this by `now`."""
    if observation.camera != camera:
        raise ValueError(f"it speaks for another camera ({str(observation.camera)[:40]!r})")
    if not _numbers((observation.t, *observation.size_wh)):
        raise ValueError("a time or size is no number")
    if observation.t > now + _AHEAD_S:
        raise ValueError(f"it saw this {observation.t - now:.0f} s from now")
    if not isinstance(observation.blind_reason, str) or len(observation.blind_reason) > _LONGEST_REASON:
        raise ValueError("its reason for not seeing is no sentence")
    if observation.fault is not None and not _numbers((observation.fault.since_t,)):
        raise ValueError("its view is wrong since no time")
    if len(observation.people or ()) > MOST_PEOPLE:
        raise ValueError(f"it saw {len(observation.people or ())} people")
    for track in observation.people or ():
        if not _numbers((*track.xyxy, *track.velocity, track.score, track.first_t, track.seen_t)):
            raise ValueError(f"a number of track {track.id!r:.20} is none")
        if isinstance(track.id, bool) or not isinstance(track.id, int) or not 0 <= track.id < _MOST_TRACKS:
            raise ValueError("a track has no number")
        if track.pose is not None and not bool(np.isfinite(track.pose.keypoints).all()):
            raise ValueError(f"a point of track {track.id} is nowhere")
    for thing in observation.things:
        look = thing.appearance
        if look is not None and (len(look) > _LONGEST_LOOK or not bool(np.isfinite(look).all())):
            raise ValueError("the look of an animal is none")


def _numbers(values: Iterable[object]) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in values
    )
