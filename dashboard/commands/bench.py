"""`python -m dashboard bench NAME`: measure against ground truth and peers. The last line printed is JSON.

Each measurement is one module of `tests/bench/` with `run(options) -> dict`; it needs the packages of
requirements-dev.txt and real material, which is found through `--data`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

from dashboard.source import SourceError
from dashboard.vision import VisionError
from dashboard.weights import WeightsError

# name -> (module, one line of help); a module is imported only when its measurement is asked for.
BENCHES: dict[str, tuple[str, str]] = {
    "pets": ("tests.bench.pets", "people of the PETS clip: found, followed, how fast, beside the peers"),
    "tracker": (
        "tests.bench.tracker",
        "identities from the PETS clip's labelled boxes alone, beside a library",
    ),
    "pose": ("tests.bench.pose", "every installed pose back end on labelled pictures and on the PETS clip"),
    "cameras": ("tests.bench.cameras", "four cameras through real worker processes: latency, drops, memory"),
    "alarm": ("tests.bench.alarm", 'from an alarm to the page that shows it, from "I see it" to every other'),
    "clips": ("tests.bench.clips", "pages of 10,000 clips, with each filter"),
    "recording": ("tests.bench.recording", "what clips cost a frame, in bytes a minute and in memory"),
    "viewers": ("tests.bench.viewers", "what watching the live page costs"),
    "objects": (
        "tests.bench.objects",
        "things left at the simulated pool and in real clips: found, how late, false, beside the peers",
    ),
    "things": ("tests.bench.things", "what tells a thing from water and light, learnt anew: its weights"),
    "faults": (
        "tests.bench.faults",
        "cameras moved, covered, defocused, dark, dazzled: found, how late, false, beside a peer",
    ),
    "animals": (
        "tests.bench.animals",
        "pets told from wildlife once a few were named: coats, sizes, light",
    ),
    "visitors": (
        "tests.bench.visitors",
        "animals that come to the garden, from the picture to the event: an animal, or an alarm",
    ),
    "danger": ("tests.bench.danger", "the pose classifier: its file, and what a second of a person costs"),
    "outbox": ("tests.bench.outbox", "the monitor is killed 200 times in mid-alarm: what is lost"),
}


class BenchError(Exception):
    """A measurement cannot be made; the message is one line that says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    lines = "; ".join(f"{name}: {help_}" for name, (_, help_) in BENCHES.items())
    parser.add_argument("name", choices=sorted(BENCHES), help=lines)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the real material; default ../shared/data")
    parser.add_argument("--stories", type=int, default=20, help="stories with things, and as many without")
    parser.add_argument("--seed", type=int, default=1, help="other seeds are other stories")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long cameras and viewers run")


def run(args: argparse.Namespace) -> int:
    """Measure; 0, or 2 with one line that says why it cannot be done."""
    try:
        print(json.dumps(_plain(_measured(args)), allow_nan=False))
    except (BenchError, SourceError, VisionError, WeightsError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _plain(figures: Any) -> Any:
    """The figures with null for what is not a number (the precision of nobody found): JSON knows no NaN."""
    if isinstance(figures, dict):
        return {key: _plain(value) for key, value in figures.items()}
    if isinstance(figures, float) and not math.isfinite(figures):
        return None
    return figures


def _measured(args: argparse.Namespace) -> Any:
    module = BENCHES[args.name][0]
    try:
        bench = importlib.import_module(module)
    except ModuleNotFoundError as error:
        what = "this measurement" if error.name == module else f"the package {error.name}"
        raise BenchError(f"{what} is not here (pip install -r requirements-dev.txt)") from None
    if args.data is None:
        args.data = importlib.import_module("tests.material").SHARED / "data"
    return bench.run(args)
