"""Recorded video: every frame with its own time, whatever the file is like."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from dashboard.clock import SystemClock
from dashboard.settings import SourceSettings
from dashboard.source import SourceError, open_source, probe
from dashboard.source.file import FileSource
from dashboard.source.pictures import display_matrix, upright
from dashboard.values import CameraSpec, Frame, Image, Pace, SourceKind
from tests.clips import damage, number_in, picture, turn, write_clip, write_sound


def spec_of(path: Path | str, **changes: object) -> CameraSpec:
    values = {"loop": False, "pace": Pace.FASTEST} | changes
    return CameraSpec("clip", "Clip", SourceKind.FILE, str(path), **values)  # type: ignore[arg-type]


def frames_of(path: Path | str, **changes: object) -> list[Frame]:
    return list(FileSource(spec_of(path, **changes), SystemClock()).frames())


def reason_of(path: Path | str) -> str:
    with pytest.raises(SourceError) as caught:
        frames_of(path)
    return caught.value.reason


def test_every_frame_in_order_with_the_files_own_times(tmp_path: Path) -> None:
    frames = frames_of(write_clip(tmp_path / "a.mp4"))
    assert [number_in(f.image) for f in frames] == list(range(30))
    assert [f.t for f in frames] == pytest.approx([n / 25 for n in range(30)], abs=0.001)
    assert [f.index for f in frames] == list(range(1, 31))
    assert all(f.image.flags.c_contiguous and f.image.dtype == np.uint8 for f in frames)
    assert {f.camera for f in frames} == {"clip"}


def test_twice_the_same(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", options={"bf": "3"})
    damage(path, seed=5)
    first, second = frames_of(path), frames_of(path)
    assert [f.t for f in first] == [f.t for f in second]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))


FORMATS = [
    ("a.mp4", "libx264", "yuv420p"),
    ("b-frames.mp4", "libx264", "yuv420p"),
    ("a.mkv", "libx264", "yuv444p"),
    ("ten-bit.mkv", "libx264", "yuv420p10le"),
    ("gray.mkv", "libx264", "gray"),
    ("a.webm", "libvpx-vp9", "yuv420p"),
    ("alpha.mkv", "ffv1", "yuva420p"),
    ("rgb.mkv", "ffv1", "bgr0"),
    ("a.avi", "mjpeg", "yuvj420p"),
    ("full-range.avi", "mjpeg", "yuvj422p"),
    ("a.avi", "mpeg4", "yuv420p"),
    ("a.ts", "mpeg2video", "yuv420p"),
    ("a.mov", "prores_ks", "yuv422p10le"),
]


@pytest.mark.parametrize(("name", "codec", "pixels"), FORMATS, ids=[f"{c}-{p}-{n}" for n, c, p in FORMATS])
def test_formats(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    options = {"bf": "3"} if name.startswith("b-") else {}
    path = write_clip(tmp_path / name, codec=codec, pixels=pixels, options=options)
    frames = frames_of(path)
    assert [number_in(f.image) for f in frames] == list(range(30))
    assert {f.image.shape for f in frames} == {(240, 320, 3)}


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "gray"])
def test_black_is_black_and_white_is_white(tmp_path: Path, pixels: str) -> None:
    halves = picture(0b11111)
    image = frames_of(write_clip(tmp_path / "a.mkv", [halves], codec="libx264", pixels=pixels))[0].image
    assert image[10, 5].min() >= 248 and image[10, -5].max() <= 7


@pytest.mark.parametrize("size_wh", [(16, 16), (2, 2), (321, 243), (127, 33), (1921, 1081)], ids=str)
def test_odd_sizes(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    images = [picture(n, size_wh) for n in range(3)]
    path = write_clip(tmp_path / "a.mkv", images, codec="ffv1", pixels="bgr0")
    frames = frames_of(path)
    assert all(np.array_equal(f.image, i) for f, i in zip(frames, images, strict=True))


def corners(image: Image) -> list[str]:
    """Left top, right top, left bottom, right bottom, by their strongest colour."""
    height, width, _ = image.shape
    spots = [
        image[y, x] for y in (height // 8, height - height // 8) for x in (width // 8, width - width // 8)
    ]
    names = ("blue", "green", "red")
    return ["white" if s.min() > 128 else names[int(s.argmax())] for s in spots]


def four_corners() -> Image:
    image = np.zeros((120, 160, 3), np.uint8)
    image[:60, :80], image[:60, 80:] = (255, 0, 0), (0, 255, 0)
    image[60:, :80], image[60:, 80:] = (0, 0, 255), (255, 255, 255)
    return image


TURNS = [
    ("as it is", (1, 0, 0, 1), ["blue", "green", "red", "white"]),
    ("phone upright, a quarter clockwise", (0, 1, -1, 0), ["red", "blue", "white", "green"]),
    ("upside down", (-1, 0, 0, -1), ["white", "red", "green", "blue"]),
    ("a quarter counter-clockwise", (0, -1, 1, 0), ["green", "white", "blue", "red"]),
    ("front camera, mirrored", (-1, 0, 0, 1), ["green", "blue", "white", "red"]),
    ("flipped", (1, 0, 0, -1), ["red", "white", "blue", "green"]),
    ("transposed", (0, 1, 1, 0), ["blue", "red", "green", "white"]),
]


@pytest.mark.parametrize(("matrix", "seen"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_turned_as_the_phone_says(tmp_path: Path, matrix: tuple[int, int, int, int], seen: list[str]) -> None:
    path = write_clip(tmp_path / "a.mp4", [four_corners()] * 3)
    turn(path, matrix)
    images = [f.image for f in frames_of(path)]
    assert [corners(i) for i in images] == [seen] * 3
    assert images[0].shape == ((160, 120, 3) if matrix[0] == 0 else (120, 160, 3))
    assert all(i.flags.c_contiguous for i in images)


def test_turning_alone() -> None:
    image = four_corners()
    assert np.array_equal(upright(image, None), image)
    skewed = np.array([0x9000, 0x8000, 0, -0x8000, 0x9000, 0, 0, 0, 1 << 30], "<i4").tobytes()
    assert display_matrix(skewed) == (1, 0, 0, 1)


def test_variable_rate(tmp_path: Path) -> None:
    stamps = [0, 40, 50, 1000, 1033, 4000]
    path = write_clip(tmp_path / "a.mkv", [picture(n) for n in range(6)], stamps_ms=stamps)
    assert [f.t for f in frames_of(path)] == pytest.approx([s / 1000 for s in stamps], abs=0.001)


def test_thinned(tmp_path: Path) -> None:
    frames = frames_of(write_clip(tmp_path / "a.mp4"), max_fps=5)
    assert [number_in(f.image) for f in frames] == [0, 5, 10, 15, 20, 25]


@pytest.mark.parametrize("count", [30, 10, 1])
def test_loops_go_on_counting(tmp_path: Path, count: int) -> None:
    path = write_clip(tmp_path / "a.mp4", [picture(n) for n in range(count)])
    source = FileSource(spec_of(path, loop=True), SystemClock())
    frames = list(itertools.islice(source.frames(), 75))
    assert [number_in(f.image) for f in frames] == [n % count for n in range(75)]
    assert [f.t for f in frames] == pytest.approx([n / 25 for n in range(75)], abs=0.002)
    assert frames[-1].index == 75


def test_vanishing_while_looping(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4")
    frames = FileSource(spec_of(path, loop=True), SystemClock()).frames()
    assert number_in(next(frames).image) == 0
    path.unlink()
    with pytest.raises(SourceError, match="there is no file at"):
        list(frames)


def test_at_its_own_pace(tmp_path: Path) -> None:
    clock = SystemClock()
    path = write_clip(tmp_path / "a.mp4")
    start = clock.monotonic()
    frames = [
        (f.t, clock.monotonic()) for f in FileSource(spec_of(path, pace=Pace.REAL_TIME), clock).frames()
    ]
    took = clock.monotonic() - start
    assert 1.1 < took < 4.0
    assert all(t <= now for t, now in frames)
    assert frames[-1][0] - frames[0][0] == pytest.approx(29 / 25, abs=0.01) or took > 2


class HurryingClock(SystemClock):
    """A machine on which every look at the clock costs `cost_s`."""

    def __init__(self, cost_s: float) -> None:
        self.now = 100.0
        self.cost_s = cost_s

    def monotonic(self) -> float:
        self.now += self.cost_s
        return self.now


def test_on_a_slow_machine_frames_are_left_out_and_never_old(tmp_path: Path) -> None:
    clock = HurryingClock(0.1)
    source = FileSource(spec_of(write_clip(tmp_path / "a.mp4"), pace=Pace.REAL_TIME), clock)
    ages = [clock.now - f.t for f in source.frames()]
    assert source.progress.late > 5 and len(ages) > 5
    assert max(ages) < 1.2


def test_close_ends_a_waiting_source(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", [picture(n) for n in range(3)], stamps_ms=[0, 20_000, 40_000])
    source = FileSource(spec_of(path, pace=Pace.REAL_TIME), SystemClock())
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == []


def test_truncated(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", [picture(n) for n in range(60)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    numbers = [number_in(f.image) for f in frames_of(path)]
    assert 15 < len(numbers) < 50 and numbers == list(range(len(numbers)))


def test_truncated_without_its_index(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert reason_of(path) == "this is not a video, or its end is missing (a recording that was cut off)"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.avi", "a.h264"])
def test_damage_costs_little_but_itself(tmp_path: Path, name: str, seed: int) -> None:
    path = write_clip(tmp_path / name, [picture(n) for n in range(60)], gop=10)
    damage(path, seed)
    source = FileSource(spec_of(path), SystemClock())
    frames = list(source.frames())
    numbers = [number_in(f.image) for f in frames]
    assert numbers[:10] == list(range(10)) and numbers[-5:] == list(range(55, 60))
    assert source.progress.corrupt > 0
    assert len(set(numbers) & set(range(60))) >= 30
    assert all(b.t > a.t for a, b in itertools.pairwise(frames))


def test_not_a_video(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("This is no video.\n" * 1000)
    german = tmp_path / "german.mp4"
    german.write_text("Das ist kein Video, sondern ein längerer Text. " * 400)
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    noise = tmp_path / "noise.avi"
    noise.write_bytes(np.random.default_rng(1).bytes(100_000))
    assert reason_of(text) == reason_of(german) == "this is a text file, not a video"
    assert reason_of(empty) == "the file is empty"
    assert reason_of(noise) == "this is not a video that can be read"
    assert reason_of(tmp_path / "none.mp4") == f"there is no file at {tmp_path / 'none.mp4'}"
    assert reason_of(tmp_path) == f"{tmp_path} is a folder, not a video"
    assert reason_of("") == reason_of("a\0b") == "no file is named"
    assert reason_of("/dev/null") == "/dev/null is not a file"


def test_only_sound(tmp_path: Path) -> None:
    assert reason_of(write_sound(tmp_path / "a.m4a")) == "the file has no video"


def test_lists_of_other_files_are_not_followed(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4")
    play_list = tmp_path / "list.m3u8"
    play_list.write_text(f"#EXTM3U\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n")
    concat = tmp_path / "list.ffconcat"
    concat.write_text(f"ffconcat version 1.0\nfile '{clip.name}'\n")
    assert reason_of(play_list) == reason_of(concat) == "this is a text file, not a video"


@pytest.mark.parametrize("name", ["concat:a.mp4", "http:__x.mp4", "a%03d b'$(x).mp4", "ünï.mp4", "-i.mp4"])
def test_odd_names_are_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_clip(tmp_path / "plain.mp4").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(frames_of(tmp_path / name)) == len(frames_of(name)) == 30


def test_probe_gives_one_picture_or_the_reason(tmp_path: Path) -> None:
    clock, settings = SystemClock(), SourceSettings()
    frame = probe(spec_of(write_clip(tmp_path / "a.mp4")), clock, settings)
    assert number_in(frame.image) == 0
    with pytest.raises(SourceError, match="there is no file at"):
        probe(spec_of(tmp_path / "none.mp4"), clock, settings)
    source = open_source(spec_of(tmp_path / "none.mp4"), clock, settings)
    source.close()
    assert isinstance(source, FileSource)
