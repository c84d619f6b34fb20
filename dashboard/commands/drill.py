"""`python -m dashboard drill --runs N --seed S`: random submersions and random safe play in the simulated
site, through the live pipeline and the judge, in the stories' own time.

Each run has a submersion; a safe play goes with every second one. The last line printed is JSON:
`delay_s` is the time from the submersion limit after the head went under to the emergency."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import cv2
import numpy as np

from dashboard.commands.drilling.running import Outcome, run_drill
from dashboard.commands.drilling.stories import safe_play, submersion
from dashboard.monitor.pipeline import CameraPipeline
from dashboard.settings import Settings
from dashboard.track import Tracker
from dashboard.vision import Seer, VisionError, VisionModels, load_models
from dashboard.vision.danger.model import OWN_MODEL_FILE, DangerModel
from dashboard.vision.danger.scorer import DangerScorer
from dashboard.weights import installed

FPS, SIZE_WH = 10.0, (1280, 720)
_SAFE_EVERY = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="submersions (default 20)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="other seeds are other stories")
    parser.add_argument("--fps", type=float, default=FPS, help="frames a second (default 10)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")


def run(args: argparse.Namespace) -> int:
    """Drill; 0, or 2 with one line that says what is wrong."""
    if args.runs < 1 or args.jobs < 1 or not 0.5 <= args.fps <= 60:
        print("drill: --runs and --jobs are at least 1, --fps is from 0.5 to 60", file=sys.stderr)
        return 2
    try:
        _models()
    except VisionError as error:
        print(f"drill: {error}", file=sys.stderr)
        return 2
    orders = [("submersion", n, args.seed, args.fps) for n in range(args.runs)]
    orders += [("safe", n, args.seed, args.fps) for n in range((args.runs + 1) // _SAFE_EVERY)]
    outcomes = []
    for outcome in _outcomes(orders, args.jobs):
        outcomes.append(outcome)
        print(_line(outcome), flush=True)
    print(json.dumps(summary(outcomes)))
    return 0


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The last line; delays are None where nothing was detected."""
    runs = [o for o in outcomes if o.victim]
    delays = [o.delay_s for o in runs if o.delay_s is not None]
    kinds = Counter(kind for o in outcomes for kind in o.false_kinds)
    shares = {"p50": 50, "p95": 95, "max": 100}
    return {
        "runs": len(runs),
        "detected": len(delays),
        "delay_s": {
            name: round(float(np.percentile(delays, share)), 3) if delays else None
            for name, share in shares.items()
        },
        "false_emergencies": sum(kinds.values()),
        "safe_video_s": round(sum(o.safe_s for o in outcomes), 1),
        "false_by_kind": dict(sorted(kinds.items())),
    }


def _line(outcome: Outcome) -> str:
    if not outcome.victim:
        what = "safe play"
    elif outcome.delay_s is None:
        what = "submersion MISSED"
    else:
        what = f"submersion found {outcome.delay_s:+.2f} s after the limit"
    wrong = f"; false: {', '.join(outcome.false_kinds)}" if outcome.false_kinds else ""
    return f"{outcome.number:4d} {what} ({outcome.video_s:.0f} s){wrong}"


_Order = tuple[str, int, int, float]


def _outcomes(orders: Sequence[_Order], jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from map(_drilled, orders)
        return
    # Spawned: models and threads of this process must not be copied.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_drilled, orders)


def _drilled(order: _Order) -> Outcome:
    kind, number, seed, fps = order
    cv2.setNumThreads(1)
    drill = submersion(number, seed) if kind == "submersion" else safe_play(number, seed)
    settings = Settings()
    return run_drill(drill, lambda: _pipeline(settings), fps, settings, SIZE_WH)


def _pipeline(settings: Settings) -> CameraPipeline:
    danger = DangerScorer(DangerModel(OWN_MODEL_FILE), settings.vision)
    return CameraPipeline(Seer(_models(), settings.vision), Tracker(settings.track), danger=danger)


@cache
def _models() -> VisionModels:
    """Loaded once a process."""
    files = dict(installed("mediapipe-pose") or {}) | dict(installed("yolox-nano") or {})
    return load_models(files, threads=1)
