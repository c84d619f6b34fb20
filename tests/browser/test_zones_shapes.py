"""The page and the monitor say the same of outlines, and joining two people's work loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from dashboard.rules.outline import why_unfit
from tests.browser.server import CHECKOUT

SHAPES = (CHECKOUT / "components" / "zones" / "shapes.js").read_text(encoding="utf-8")
LIMITS = {"points": 100, "smallest_area": 1e-4}
SQUARE = [[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]


@pytest.fixture(scope="module")
def shapes(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.add_script_tag(content=SHAPES)
    yield page
    page.close()


def outlines(count: int) -> list[list[list[float]]]:
    """Seeded: some round, some crossing, some with repeated points, some with all points on a coarse grid."""
    random = np.random.default_rng(7)
    found = []
    for i in range(count):
        corners = random.random((int(random.integers(1, 9)), 2))
        if i % 2:
            corners = np.round(corners * 4) / 4
        if i % 3 == 0:
            middle = corners - corners.mean(axis=0)
            corners = corners[np.argsort(np.arctan2(middle[:, 1], middle[:, 0]))]
        if i % 11 == 0:
            corners = corners * 0.01
        found.append([[float(x), float(y)] for x, y in corners])
    return found


def test_page_and_monitor_refuse_the_same_outlines(shapes: Page) -> None:
    tried = outlines(2000)
    said = shapes.evaluate("([all, limits]) => all.map(one => outlineProblem(one, limits))", [tried, LIMITS])
    differ = []
    for outline, problem in zip(tried, said, strict=True):
        reason = why_unfit(tuple((x, y) for x, y in outline))
        if bool(reason) != bool(problem):
            differ.append((outline, reason, problem))
    assert not differ, (len(differ), differ[:3])
    refused = sum(bool(problem) for problem in said)
    assert 500 < refused < 1900, "both kinds were tried"


def zone(name: str, x: float = 0.2, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "boundary", "polygon": [[x, 0.2], *SQUARE[1:]], **more}


A, B = zone("a"), zone("b")
A1, A2 = zone("a", 0.1), zone("a", 0.3)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "names", "both"),
    [
        pytest.param([], [], [], [], [], id="nothing"),
        pytest.param([A], [A], [A], [A], [], id="nobody changed"),
        pytest.param([A], [A1], [A], [A1], [], id="mine"),
        pytest.param([A], [A], [A1], [A1], [], id="theirs"),
        pytest.param([A], [A1], [A1], [A1], [], id="both the same"),
        pytest.param([A], [A1], [A2], [A1, zone("a (theirs)", 0.3)], ["a"], id="both differently"),
        pytest.param([], [A], [B], [A, B], [], id="both added"),
        pytest.param([A, B], [B], [A, B], [B], [], id="I deleted"),
        pytest.param([A, B], [A, B], [B], [B], [], id="they deleted"),
        pytest.param([A], [], [A1], [A1], ["a"], id="I deleted what they changed"),
        pytest.param([A], [A1], [], [A1], ["a"], id="they deleted what I changed"),
        pytest.param([A, A], [A, A1], [A, A], [A, A1], [], id="two of one name"),
    ],
)
def test_two_peoples_work_is_joined(
    shapes: Page, base: list[Any], mine: list[Any], theirs: list[Any], names: list[Any], both: list[str]
) -> None:
    found = shapes.evaluate("([base, mine, theirs]) => merged(base, mine, theirs)", [base, mine, theirs])
    assert (found["shapes"], found["both"]) == (names, both)


def test_lines_on_a_measured_rectangle_meet_its_sides(shapes: Page) -> None:
    corners = [[0.3, 0.4], [0.7, 0.4], [0.9, 0.8], [0.1, 0.8]]
    lines = shapes.evaluate("shape => metreLines(shape)", {"polygon": corners, "size_m": [4, 2]})
    assert len(lines) == 3 + 1
    (top, bottom) = lines[1]
    assert top == pytest.approx([0.5, 0.4]) and bottom == pytest.approx([0.5, 0.8]), "the middle stays it"
    (left, right) = lines[3]
    # Half the depth is above half the height of the picture of it.
    assert left[1] == pytest.approx(right[1]) and 0.4 < left[1] < 0.59
