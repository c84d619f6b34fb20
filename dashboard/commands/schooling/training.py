"""Teaches the classifier of poses: four families on the same clips, one graph. Needs requirements-train.txt.

With `--refound` it teaches the classifier of this program's own key points: from those and the others,
without scores, and judged by its own. With `--folds` every clip is first judged by members that never saw it:
those marks are printed, and the temperature that calibrates the probabilities comes from them. The same seed
gives the same model.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name)
from torch import Tensor, nn

from dashboard.commands.schooling.clips import Clip, read_clips
from dashboard.commands.schooling.marks import Marks, calibration_error, marks_of
from dashboard.commands.schooling.material import Material, joined_up, material_of
from dashboard.commands.schooling.nets import FigureNet, GraphNet, TimeNet, Together, Unscored, told
from dashboard.commands.schooling.pool import Pool, pool_of
from dashboard.commands.schooling.trees import grown
from dashboard.values import Floats
from dashboard.vision.danger.features import feature_names, features
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.window import FRAMES, JOINTS, Array, Windows, clip_windows, unscored

MEMBERS = ("figures", "trees", "graph", "time")
# How many of each, with seeds of their own, speak for their family.
_COPIES = {"figures": 3, "trees": 2, "graph": 1, "time": 2}
# What a family's word counts.
_SHARES = {"figures": 1.0, "trees": 2.0, "graph": 1.0, "time": 1.0}
_STEPS = {"figures": 720, "graph": 400, "time": 400}
_RATES = {"figures": 2e-3, "graph": 3e-3, "time": 3e-3}
_DECAY = {"figures": 0.3, "graph": 0.02, "time": 0.02}
_BATCH = {"figures": 256, "graph": 64, "time": 64}
_SMOOTH = 0.1
Batch = tuple[Tensor, Tensor, Tensor, Tensor]


def run(clips: Sequence[Clip], args: argparse.Namespace) -> int:
    """The command: marks of the cross-validation, then the model at `args.out`."""
    torch.set_num_threads(1)
    material = material_of(clips, read_clips(args.refound) if args.refound else None)
    members = [name for name in MEMBERS if name in args.members.split(",")]
    pool = pool_of(material, args.seed)
    temperature = 1.0
    if args.folds:
        temperature = _cross_validated(material, pool, members, args.folds, args.seed)
    if args.dry:
        return 0
    families = [fitted(name, pool, args.seed) for name in members]
    model = Together(families, [_SHARES[name] for name in members], temperature)
    export(model if material.scored else Unscored(model), args.out)
    print(f"{args.out}: {args.out.stat().st_size} bytes")
    return 0


def fitted(name: str, pool: Pool, seed: int) -> list[nn.Module]:
    """The members of a family, taught."""
    seeds = [(seed * 100 + MEMBERS.index(name)) * 10 + copy for copy in range(_COPIES[name])]
    return [_grown(pool, number) if name == "trees" else _fit(name, pool, number) for number in seeds]


def parts_of(clips: Sequence[Clip], count: int, seed: int) -> list[int]:
    """For each clip the part that it belongs to; classes, and above and under water, are spread evenly."""
    rng = np.random.default_rng(seed)
    kinds: dict[tuple[object, object], list[int]] = {}
    for i, clip in enumerate(clips):
        kinds.setdefault((clip.doing, clip.under), []).append(i)
    order = [i for kind in sorted(kinds, key=str) for i in rng.permutation(kinds[kind]).tolist()]
    part = [0] * len(clips)
    for place, i in enumerate(order):
        part[i] = place % count
    return part


def export(model: Together | Unscored, file: Path) -> None:
    """Write the graph as one ONNX file with a free number of windows."""
    model.eval()
    numbers = 2 if isinstance(model, Unscored) else 3
    two = (torch.rand(2, FRAMES, JOINTS, numbers), torch.ones(2, FRAMES), torch.rand(2, len(feature_names())))
    names = ["points", "known", "features"]
    free = {name: {0: torch.export.Dim("windows")} for name in names}
    program = torch.onnx.export(
        model, two, dynamo=True, input_names=names, output_names=["probabilities"], dynamic_shapes=free
    )
    assert program is not None
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        made = Path(folder) / file.name
        program.save(str(made), external_data=False)
        made.replace(file)


def _cross_validated(material: Material, pool: Pool, members: Sequence[str], count: int, seed: int) -> float:
    """Prints the marks of every member and of all together; the best temperature."""
    clips = material.clips
    part = parts_of(clips, count, seed)
    logs: dict[str, dict[str, Floats]] = {name: {} for name in members}
    for number in range(count):
        rest = pool.only([i for i, p in enumerate(part) if p != number])
        asked = material.only([i for i, p in enumerate(part) if p == number])
        for name in members:
            family = fitted(name, rest, seed * 10 + number)
            for clip, pieces in zip(asked.clips, asked.judged, strict=True):
                said = [_logs(family, piece, material.scored) for piece in pieces]
                logs[name][clip.name] = joined_up(said, len(Doing))
        print(f"part {number + 1} of {count} is done", flush=True)
    shares = [_SHARES[name] for name in members]
    both = {
        clip.name: np.average([logs[n][clip.name] for n in members], 0, shares).astype(np.float32)
        for clip in clips
    }
    for name in members:
        print(f"{name:10} {_line(marks_of(clips, logs[name]))}")
    print(f"{'together':10} {_line(marks_of(clips, both))}; 22 clips at random: {_spread(clips, both)}")
    return _temperature(clips, both)


def _fit(name: str, pool: Pool, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    member = _untaught(name, pool)
    batch = _batches(name, pool, np.random.default_rng(seed))
    steps, rate = _STEPS[name], _RATES[name]
    descent = torch.optim.AdamW(member.parameters(), rate, weight_decay=_DECAY[name])
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, rate, steps, pct_start=0.2)
    member.train()
    for _ in range(steps):
        points, known, figures, target = batch()
        loss = -(target * F.log_softmax(member(points, known, figures), 1)).sum(1).mean()
        descent.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(member.parameters(), 2.0)
        descent.step()
        pace.step()
    return member.eval()


def _untaught(name: str, pool: Pool) -> nn.Module:
    if name != "figures":
        return GraphNet() if name == "graph" else TimeNet()
    plain = pool.figures[~pool.harder]
    low, high = np.percentile(plain, [16, 84], axis=0)
    return FigureNet(_floats(np.median(plain, 0)), _floats((high - low) / 2 + 1e-3))


def _batches(name: str, pool: Pool, rng: np.random.Generator) -> Callable[[], Batch]:
    """Batches of figures as they are and harder, or of harder windows."""
    chances = pool.chances * (pool.harder | (name == "figures"))
    rows = np.flatnonzero(chances)
    chances = chances[rows] / chances.sum()
    targets = np.eye(len(Doing)) * (1 - _SMOOTH) + _SMOOTH / len(Doing)
    none = torch.zeros(_BATCH[name], 1)

    def batch() -> Batch:
        some = rows[rng.choice(len(rows), _BATCH[name], p=chances)]
        # Smoothed, because some frames of a clip are not what the clip is called.
        target = _floats(targets[pool.doing[some]])
        if name == "figures":
            return none, none, torch.tensor(pool.figures[some]), target
        points, known = pool.windows.points[some], pool.windows.known[some]
        return torch.tensor(points), _floats(known), none, target

    return batch


def _grown(pool: Pool, seed: int) -> nn.Module:
    weights = pool.chances * (len(pool.doing) / pool.chances.sum())
    return grown(pool.figures, pool.doing, weights, seed)


def _heard(windows: Windows, scored: bool) -> Windows:
    return windows if scored else unscored(windows)


def _logs(family: list[nn.Module], clip: Clip, scored: bool) -> Floats:
    """A family's log probabilities (N, 3) for each decision of a clip."""
    windows = _heard(clip_windows(clip.points), scored)
    with torch.no_grad():
        given = torch.tensor(windows.points), _floats(windows.known), torch.tensor(features(windows))
        found = told(family, *given) if len(windows) else torch.zeros(0, len(Doing))
    return np.asarray(found.numpy(), np.float32)


