"""A mask as it really works: drawn by command, black in all that leaves a worker that goes on running."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from dashboard.monitor.handle import CAMERA, REDACTED
from tests.unit.test_monitor_commands import make_clip
from tests.unit.test_monitor_processes import SLOW, Site, decoded, needs_weights
from tests.waiting import until

LEFT = {"name": "neighbour", "kind": "mask", "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    needs_weights()
    made = Site(tmp_path / "data")
    try:
        yield made
    finally:
        made.close()


def brightest_left(jpeg: bytes | None) -> int | None:
    """The brightest level in the left half, but for the columns at the border that JPEG smears."""
    return None if jpeg is None else int(decoded(jpeg)[:, : int(decoded(jpeg).shape[1] * 0.44)].max())


def test_a_mask_that_is_drawn_is_black_at_once_in_every_picture_and_zones_are_told(
    site: Site, tmp_path: Path
) -> None:
    camera = site.add("Pool", make_clip(tmp_path / "clip.avi", seconds=5))
    site.live(camera)
    site.open_picture(camera)
    worker = site.workers()

    def levels(view: str) -> int | None:
        return brightest_left(site.view(camera, view=view).jpeg)

    def is_black(view: str) -> bool:
        level = levels(view)
        return level is not None and level < 20

    until(lambda: (levels(CAMERA) or 0) > 150, SLOW, "a real picture that is not black")
    until(lambda: (levels(REDACTED) or 0) > 20, SLOW, "a redacted picture that is not black")
    site.handle.request("zones.set", camera=camera, zones=[LEFT], revision=0)
    until(lambda: [z["kind"] for z in site.handle.zones().get(camera, ())] == ["mask"], SLOW, "the zones")
    for view in (CAMERA, REDACTED):
        until(partial(is_black, view), SLOW, f"the {view} view is black")
    snapshot = site.handle.request("cameras.test", id=camera).payload
    assert (brightest_left(snapshot) or 0) < 20
    assert site.workers() == worker, "the worker was not restarted"
    site.handle.request("zones.set", camera=camera, zones=[], revision=1)
    until(lambda: (levels(CAMERA) or 0) > 150, SLOW, "seen again without the mask")
