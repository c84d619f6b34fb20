"""Why a pose looks like danger, in words that a person can check on the picture.

They are told beside the classifier's probability and do not make it: upright, no travel, arms pressing at the
surface and the head back are what Pia (1974) and Quan (2016) describe of the instinctive drowning response.
"""

from __future__ import annotations

import numpy as np

from dashboard.vision.danger.features import Body
from dashboard.vision.danger.window import RATE_HZ, Array, Windows

# The trunk within 35 degrees of the vertical.
_UPRIGHT = 0.82
# In lengths of the trunk: a slow breaststroke travels one in a second, treading water a tenth.
_TRAVEL_A_SECOND = 0.35
_ARMS_OUT = -0.15
_HEAD_LOW = 0.35
_LEGS_STILL = 0.8


def reasons(windows: Windows) -> list[tuple[str, ...]]:
    """For each window what of the description holds, the most telling first."""
    body = Body(windows)
    known = windows.known.astype(np.float32)

    def usual(series: Array) -> list[float]:
        found: list[float] = ((series * known).sum(1) / known.sum(1)).tolist()
        return found

    trunk = np.maximum(body.trunk_length, 0.05)
    wrists = -(body.xy[:, :, 9:11, 1] - body["shoulders"][:, :, None, 1]).min(2)
    upright, arms = usual(-body.trunk[..., 1]), usual(wrists / trunk)
    head = usual(-body["head"][..., 1] / trunk)
    travel, kick = _travel(body), _kick(body)
    return [
        tuple(
            word
            for word, holds in (
                ("upright", upright[i] >= _UPRIGHT),
                ("no travel", travel[i] < _TRAVEL_A_SECOND),
                ("arms high", arms[i] > _ARMS_OUT),
                ("head low", head[i] < _HEAD_LOW),
                ("no kick", kick[i] < _LEGS_STILL),
            )
            if holds
        )
        for i in range(len(windows))
    ]


def _travel(body: Body) -> list[float]:
    """Trunks a second that the shoulders and hips together come along, from the first third of the second to
    its last: what shakes to and fro does not travel."""
    middle = (body["shoulders"] + body["hips"]) / 2
    known = body.known.astype(np.float32)[..., None]
    third = middle.shape[1] // 3
    start = known.argmax(1).ravel()
    found: list[float] = []
    for way, first, trunk in zip(middle, start, body.trunk_length, strict=True):
        ends = np.median(way[first : first + third], 0), np.median(way[-third:], 0)
        seconds = max((len(way) - first - third) / RATE_HZ, 0.2)
        found.append(float(np.linalg.norm(ends[1] - ends[0]) / max(float(np.median(trunk)), 0.05) / seconds))
    return found


def _kick(body: Body) -> list[float]:
    """Trunks a second that the ankles move against the hips."""
    ankles = body["legs"]
    moved = np.linalg.norm(ankles[:, 5:] - ankles[:, :-5], axis=-1) / 5 * RATE_HZ
    both = (body.known[:, 5:] & body.known[:, :-5]).astype(np.float32)
    trunk = np.maximum(np.median(body.trunk_length, 1), 0.05)
    found: list[float] = ((moved * both).sum(1) / np.maximum(both.sum(1), 1) / trunk).tolist()
    return found
