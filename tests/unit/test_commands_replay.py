"""The replay command on recordings made here, seen by a seer that finds bright upright blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dashboard.__main__ import main
from dashboard.commands import replay
from dashboard.commands.replaying.outputs import event_line
from dashboard.monitor.pipeline import CameraPipeline
from dashboard.settings import Settings
from dashboard.track import Tracker
from dashboard.values import Detection, Frame, Image, Mode, Sighting, Track, Zone
from dashboard.whatif.judging import Variant, judged
from dashboard.whatif.track import read_track
from tests.clips import write_clip
from tests.material import material

SIZE_WH = (320, 240)


class BlockSeer:
    """Finds the bright blocks that `scene` draws."""

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting:
        grey = cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY)
        count, _, stats, _ = cv2.connectedComponentsWithStats((grey > 150).astype(np.uint8))
        boxes = [stats[i, :4].tolist() for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 100]
        people = tuple(Detection((x, y, x + w, y + h), 0.9, finder="blocks") for x, y, w, h in boxes)
        size_wh = (frame.image.shape[1], frame.image.shape[0])
        return Sighting(frame.camera, frame.t, size_wh, people)

    def empty_picture(self) -> Image | None:
        return None


@pytest.fixture(autouse=True)
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real" in request.node.name:
        return

    def build(
        camera: str, settings: Settings, threads: int, zones: Sequence[Zone] = (), backend: str = ""
    ) -> CameraPipeline:
        return CameraPipeline(BlockSeer(), Tracker(settings.track), zones)

    monkeypatch.setattr(replay, "build_pipeline", build)


def scene(k: int, x: float = 40, speed: float = 2) -> Image:
    """Picture k: somebody walks to the right."""
    image = np.full((SIZE_WH[1], SIZE_WH[0], 3), 40, np.uint8)
    left = round(x + speed * k)
    image[80:160, left : left + 32] = 230
    return image


def walk(frames: int = 60, x: float = 40, speed: float = 2) -> Iterator[Image]:
    return (scene(k, x, speed) for k in range(frames))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "yard.mp4", walk(), rate=10)


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, list[str], str]:
    """Exit code, lines of the output, the error text."""
    code = main(["replay", *map(str, words)])
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def events_in(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_last_line_tells_frames_times_and_events(capsys: pytest.CaptureFixture[str], clip: Path) -> None:
    code, out, err = run(capsys, clip)
    told = json.loads(out[-1])
    assert (code, err) == (0, "")
    assert list(told) == ["frames", "video_s", "wall_s", "frames_per_s", "events"]
    assert told["frames"] == 60
    assert told["video_s"] == pytest.approx(6.0, abs=0.05)
    assert told["events"]["person_entered"] == 1


def test_tracks_are_motchallenge_rows_in_pixels(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    run(capsys, clip, "--tracks", tmp_path / "t.txt")
    rows = np.loadtxt(tmp_path / "t.txt", delimiter=",")
    assert rows.shape[1] == 10
    assert set(rows[:, 1]) == {1}
    assert rows[-1, 0] == 60
    assert rows[-1, 2:6] == pytest.approx([40 + 2 * 59, 80, 32, 80], abs=4)
    assert (rows[:, 7:] == -1).all()


def test_two_runs_give_the_same_bytes(capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    for run_name in ("a", "b"):
        run(
            capsys, clip, "--tracks", tmp_path / f"{run_name}.txt", "--events", tmp_path / f"{run_name}.jsonl"
        )
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes() != b""
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes() != b""


def frames_of(video: Path) -> Iterator[Image]:
    with av.open(str(video)) as container:
        yield from (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))


def test_the_real_pipeline_gives_the_same_bytes_twice(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Every other picture: the pipeline takes a tenth of a second for each, and both runs see the same.
    pictures = list(frames_of(material("fall/corridor_fall.mp4")))[::2]
    video = write_clip(tmp_path / "fall.mp4", pictures, rate=12)
    for name in ("a", "b"):
        words = ("--tracks", tmp_path / f"{name}.txt", "--events", tmp_path / f"{name}.jsonl")
        code, _, err = run(capsys, video, *words)
        if code == 2 and "not installed" in err:
            pytest.skip(err.strip())
        assert code == 0, err
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes() != b""
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_several_sources_are_cameras_in_step(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    other = write_clip(tmp_path / "gate.mp4", walk(60, x=20), rate=10)
    code, out, _ = run(capsys, clip, other, "--tracks", tmp_path / "t.txt", "--events", tmp_path / "e.jsonl")
    assert code == 0
    assert json.loads(out[-1])["frames"] == 120
    assert (tmp_path / "t-yard.txt").stat().st_size and (tmp_path / "t-gate.txt").stat().st_size
    events = events_in(tmp_path / "e.jsonl")
    assert {e["camera"] for e in events if e["kind"] == "person_entered"} == {"yard", "gate"}
    times = [float(str(e["t"])) for e in events]
    assert times == sorted(times)


def test_cameras_of_the_same_name_are_told_apart(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    other = write_clip(tmp_path / "b" / "yard.mp4", walk(20), rate=10)
    assert run(capsys, clip, other, "--tracks", tmp_path / "t.txt")[0] == 0
    assert (tmp_path / "t-yard-2.txt").exists()


def test_a_camera_that_ends_before_the_others_is_offline(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    short = write_clip(tmp_path / "short.mp4", walk(10), rate=10)
    run(capsys, clip, short, "--events", tmp_path / "e.jsonl")
    offline = [e for e in events_in(tmp_path / "e.jsonl") if e["kind"] == "camera_offline"]
    assert [e["camera"] for e in offline] == ["short"]


def test_a_gap_is_blind_and_keeps_the_identity(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    stamps = [100 * k for k in range(30)] + [2900 + 14000 + 100 * k for k in range(30)]
    gap = write_clip(tmp_path / "gap.mkv", walk(60, speed=0.5), stamps_ms=stamps)
    words = ("--events", tmp_path / "e.jsonl", "--tracks", tmp_path / "t.txt")
    assert run(capsys, gap, *words)[0] == 0
    assert {"camera_blind", "camera_offline"} & {e["kind"] for e in events_in(tmp_path / "e.jsonl")}
    assert set(np.loadtxt(tmp_path / "t.txt", delimiter=",")[:, 1]) == {1}


def test_who_is_in_a_mask_is_not_there(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    zone = {"camera": "yard", "name": "street", "kind": "mask", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    (tmp_path / "z.json").write_text(json.dumps([zone]))
    run(capsys, clip, "--zones", tmp_path / "z.json", "--tracks", tmp_path / "t.txt")
    assert (tmp_path / "t.txt").read_text() == ""


def test_video_is_h264_of_every_frame(capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path) -> None:
    assert run(capsys, clip, "--video", tmp_path / "out.mp4")[0] == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        frames = list(container.decode(video=0))
    assert len(frames) == 60
    assert frames[-1].time == pytest.approx(5.9, abs=0.02)


def test_a_recording_that_was_cut_off_is_watched_as_far_as_it_goes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    whole = write_clip(tmp_path / "whole.mkv", walk(100, speed=1), rate=10)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    code, out, err = run(capsys, cut, "--events", tmp_path / "e.jsonl")
    assert code == 0
    assert 0 < json.loads(out[-1])["frames"] < 100
    assert "warning" in err and "cut" in err
    assert "camera_offline" in {e["kind"] for e in events_in(tmp_path / "e.jsonl")}


def _nothing(folder: Path) -> list[str]:
    return [str(folder / "absent.mp4")]


def _empty(folder: Path) -> list[str]:
    (folder / "empty.mp4").write_bytes(b"")
    return [str(folder / "empty.mp4")]


def _text(folder: Path) -> list[str]:
    (folder / "notes.mp4").write_text("This is no video at all.\n" * 50)
    return [str(folder / "notes.mp4")]


def _yard(folder: Path, *words: str) -> list[str]:
    return [str(folder / "yard.mp4"), *words]


BAD_CALLS = {
    "missing file": (_nothing, "absent.mp4", "no file"),
    "empty file": (_empty, "empty.mp4", "empty"),
    "text named mp4": (_text, "notes.mp4", "text"),
    "folder": (lambda f: [str(f)], "", "folder"),
    "no such folder for events": (
        lambda f: _yard(f, "--events", f"{f}/no/e.jsonl"),
        "e.jsonl",
        "No such file",
    ),
    "no such folder for video": (lambda f: _yard(f, "--video", f"{f}/no/o.mp4"), "o.mp4", "No such file"),
    "full disk for tracks": (lambda f: _yard(f, "--tracks", "/dev/full"), "/dev/full", "No space left"),
    "full disk for events": (lambda f: _yard(f, "--events", "/dev/full"), "/dev/full", "No space left"),
    "full disk for video": (lambda f: _yard(f, "--video", "/dev/full"), "/dev/full", "No space left"),
    "output over the source": (lambda f: _yard(f, "--video", f"{f}/yard.mp4"), "yard.mp4", "already"),
    "two outputs in one": (lambda f: _yard(f, "--events", f"{f}/o", "--tracks", f"{f}/o"), "o", "already"),
    "no zones file": (lambda f: _yard(f, "--zones", f"{f}/z.json"), "z.json", "No such file"),
    "unknown setting": (lambda f: _yard(f, "--set", "track.nothing=1"), "track.nothing", "no setting"),
    "setting without value": (lambda f: _yard(f, "--set", "track"), "track", "KEY=VALUE"),
    "setting out of range": (lambda f: _yard(f, "--set", "track.lost_keep_s=-1"), "lost_keep_s", "range"),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_bad_input_is_one_line_and_exit_2(
    name: str, capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    words, what, why = BAD_CALLS[name]
    code, out, err = run(capsys, *words(tmp_path))
    assert code == 2
    assert out == []
    assert len(err.splitlines()) == 1
    assert what in err and why in err
    assert clip.stat().st_size > 0


BAD_ZONES = {
    "not json": ("{", "JSON"),
    "no list": ("{}", "list"),
    "no object": ("[3]", "zone 0"),
    "no kind": ('[{"camera": "a", "name": "b", "polygon": []}]', "kind"),
    "unknown kind": ('[{"camera": "a", "name": "b", "kind": "sea", "polygon": []}]', "sea"),
    "two points": ('[{"camera": "a", "name": "b", "kind": "water", "polygon": [[0, 0], [1, 1]]}]', "polygon"),
    "out of range": (
        '[{"camera": "a", "name": "b", "kind": "water", "polygon": [[0, 0], [320, 0], [1, 1]]}]',
        "320",
    ),
}


@pytest.mark.parametrize("name", BAD_ZONES)
def test_bad_zones_name_file_zone_and_why(
    name: str, capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    text, why = BAD_ZONES[name]
    (tmp_path / "zones.json").write_text(text)
    code, _, err = run(capsys, clip, "--zones", tmp_path / "zones.json")
    assert code == 2
    assert "zones.json" in err and why in err
    assert len(err.splitlines()) == 1


def test_the_track_of_observations_is_judged_again_to_the_same_events(
    capsys: pytest.CaptureFixture[str], clip: Path, tmp_path: Path
) -> None:
    run(capsys, clip, "--observations", tmp_path / "o.track.gz", "--events", tmp_path / "e.jsonl")
    track = read_track(tmp_path / "o.track.gz")
    assert (track.about.camera, track.about.size_wh, track.about.mode) == ("yard", SIZE_WH, Mode.WATCH)
    assert len(track.observations) == 60
    again = [json.loads(event_line(e)) for e in judged(track, Settings(), Variant("", {})).events]
    assert again == events_in(tmp_path / "e.jsonl") and again


def test_it_says_how_far_it_is_takes_fewer_frames_and_stops_in_time(
    capsys: pytest.CaptureFixture[str], clip: Path
) -> None:
    code, out, err = run(capsys, clip, "--progress", "--fps", "5", "--seconds", "2")
    first = json.loads(out[0])
    assert (code, first["of_s"]) == (0, pytest.approx(6.0, abs=0.1)) and first["done_s"] >= 0
    assert json.loads(out[-1])["frames"] == pytest.approx(11, abs=1)
    assert "stopped after 2 s; what there is was watched" in err
