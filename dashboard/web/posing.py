"""Looking at one picture with a pose back end, for the page Pose: in a process of its own of lowest priority,
one at a time, so that the watch never waits for it.

The process runs `python -m dashboard pose`: what somebody uploads is decoded there and nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dashboard.backends import ENTRIES, BackendEntry
from dashboard.monitor.launch import child_environment
from dashboard.values import COCO_KEYPOINTS, COCO_LIMBS, Floats, Image
from dashboard.web.service import Handle
from dashboard.web.text import one_line
from dashboard.weights import WeightsError, installed, models_folder

MOST_MB = 50
MOST_S = 90.0
PICTURES = ["jpg", "jpeg", "png", "webp", "bmp"]
CLIPS = ["mp4", "mov", "m4v", "avi", "mkv", "webm", "mpg", "mpeg"]
_ENDING = re.compile(r"\.[a-z0-9]{1,5}")
# So many looks for the empty picture, each so long: it comes once somebody asks for it.
_LOOKS, _LOOK_S = 15, 0.2
_ONE = threading.Lock()


class PoseError(Exception):
    """Why a picture was not looked at, in one sentence."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What a back end found in `picture` (H, W, 3) BGR: `keypoints` (N, 17, 3), `scores` (N,), `boxes` and
    `crops` `xyxy`, a map for each of `points` and a field for each of `limbs` on cells of `cell` pixels."""

    backend: str
    picture: Image
    keypoints: Floats
    scores: Floats
    boxes: Floats
    crops: Floats
    points: tuple[str, ...]
    limbs: tuple[str, ...]
    maps: Floats
    fields: Floats
    cell: float
    origin: float
    took_ms: float


def missing(entry: BackendEntry) -> list[str]:
    """The weights that a back end needs and that are not installed."""
    try:
        return [name for name in entry.weights if installed(name) is None]
    except WeightsError:
        return list(entry.weights)


async def empty_picture(handle: Handle, camera: str) -> Image | None:
    """The learnt empty picture of a camera, BGR; None when none comes within about 3 s."""
    handle.touch(camera)
    view = handle.latest(camera)
    for _ in range(_LOOKS):
        if view is not None and view.jpeg:
            break
        view = await handle.wait_newer(camera, -1 if view is None else view.seq, _LOOK_S) or view
    if view is None or not view.jpeg:
        return None
    found = cv2.imdecode(np.frombuffer(view.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if found is None else np.asarray(found, np.uint8)


def there() -> list[str]:
    """The back ends that can be chosen now."""
    return [name for name, entry in ENTRIES.items() if not missing(entry)]


def look_at(content: bytes, name: str, backend: str, at_s: float | None = None) -> Looked:
    """Runs `backend` on an uploaded picture, or on the moment `at_s` of an uploaded clip. Waits for its turn.
    PoseError says in one sentence why not."""
    if len(content) > MOST_MB * 1_000_000:
        raise PoseError(f"The file has {len(content) / 1e6:.0f} MB; at most {MOST_MB} are looked at.")
    if not content:
        raise PoseError("The file is empty.")
    if not _ONE.acquire(timeout=MOST_S):
        raise PoseError("Other pictures are being looked at. Try again in a minute.")
    try:
        with tempfile.TemporaryDirectory(prefix="poolwatch-pose-", dir=_memory()) as folder:
            return _looked(Path(folder), content, name, backend, at_s)
    except OSError as error:
        raise PoseError(f"The picture cannot be looked at: {error.strerror or error}.") from error
    finally:
        _ONE.release()


def _looked(folder: Path, content: bytes, name: str, backend: str, at_s: float | None) -> Looked:
    picture, details = folder / f"upload{_ending(name)}", folder / "details.npz"
    picture.write_bytes(content)
    words = ["pose", picture.name, "--backend", backend, "--json", "out.json", "--details", details.name]
    words += ["--threads", "1", "--background", str(os.getpid())]
    run_behind([*words, *([] if at_s is None else ["--at", f"{at_s:g}"])], folder, MOST_S)
    return read_details(details, backend)


def draw_clip(content: bytes, name: str, backend: str, seconds: float) -> bytes:
    """An H.264 video of the first `seconds` of an uploaded clip with everybody's skeleton, as the watch of a
    camera with this back end would see them. PoseError."""
    if not _ONE.acquire(timeout=MOST_S):
        raise PoseError("Other pictures are being looked at. Try again in a minute.")
    try:
        with tempfile.TemporaryDirectory(prefix="poolwatch-pose-", dir=_memory()) as scratch:
            folder = Path(scratch)
            clip, drawn = folder / f"upload{_ending(name)}", folder / "drawn.mp4"
            clip.write_bytes(content)
            words = ["replay", clip.name, "--backend", backend, "--video", drawn.name]
            words += ["--seconds", f"{seconds:g}", "--fps", "10", "--background", str(os.getpid())]
            run_behind(words, folder, 3 * MOST_S)
            return drawn.read_bytes()
    except OSError as error:
        raise PoseError(f"The clip cannot be drawn: {error.strerror or error}.") from error
    finally:
        _ONE.release()


def run_behind(words: Sequence[str], folder: Path, limit_s: float) -> None:
    """`python -m dashboard WORDS` in `folder`; PoseError with its own last line when it fails."""
    environment = {**child_environment(), "POOLWATCH_MODELS": str(models_folder().absolute())}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "dashboard", *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PoseError(f"It took longer than {limit_s:.0f} s and was ended.") from None
    if done.returncode != 0:
        raise PoseError(reason(done.stderr.decode("utf-8", "replace"), done.returncode))


def reason(errors: str, code: int) -> str:
    """Why the process failed: its own last line, without the names of our files."""
    said = [
        line for line in errors.splitlines() if "upload" in line or "installed" in line or "replay:" in line
    ]
    if not said:
        killed = " (it was ended from outside)" if code < 0 else ""
        return f"The picture could not be looked at{killed}."
    words = re.sub(r"^(replay: )?(\S*upload\S*: )?", "", said[-1])
    words = re.sub(r"\S*upload\.\w+'?", "the file", words)
    return f"This does not work: {one_line(words, 300).rstrip('.')}."


def read_details(path: Path, backend: str) -> Looked:
    """What the process wrote. PoseError: it is not whole."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            numbers = {
                key: np.asarray(kept[key], np.float32)
                for key in ("keypoints", "scores", "boxes", "crops", "maps", "fields")
            }
            cell, origin = (float(v) for v in kept["cell"])
            return Looked(
                backend=backend,
                picture=np.asarray(kept["picture"], np.uint8),
                points=tuple(str(p) for p in kept["points"]),
                limbs=tuple(str(p) for p in kept["limbs"]),
                cell=cell,
                origin=origin,
                took_ms=float(kept["took_ms"]),
                **numbers,
            )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise PoseError("What was seen could not be read.") from error


