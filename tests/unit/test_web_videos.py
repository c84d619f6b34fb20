"""Videos that somebody wants watched: a real process on real and on broken files; one at a time; nothing is
left of what failed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from dashboard.web.videos import MOST_S, Job, VideoError, Videos, reason, remark
from dashboard.whatif.track import read_track
from tests.clips import write_clip
from tests.unit.fake_monitor import HandClock
from tests.waiting import until

LONG_S = 120


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Videos]:
    found = Videos(tmp_path / "data", HandClock())
    yield found
    found.stop()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    grey = np.full((120, 160, 3), 60, np.uint8)
    return write_clip(tmp_path / "yard.mp4", (grey for _ in range(20)), rate=10)


def begin(desk: Videos, video: Path, name: str = "yard.mp4") -> None:
    desk.start(name, video.stat().st_size, lambda to: to.write_bytes(video.read_bytes()))


def ended(desk: Videos) -> Job:
    def over() -> Job | None:
        job = desk.job
        return job if job is not None and job.state != "running" and not desk._running() else None

    return until(over, LONG_S, "the video is over")


def left(desk: Videos) -> list[str]:
    return sorted(p.name for p in desk._folder.rglob("*") if p.is_file() and p.name != "lock")


def test_a_video_is_watched_and_deleted_and_its_track_stays(desk: Videos, clip: Path) -> None:
    begin(desk, clip, "../../<b>yard</b>.MP4")
    with pytest.raises(VideoError, match="Another video is being watched"):
        begin(desk, clip)
    job = ended(desk)
    if job.state == "failed" and "not installed" in job.why:
        pytest.skip(job.why)
    assert (job.state, job.why) == ("done", ""), job
    (found,) = desk.watched()
    assert found.name == "../../<b>yard</b>.MP4"
    assert len(read_track(found.track).observations) == 20
    assert left(desk) == ["about.json", "video.track.gz"]
    desk.forget("../..")
    desk.forget(found.id)
    assert left(desk) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"This is no video.\n" * 100, "text file, not a video", id="a text"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(os.urandom(5000), "cannot be watched", id="noise"),
    ],
)
def test_what_is_no_video_is_refused_and_gone(desk: Videos, tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x.mp4").write_bytes(content)
    begin(desk, tmp_path / "x.mp4")
    job = ended(desk)
    assert job.state == "failed" and why in job.why and str(tmp_path) not in job.why
    assert left(desk) == [] and desk.watched() == []


def test_it_can_be_cancelled_and_another_one_begins(desk: Videos, clip: Path) -> None:
    begin(desk, clip)
    desk.cancel()
    assert ended(desk).state == "cancelled" and left(desk) == []
    begin(desk, clip)
    assert desk.job is not None and desk.job.state == "running"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_full_disk_is_said_before_and_while_it_is_written(
    desk: Videos, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_to: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(VideoError, match="No space left on device"):
        desk.start("x.mp4", 5, full)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**10, 10**10 - 5, 5))
    with pytest.raises(VideoError, match="too little room"):
        begin(desk, clip)
    assert left(desk) == [] and desk.job is None


def test_a_second_server_on_the_folder_waits_and_sweeps_what_a_killed_one_left(
    desk: Videos, clip: Path, tmp_path: Path
) -> None:
    other = Videos(tmp_path / "data", HandClock())
    lost = tmp_path / "data" / "replays" / ("e" * 16)
    lost.mkdir(parents=True)
    (lost / "video.mp4").write_bytes(b"half")
    begin(desk, clip)
    assert not lost.exists()
    with pytest.raises(VideoError, match="Another video is being watched"):
        begin(other, clip)
    desk.cancel()
    begin(other, clip)
    other.stop()


def test_a_recording_of_ten_hours_is_watched_in_part_and_that_is_said() -> None:
    job = Job("1", "x", "", done_s=600.0, of_s=36_000.0)
    assert job.share == pytest.approx(600 / MOST_S)
    assert "first 20 minutes" in remark(
        f"replay: warning: stopped after {MOST_S:g} s; what there is was watched\n"
    )


@pytest.mark.parametrize(
    ("errors", "code", "why"),
    [
        ("", -9, "ended from outside"),
        ("Traceback\nKeyError: 'x'\n", 1, "could not be watched to its end"),
        ("replay: video.mp4: no picture in the file can be decoded\n", 2, "watched: no picture in the file"),
        ("replay: /a/b/video.mp4: cannot be written: No space left\n", 2, "cannot be written: No space left"),
    ],
)
def test_why_it_failed_is_one_sentence(errors: str, code: int, why: str) -> None:
    assert why in reason(errors, code) and "\n" not in reason(errors, code)
