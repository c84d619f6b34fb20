"""What a second of key points says in figures that a person could name: how upright, how high the wrists, how
much kicking, how far travelled. All are the same for a mirrored person, in body sizes, at any place.

Upright, without a kick that drives, arms pressing sideways, the head back: Pia, Observations on the drowning
of nonswimmers (1974); the figures here are what such a description can be told from.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from dashboard.values import Floats
from dashboard.vision.danger.window import FRAMES, JOINTS, Array, Bools, Windows, centred

_SHOULDERS, _ELBOWS, _WRISTS = (5, 6), (7, 8), (9, 10)
_HIPS, _KNEES, _ANKLES = (11, 12), (13, 14), (15, 16)
_SCORES = {
    "head": (0, 1, 2, 3, 4),
    "shoulders": _SHOULDERS,
    "arms": (*_ELBOWS, *_WRISTS),
    "hips": _HIPS,
    "legs": (*_KNEES, *_ANKLES),
}
_FAR = 1e6
_STATISTICS = ("mean", "spread", "low", "high")
# Cycles in a window of one second, gathered to bands.
_CYCLES = (1, 2, 3, 4, 5, 6, 8, 10)
_BANDS = {"1": slice(0, 1), "2": slice(1, 2), "34": slice(2, 4), "6": slice(4, 6), "10": slice(6, 8)}

Figures = dict[str, Array]


class Body:
    """The named places of a batch of windows, each (N, 30, 2); `trunk` points from the hips to the
    shoulders with length one."""

    def __init__(self, windows: Windows) -> None:
        points = centred(windows)
        self.xy, self.scores, self.known = points[..., :2], points[..., 2], windows.known
        self.shoulders, self.hips = self.middle(_SHOULDERS), self.middle(_HIPS)
        self.ankles, self.head = self.middle(_ANKLES), self.xy[:, :, :5].mean(2)
        self.whole = self.xy.mean(2)
        upward = self.shoulders - self.hips
        self.trunk_length = _length(upward)
        self.trunk = upward / (self.trunk_length[..., None] + 1e-3)

    def middle(self, pair: tuple[int, int]) -> Array:
        return (self.xy[:, :, pair[0]] + self.xy[:, :, pair[1]]) / 2

    def pairs(self) -> Mapping[str, tuple[tuple[int, int], Array]]:
        """Limbs' ends with what they hang on."""
        return {
            "wrists": (_WRISTS, self.shoulders),
            "elbows": (_ELBOWS, self.shoulders),
            "knees": (_KNEES, self.hips),
            "ankles": (_ANKLES, self.hips),
        }


def features(windows: Windows) -> Floats:
    """(N, F) float32, one row a window, in the order of `feature_names`. Time goes with N; 0 windows give
    (0, F)."""
    body = Body(windows)
    series = _series(body)
    usual = _statistics(np.stack(list(series.values()), 1), body.known)
    table = np.concatenate([usual, np.stack(list(_figures(body).values()), 1)], 1)
    return np.nan_to_num(table.astype(np.float32), posinf=99.0, neginf=-99.0)


@cache
def feature_names() -> tuple[str, ...]:
    """The names of the columns of `features`."""
    one = Windows(np.zeros((1, FRAMES, JOINTS, 3), np.float32), np.ones((1, FRAMES), bool))
    body = Body(one)
    usual = tuple(f"{name}.{what}" for name in _series(body) for what in _STATISTICS)
    return (*usual, *_figures(body))


def _series(body: Body) -> Figures:
    """What can be said of every frame, (N, 30) each."""
    return {**_posture(body), **_limbs(body), **_confidence(body)}


def _figures(body: Body) -> Figures:
    """What can be said of a second only, (N,) each."""
    figures: Figures = {}
    for name, place in (("body", body.whole), ("shoulders", body.shoulders), ("hips", body.hips)):
        figures |= _motion(name, place, body.known)
    figures |= _motion("head", body.head - body.shoulders, body.known)
    for name, (pair, anchor) in body.pairs().items():
        figures |= _beat(name, body.xy[:, :, pair[0]] - anchor, body.xy[:, :, pair[1]] - anchor, body.known)
    figures |= _travel(body)
    figures |= _rhythms(body)
    figures["frames"] = body.known.sum(1).astype(np.float32)
    return figures


