"""`python -m dashboard pose IMAGE... [--backend NAME] --json out.json`: skeletons in still pictures."""

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

from dashboard.settings import SettingError, Settings, pairs_of
from dashboard.values import Image, Pose
from dashboard.vision import VisionError
from dashboard.vision.backends import BACKENDS, PoseBackend, backend_entry, pose_backend
from dashboard.weights import WeightsError, installed

LEAST_SCORE = 0.1


class PictureError(Exception):
    """A file is no picture that can be used; the message names it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument("--backend", choices=BACKENDS, default=BACKENDS[0])
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the answer goes")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")


def run(args: argparse.Namespace) -> int:
    """Writes a list with an entry per person; pictures that cannot be read are named, and 1 returned."""
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
                entries += entries_of(str(path), backend, read_picture(path))
            except PictureError as error:
                print(f"{error}.", file=sys.stderr)
                failed += 1
    args.json.write_text(json.dumps(entries), encoding="utf-8")
    print(json.dumps({"images": len(args.images), "failed": failed, "people": len(entries)}))
    return 1 if failed else 0


def entries_of(name: str, backend: PoseBackend, image: Image) -> list[dict[str, object]]:
    """One entry per person in the picture: 17 times x, y in pixels, score; surest first."""
    poses = [pose for pose in backend.estimate(image) if pose.score >= LEAST_SCORE]
    return [{"image": name, "keypoints": _flat(pose), "score": round(pose.score, 4)} for pose in poses]


def read_picture(path: Path) -> Image:
    """The picture, upright, as BGR. PictureError: missing, no picture, or cut off in the middle."""
    try:
        with PIL.Image.open(path) as picture:
            picture.load()  # reads to the end: a cut-off file does not pass
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except FileNotFoundError:
        raise PictureError(f"{path}: there is no such file") from None
    except (OSError, SyntaxError, ValueError, cv2.error) as error:
        raise PictureError(f"{path}: cannot be read as a picture ({error})") from None
    if image is None:
        raise PictureError(f"{path}: cannot be read as a picture (unknown format)")
    return np.asarray(image, np.uint8)


def files_of(backend: str) -> dict[str, Path]:
    """The installed model files (name -> path) that a back end can use."""
    entry = backend_entry(backend)
    found: dict[str, Path] = {}
    for name in (*entry.weights, *entry.helped_by):
        found.update(installed(name) or {})
    return found


def _flat(pose: Pose) -> list[float]:
    return [round(float(value), 3) for value in pose.keypoints.reshape(-1)]
