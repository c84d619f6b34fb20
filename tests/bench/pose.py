"""Every installed pose back end: on labelled pictures by COCO's protocol (pycocotools) and MPII's PCKh, on
the PETS clip, and the decoder of OpenPose alone beside a port of the paper's loops.

Each back end is measured in a process of its own, so that its memory is its own. Results go to the data
folder, where the page Pose shows them, and into a plot beside them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.backends import BACKENDS, ENTRIES
from dashboard.clock import Clock, SystemClock
from dashboard.commands.bench import BenchError
from dashboard.monitor.pipeline import build_pipeline, weights_of
from dashboard.settings import Settings, data_folder
from dashboard.values import Image, Pose
from dashboard.vision import PoseBackend, pose_backend
from dashboard.vision.layouts import MPII_16
from dashboard.web.pose_report import NAME
from dashboard.weights import installed
from tests.bench.clip import TRUTH, VIDEO, by_frame, material, read_rows
from tests.bench.decoding import decoder_times
from tests.bench.pets import _measured as measured_on_clip
from tests.bench.plots import costs

COCO, MPII = "pose_gt/coco/test_coco.json", "pose_gt/mpii/test_mpii.json"
RAPL = Path("/sys/class/powercap/intel-rapl:0/energy_uj")


def run(options: argparse.Namespace) -> dict[str, object]:
    """A row a back end; the decoder's milliseconds."""
    for name in (COCO, MPII, VIDEO, TRUTH):
        material(options.data, name)
    names = [name for name in BACKENDS if all(installed(need) is not None for need in ENTRIES[name].weights)]
    backends = {name: _in_own_process(name, options.data) for name in names}
    decoder = decoder_times(SystemClock())
    result: dict[str, object] = {"about": _about(), "backends": backends, "decoder_ms": decoder}
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(json.dumps(result, indent=1), encoding="utf-8")
    (folder / NAME).with_suffix(".png").write_bytes(costs(backends))
    return result


def _about() -> str:
    date = SystemClock().utc()
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores of {_processor()}, {date.day} {date:%B %Y}. AP by COCO's protocol on 4 pictures with "
        "12 people, PCKh on 5 of MPII: too few to tell back ends apart that are near each other. The clip is "
        "PETS S2.L1, 400 frames."
    )


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _in_own_process(name: str, data: Path) -> dict[str, float | None]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.pose", name, str(data)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"{name} could not be measured (exit {done.returncode})")
    row: dict[str, float | None] = {
        key: value if value is not None and math.isfinite(value) else None
        for key, value in json.loads(done.stdout.splitlines()[-1]).items()
    }
    print(name, row, file=sys.stderr, flush=True)
    return row


def one(name: str, data: Path, clock: Clock) -> dict[str, float | None]:
    """Everything of one back end, in this process."""
    settings, threads = Settings(), len(os.sched_getaffinity(0))
    backend = pose_backend(name, weights_of(name), threads, settings)
    with contextlib.closing(backend):
        stills = _stills(backend, data, clock)
    live = build_pipeline("pets", settings, threads, backend=name)
    spent = _Spent()
    scores, _ = measured_on_clip(live, data / VIDEO, by_frame(read_rows(data / TRUTH)), clock)
    cost = spent.each(400)
    chosen = {key: scores[key] for key in ("recall", "precision", "mota", "idf1", "frames_per_s")}
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**stills, **chosen, **cost, "rss_mb": round(rss_mb, 1)}


def _stills(backend: PoseBackend, data: Path, clock: Clock) -> dict[str, float | None]:
    truth = json.loads((data / COCO).read_text(encoding="utf-8"))
    pictures = [(image["id"], _read(data / "pose_gt/coco" / image["file_name"])) for image in truth["images"]]
    backend.estimate(pictures[0][1])
    started, spent = clock.monotonic(), _Spent()
    found = {number: backend.estimate(picture) for number, picture in pictures}
    took_ms = (clock.monotonic() - started) * 1e3 / len(pictures)
    cpu_s = spent.each(len(pictures))["cpu_s"]
    people = json.loads((data / MPII).read_text(encoding="utf-8"))
    head = pckh(people, lambda name: backend.estimate(_read(data / "pose_gt/mpii" / name)))
    return {**coco_ap(data / COCO, found), "pckh": head, "still_ms": round(took_ms, 1), "still_cpu_s": cpu_s}


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None:
        raise BenchError(f"{path} cannot be read")
    return np.asarray(image, np.uint8)


def coco_ap(truth: Path, found: dict[int, list[Pose]]) -> dict[str, float]:
    """AP, AP50, AP75, AR by pycocotools: OKS on everybody who is labelled."""
    from pycocotools import coco
    from pycocotools.cocoeval import COCOeval

    rows = [
        {
            "image_id": number,
            "category_id": 1,
            "keypoints": [float(v) for v in pose.keypoints.reshape(-1)],
            "score": float(pose.score),
        }
        for number, poses in found.items()
        for pose in poses
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        labels = coco.COCO(str(truth))
        if not rows:
            return {"ap": 0.0, "ap50": 0.0, "ap75": 0.0, "ar": 0.0}
        judged = COCOeval(labels, labels.loadRes(rows), "keypoints")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    names = {"ap": 0, "ap50": 1, "ap75": 2, "ar": 5}
    return {name: round(float(judged.stats[place]), 4) for name, place in names.items()}


def pckh(people: Iterable[dict[str, Any]], poses_of: Callable[[str], list[Pose]]) -> float:
    """Share of labelled MPII points within half a head of the truth, of the person who fits best; points that
    both layouts have. A head is 0.6 of the diagonal from neck to vertex, as MPII's own code has it."""
    pairs = [(mpii, coco) for coco, mpii in MPII_16.coco]
    hit = total = 0
    for person in people:
        joints = np.array(person["joints"], np.float64) - 1  # MPII counts from 1
        seen = np.array(person["joints_vis"]) > 0
        head = 0.6 * math.dist(joints[9], joints[8])
        counted = [(mpii, coco) for mpii, coco in pairs if seen[mpii]]
        total += len(counted)
        hit += max((_hits(pose, joints, counted, head) for pose in poses_of(person["image"])), default=0)
    return round(hit / max(total, 1), 4)


def _hits(pose: Pose, joints: np.ndarray[Any, Any], counted: list[tuple[int, int]], head: float) -> int:
    found = pose.keypoints
    return sum(
        bool(found[coco, 2] > 0 and math.dist(found[coco, :2], joints[mpii]) <= 0.5 * head)
        for mpii, coco in counted
    )


@dataclass
class _Spent:
    """CPU seconds, and joules where the processor's counter can be read, since it was made."""

    def __post_init__(self) -> None:
        self._cpu, self._joules = _cpu_s(), _joules()

    def each(self, frames: int) -> dict[str, float | None]:
        """Of one frame."""
        joules = _joules()
        used = None if joules is None or self._joules is None else (joules - self._joules) / frames
        positive = used is not None and used > 0  # the counter begins again from time to time
        return {
            "cpu_s": round((_cpu_s() - self._cpu) / frames, 4),
            "joules": round(used, 3) if used is not None and positive else None,
        }


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _joules() -> float | None:
    try:
        return int(RAPL.read_text(encoding="ascii")) / 1e6
    except (OSError, ValueError):
        return None


if __name__ == "__main__":
    print(json.dumps(one(sys.argv[1], Path(sys.argv[2]), SystemClock())))