def _posture(body: Body) -> Figures:
    head = body.head - body.shoulders
    nose = body.xy[:, :, 0] - body.xy[:, :, 3:5].mean(2)
    legs = body.ankles - body.hips
    size = body.xy.max(2) - body.xy.min(2)
    return {
        "upright": -body.trunk[..., 1],
        "aslant": np.abs(body.trunk[..., 0]),
        "trunk": body.trunk_length,
        "shoulders_wide": _length(body.xy[:, :, 5] - body.xy[:, :, 6]),
        "hips_wide": _length(body.xy[:, :, 11] - body.xy[:, :, 12]),
        "head_up": -head[..., 1],
        "head_along": (head * body.trunk).sum(-1),
        "head_far": _length(head),
        "nose_up": -nose[..., 1],
        "nose_aside": np.abs(nose[..., 0]),
        "box_form": np.log((size[..., 0] + 0.1) / (size[..., 1] + 0.1)),
        "box_area": size[..., 0] * size[..., 1],
        "legs_up": -legs[..., 1],
        "legs_along": (legs * body.trunk).sum(-1),
    }


def _limbs(body: Body) -> Figures:
    figures: Figures = {}
    for name, (pair, anchor) in body.pairs().items():
        a, b = body.xy[:, :, pair[0]] - anchor, body.xy[:, :, pair[1]] - anchor
        figures |= _both(f"{name}_up", -a[..., 1], -b[..., 1])
        figures |= _both(f"{name}_far", _length(a), _length(b))
        figures |= _both(f"{name}_along", (a * body.trunk).sum(-1), (b * body.trunk).sum(-1))
        figures[f"{name}_apart"] = _length(a - b)
        figures[f"{name}_aside"] = np.abs(a[..., 0] - b[..., 0])
    chains = {
        "knee": ((11, 13, 15), (12, 14, 16)),
        "elbow": ((5, 7, 9), (6, 8, 10)),
        "hip": ((5, 11, 13), (6, 12, 14)),
    }
    for name, (left, right) in chains.items():
        figures |= _both(f"{name}_bent", _cosine(body.xy, left), _cosine(body.xy, right))
    return figures


def _confidence(body: Body) -> Figures:
    figures = {f"sure_{name}": body.scores[:, :, list(joints)].mean(2) for name, joints in _SCORES.items()}
    figures["sure_one_ear"] = np.abs(body.scores[:, :, 3] - body.scores[:, :, 4])
    figures["sure_a_wrist"] = body.scores[:, :, list(_WRISTS)].max(2)
    return figures


def _both(name: str, left: Array, right: Array) -> Figures:
    """A pair of limbs without saying which is which."""
    return {f"{name}_most": np.maximum(left, right), f"{name}_least": np.minimum(left, right)}


def _statistics(series: Array, known: Bools) -> Array:
    """(N, S, 30) -> (N, S x 4): in the order of `_STATISTICS`, all series at once because a call costs more
    than its sums."""
    weight = known.astype(np.float32)[:, None]
    count = weight.sum(-1)
    mean = (series * weight).sum(-1) / count
    spread = np.sqrt((((series - mean[..., None]) ** 2) * weight).sum(-1) / count)
    low = np.where(known[:, None], series, _FAR).min(-1)
    high = np.where(known[:, None], series, -_FAR).max(-1)
    found: Array = np.stack([mean, spread, low, high], -1).reshape(len(series), 4 * series.shape[1])
    return found


