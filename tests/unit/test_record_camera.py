"""One camera's recorder: what is in a clip, and what it costs when something fails."""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from dashboard.record.clip import salvaged
from dashboard.record.coding import Coded, Coder, CodingError, Ring, fitted
from dashboard.record.movie import joined
from dashboard.record.seal import new_seal, opened_seal
from dashboard.record.sealed import read_sealed
from dashboard.record.twin import drawn
from dashboard.values import Image
from dashboard.whatif.track import read_track
from tests.clips import number_in
from tests.unit.record_stage import (
    CLIP,
    HEAD,
    OTHER,
    SIZE_WH,
    SKIN_BGR,
    Stage,
    cat,
    empty_place,
    observed,
    pictures_of,
    walker,
    with_person,
)

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def seal() -> Any:
    return new_seal(PASSPHRASE)


def real_of(stage: Stage, seal: Any, clip: str = CLIP) -> list[tuple[float, Any]]:
    private = opened_seal(seal, PASSPHRASE)
    data, whole = read_sealed(stage.day / f"{clip}.sealed", clip, private)
    assert whole
    return pictures_of(io.BytesIO(joined(data)))


def thumb_of(stage: Stage) -> Image:
    found = cv2.imread(str(stage.day / f"{CLIP}.jpg"))
    assert found is not None
    return np.asarray(found, np.uint8)


@pytest.mark.parametrize("fps", [2, 10, 25])
def test_a_clip_begins_ten_seconds_before_and_ends_ten_after(tmp_path: Path, seal: Any, fps: int) -> None:
    stage = Stage(tmp_path, seal.public).run(20, fps).order().run(12, fps, person=300.0)
    (told,) = stage.told
    assert not told.why and told.sealed and not told.open
    assert 1007.9 <= told.began_t <= 1010.01 and 1029.0 <= told.ended_t <= 1030.01
    real = real_of(stage, seal)
    assert number_in(real[0][1]) == round((told.began_t - 1000) * fps)
    assert real[-1][0] == pytest.approx(told.ended_t - told.began_t, abs=0.01)
    assert len(real) == round((told.ended_t - told.began_t) * fps) + 1
    times = [t for t, _ in pictures_of(stage.video())]
    assert times[0] == 0 and times[-1] == pytest.approx(real[-1][0], abs=0.01)
    assert stage.names() == [f"{CLIP}.{ending}" for ending in ("jpg", "mp4", "sealed", "track.gz")]
    assert told.bytes == sum(path.stat().st_size for path in stage.day.iterdir())


def test_every_browser_plays_it_from_its_first_byte(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12, person=300.0).order().run(12, person=300.0)
    data = stage.video().read_bytes()
    assert data.find(b"moov") < data.find(b"mdat"), "its index comes first"
    assert b"avc1" in data[:2000]
    with av.open(str(stage.video())) as opened:
        (stream,) = opened.streams
        context = stream.codec_context
        assert (context.name, context.pix_fmt, context.profile) == ("h264", "yuv420p", "Constrained Baseline")
        whole = [
            float(p.pts * p.time_base) for p in opened.demux(stream) if p.dts is not None and p.is_keyframe
        ]
    assert np.diff(whole).max() <= 2.2, "seeking finds a whole picture near"


