"""`python -m dashboard replay SOURCE...`: the live pipeline over recorded video, as fast as it goes.

The video's own time is the time; the same sources and settings give the same tracks and events, byte by
byte. Several sources are cameras of one site, in step; tracks and video are then one file a camera, the
camera's name added to the file's (`tracks.txt` -> `tracks-cam0.txt`). The last line printed is JSON;
`wall_s` is the time of the work without the loading of the models.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from dashboard.backends import BACKENDS, DEFAULT
from dashboard.clock import Clock, SystemClock
from dashboard.commands.background import go_behind
from dashboard.commands.replaying.drawing import VideoFile
from dashboard.commands.replaying.observing import ObservationFile
from dashboard.commands.replaying.outputs import Outputs
from dashboard.commands.replaying.progress import Progress
from dashboard.commands.replaying.recordings import Recording, in_step, recordings_of
from dashboard.commands.replaying.site import Camera, Site
from dashboard.commands.replaying.writing import OutputError, TextFile
from dashboard.monitor.pipeline import build_pipeline
from dashboard.rules import judge
from dashboard.rules.judge import judge_start
from dashboard.rules.scale import Scale
from dashboard.rules.templates import templates_of
from dashboard.rules.world import World
from dashboard.rules.zonefile import ZoneError, parse_scales, parse_zones
from dashboard.rules.zones import zones_of
from dashboard.settings import SettingError, Settings, pairs_of
from dashboard.source import SourceError
from dashboard.values import Mode, SourceKind, Zone
from dashboard.vision import VisionError
from dashboard.weights import WeightsError
from dashboard.whatif.track import About

_Output = TypeVar("_Output")
WHOLE_PICTURE = "whole picture"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="a video, or simulated:STORY:VIEW")
    parser.add_argument("--zones", type=Path, metavar="zones.json", help="without: the whole picture")
    parser.add_argument("--backend", choices=BACKENDS, default=DEFAULT, help="what finds skeletons")
    parser.add_argument("--mode", choices=("watch", "supervised"), default="watch")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--events", type=Path, metavar="events.jsonl")
    parser.add_argument("--tracks", type=Path, metavar="tracks.txt", help="MOTChallenge rows")
    parser.add_argument("--video", type=Path, metavar="out.mp4", help="skeletons over the recording, H.264")
    parser.add_argument("--observations", type=Path, metavar="out.track.gz", help="to be judged again")
    parser.add_argument("--fps", type=float, metavar="N", help="at most so many frames a second")
    parser.add_argument("--seconds", type=float, metavar="S", help="at most so much of the recording")
    parser.add_argument("--progress", action="store_true", help="how far it is, as lines of JSON")
    # For the pages: after everything else on this machine, and no longer than the process PID.
    parser.add_argument("--background", type=int, metavar="PID", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Replay; 0, or 2 with one line that says what is wrong."""
    try:
        print(json.dumps(replay(args, SystemClock())))
    except (OutputError, SettingError, SourceError, VisionError, WeightsError, ZoneError) as error:
        print(f"replay: {error}", file=sys.stderr)
        return 2
    return 0


def replay(args: argparse.Namespace, clock: Clock) -> dict[str, object]:
    """Do the work of the command; the summary that is its last line."""
    if args.background is not None:
        go_behind(args.background)
    settings = Settings().with_values(pairs_of(args.settings))
    recordings = recordings_of(args.sources, args.fps)
    zones, scales = _read_zones(args.zones)
    _warn_of_strangers(zones, recordings)
    told = (
        Progress(clock, max((r.declared_s or 0.0 for r in recordings), default=0.0))
        if args.progress
        else None
    )
    with _outputs(args, recordings, _abouts(args, recordings, zones, settings)) as outputs:
        site = _site(recordings, zones, scales, settings, Mode(args.mode), args.backend)
        started = clock.monotonic()
        with closing(in_step(recordings, clock, settings.source)) as happenings:
            for moment in site.moments(happenings):
                outputs.write(moment)
                if told is not None:
                    told.say(site.video_s)
                if args.seconds is not None and site.video_s >= args.seconds:
                    site.warnings.append(f"stopped after {args.seconds:g} s; what there is was watched")
                    break
        wall_s = clock.monotonic() - started
    for warning in site.warnings:
        print(f"replay: warning: {warning}", file=sys.stderr)
    return {
        "frames": site.frames,
        "video_s": round(site.video_s, 3),
        "wall_s": round(wall_s, 3),
        "frames_per_s": round(site.frames / max(wall_s, 1e-6), 2),
        "events": dict(sorted(outputs.counts.items())),
    }