def coco_json(looked: Looked, name: str) -> str:
    """What was found, as a COCO keypoint data set of one picture."""
    height, width = looked.picture.shape[:2]
    people = zip(looked.keypoints, looked.scores, strict=True)
    return json.dumps(
        {
            "info": {"description": f"found by {looked.backend}"},
            "images": [{"id": 1, "file_name": name, "width": width, "height": height}],
            "annotations": [_annotation(i, k, float(s)) for i, (k, s) in enumerate(people, start=1)],
            "categories": [
                {
                    "id": 1,
                    "name": "person",
                    "keypoints": list(COCO_KEYPOINTS),
                    "skeleton": [[a + 1, b + 1] for a, b in COCO_LIMBS],
                }
            ],
        },
        indent=1,
    )


def _annotation(number: int, keypoints: Floats, score: float) -> dict[str, object]:
    seen = keypoints[:, 2] > 0
    low = keypoints[seen, :2].min(axis=0) if seen.any() else np.zeros(2)
    high = keypoints[seen, :2].max(axis=0) if seen.any() else np.zeros(2)
    width, height = (float(v) for v in high - low)
    flat = [[round(float(x), 2), round(float(y), 2), 2 if s > 0 else 0] for x, y, s in keypoints]
    return {
        "id": number,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": [value for point in flat for value in point],
        "keypoint_scores": [round(float(s), 4) for s in keypoints[:, 2]],
        "num_keypoints": int(seen.sum()),
        "bbox": [round(float(low[0]), 2), round(float(low[1]), 2), round(width, 2), round(height, 2)],
        "area": round(width * height, 2),
        "score": round(score, 4),
    }


def _memory() -> str | None:
    """A folder in memory, where there is one: a camera's real picture never reaches the disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _ending(name: str) -> str:
    """The name's ending where it is a plain one: nothing that somebody typed becomes part of a path."""
    found = Path(one_line(name, 200)).suffix.lower()
    return found if _ENDING.fullmatch(found) else ".bin"
