"""Skeletons, boxes, confidence maps and affinity fields drawn over a picture. Pictures are BGR."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.values import COCO_LIMBS, Floats, Image
from dashboard.web.posing import Looked

SURE = 0.05
# Told apart by colour-blind people too (Okabe and Ito), as BGR.
COLOURS = ((233, 180, 86), (0, 159, 230), (115, 158, 0), (167, 121, 204), (66, 228, 240), (0, 94, 213))
BOX, CROP = (255, 255, 255), (0, 200, 255)
ARROWS = 26  # across the picture's longer side
WIDEST = 1100


def skeletons(looked: Looked, under: Image) -> Image:
    """Everybody's skeleton over a picture of the same view."""
    picture = _ground(under, looked)
    scale = picture.shape[1] / looked.picture.shape[1]
    thick = max(1, round(min(picture.shape[:2]) / 220))
    for number, keypoints in enumerate(looked.keypoints):
        colour = COLOURS[number % len(COLOURS)]
        for a, b in COCO_LIMBS:
            if min(keypoints[a, 2], keypoints[b, 2]) > SURE:
                cv2.line(
                    picture, _at(keypoints[a], scale), _at(keypoints[b], scale), colour, thick, cv2.LINE_AA
                )
        for point in keypoints[keypoints[:, 2] > SURE]:
            cv2.circle(picture, _at(point, scale), thick + 1, colour, -1, cv2.LINE_AA)
    return picture


def boxes(looked: Looked, under: Image) -> Image:
    """The people's boxes, white, and the crops that were looked at, yellow."""
    picture = _ground(under, looked)
    scale = picture.shape[1] / looked.picture.shape[1]
    for found, colour in ((looked.crops, CROP), (looked.boxes, BOX)):
        for left, top, right, bottom in found * scale:
            corners = (round(float(left)), round(float(top))), (round(float(right)), round(float(bottom)))
            cv2.rectangle(picture, corners[0], corners[1], (0, 0, 0), 4)
            cv2.rectangle(picture, corners[0], corners[1], colour, 2)
    return picture


def confidence(looked: Looked, point: int, under: Image) -> Image:
    """One key point's map: dark where it is not, bright where it is."""
    picture = _ground(under, looked)
    heat = np.clip(_spread(looked.maps[point], looked, picture), 0, 1)
    coloured = cv2.applyColorMap((heat * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return np.asarray(np.clip(grey * 0.35 + coloured * 0.9, 0, 255), np.uint8)


def affinity(looked: Looked, limb: int, under: Image) -> Image:
    """One limb's field as arrows, from the limb's first point to its second."""
    picture = _ground(under, looked)
    shown = np.asarray(cv2.convertScaleAbs(picture, alpha=0.5), np.uint8)
    x, y = (_spread(looked.fields[2 * limb + i], looked, picture) for i in (0, 1))
    step = max(6, max(shown.shape[:2]) // (ARROWS * 4))
    for row in range(step // 2, shown.shape[0], step):
        for column in range(step // 2, shown.shape[1], step):
            dx, dy = float(x[row, column]), float(y[row, column])
            if dx * dx + dy * dy > 0.04:
                end = (round(column + dx * step * 1.5), round(row + dy * step * 1.5))
                cv2.arrowedLine(shown, (column, row), end, (80, 230, 255), 1, cv2.LINE_AA, tipLength=0.35)
    return shown


def cut_out(looked: Looked, most: int = 12) -> list[Image]:
    """The crops, or the boxes where there are no crops, out of the real picture."""
    height, width = looked.picture.shape[:2]
    found = looked.crops if len(looked.crops) else looked.boxes
    pieces = []
    for left, top, right, bottom in found[:most]:
        rows = slice(max(0, int(top)), min(height, int(bottom) + 1))
        columns = slice(max(0, int(left)), min(width, int(right) + 1))
        piece = looked.picture[rows, columns]
        if piece.size:
            pieces.append(_within(piece, 240))
    return pieces


def as_png(picture: Image) -> bytes:
    """For the page."""
    return bytes(cv2.imencode(".png", picture)[1])


def as_jpeg(picture: Image) -> bytes:
    """For the page, where the picture is a photograph."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])


def plain(looked: Looked) -> Image:
    """A grey ground of the picture's size, where nothing of it may be shown."""
    return np.full_like(looked.picture, 64)


def _ground(under: Image, looked: Looked) -> Image:
    """A copy of what is drawn over, in the picture's proportions and at most so wide."""
    height, width = looked.picture.shape[:2]
    scale = min(1.0, WIDEST / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(under, size, interpolation=cv2.INTER_AREA), np.uint8).copy()


def _within(piece: Image, most: int) -> Image:
    scale = min(1.0, most / max(piece.shape[:2]))
    size = (max(1, round(piece.shape[1] * scale)), max(1, round(piece.shape[0] * scale)))
    return np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)


def _spread(plane: Floats, looked: Looked, picture: Image) -> Floats:
    """A map at the size of what is drawn on."""
    scale = picture.shape[1] / looked.picture.shape[1]
    step = 1 / (looked.cell * scale)
    shift = -((looked.origin + 0.5) * scale - 0.5) * step
    matrix = np.array([[step, 0, shift], [0, step, shift]], np.float64)
    size = (picture.shape[1], picture.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(plane.astype(np.float32), matrix, size, flags=flags), np.float32)


def _at(point: Floats, scale: float) -> tuple[int, int]:
    return round(float(point[0]) * scale), round(float(point[1]) * scale)
