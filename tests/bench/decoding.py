"""The decoder of OpenPose alone on a page of ten people, beside a port of the paper's Python loops."""

from __future__ import annotations

import math

import cv2
import numpy as np

from dashboard.clock import Clock
from dashboard.settings import OpenPoseSettings
from dashboard.values import Floats
from dashboard.vision.openpose.decoder import Page, decode
from dashboard.vision.openpose.layouts import LAYOUTS, BodyLayout
from tests.unit.openpose_stage import body, page

RUNS = 60


def decoder_times(clock: Clock) -> dict[str, float]:
    """Median and least milliseconds for ten people, ours and the peer's, 18 and 15 points, in the same run;
    how many people each found."""
    told: dict[str, float] = {}
    for layout in LAYOUTS.values():
        crowd = page(
            layout, [body(layout, (8 + 16.1 * (i % 5), 11 if i < 5 else 34.4), 20) for i in range(10)]
        )
        ours, theirs = [], []
        for _ in range(RUNS):
            started = clock.monotonic()
            found = decode(crowd, layout, OpenPoseSettings())
            middle = clock.monotonic()
            peer = paper_loops(crowd, layout)
            ours.append((middle - started) * 1e3)
            theirs.append((clock.monotonic() - middle) * 1e3)
        points = len(layout.points)
        told |= {f"ours_{points}": round(float(np.median(ours)), 2)}
        told |= {f"paper_{points}": round(float(np.median(theirs)), 2)}
        # what either takes when nothing else runs on its core
        told |= {f"ours_least_{points}": round(min(ours), 2), f"paper_least_{points}": round(min(theirs), 2)}
        told |= {f"people_{points}": len(found), f"paper_people_{points}": len(peer)}
    return told


def paper_loops(crowd: Page, layout: BodyLayout) -> list[list[int]]:
    """The post-processing of the paper's demonstration, written again loop by loop on the same cells (without
    its eightfold enlargement of the maps, which alone would take longer): people as lists of peaks."""
    peaks, by_part = _peaks(crowd.maps, len(layout.points))
    people: list[list[int]] = []
    for limb in layout.limbs:
        used_a: set[int] = set()
        used_b: set[int] = set()
        for _, a, b in sorted(_connections(crowd.fields, peaks, by_part, limb), reverse=True):
            if a in used_a or b in used_b:
                continue
            used_a.add(a)
            used_b.add(b)
            _joined(people, limb.a, limb.b, a, b, len(layout.points))
    return [person for person in people if sum(peak >= 0 for peak in person) >= 3]


def _peaks(maps: Floats, parts: int) -> tuple[list[tuple[float, float, float]], list[list[int]]]:
    peaks: list[tuple[float, float, float]] = []
    by_part: list[list[int]] = []
    for part in range(parts):
        one = cv2.GaussianBlur(maps[part], (0, 0), 0.5)
        by_part.append([])
        for y in range(1, one.shape[0] - 1):
            for x in range(1, one.shape[1] - 1):
                here = one[y, x]
                beside = (one[y - 1, x], one[y + 1, x], one[y, x - 1], one[y, x + 1])
                if (
                    here > 0.1
                    and here >= beside[0]
                    and here > beside[1]
                    and here >= beside[2]
                    and here > beside[3]
                ):
                    by_part[part].append(len(peaks))
                    peaks.append((x, y, float(here)))
    return peaks, by_part


def _connections(
    fields: Floats, peaks: list[tuple[float, float, float]], by_part: list[list[int]], limb: object
) -> list[tuple[float, int, int]]:
    found = []
    first, second, channel = limb.a, limb.b, limb.x  # type: ignore[attr-defined]
    for a in by_part[first]:
        for b in by_part[second]:
            dx, dy = peaks[b][0] - peaks[a][0], peaks[b][1] - peaks[a][1]
            length = math.hypot(dx, dy)
            if length == 0:
                continue
            along = []
            for step in range(10):
                x = round(peaks[a][0] + dx * step / 9)
                y = round(peaks[a][1] + dy * step / 9)
                along.append(fields[channel, y, x] * dx / length + fields[channel + 1, y, x] * dy / length)
            score = sum(along) / 10 + min(0.5 * fields.shape[1] / length - 1, 0)
            if sum(value > 0.05 for value in along) > 8 and score > 0:
                found.append((float(score), a, b))
    return found


def _joined(people: list[list[int]], part_a: int, part_b: int, a: int, b: int, parts: int) -> None:
    holders = [person for person in people if person[part_a] == a or person[part_b] == b]
    if not holders:
        person = [-1] * parts
        person[part_a], person[part_b] = a, b
        people.append(person)
    elif len(holders) == 1:
        holders[0][part_a], holders[0][part_b] = a, b
    elif all(x < 0 or y < 0 for x, y in zip(*holders[:2], strict=True)):
        merged = [max(x, y) for x, y in zip(*holders[:2], strict=True)]
        people[people.index(holders[0])] = merged
        people.remove(holders[1])
