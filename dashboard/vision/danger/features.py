"""What a second of key points says in figures that a person could name: how upright, how high the wrists, how
much kicking, how far travelled. All are the same for a mirrored person, in body sizes, at any place.

Upright, without a kick that drives, arms pressing sideways, the head back: Pia, Observations on the drowning
of nonswimmers (1974); the figures here are what such a description can be told from.

One person's second is so little that numpy's calls cost more than their sums: all limbs, then all series, go
through each call together.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dashboard.values import Floats
from dashboard.vision.danger.window import FRAMES, JOINTS, Array, Bools, Windows, centred


def _joint(*numbers: int) -> Array:
    """The mean of some joints, as weights of all (17,)."""
    weights = np.zeros(JOINTS, np.float32)
    weights[list(numbers)] = 1 / len(numbers)
    return weights


_SHOULDERS, _HIPS, _ANKLES = _joint(5, 6), _joint(11, 12), _joint(15, 16)
# Limbs' ends, left and right, and what they hang on.
_LIMBS = {
    "wrists": ((9, 10), _SHOULDERS),
    "elbows": ((7, 8), _SHOULDERS),
    "knees": ((13, 14), _HIPS),
    "ankles": ((15, 16), _HIPS),
}
_CHAINS = {
    "knee": ((11, 13, 15), (12, 14, 16)),
    "elbow": ((5, 7, 9), (6, 8, 10)),
    "hip": ((5, 11, 13), (6, 12, 14)),
}
_SURE = {
    "head": _joint(0, 1, 2, 3, 4),
    "shoulders": _SHOULDERS,
    "arms": _joint(7, 8, 9, 10),
    "hips": _HIPS,
    "legs": _joint(13, 14, 15, 16),
}
_PLACES = {
    "whole": _joint(*range(JOINTS)),
    "shoulders": _SHOULDERS,
    "hips": _HIPS,
    "head": _joint(0, 1, 2, 3, 4) - _SHOULDERS,
    "legs": _ANKLES - _HIPS,
    "trunk": _SHOULDERS - _HIPS,
    "shoulders_wide": _joint(5) - _joint(6),
    "hips_wide": _joint(11) - _joint(12),
    "nose": _joint(0) - _joint(3, 4),
}
_STATISTICS = ("mean", "spread", "low", "high")
_FAR = 1e6
# Cycles in a window of one second, gathered to bands.
_CYCLES = (1, 2, 3, 4, 5, 6, 8, 10)
_BANDS = {"1": (0,), "2": (1,), "34": (2, 3), "6": (4, 5), "10": (6, 7)}
_VECTORS = np.stack(
    [
        *_PLACES.values(),
        *(_joint(ends[side]) - anchor for side in (0, 1) for ends, anchor in _LIMBS.values()),
        *(
            _joint(chain[end]) - _joint(chain[1])
            for end in (0, 2)
            for both in _CHAINS.values()
            for chain in both
        ),
    ]
)
_AT = {name: place for place, name in enumerate(_PLACES)}
_LEFT = slice(len(_PLACES), len(_PLACES) + 4)
_RIGHT = slice(_LEFT.stop, _LEFT.stop + 4)
_BENT = (slice(_RIGHT.stop, _RIGHT.stop + 6), slice(_RIGHT.stop + 6, _RIGHT.stop + 12))
_MOVED = [_AT[name] for name in ("whole", "shoulders", "hips", "head")]
_SURENESS = np.stack(list(_SURE.values()), 1)


# Columns of x and y of all vectors: of wrists and ankles left and right, of the body and the head twice.
_SWINGS = [
    2 * place + axis
    for pair in ((_LEFT.start, _RIGHT.start), (_LEFT.stop - 1, _RIGHT.stop - 1))
    for axis in (1, 0)
    for place in pair
]
_SWINGS += [2 * _AT[place] + 1 for place in ("whole", "whole", "head", "head")]


def _waves() -> Array:
    """Cosines and sines under a Hann window, (2 x 8, 30)."""
    angle = 2 * np.pi * np.array(_CYCLES)[:, None] * np.arange(FRAMES) / FRAMES
    waves = np.concatenate([np.cos(angle), np.sin(angle)]) * np.hanning(FRAMES)
    return np.asarray(waves, np.float32)


_WAVES = _waves()
_TO_BANDS = np.array([[(c in band) / len(band) for c in range(8)] for band in _BANDS.values()], np.float32)


class Body:
    """A batch of windows, centred, in the body's own measure: `xy` (N, 30, 17, 2), `scores` (N, 30, 17),
    `vectors` (N, 30, K, 2) between named places; `trunk` (N, 30, 2) points from the hips to the shoulders
    with length one."""

    def __init__(self, windows: Windows) -> None:
        points = centred(windows)
        self.xy, self.scores, self.known = points[..., :2], points[..., 2], windows.known
        self.vectors: Array = _VECTORS @ self.xy
        self.trunk_length = _length(self["trunk"])
        self.trunk: Array = self["trunk"] / (self.trunk_length[..., None] + 1e-3)

    def __getitem__(self, place: str) -> Array:
        """(N, 30, 2): a place, or how it lies to what it hangs on."""
        found: Array = self.vectors[:, :, _AT[place]]
        return found


def features(windows: Windows) -> Floats:
    """(N, F) float32, one row a window, in the order of `feature_names`. Time goes with N; 0 windows give
    (0, F)."""
    body = Body(windows)
    usual = _statistics(np.concatenate([_posture(body), _limbs(body), _sureness(body)], -1), body.known)
    table = np.concatenate([usual, _ways(body), _rhythms(body), body.known.sum(1)[:, None]], 1)
    return np.nan_to_num(table.astype(np.float32), posinf=99.0, neginf=-99.0)


@cache
def feature_names() -> tuple[str, ...]:
    """The names of the columns of `features`."""
    most, parts = ("most", "least"), ("", "_y", "_x")
    each_frame = [
        *("upright", "aslant", "trunk", "shoulders_wide", "hips_wide", "head_up", "head_along", "head_far"),
        *("nose_up", "nose_aside", "box_form", "box_area", "legs_up", "legs_along"),
    ]
    for limb in _LIMBS:
        each_frame += [f"{limb}_{what}_{m}" for what in ("up", "far", "along") for m in most]
        each_frame += [f"{limb}_apart", f"{limb}_aside"]
    each_frame += [f"{chain}_bent_{m}" for chain in _CHAINS for m in most]
    each_frame += [*(f"sure_{name}" for name in _SURE), "sure_one_ear", "sure_a_wrist"]
    names = [f"{name}.{what}" for name in each_frame for what in _STATISTICS]
    for place in ("body", "shoulders", "hips", "head"):
        names += [f"{place}.{what}{part}" for what in ("path", "net") for part in parts]
    for limb in _LIMBS:
        names += [*(f"{limb}.beat{part}_{m}" for part in parts for m in most), f"{limb}.together"]
    names += ["travel.along", "travel.ahead"]
    swings = ("wrists_y", "wrists_x", "ankles_y", "ankles_x", "body_y", "head_y")
    return (*names, *(f"{swing}.swing{band}" for swing in swings for band in _BANDS), "frames")


def _posture(body: Body) -> Array:
    """(N, 30, 14)."""
    head, nose, legs = body["head"], body["nose"], body["legs"]
    size = body.xy.max(2) - body.xy.min(2)
    columns = [
        -body.trunk[..., 1],
        np.abs(body.trunk[..., 0]),
        body.trunk_length,
        _length(body["shoulders_wide"]),
        _length(body["hips_wide"]),
        -head[..., 1],
        _dot(head, body.trunk),
        _length(head),
        -nose[..., 1],
        np.abs(nose[..., 0]),
        np.log((size[..., 0] + 0.1) / (size[..., 1] + 0.1)),
        size[..., 0] * size[..., 1],
        -legs[..., 1],
        _dot(legs, body.trunk),
    ]
    return np.stack(columns, -1)


def _limbs(body: Body) -> Array:
    """(N, 30, 38)."""
    left, right = body.vectors[:, :, _LEFT], body.vectors[:, :, _RIGHT]
    trunk, apart = body.trunk[:, :, None], left - right
    a, b = (np.stack([-ends[..., 1], _length(ends), _dot(ends, trunk)], -1) for ends in (left, right))
    between = np.stack([_length(apart), np.abs(apart[..., 0])], -1)
    first, last = (body.vectors[:, :, some] for some in _BENT)
    # The cosine at the middle joint: -1 is stretched, 1 folded.
    bent = _dot(first, last) / (_length(first) * _length(last) + 1e-4)
    limbs = np.concatenate([_both(a, b), between], -1)
    return np.concatenate([_flat(limbs), _both(bent[..., ::2], bent[..., 1::2])], -1)


def _sureness(body: Body) -> Array:
    """(N, 30, 7)."""
    scores = body.scores
    one_ear, a_wrist = np.abs(scores[..., 3] - scores[..., 4]), np.maximum(scores[..., 9], scores[..., 10])
    return np.concatenate([scores @ _SURENESS, one_ear[..., None], a_wrist[..., None]], -1)


def _both(left: Array, right: Array) -> Array:
    """Pairs (..., K) without saying which is which: (..., 2 K), the larger before the smaller."""
    return _flat(np.stack([np.maximum(left, right), np.minimum(left, right)], -1))


def _statistics(series: Array, known: Bools) -> Array:
    """(N, 30, S) -> (N, S x 4), in the order of `_STATISTICS`."""
    seen = known[..., None]
    weight = seen.astype(np.float32)
    count = weight.sum(1)
    mean = (series * weight).sum(1) / count
    apart = series - mean[:, None]
    spread = np.sqrt((apart * apart * weight).sum(1) / count)
    low, high = np.where(seen, series, _FAR).min(1), np.where(seen, series, -_FAR).max(1)
    return _flat(np.stack([mean, spread, low, high], -1))


def _ways(body: Body) -> Array:
    """(N, 54): how far places move in a frame, along their path and from first to last; how much pairs of
    limbs beat, and whether together or in turn; how far the body came along its own length, which is a
    swimmer's way."""
    count = body.known.sum(1)[:, None]
    steps = (body.known[:, 1:] & body.known[:, :-1]).astype(np.float32)[..., None]
    places = body.vectors[:, :, _MOVED]
    net = places[:, -1] - places[np.arange(len(places)), body.known.argmax(1)]
    there = np.stack([_length(net), net[..., 1], np.abs(net[..., 0])], -1) / count[..., None]
    moved = np.diff(body.vectors[:, :, : _RIGHT.stop], axis=1)
    lengths = np.stack([_length(moved), np.abs(moved[..., 1]), np.abs(moved[..., 0])], -1)
    path = (lengths * steps[..., None]).sum(1) / (steps.sum(1)[..., None] + 1e-6)
    left, right = moved[:, :, _LEFT], moved[:, :, _RIGHT]
    together, *strength = (
        (_dot(a, b) * steps).sum(1) for a, b in ((left, right), (left, left), (right, right))
    )
    together /= np.sqrt(strength[0] * strength[1]) + 1e-5
    motion = np.concatenate([path[:, _MOVED], there], -1)
    beat = np.concatenate([_both(path[:, _LEFT], path[:, _RIGHT]), together[..., None]], -1)
    heading = (body.trunk * body.known[..., None]).sum(1) / count
    along = _dot(net[:, 0], heading)
    travel = np.stack([np.abs(along) / count[:, 0], along / (_length(net[:, 0]) + 0.05)], -1)
    return np.concatenate([_flat(motion), _flat(beat), travel], 1)


def _rhythms(body: Body) -> Array:
    """(N, 30): strength of slow to quick swings, amplitude of the Fourier parts under a Hann window."""
    swings = _flat(body.vectors)[..., _SWINGS]
    weight = body.known[..., None].astype(np.float32)
    level = (swings - (swings * weight).sum(1, keepdims=True) / weight.sum(1, keepdims=True)) * weight
    parts = (_WAVES @ level).reshape(len(level), 2, len(_CYCLES), len(_SWINGS))
    strength = _TO_BANDS @ np.sqrt((parts * parts).sum(1))
    # The mean of a pair of limbs; single places stand twice.
    both = (strength[..., ::2] + strength[..., 1::2]) / 2
    return _flat(both.swapaxes(1, 2))


def _flat(array: Array) -> Array:
    """The last two axes as one."""
    found: Array = array.reshape(*array.shape[:-2], array.shape[-2] * array.shape[-1])
    return found


def _dot(a: Array, b: Array) -> Array:
    found: Array = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1]
    return found


def _length(vector: Array) -> Array:
    found: Array = np.sqrt(_dot(vector, vector))
    return found
