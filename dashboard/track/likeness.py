"""How well findings fit tracks, in nats: the log of how much likelier the finding is this person than
somebody new. Above zero it is worth believing; the assignment maximises the sum.

The place of a finding is judged by the track's own doubt (so a track just seen beats one that was lost
in the neighbourhood); overlap, skeleton and appearance add what they know.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from dashboard.geometry import iou
from dashboard.settings import TrackSettings
from dashboard.track.motion import Motion, Reals, noise, size_of, to_xyxy
from dashboard.values import Floats, Pose

# Standard deviation of a labelled point in sizes of the person, COCO order: COCO's keypoint evaluation.
_COCO_SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
_MIRRORED = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
_SURE_POINT = 0.3
_FORBIDDEN = -1e6


def place_nats(
    tracks: Motion, places: Reals, scores: Reals, size_wh: tuple[int, int], settings: TrackSettings
) -> Reals:
    """Log odds of every finding's box against a newcomer's: tracks (N,), places (M, 4) -> (N, M)."""
    surprise = places[None] - tracks.place[:, None]
    scale = tracks.size[:, None, None]
    doubt = tracks.var_place[:, None] + (noise(settings, scores)[None] * scale) ** 2
    squares = surprise**2 / doubt
    distance = squares[..., :2].sum(axis=-1)
    # Boxes are cut by what stands in front, so sides speak with a heavy tail: they never forbid.
    sides = -0.5 * np.log1p(squares[..., 2:]).sum(axis=-1)
    density = -0.5 * distance - np.log(2 * np.pi) - 0.5 * np.log(doubt[..., :2]).sum(axis=-1) + sides
    nats: Reals = density - newcomer_log_density(places, size_wh, settings)[None]
    return np.where(distance <= settings.gate_sigmas**2, nats, _FORBIDDEN)


def newcomer_log_density(places: Reals, size_wh: tuple[int, int], settings: TrackSettings) -> Reals:
    """Log density per square pixel of somebody new standing at `places` (M, 4) -> (M,).

    People come in over the picture's edges, seldom out of nothing in the middle.
    """
    width, height = float(size_wh[0]), float(size_wh[1])
    margin = settings.edge_sizes * size_of(places)
    x, y = places[:, 0], places[:, 1]
    to_edge = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    inner = np.clip(width - 2 * margin, 1, None) * np.clip(height - 2 * margin, 1, None)
    rim = np.clip(width * height - inner, 1, None)
    share = settings.inside_birth
    density = np.where(to_edge <= margin, (1 - share) / rim, share / inner)
    return np.asarray(np.log(density))


def head_nats(
    tracks: Motion,
    heads: Sequence[Reals | None],
    moved: Reals,
    found: Sequence[Sequence[float] | None],
    settings: TrackSettings,
) -> Reals:
    """What the heads' places add, for whom both are known: `head_nats` for the same place, taken back with
    the distance. A box is cut by water and by others and its middle jumps; a head stays a head. `heads` (4,)
    each are where tracks had theirs, `moved` (N, 2) how far they have come since. (N, M)."""
    nats = np.zeros((len(heads), len(found)))
    rows = [i for i, head in enumerate(heads) if head is not None]
    columns = [j for j, head in enumerate(found) if head is not None]
    if not rows or not columns:
        return nats
    known = np.array([h for h in heads if h is not None]) + np.tile(moved[rows], 2)
    seen = np.array([h for h in found if h is not None], dtype=np.float64)
    apart = (known[:, None, :2] + known[:, None, 2:] - seen[None, :, :2] - seen[None, :, 2:]) / 2
    size = np.maximum((known[:, 2] - known[:, 0])[:, None], (seen[:, 2] - seen[:, 0])[None])
    doubt = (settings.head_noise * size) ** 2 + tracks.var_place[rows, :2].mean(axis=1)[:, None]
    squares = (apart**2).sum(axis=-1) / doubt
    most = settings.head_nats
    nats[np.ix_(rows, columns)] = np.clip(most * (1 - 0.5 * squares), -settings.head_most, most)
    return nats


def overlap_nats(tracks: Motion, found: Floats, settings: TrackSettings) -> Reals:
    """What the overlap of the boxes adds: 0 for none, `overlap_nats` for the same box;
    `found` (M, 4) xyxy -> (N, M)."""
    return settings.overlap_nats * iou(to_xyxy(tracks.place).astype(np.float32), found).astype(np.float64)


def pose_likeness(a: Pose, b: Pose, size: float, shift: Reals) -> float | None:
    """COCO's object key point similarity of two skeletons, 0 to 1, after moving `a` by `shift` (2,) pixels;
    None when fewer than five points are sure in both. A skeleton turned back to front is as alike: seen
    from behind, left and right are guesses."""
    direct = _alike(a.keypoints, b.keypoints, size, shift)
    turned = _alike(a.keypoints[_MIRRORED], b.keypoints, size, shift)
    return direct if turned is None else turned if direct is None else max(direct, turned)


def _alike(a: Floats, b: Floats, size: float, shift: Reals) -> float | None:
    sure = (a[:, 2] >= _SURE_POINT) & (b[:, 2] >= _SURE_POINT)
    if np.count_nonzero(sure) < 5:
        return None
    apart = a[sure, :2] + shift - b[sure, :2]
    # Two skeletons of one person differ by motion too: twice the labellers' spread.
    spread = (2 * _COCO_SIGMAS[sure] * 2 * size) ** 2
    return float(np.exp(-0.5 * (apart**2).sum(axis=1) / spread).mean())


def appearance_nats(
    known: Sequence[Floats | None], seen: Sequence[Floats | None], settings: TrackSettings
) -> Reals:
    """What the appearance vectors (unit length) add; nothing where one of the two is unknown: (N, M)."""
    nats = np.zeros((len(known), len(seen)))
    rows = [i for i, a in enumerate(known) if a is not None]
    columns = [j for j, b in enumerate(seen) if b is not None]
    vectors = [a for a in (*known, *seen) if a is not None]
    if not rows or not columns or len({v.shape for v in vectors}) > 1:
        return nats
    stacked = np.array(vectors)
    cosines = stacked[: len(rows)] @ stacked[len(rows) :].T
    most = settings.appearance_most
    nats[np.ix_(rows, columns)] = np.clip(settings.appearance_nats * (cosines - settings.alike), -most, most)
    return nats


def assign(nats: Reals) -> list[tuple[int, int]]:
    """Pairs (row, column) that maximise the sum of the nats above zero: (N, M) -> at most min(N, M) pairs.

    SciPy's linear_sum_assignment: exact and deterministic.
    """
    worth = np.maximum(nats, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if nats[r, c] > 0]