def test_the_redacted_picture_has_skeletons_and_nothing_of_the_frame(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(12, image=with_person(), person=300.0)
    shown = [image for _, image in pictures_of(stage.video())]
    shown.append(thumb_of(stage))
    for image in shown:
        away = np.abs(image.astype(int) - SKIN_BGR).sum(axis=2)
        assert (away < 120).sum() == 0
    changed = np.abs(shown[-1].astype(int) - empty_place()[0, 0]).sum(axis=2) > 60
    assert changed.sum() > 200, "the skeleton is on the thumbnail"


def test_a_person_who_is_drawn_is_where_the_track_says(tmp_path: Path) -> None:
    image = drawn(empty_place(), observed(5.0, [walker(5.0, 300.0)]))
    rows, columns = np.nonzero(np.abs(image.astype(int) - empty_place()).sum(axis=2))
    assert columns.min() > 270 and columns.max() < 340 and rows.min() > 80 and rows.max() < 280
    lost = observed(9.0, [walker(5.0, 300.0)])
    assert np.array_equal(drawn(empty_place(), lost), empty_place()), "where somebody was is not shown as is"


def test_a_second_detection_makes_the_clip_longer_and_a_later_one_its_own(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(5).order().run(12).order(OTHER).run(12)
    first, second = stage.told
    assert (first.clip, second.clip) == (CLIP, OTHER)
    assert first.ended_t - first.began_t == pytest.approx(25, abs=2.1)
    assert second.ended_t - second.began_t == pytest.approx(20, abs=2.1)


def test_a_clip_that_is_over_is_not_begun_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(12)
    there = stage.video().read_bytes()
    stage.order(longer=True).run(12)
    assert stage.video().read_bytes() == there and [told.clip for told in stage.told] == [CLIP]


def test_a_clip_that_waits_for_a_picture_can_be_made_longer(tmp_path: Path) -> None:
    stage = Stage(tmp_path).order().order(until_s=20.0, longer=True).run(22)
    (told,) = stage.told
    assert not told.why and told.ended_t - told.began_t == pytest.approx(20, abs=1.1), (
        "a calm second is one picture"
    )


def test_two_clips_at_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(2).order(OTHER).run(14)
    assert {told.clip for told in stage.told} == {CLIP, OTHER} and not any(told.why for told in stage.told)


def test_the_track_is_what_was_judged_with_the_clips_own_time(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12, person=300.0).order()
    stage.recorder.people(({"id": 7, "name": "Mia"},))
    stage.run(12, person=300.0)
    track = stage.day / f"{CLIP}.track.gz"
    found = read_track(track)
    assert (found.about.camera, found.about.size_wh) == ("pool", SIZE_WH)
    times = [one.t for one in found.observations]
    (told,) = stage.told
    assert times[0] == 0 and times[-1] == pytest.approx(told.ended_t - told.began_t, abs=0.01)
    person = found.observations[-1].people[0]  # type: ignore[index]
    assert person.seen_t == times[-1] and person.pose_t == times[-1]
    lines = [json.loads(line) for line in gzip.decompress(track.read_bytes()).splitlines()]
    assert lines[0]["mode"] == "watch" and [one["site"] for one in lines if "site" in one] == [
        [{"id": 7, "name": "Mia"}]
    ]


def test_a_picture_of_another_size_ends_the_clip_and_the_next_one_has_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(4).run(1, size_wh=(320, 240))
    (told,) = stage.told
    assert told.cut and not told.why and told.ended_t - told.began_t == pytest.approx(14, abs=2.1)
    stage.order(OTHER).run(12, size_wh=(320, 240))
    assert stage.told[1].size_wh == (320, 240) and pictures_of(stage.video(OTHER))[0][1].shape == (
        240,
        320,
        3,
    )


def test_before_there_is_a_passphrase_no_real_picture_stays(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(12, person=300.0)
    assert stage.names() == [f"{CLIP}.{ending}" for ending in ("jpg", "mp4", "track.gz")]
    assert not stage.told[0].sealed


ALONE: Any = {"things": [cat()]}
LARGE, SMALL = [400, 60, 440, 160], [400, 60, 406, 68]


@pytest.mark.parametrize(
    ("seen", "may_open", "opened"),
    [
        (ALONE, True, True),
        ({**ALONE, "foreground": [[195, 195, 265, 245]]}, True, True),
        ({**ALONE, "foreground": [SMALL]}, True, True),
        (ALONE, False, False),
        ({**ALONE, "foreground": [LARGE]}, True, False),
        ({**ALONE, "patches": [[LARGE, None]]}, True, False),
        ({**ALONE, "person": 300.0}, True, False),
        ({}, True, False),
        ({"things": [{**cat(), "label": "sports ball"}]}, True, False),
        # What only moves like an animal may be a child that crawls.
        ({"things": [{**cat(), "label": "animal", "finder": "motion"}]}, True, False),
    ],
)
def test_only_animals_need_no_seal(
    tmp_path: Path, seen: dict[str, Any], may_open: bool, opened: bool
) -> None:
    stage = Stage(tmp_path).run(12).order(may_open=may_open).run(12, image=with_person(), **seen)
    (told,) = stage.told
    assert told.open is opened and not told.sealed and not told.why
    last = pictures_of(stage.video())[-1][1][180, 320].astype(int)
    thumb = thumb_of(stage)
    assert bool(np.abs(last - SKIN_BGR).sum() < 60) is opened
    assert bool(np.abs(thumb[135, 240].astype(int) - SKIN_BGR).sum() < 60) is opened
    assert stage.names() == [f"{CLIP}.{ending}" for ending in ("jpg", "mp4", "track.gz")]


def test_somebody_in_the_seconds_before_keeps_it_sealed(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(8).run(1, person=300.0).run(3).order(may_open=True).run(12, **ALONE)
    assert not stage.told[0].open


def test_a_dead_encoder_costs_the_clip_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path).run(12).order().run(2)

    def broken(*_: Any) -> Coded:
        raise CodingError("no such device")

    with monkeypatch.context() as patched:
        patched.setattr(Coder, "encode", broken)
        stage.run(1)
    assert "no such device" in stage.recorder.why
    assert stage.told[0].cut and stage.video().exists(), "what there was is kept"
    stage.run(20).order(OTHER).run(12)
    assert stage.recorder.why == "" and not stage.told[1].why


def test_a_folder_that_cannot_be_written_costs_the_clip(tmp_path: Path) -> None:
    (tmp_path / "clips").write_text("in the way")
    stage = Stage(tmp_path).run(12).order().run(12)
    assert [told.why for told in stage.told] == ["Not a directory"] or stage.told[0].why


def test_an_order_before_the_first_picture_waits_and_ends(tmp_path: Path) -> None:
    stage = Stage(tmp_path).order().run(12)
    assert not stage.told[0].why and stage.told[0].began_t == pytest.approx(1000, abs=0.2)
    quiet = Stage(tmp_path).order(OTHER)
    quiet.recorder.turn(quiet.t + 11)
    assert quiet.told[0].why == "there was no picture"


def test_what_a_killed_process_left_is_finished(tmp_path: Path, seal: Any) -> None:
    stage = Stage(tmp_path, seal.public).run(12).order().run(6, person=300.0).killed()
    assert all(name.endswith((".part", ".jpg")) for name in stage.names())
    length_s = salvaged(stage.day, CLIP)
    assert length_s is not None and 13 < length_s < 18
    assert stage.names() == [f"{CLIP}.{ending}" for ending in ("jpg", "mp4", "sealed", "track.gz")]
    assert len(pictures_of(stage.video())) >= 40
    track = stage.day / f"{CLIP}.track.gz"
    assert len(read_track(track).observations) > 50
    # A browser shows nothing of one that breaks off.
    assert gzip.decompress(track.read_bytes()).endswith(b"}\n")
    data, whole = read_sealed(stage.day / f"{CLIP}.sealed", CLIP, opened_seal(seal, PASSPHRASE))
    assert not whole and len(pictures_of(io.BytesIO(joined(data)))) > 100


@pytest.mark.parametrize("keep", [0, 10, 700, 3000])
def test_a_video_that_broke_off_anywhere_is_finished_or_dropped(tmp_path: Path, keep: int) -> None:
    stage = Stage(tmp_path).run(12).order().run(6, person=300.0).killed()
    part = stage.day / f"{CLIP}.mp4.part"
    os.truncate(part, min(keep, part.stat().st_size))
    length_s = salvaged(stage.day, CLIP)
    assert (length_s is not None) is stage.video().exists()
    assert length_s is not None or stage.names() == []


def test_the_last_seconds_have_an_end_in_memory() -> None:
    ring = Ring(10, 1000)
    for n in range(5000):
        ring.put(Coded(n / 10, b"x" * 10, n % 20 == 0))
        assert ring.bytes <= 1000 + 20 * 10
    assert ring.since(0)[0].whole and ring.since(499.9)[0].t == 498.0
    assert Ring(10, 1000).since(5) == ()
    late = Ring(10, 1000)
    late.put(Coded(1.0, b"x", False))
    assert late.since(0) == (), "a part of a picture is none"


def test_calm_costs_one_picture_a_second(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(12)
    assert len(pictures_of(stage.video())) <= 24


@pytest.mark.parametrize(
    ("size_wh", "fits_wh"),
    [((1920, 1080), (960, 540)), ((640, 360), (640, 360)), ((641, 361), (640, 360)), ((1, 1), (2, 2))],
)
def test_sides_are_even_and_never_enlarged(size_wh: tuple[int, int], fits_wh: tuple[int, int]) -> None:
    assert fitted(np.zeros((size_wh[1], size_wh[0], 3), np.uint8), 960).shape[1::-1] == fits_wh


def test_the_head_is_the_judges(tmp_path: Path) -> None:
    stage = Stage(tmp_path).run(12).order().run(12)
    head = json.loads(gzip.decompress((stage.day / f"{CLIP}.track.gz").read_bytes()).splitlines()[0])
    assert head == {**HEAD, "size": list(SIZE_WH)}
