"""Connected parts of the picture that are not as usual, and what each looks like: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import cv2
import numpy as np

from dashboard.values import Floats
from dashboard.vision.background import Box, Mask

LEAST_AREA = 10  # pixels of the small picture: 0.2 m at ten metres
MOST = 40
# What a thing's own shadow looks like: darker by so much, of the same hue; the rest is the thing itself.
SHADOW, SHADOW_HUE, CORE_SHARE = (0.4, 0.95), 0.012, 0.15
SHADOW_SHARE, GREY = 0.8, 0.1  # of a part's pixels; of the ground's brightness: no colour
LIT_COLOUR, LIT_ALIKE, LIT_SOFT = 0.018, 0.6, 6.0


@dataclass(frozen=True, eq=False)
class Blob:
    """One part, in pixels of the small picture: `box` `xyxy`, `mask` (h, w) within the box, mean `colour`
    (3,), `usual` (3,) the normal colour there. `edge`: natural log of how much sharper its border is now than
    in the normal picture; `lit`: only the light is different; `strength`: how many times its difference
    is what ripples and noise would explain."""

    box: tuple[int, int, int, int]
    mask: Mask
    area: int
    colour: Floats
    usual: Floats
    edge: float
    lit: bool
    strength: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def size(self) -> float:
        """The geometric mean of its box's sides."""
        return float(((self.box[2] - self.box[0]) * (self.box[3] - self.box[1])) ** 0.5)

    @property
    def place(self) -> tuple[slice, slice]:
        return slice(self.box[1], self.box[3]), slice(self.box[0], self.box[2])


def blobs_of(mask: Mask, quick: Floats, expected: Floats, strength: Floats) -> list[Blob]:
    """The blobs of a mask (h, w), largest first, by what is seen (h, w, 3), what would be usual, and each
    pixel's strength (h, w)."""
    labels, stats = _labelled(mask)
    if len(stats) > 1:
        labels, stats = _without_shadows(labels, stats, mask, quick, expected)
    areas = stats[:, cv2.CC_STAT_AREA]
    order = [n for n in np.argsort(-areas) if n and areas[n] >= LEAST_AREA]
    if not order:
        return []
    found = []
    for number in order[:MOST]:
        left, top, width, height = (int(v) for v in stats[number, :4])
        box = (left, top, left + width, top + height)
        place = slice(top, top + height), slice(left, left + width)
        part = labels[place] == number
        ring, around = _ring(labels, int(number), box)
        edges = _sharpness(quick, around, ring), _sharpness(expected, around, ring)
        seen, normal = quick[place][part], expected[place][part]
        lit = _lit(seen, normal, _grey(quick[place])[part], _grey(expected[place])[part], edges[0])
        edge = log((edges[0] + 3) / (edges[1] + 3))
        area = int(stats[number, cv2.CC_STAT_AREA])
        strong = float(np.percentile(strength[place][part], 75))
        found.append(Blob(box, part, area, seen.mean(axis=0), normal.mean(axis=0), edge, lit, strong))
    return found


def _labelled(mask: Mask) -> tuple[np.ndarray, np.ndarray]:
    """Connected parts without specks, small gaps closed: labels (h, w), and OpenCV's figures of each."""
    clean = cv2.medianBlur(mask.view(np.uint8), 3)
    closed = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return _connected(closed)


