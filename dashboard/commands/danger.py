"""`python -m dashboard danger evaluate|refind|train`: judge or teach the classifier of poses.

`evaluate FILE.npz`: arrays `(frames, 51)` of COCO-17 `x, y, score` at 30 frames a second, the class in the
array's name (`drown`, `swim`, `idle`; `misc` is left out). One decision a frame from the sixth on, from at
most the last 30 frames. The last line printed is JSON.

`refind FILE.npz --out OUT.npz`: the labelled clips with this program's own key points, found on drawn people.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dashboard.commands.schooling.clips import Clip, ClipError, read_clips, write_clips
from dashboard.commands.schooling.harm import HARMS, harmed
from dashboard.commands.schooling.marks import Marks, calibration_error, marks_of
from dashboard.commands.schooling.refound import refound, seen_share
from dashboard.values import Floats
from dashboard.vision.danger.model import MODEL_FILE, OWN_MODEL_FILE, DangerModel, Doing
from dashboard.vision.danger.window import clip_windows
from dashboard.vision.models import load_models
from dashboard.vision.runtime import VisionError
from dashboard.weights import WeightsError, installed

_BATCH = 256


class TrainingError(Exception):
    """Training cannot be done here; the message says what is missing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="evaluate|refind|train")
    judge = commands.add_parser("evaluate", help="how well the model does on labelled clips")
    judge.add_argument("file", type=Path, metavar="FILE.npz")
    judge.add_argument("--model", type=Path, default=MODEL_FILE, metavar="FILE.onnx")
    judge.add_argument("--details", action="store_true", help="every clip; above and under water apart")
    judge.add_argument(
        "--harm", action="store_true", help="also mirrored, turned, with points missing, slower"
    )
    again = commands.add_parser("refind", help="draw the clips' people and find their key points ourselves")
    again.add_argument("file", type=Path, metavar="FILE.npz")
    again.add_argument("--out", type=Path, required=True, metavar="OUT.npz")
    again.add_argument("--seed", type=int, default=1)
    train = commands.add_parser("train", help="teach a new model; needs requirements-train.txt")
    train.add_argument("--data", type=Path, required=True, metavar="FILE.npz")
    own = "what refind made of it: teach the classifier of our own key points"
    train.add_argument("--refound", type=Path, metavar="FILE.npz", help=own)
    train.add_argument("--out", type=Path, metavar="FILE.onnx", help="without: the program's own file")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--folds", type=int, default=5, help="parts to cross-validate with; 0: none")
    train.add_argument("--members", default="figures,trees,graph", help="which families, by comma")
    train.add_argument("--dry", action="store_true", help="cross-validate only, write nothing")


def run(args: argparse.Namespace) -> int:
    """Do it; 0, or 2 with one line that says what is wrong."""
    try:
        return {"evaluate": _evaluate, "refind": _refind, "train": _train}[args.what](args)
    except (ClipError, VisionError, WeightsError, TrainingError) as error:
        print(f"danger: {error}", file=sys.stderr)
        return 2


def _evaluate(args: argparse.Namespace) -> int:
    clips = [clip for clip in read_clips(args.file) if clip.doing is not None]
    if not clips:
        raise ClipError(f"{args.file}: there is no clip of {', '.join(Doing)} in it")
    model = DangerModel(args.model)
    found = decided(model, clips)
    marks = marks_of(clips, found)
    if args.details:
        print("\n".join(_details(clips, found, marks)))
    if args.harm:
        for harm in HARMS:
            worse = harmed(clips, harm)
            print(f"{harm:22} {_line(marks_of(worse, decided(model, worse)))}")
    print(json.dumps(marks.as_json()))
    return 0


def _refind(args: argparse.Namespace) -> int:
    clips = [clip for clip in read_clips(args.file) if clip.doing is not None]
    models = load_models(dict(installed("mediapipe-pose") or {}), threads=1)
    found = refound(clips, models.landmarks, args.seed, lambda n: print(f"{n} of {len(clips)}", flush=True))
    write_clips(args.out, found)
    print(json.dumps({"clips": len(found), "seen": round(seen_share(found), 3)}))
    return 0


def decided(model: DangerModel, clips: Sequence[Clip]) -> dict[str, Floats]:
    """The probabilities of each clip's decisions (N, 3), by its name."""
    found: dict[str, Floats] = {}
    for clip in clips:
        windows = clip_windows(clip.points)
        parts = [model.probabilities(windows[i : i + _BATCH]) for i in range(0, len(windows), _BATCH)]
        found[clip.name] = np.concatenate([np.zeros((0, len(Doing)), np.float32), *parts])
    return found


def _details(clips: Sequence[Clip], found: Mapping[str, Floats], marks: Marks) -> list[str]:
    order = list(Doing)
    lines = [f"{clip.name:20} {len(clip.points):5} {_shares(found[clip.name])}" for clip in clips]
    for words, under in (("above", False), ("under water", True)):
        some = [clip for clip in clips if clip.under is under]
        if some:
            lines.append(f"{words:12} {_line(marks_of(some, found))}")
    lines.append("f1 " + ", ".join(f"{name} {value:.3f}" for name, value in marks.f1.items()))
    truth = np.concatenate([np.full(len(found[c.name]), order.index(c.doing)) for c in clips if c.doing])
    everything = np.concatenate([found[c.name] for c in clips])
    if len(truth):
        lines.append(f"calibration error {calibration_error(everything, truth):.3f}")
    return lines


def _shares(probabilities: Floats) -> str:
    counts = np.bincount(probabilities.argmax(1), minlength=len(Doing))
    whole = max(int(counts.sum()), 1)
    return " ".join(f"{doing} {count / whole:4.2f}" for doing, count in zip(Doing, counts, strict=True))


def _line(marks: Marks) -> str:
    return (
        f"frames {marks.frame_accuracy:.3f}  F1 {marks.macro_f1:.3f}  "
        f"clips {marks.clips_correct} of {marks.clips}"
    )


def _train(args: argparse.Namespace) -> int:
    try:
        training = importlib.import_module("dashboard.commands.schooling.training")
    except ModuleNotFoundError as error:
        raise TrainingError(f"{error.name} is missing (pip install -r requirements-train.txt)") from None
    strangers = set(args.members.split(",")) - set(training.MEMBERS)
    if strangers:
        raise TrainingError(f"--members {args.members}: there is only {', '.join(training.MEMBERS)}")
    if args.out is None:
        args.out = OWN_MODEL_FILE if args.refound else MODEL_FILE
    return int(training.run(read_clips(args.data), args))
