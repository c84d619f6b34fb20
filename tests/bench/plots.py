"""Numbers as a picture, drawn with OpenCV: no plotting library is needed for a few points.

`python -m tests.bench.plots FROM.json TO.png` draws a stored result again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from dashboard.values import Image
from dashboard.web.pose_figure import QUESTIONS, Question, placed

INK, GRID, POINT = (60, 60, 60), (225, 225, 225), (147, 125, 11)
PANEL_WH, LEFT, RIGHT, TOP, BOTTOM = (560, 400), 60, 24, 56, 60
Row = Mapping[str, float | None]


def costs(rows: Mapping[str, Row]) -> bytes:
    """PNG: beside each other a panel a question, how right against what it costs, a point a back end."""
    panels = [_panel(rows, question) for question in QUESTIONS]
    return bytes(cv2.imencode(".png", np.hstack(panels))[1])


def _panel(rows: Mapping[str, Row], question: Question) -> Image:
    numbers = {name: {k: v for k, v in row.items() if v is not None} for name, row in rows.items()}
    points = placed(numbers, question)
    widest = max((cost for _, cost, _ in points), default=0.0) * 1.12 or 1.0
    picture = np.full((PANEL_WH[1], PANEL_WH[0], 3), 255, np.uint8)
    for fifth in range(6):
        x, y = _at(fifth / 5, fifth / 5)
        cv2.line(picture, (LEFT, y), (PANEL_WH[0] - RIGHT, y), GRID, 1)
        cv2.line(picture, (x, TOP), (x, PANEL_WH[1] - BOTTOM), GRID, 1)
        _text(picture, f"{fifth / 5:.1f}", (LEFT - 36, y + 5))
        _text(picture, f"{widest * fifth / 5:.2f}", (x - 16, PANEL_WH[1] - BOTTOM + 22))
    _text(picture, question.title, (LEFT, 28))
    _text(picture, question.axis, (LEFT, PANEL_WH[1] - 14))
    for place, (label, cost, right) in enumerate(points):
        x, y = _at(cost / widest, right)
        cv2.circle(picture, (x, y), 7, POINT, -1, cv2.LINE_AA)
        _text(
            picture, label, (min(x + 4, PANEL_WH[0] - RIGHT - _width(label)), y + 24 if place % 2 else y - 12)
        )
    return picture


def _at(across: float, up: float) -> tuple[int, int]:
    width, height = PANEL_WH[0] - LEFT - RIGHT, PANEL_WH[1] - TOP - BOTTOM
    return LEFT + round(across * width), PANEL_WH[1] - BOTTOM - round(up * height)


def _width(words: str) -> int:
    return int(cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0])


def _text(picture: Image, words: str, at: tuple[int, int]) -> None:
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)


if __name__ == "__main__":
    stored = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_bytes(costs(stored["backends"]))