def _connected(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels (h, w), 0 for none, and OpenCV's figures of each."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    return labels, stats


def _without_shadows(
    labels: np.ndarray, stats: np.ndarray, mask: Mask, quick: Floats, expected: Floats
) -> tuple[np.ndarray, np.ndarray]:
    """The parts without the shadow that each casts beside itself: two whose shadows touch are two. A part
    that is little else than shadow stays whole."""
    odd = np.flatnonzero(mask)
    shadow = odd[_shadow(quick.reshape(-1, 3)[odd], expected.reshape(-1, 3)[odd])]
    core = mask.copy()
    core.ravel()[shadow] = False
    cores, _ = _labelled(core)
    whole, flat = labels > 0, labels.ravel()
    kept = whole & (cores > 0)
    count = np.bincount(flat[np.flatnonzero(kept)], minlength=len(stats))
    enough = (count >= LEAST_AREA) & (count >= CORE_SHARE * stats[:, cv2.CC_STAT_AREA])
    beside = np.flatnonzero(whole & ~kept)
    whole.ravel()[beside[enough[flat[beside]]]] = False
    return _connected(whole.view(np.uint8))


def _shadow(now: Floats, usual: Floats) -> Mask:
    """Which pixels, colours (n, 3) twice, are only darker than usual: (n,)."""
    sum_now, sum_usual = now.sum(axis=1) + 12, usual.sum(axis=1) + 12
    darker = sum_now / sum_usual
    hue = np.abs(now / sum_now[:, None] - usual / sum_usual[:, None]).max(axis=1)
    return np.asarray((darker > SHADOW[0]) & (darker < SHADOW[1]) & (hue < SHADOW_HUE))


def apart_px(a: Sequence[float], b: Sequence[float]) -> float:
    """The gap between two boxes, 0 where they touch or overlap."""
    across = max(a[0] - b[2], b[0] - a[2], 0.0)
    down = max(a[1] - b[3], b[1] - a[3], 0.0)
    return float((across**2 + down**2) ** 0.5)


def shared(a: Sequence[float], b: Sequence[float]) -> float:
    """The part of the smaller box that the two share, 0 to 1."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, across) * max(0.0, down) / max(least, 1e-6)


def outline(blob: Blob, scale: float) -> tuple[tuple[float, float], ...]:
    """The blob's largest outline as a polygon of few points, in pixels of the camera's picture."""
    contours, _ = cv2.findContours(blob.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    points = cv2.approxPolyDP(max(contours, key=cv2.contourArea), 1.0, True)[:, 0, :]
    left, top = blob.box[:2]
    return tuple(
        (round((x + left + 0.5) / scale, 1), round((y + top + 0.5) / scale, 1)) for x, y in points.tolist()
    )


def enlarged_box(blob: Blob, scale: float) -> Box:
    """The blob's box in pixels of the camera's picture."""
    left, top, right, bottom = blob.box
    return left / scale, top / scale, right / scale, bottom / scale


def _grey(picture: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.float32)


def _sharpness(picture: Floats, around: tuple[slice, slice], ring: Mask) -> float:
    """The mean slope of a picture's grey in the `ring`, a mask (h, w) of the part `around`."""
    rows, columns = (slice(max(0, part.start - 1), part.stop + 1) for part in around)
    grey = _grey(picture[rows, columns])
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    slope = cv2.magnitude(across, down) / 4
    top, left = around[0].start - rows.start, around[1].start - columns.start
    height, width = ring.shape
    return float(slope[top : top + height, left : left + width][ring].mean())


def _ring(
    labels: np.ndarray, number: int, box: tuple[int, int, int, int]
) -> tuple[Mask, tuple[slice, slice]]:
    """The blob's border, two pixels wide, and the part of the picture that it is a mask of."""
    height, width = labels.shape
    rows = slice(max(0, box[1] - 2), min(height, box[3] + 2))
    columns = slice(max(0, box[0] - 2), min(width, box[2] + 2))
    part = (labels[rows, columns] == number).astype(np.uint8)
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray((cv2.dilate(part, kernel) - cv2.erode(part, kernel)) > 0), (rows, columns)


def _lit(seen: Floats, usual: Floats, now: Floats, before: Floats, edge: float) -> bool:
    """Whether the colours only became brighter or darker, and what structure there was is there still: a
    shadow or a patch of sun. A smooth one has a soft border."""
    colour = seen / (seen.sum(axis=1, keepdims=True) + 12) - usual / (usual.sum(axis=1, keepdims=True) + 12)
    if float(np.abs(colour.mean(axis=0)).max()) > LIT_COLOUR:
        return False
    coloured = float(np.ptp(usual.mean(axis=0))) > GREY * float(usual.mean())
    if coloured and float(_shadow(seen, usual).mean()) > SHADOW_SHARE:
        return True  # of the ground's own hue, however sharp it is
    a, b = now - now.mean(), before - before.mean()
    spread = float((a @ a) * (b @ b)) ** 0.5
    if float(before.std()) > 4 and spread > 0:
        return bool(float(a @ b) / spread > LIT_ALIKE)
    return edge < LIT_SOFT
