"""The file of what is normal, seen from the worker: what cannot be used or written costs nothing else."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.monitor.kept_objects import KeptObjects, Remembers
from dashboard.values import Change
from dashboard.vision.afterwards import Remembered
from dashboard.vision.light_file import read, write
from dashboard.vision.objects import ObjectWatch
from tests.unit.lights_stage import AT_S, everywhere, learnt, news, seen
from tests.unit.test_vision_objects import BOX, SIZE, floor, put

MONTH_S = 30 * 86400.0


class Seer:
    """Watches objects and nothing else."""

    def __init__(self, size_wh: tuple[int, int] = SIZE) -> None:
        self.objects: ObjectWatch | None = ObjectWatch(size_wh, everywhere)

    def recall_objects(self, remembered: Remembered) -> None:
        assert self.objects is not None
        self.objects.recall(remembered)

    def watched(self, from_s: float, until_s: float, toy: bool = False) -> list[Change]:
        assert self.objects is not None
        image = put(floor(), BOX) if toy else floor()
        told = seen(self.objects, lambda t: image, from_s, until_s)
        return [change for _, change in news(told)]


@pytest.fixture
def background(tmp_path: Path) -> Path:
    return tmp_path / "a.npz"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_kept_at_the_end_is_there_after_the_start(background: Path) -> None:
    first, kept = Seer(), KeptObjects(background, "a")
    assert isinstance(first, Remembers)
    first.watched(0, 15)
    kept.save(first, AT_S, ())
    assert names(background.parent) == ["a.lights"]
    again, kept = Seer(), KeptObjects(background, "a")
    kept.recall(again, AT_S + 3600)
    assert again.watched(100, 115, toy=True) == [Change.APPEARED]


def test_nothing_is_written_while_nothing_is_known(background: Path) -> None:
    seer, kept = Seer(), KeptObjects(background, "a")
    seer.watched(0, 2)
    kept.save(seer, AT_S, ())
    assert names(background.parent) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda file, found: file.write_bytes(b"nonsense"), "damaged"),
        (lambda file, found: write(file, replace(found, camera="b")), "another camera"),
        (
            lambda file, found: write(file, replace(found, camera="a", at_s=AT_S - 30 * 86400.0)),
            "30 days old",
        ),
    ],
    ids=["damaged", "of another camera", "old"],
)
def test_a_file_that_cannot_be_used_is_named_and_set_aside(
    background: Path, change: object, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = background.with_name("a.lights")
    change(file, learnt(lambda t: floor(), 8))  # type: ignore[operator]
    seer, kept = Seer(), KeptObjects(background, "a")
    with caplog.at_level(logging.WARNING):
        kept.recall(seer, AT_S)
    assert why in caplog.text and "a.lights" in caplog.text
    assert names(background.parent) == ["a.lights.aside"]
    # It goes on as if nothing had been kept, and keeps again.
    assert seer.watched(0, 10, toy=True) == []
    kept.save(seer, AT_S, ())
    assert names(background.parent) == ["a.lights", "a.lights.aside"]


def test_a_picture_of_another_size_is_named_and_its_file_set_aside(
    background: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(background.with_name("a.lights"), replace(learnt(lambda t: floor(), 8), camera="a"))
    seer, kept = Seer((320, 240)), KeptObjects(background, "a")
    kept.recall(seer, AT_S)
    with caplog.at_level(logging.WARNING):
        kept.look(seer)
        kept.look(seer)
    assert caplog.text.count("640x360") == 1
    assert names(background.parent) == ["a.lights.aside"]


def test_what_came_of_it_is_logged_once(background: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(background.with_name("a.lights"), replace(learnt(lambda t: floor(), 8), camera="a"))
    seer, kept = Seer(), KeptObjects(background, "a")
    kept.recall(seer, AT_S)
    with caplog.at_level(logging.INFO):
        for second in range(6):
            seer.watched(second, second + 1)
            kept.look(seer)
    assert caplog.text.count("normal again") == 1


def test_a_folder_that_cannot_be_written_leaves_what_was_kept(background: Path) -> None:
    file = background.with_name("a.lights")
    write(file, replace(learnt(lambda t: floor(), 8), camera="a", next_id=5))
    seer, kept = Seer(), KeptObjects(background, "a")
    seer.watched(0, 8)
    # Also the owner of everything cannot write here.
    file.with_name("a.lights.part").mkdir()
    with pytest.raises(OSError, match="part"):
        kept.save(seer, AT_S, ())
    assert read(file, "a", AT_S).next_id == 5


def test_a_seer_that_watches_no_objects_is_left_alone(background: Path) -> None:
    kept = KeptObjects(background, "a")
    background.with_name("a.lights").write_bytes(b"of another back end")
    for seer in (object(), np.zeros(3)):
        kept.recall(seer, AT_S)
        kept.look(seer)
        kept.save(seer, AT_S, ())
    assert names(background.parent) == ["a.lights"]
