"""Teaches the classifier of poses: three families on the same clips, one graph. Needs requirements-train.txt.

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
from dashboard.commands.schooling.draw import drawn
from dashboard.commands.schooling.marks import Marks, calibration_error, marks_of
from dashboard.commands.schooling.material import Material, joined_up, material_of
from dashboard.commands.schooling.nets import FigureNet, GraphNet, TimeNet, Together, Unscored
from dashboard.values import Floats
from dashboard.vision.danger.features import feature_names, features
from dashboard.vision.danger.model import Doing
from dashboard.vision.danger.window import FRAMES, JOINTS, Array, Windows, clip_windows, unscored

MEMBERS = ("figures", "graph", "time")
_STEPS = {"figures": 720, "graph": 400, "time": 400}
_RATES = {"figures": 2e-3, "graph": 3e-3, "time": 3e-3}
_DECAY = {"figures": 0.3, "graph": 0.02, "time": 0.02}
_BATCH = {"figures": 256, "graph": 128, "time": 128}
_SMOOTH, _STRIDE = 0.1, 3
Batch = tuple[Tensor, Tensor, Tensor, Tensor]


def run(clips: Sequence[Clip], args: argparse.Namespace) -> int:
    """The command: marks of the cross-validation, then the model at `args.out`."""
    torch.set_num_threads(1)
    material = material_of(clips, read_clips(args.refound) if args.refound else None)
    members = [name for name in MEMBERS if name in args.members.split(",")]
    temperature = 1.0
    if args.folds:
        temperature = _cross_validated(material, members, args.folds, args.seed)
    if args.dry:
        return 0
    model = Together(fitted(material, members, args.seed), temperature)
    export(model if material.scored else Unscored(model), args.out)
    print(f"{args.out}: {args.out.stat().st_size} bytes")
    return 0


def fitted(material: Material, members: Sequence[str], seed: int) -> list[nn.Module]:
    """The members, taught."""
    return [_fit(name, material, seed * 100 + MEMBERS.index(name)) for name in members]


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


def _cross_validated(material: Material, members: Sequence[str], count: int, seed: int) -> float:
    """Prints the marks of every member and of all together; the best temperature."""
    clips = material.clips
    part = parts_of(clips, count, seed)
    logs: dict[str, dict[str, Floats]] = {name: {} for name in members}
    for number in range(count):
        rest = material.only([i for i, p in enumerate(part) if p != number])
        asked = material.only([i for i, p in enumerate(part) if p == number])
        for name, member in zip(members, fitted(rest, members, seed * 10 + number), strict=True):
            for clip, pieces in zip(asked.clips, asked.judged, strict=True):
                said = [_logs(member, piece, material.scored) for piece in pieces]
                logs[name][clip.name] = joined_up(said, len(Doing))
        print(f"part {number + 1} of {count} is done", flush=True)
    both = {
        clip.name: np.asarray(np.mean([logs[n][clip.name] for n in members], axis=0), np.float32)
        for clip in clips
    }
    for name in members:
        print(f"{name:10} {_line(marks_of(clips, logs[name]))}")
    print(f"{'together':10} {_line(marks_of(clips, both))}; 22 clips at random: {_spread(clips, both)}")
    return _temperature(clips, both)


def _fit(name: str, material: Material, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    if name == "figures":
        member, batches = _figures(material, rng)
    else:
        member = GraphNet() if name == "graph" else TimeNet()
        # Without scores there is less to hold on to: smaller batches do as well.
        batches = _windows(material, rng, _BATCH[name] if material.scored else _BATCH[name] // 2)
    steps, rate = _STEPS[name], _RATES[name]
    descent = torch.optim.AdamW(member.parameters(), rate, weight_decay=_DECAY[name])
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, rate, steps, pct_start=0.2)
    member.train()
    for _ in range(steps):
        points, known, figures, target = batches()
        loss = -(target * F.log_softmax(member(points, known, figures), 1)).sum(1).mean()
        descent.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(member.parameters(), 2.0)
        descent.step()
        pace.step()
    return member.eval()


def _windows(material: Material, rng: np.random.Generator, size: int) -> Callable[[], Batch]:
    """Batches of windows made harder."""
    points = [clip.points for clip in material.learnt]
    targets = _targets(material.learnt)
    none = torch.zeros(size, 1)

    def batch() -> Batch:
        chosen = rng.choice(len(points), size, p=material.chances)
        windows = _heard(drawn(points, chosen.tolist(), rng), material.scored)
        return torch.tensor(windows.points), _floats(windows.known), none, torch.tensor(targets[chosen])

    return batch


def _figures(material: Material, rng: np.random.Generator) -> tuple[FigureNet, Callable[[], Batch]]:
    """The net of the figures and batches out of windows as they are and made harder."""
    clips, scored = material.learnt, material.scored
    clean = [features(_heard(_as_they_are(clip.points), scored)) for clip in clips]
    harder = [features(_heard(_harder(clip.points, rng), scored)) for clip in clips]
    table = np.concatenate([np.concatenate(both) for both in zip(clean, harder, strict=True)])
    counts = [len(a) + len(b) for a, b in zip(clean, harder, strict=True)]
    whose = np.repeat(np.arange(len(clips)), counts)
    chances = material.chances[whose] / np.array(counts)[whose]
    chances /= chances.sum()
    plain = np.concatenate(clean)
    low, high = np.percentile(plain, [16, 84], axis=0)
    member = FigureNet(_floats(np.median(plain, 0)), _floats((high - low) / 2 + 1e-3))
    targets, rows = torch.tensor(_targets(clips)[whose]), _floats(table)
    size = _BATCH["figures"]
    none = torch.zeros(size, 1)

    def batch() -> Batch:
        chosen = torch.tensor(rng.choice(len(rows), size, p=chances))
        return none, none, rows[chosen], targets[chosen]

    return member, batch


def _as_they_are(points: Floats) -> Windows:
    windows = clip_windows(points, _STRIDE)
    return windows if len(windows) else clip_windows(np.repeat(points, 3, 0))


def _harder(points: Floats, rng: np.random.Generator) -> Windows:
    count = max(10, int(60 * np.sqrt(len(points) / 300)))
    return drawn([points], [0] * count, rng)


def _heard(windows: Windows, scored: bool) -> Windows:
    return windows if scored else unscored(windows)


def _targets(clips: Sequence[Clip]) -> Floats:
    """(clips, 3) float32: smoothed, because some frames of a clip are not what the clip is called."""
    classes = [list(Doing).index(clip.doing) for clip in clips if clip.doing is not None]
    return (np.eye(len(Doing), dtype=np.float32)[classes] * (1 - _SMOOTH) + _SMOOTH / len(Doing)).astype(
        np.float32
    )


def _logs(member: nn.Module, clip: Clip, scored: bool) -> Floats:
    """Log probabilities (N, 3) for each decision of a clip."""
    windows = _heard(clip_windows(clip.points), scored)
    with torch.no_grad():
        given = torch.tensor(windows.points), _floats(windows.known), torch.tensor(features(windows))
        found = F.log_softmax(member(*given), 1) if len(windows) else torch.zeros(0, len(Doing))
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
