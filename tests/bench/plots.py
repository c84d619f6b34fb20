"""A plot of numbers, drawn with OpenCV: no plotting library is needed for a few bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from dashboard.values import Image

INK, GRID = (60, 60, 60), (225, 225, 225)
COLOURS = ((178, 114, 0), (0, 159, 230), (115, 158, 0))
WIDTH, ROW, LEFT, TOP = 1100, 92, 300, 60
Row = Mapping[str, float | None]


def bars(rows: Mapping[str, Row], shares: Sequence[str], beside: str) -> bytes:
    """PNG: for each row bars of its `shares` (0 to 1), and the number `beside` them in words."""
    picture = np.full((TOP + ROW * max(1, len(rows)) + 20, WIDTH, 3), 255, np.uint8)
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        cv2.line(picture, (x, TOP - 8), (x, picture.shape[0] - 20), GRID, 1)
        _text(picture, f"{tenth / 10:.1f}", (x - 12, TOP - 14))
    for i, name in enumerate(shares):
        cv2.rectangle(picture, (20 + 90 * i, 14), (34 + 90 * i, 28), COLOURS[i % 3], -1)
        _text(picture, name, (40 + 90 * i, 27))
    for number, (label, row) in enumerate(rows.items()):
        _row(picture, TOP + ROW * number, label, [row.get(name) for name in shares], row.get(beside), beside)
    return bytes(cv2.imencode(".png", picture)[1])


def _row(
    picture: Image, top: int, label: str, values: Sequence[float | None], number: float | None, name: str
) -> None:
    _text(picture, label, (20, top + 28))
    if number is not None:
        _text(picture, f"{number:.1f} {name.replace('_per_s', '/s')}", (20, top + 52))
    for i, value in enumerate(values):
        if value is not None:
            y = top + 10 + 22 * i
            cv2.rectangle(picture, (LEFT, y), (_x(min(1.0, max(0.0, value))), y + 16), COLOURS[i % 3], -1)
            _text(picture, f"{value:.2f}", (_x(min(1.0, max(0.0, value))) + 8, y + 14))


def _x(share: float) -> int:
    return LEFT + round(share * (WIDTH - LEFT - 80))


def _text(picture: Image, words: str, at: tuple[int, int]) -> None:
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
