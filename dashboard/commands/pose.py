"""`python -m dashboard pose IMAGE... [--backend NAME] --json out.json`: skeletons in still pictures.

`--details F.npz` keeps what the back end saw on its way in one picture: boxes, crops, confidence maps,
affinity fields, milliseconds. `--at SECONDS` takes the picture out of a video.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from dashboard.backends import BACKENDS, DEFAULT
from dashboard.clock import SystemClock
from dashboard.commands.background import go_behind
from dashboard.settings import SettingError, Settings, pairs_of
from dashboard.source import SourceError, open_source
from dashboard.values import CameraSpec, Floats, Image, Pace, Pose, SourceKind
from dashboard.vision import VisionError
from dashboard.vision.backends import PoseBackend, backend_entry, pose_backend
from dashboard.vision.inspection import Inspection, Inspects
from dashboard.weights import WeightsError, installed

LEAST_SCORE = 0.1
MOST_PIXELS = 60_000_000


class PictureError(Exception):
    """A file is no picture that can be used; the message names it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument("--backend", choices=BACKENDS, default=DEFAULT)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the answer goes")
    parser.add_argument("--details", type=Path, metavar="F.npz", help="what one picture's back end saw")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="the files are videos: take this moment")
    parser.add_argument("--background", type=int, metavar="PID", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")


def run(args: argparse.Namespace) -> int:
    """Writes a list with an entry per person; pictures that cannot be read are named, and 1 returned."""
    if args.background is not None:
        go_behind(args.background)
    if args.details is not None and len(args.images) != 1:
        print("--details is for one picture.", file=sys.stderr)
        return 1
    try:
        settings = Settings().with_values(pairs_of(args.settings))
        backend = pose_backend(args.backend, files_of(args.backend), args.threads, settings)
    except (SettingError, VisionError, WeightsError) as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    entries: list[dict[str, object]] = []
    failed = 0
    with contextlib.closing(backend):
        for path in args.images:
            try:
                image = read_picture(path) if args.at is None else read_moment(path, args.at)
                if args.details is not None:
                    entries += write_details(str(path), backend, image, args.details)
                else:
                    entries += entries_of(str(path), backend, image)
            except PictureError as error:
                print(f"{error}.", file=sys.stderr)
                failed += 1
    args.json.write_text(json.dumps(entries), encoding="utf-8")
    print(json.dumps({"images": len(args.images), "failed": failed, "people": len(entries)}))
    return 1 if failed else 0


def entries_of(name: str, backend: PoseBackend, image: Image) -> list[dict[str, object]]:
    """One entry per person in the picture: 17 times x, y in pixels, score; surest first."""
    poses = [pose for pose in backend.estimate(image) if pose.score >= LEAST_SCORE]
    return [_entry(name, pose) for pose in poses]


def _entry(name: str, pose: Pose) -> dict[str, object]:
    return {"image": name, "keypoints": _flat(pose), "score": round(pose.score, 4)}


def read_picture(path: Path) -> Image:
    """The picture, upright, as BGR. PictureError: missing, no picture, or cut off in the middle."""
    try:
        with PIL.Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                size = f"{picture.width} x {picture.height}"
                raise PictureError(
                    f"{path}: is too large ({size}; at most {MOST_PIXELS / 1e6:.0f} megapixels)"
                )
            picture.load()  # reads to the end: a cut-off file does not pass
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except FileNotFoundError:
        raise PictureError(f"{path}: there is no such file") from None
    except PIL.Image.DecompressionBombError as error:
        raise PictureError(f"{path}: is too large ({error})") from None
    except (OSError, SyntaxError, ValueError, EOFError, cv2.error) as error:
        raise PictureError(f"{path}: cannot be read as a picture ({error})") from None
    if image is None:
        raise PictureError(f"{path}: cannot be read as a picture (unknown format)")
    return np.asarray(image, np.uint8)


def read_moment(path: Path, at_s: float) -> Image:
    """The first picture of a video that is not before `at_s`; its last where it is shorter. PictureError."""
    spec = CameraSpec("clip", "clip", SourceKind.FILE, str(path), loop=False, pace=Pace.FASTEST)
    image: Image | None = None
    try:
        for frame in open_source(spec, SystemClock(), Settings().source).frames():
            image = frame.image
            if frame.t >= at_s:
                break
    except SourceError as error:
        if image is None:
            raise PictureError(f"{path}: {error.reason}") from None
    if image is None:
        raise PictureError(f"{path}: holds no picture")
    return image


def write_details(name: str, backend: PoseBackend, image: Image, target: Path) -> list[dict[str, object]]:
    """The entries of one picture; beside them what the back end saw on its way, and how long it took once
    it was warm."""
    if isinstance(backend, Inspects):
        seen = backend.inspect(image)
    else:
        seen = Inspection(backend.estimate(image), [], [])
    clock = SystemClock()
    started = clock.monotonic()
    backend.estimate(image)
    took_ms = (clock.monotonic() - started) * 1e3
    poses = [pose for pose in seen.poses if pose.score >= LEAST_SCORE]
    np.savez(
        target,
        picture=image,
        took_ms=took_ms,
        keypoints=np.array([pose.keypoints for pose in poses], np.float32).reshape(-1, 17, 3),
        scores=np.array([pose.score for pose in poses], np.float32),
        boxes=np.array(seen.boxes, np.float32).reshape(-1, 4),
        crops=np.array(seen.crops, np.float32).reshape(-1, 4),
        points=np.array(seen.points, dtype=str),
        limbs=np.array(seen.limbs, dtype=str),
        maps=_half(seen.maps),
        fields=_half(seen.fields),
        cell=np.array([seen.cell, seen.origin]),
    )
    return [_entry(name, pose) for pose in poses]


def _half(maps: Floats | None) -> NDArray[np.float16]:
    return np.zeros((0, 1, 1), np.float16) if maps is None else maps.astype(np.float16)


def files_of(backend: str) -> dict[str, Path]:
    """The installed model files (name -> path) that a back end can use."""
    entry = backend_entry(backend)
    found: dict[str, Path] = {}
    for name in (*entry.weights, *entry.helped_by):
        found.update(installed(name) or {})
    return found


def _flat(pose: Pose) -> list[float]:
    return [round(float(value), 3) for value in pose.keypoints.reshape(-1)]