def _temperature(clips: Sequence[Clip], logs: Mapping[str, Floats]) -> float:
    """The temperature with the least surprise, every clip counting by the root of its length."""
    some = [clip for clip in clips if clip.doing is not None and len(logs[clip.name])]
    truth = np.concatenate([np.full(len(logs[c.name]), list(Doing).index(c.doing)) for c in some if c.doing])
    weight = np.concatenate([np.full(len(logs[c.name]), len(logs[c.name]) ** -0.5) for c in some])
    table = torch.tensor(np.concatenate([logs[c.name] for c in some]))
    best = min(
        np.arange(0.5, 2.5, 0.05),
        key=lambda t: float(
            (F.cross_entropy(table / t, torch.tensor(truth), reduction="none").numpy() * weight).sum()
        ),
    )
    for words, t in (("as they come", 1.0), (f"at temperature {best:.2f}", float(best))):
        sure = torch.softmax(table / t, 1).numpy()
        print(f"calibration error {words}: {calibration_error(sure, truth):.3f}")
    return float(best)


def _spread(clips: Sequence[Clip], logs: Mapping[str, Floats], draws: int = 300) -> str:
    """Mean and standard deviation of the marks of 22 clips drawn at random."""
    rng = np.random.default_rng(0)
    size = min(22, len(clips))
    marks = [marks_of([clips[i] for i in rng.permutation(len(clips))[:size]], logs) for _ in range(draws)]
    rows: tuple[tuple[str, Callable[[Marks], float]], ...] = (
        ("frames", lambda m: m.frame_accuracy),
        ("F1", lambda m: m.macro_f1),
        ("clips", lambda m: float(m.clips_correct)),
    )
    said = [(name, [of(m) for m in marks]) for name, of in rows]
    return ", ".join(f"{name} {np.mean(v):.3f} +- {np.std(v):.3f}" for name, v in said)


def _line(marks: Marks) -> str:
    each = ", ".join(f"{name} {value:.3f}" for name, value in marks.f1.items())
    return (
        f"frames {marks.frame_accuracy:.3f}, F1 {marks.macro_f1:.3f} ({each}), "
        f"clips {marks.clips_correct} of {marks.clips}"
    )


def _floats(array: Array) -> Tensor:
    return torch.tensor(np.asarray(array, np.float32))