def _motion(name: str, place: Array, known: Bools) -> Figures:
    """How far a place moves in a frame, along its path and from first to last."""
    count = known.sum(1)
    net = place[:, -1] - place[np.arange(len(place)), known.argmax(1)]
    path, down, aside = _paths(place, known)
    return {
        f"{name}.path": path,
        f"{name}.path_y": down,
        f"{name}.path_x": aside,
        f"{name}.net": _length(net) / count,
        f"{name}.net_y": net[:, 1] / count,
        f"{name}.net_x": np.abs(net[:, 0]) / count,
    }


def _beat(name: str, left: Array, right: Array, known: Bools) -> Figures:
    """How much a pair of limbs beats, and whether together or in turn."""
    figures: Figures = {}
    for part, a, b in zip(("", "_y", "_x"), _paths(left, known), _paths(right, known), strict=True):
        figures |= _both(f"{name}.beat{part}", a, b)
    steps = _steps(known)
    a, b = left[:, 1:] - left[:, :-1], right[:, 1:] - right[:, :-1]
    together = ((a * b).sum(-1) * steps).sum(1)
    strength = np.sqrt(((a * a).sum(-1) * steps).sum(1) * ((b * b).sum(-1) * steps).sum(1))
    figures[f"{name}.together"] = together / (strength + 1e-5)
    return figures


def _travel(body: Body) -> Figures:
    """How far the body came along its own length: a swimmer's way."""
    weight = body.known.astype(np.float32)
    count = weight.sum(1)
    way = body.whole[:, -1] - body.whole[np.arange(len(body.whole)), body.known.argmax(1)]
    heading = (body.trunk * weight[..., None]).sum(1) / count[:, None]
    along = (way * heading).sum(-1)
    return {"travel.along": np.abs(along) / count, "travel.ahead": along / (_length(way) + 0.05)}


def _rhythms(body: Body) -> Figures:
    """Strength of slow to quick swings: amplitude of the Fourier parts under a Hann window."""
    angle = 2 * np.pi * np.array(_CYCLES)[:, None] * np.arange(FRAMES) / FRAMES
    wave = np.exp(1j * angle) * np.hanning(FRAMES)
    wrists = body.xy[:, :, list(_WRISTS)] - body.shoulders[:, :, None]
    ankles = body.xy[:, :, list(_ANKLES)] - body.hips[:, :, None]
    swings = {
        "wrists_y": wrists[..., 1],
        "wrists_x": wrists[..., 0],
        "ankles_y": ankles[..., 1],
        "ankles_x": ankles[..., 0],
        "body_y": body.whole[..., 1:],
        "head_y": (body.head - body.shoulders)[..., 1:],
    }
    figures: Figures = {}
    weight = body.known[..., None].astype(np.float32)
    for name, swing in swings.items():
        level = swing - (swing * weight).sum(1, keepdims=True) / weight.sum(1, keepdims=True)
        strength = np.abs(np.einsum("kt,ntj->nkj", wave, level * weight)).mean(2)
        figures |= {f"{name}.swing{band}": strength[:, part].mean(1) for band, part in _BANDS.items()}
    return figures


def _steps(known: Bools) -> Array:
    return (known[:, 1:] & known[:, :-1]).astype(np.float32)


def _paths(place: Array, known: Bools) -> tuple[Array, Array, Array]:
    """Mean length of a frame's step: whole, upright, sideways."""
    steps = _steps(known)
    count = steps.sum(1) + 1e-6
    moved = place[:, 1:] - place[:, :-1]
    lengths = (_length(moved), np.abs(moved[..., 1]), np.abs(moved[..., 0]))
    whole, upright, sideways = ((length * steps).sum(1) / count for length in lengths)
    return whole, upright, sideways


def _length(vector: Array) -> Array:
    found: Array = np.linalg.norm(vector, axis=-1)
    return found


def _cosine(xy: Array, chain: tuple[int, int, int]) -> Array:
    """The cosine at the middle joint: -1 is stretched, 1 folded."""
    a, b = xy[:, :, chain[0]] - xy[:, :, chain[1]], xy[:, :, chain[2]] - xy[:, :, chain[1]]
    found: Array = (a * b).sum(-1) / (_length(a) * _length(b) + 1e-4)
    return found