def _read_zones(path: Path | None) -> tuple[tuple[Zone, ...], tuple[Scale, ...]]:
    if path is None:
        return (), ()
    try:
        text = path.read_text(encoding="utf-8")
        return parse_zones(text), parse_scales(text)
    except OSError as error:
        raise ZoneError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ZoneError(f"{path}: not a text in UTF-8") from None
    except ZoneError as error:
        raise ZoneError(f"{path}: {error}") from None


def _warn_of_strangers(zones: Sequence[Zone], recordings: Sequence[Recording]) -> None:
    known = {name for r in recordings for name in _names(r)}
    for camera in sorted({z.camera for z in zones} - known):
        print(f"replay: warning: the zones of camera {camera!r} belong to no source", file=sys.stderr)


def _names(recording: Recording) -> list[str]:
    """The names that a zone may call the camera by: its id, the file's stem."""
    spec = recording.spec
    return [spec.id, *([Path(spec.address).stem] if spec.kind is SourceKind.FILE else [])]


def _site(
    recordings: Sequence[Recording],
    zones: Sequence[Zone],
    scales: Sequence[Scale],
    settings: Settings,
    mode: Mode,
    backend: str,
) -> Site:
    cameras: dict[str, Camera] = {}
    judged: list[Zone] = []
    measured: list[Scale] = []
    for recording in recordings:
        own = _own_zones(recording, zones)
        judged += own
        measured += [replace(s, camera=recording.spec.id) for s in scales if s.camera in _names(recording)]
        threads = os.cpu_count() or 1
        pipeline = build_pipeline(recording.spec.id, settings, threads, zones=own, backend=backend)
        cameras[recording.spec.id] = Camera(pipeline)
    world = World(zones=tuple(judged), scales=tuple(measured), settings=settings.rules)
    return Site(cameras, judge_start(judge.Site(world, templates_of(judged)), mode, 0.0))


def _own_zones(recording: Recording, zones: Sequence[Zone]) -> tuple[Zone, ...]:
    own = zones_of(zones, _names(recording), WHOLE_PICTURE)
    return tuple(replace(zone, camera=recording.spec.id) for zone in own)


def _abouts(
    args: argparse.Namespace, recordings: Sequence[Recording], zones: Sequence[Zone], settings: Settings
) -> dict[str, About]:
    """What each camera's track of observations begins with; its size is known with the first frame."""
    mode = Mode(args.mode)
    return {r.spec.id: About(r.spec.id, (0, 0), _own_zones(r, zones), mode, settings) for r in recordings}


def _outputs(
    args: argparse.Namespace, recordings: Sequence[Recording], abouts: Mapping[str, About]
) -> Outputs:
    """Opens every output before the work starts; refuses to write over a source or one over another."""
    cameras = [r.spec.id for r in recordings]
    tracks = per_camera(args.tracks, cameras)
    videos = per_camera(args.video, cameras)
    observed = per_camera(args.observations, cameras)
    taken = {Path(r.spec.address).resolve() for r in recordings if r.spec.kind is SourceKind.FILE}
    taken |= {args.zones.resolve()} if args.zones else set()
    written = [*tracks.values(), *videos.values(), *observed.values()]
    for path in [*([args.events] if args.events else []), *written]:
        if path.resolve() in taken and not path.is_char_device():
            raise OutputError(f"{path}: is read or written by this command already")
        taken.add(path.resolve())
    return Outputs(
        TextFile(args.events) if args.events else None,
        _opened(tracks, TextFile),
        _opened(videos, VideoFile),
        {camera: ObservationFile(path, abouts[camera]) for camera, path in observed.items()},
    )


def _opened(paths: Mapping[str, Path], file: Callable[[Path], _Output]) -> dict[str, _Output]:
    return {camera: file(path) for camera, path in paths.items()}


def per_camera(path: Path | None, cameras: Sequence[str]) -> dict[str, Path]:
    """The path of each camera's own file: `path` itself for one camera, else the camera's name added."""
    if path is None:
        return {}
    if len(cameras) == 1:
        return {cameras[0]: path}
    safe = {c: re.sub(r"[^\w.-]", "-", c) for c in cameras}
    return {c: path.with_name(f"{path.stem}-{safe[c]}{path.suffix}") for c in cameras}
