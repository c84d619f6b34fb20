"""The networks that learn poses, in torch: figures of a second, a graph of the body over time, plain
convolutions over time; grown trees as one more; and the one graph that holds them all.

The graph network follows Yan et al., Spatial temporal graph convolutional networks (2018), made small: three
layers, three learnt ways between joints, half the frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name)
from torch import Tensor, nn

from dashboard.commands.schooling.leaves import tables_of
from dashboard.values import COCO_LIMBS
from dashboard.vision.danger.window import JOINTS, MIRROR

CLASSES = 3
_CHANNELS = 7


class Placed(nn.Module):
    """(B, T, 17, 3), (B, T) -> (B, T, 17, 7): each point against the body's middle of its frame, the body's
    way, the point's speed, its score; in spreads of the body."""

    def forward(self, points: Tensor, known: Tensor) -> Tensor:
        xy, mask = points[..., :2], known[..., None]
        weight = points[..., 2].clamp(0.05, 1.0) * mask
        middle = (xy * weight[..., None]).sum(2, keepdim=True) / (
            weight.sum(2, keepdim=True)[..., None] + 1e-4
        )
        squares = (((xy - middle) ** 2).sum(-1) * weight).sum((1, 2)) / weight.sum((1, 2))
        spread = torch.sqrt(squares + 1e-6)[:, None, None, None]
        place = ((middle[:, :, 0] * mask).sum(1) / mask.sum(1))[:, None, None]
        whole = (xy - place) / spread
        way = ((middle - place) / spread).expand_as(whole)
        moved = (whole[:, 1:] - whole[:, :-1]) * mask[:, :-1, :, None]
        speed = torch.cat([torch.zeros_like(whole[:, :1]), moved], 1)
        parts = [(xy - middle) / spread, way, speed * 4, points[..., 2:]]
        return torch.cat(parts, -1) * mask[..., None]


def _gathered(x: Tensor, mask: Tensor) -> Tensor:
    """Mean and maximum over the frames that are known: (B, T, C), (B, T, 1) -> (B, 2 C)."""
    return torch.cat([(x * mask).sum(1) / mask.sum(1), (x - 20 * (1 - mask)).amax(1)], 1)


class TimeNet(nn.Module):
    """Convolutions over time, further and further apart."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.placed = Placed()
        self.first = nn.Conv1d(_CHANNELS * JOINTS, width, 1)
        self.first_norm = nn.BatchNorm1d(width)
        self.wide = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in (1, 2, 4, 8))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(4))
        self.mixed = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in range(4))
        self.drop, self.drop_last = nn.Dropout(0.25), nn.Dropout(0.4)
        self.last = nn.Linear(2 * width, CLASSES)

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        mask = known[:, None]
        x = self.placed(points, known).flatten(2).transpose(1, 2)
        x = self.first_norm(self.first(x)) * mask
        for wide, norm, mixed in zip(self.wide, self.norms, self.mixed, strict=True):
            x = (x + self.drop(mixed(F.relu(norm(wide(x)))))) * mask
        return self.last(self.drop_last(_gathered(x.transpose(1, 2), known[..., None])))


class GraphNet(nn.Module):
    """Convolutions over the body's graph and over time."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.placed = Placed()
        sizes = (_CHANNELS, width, 2 * width, 2 * width)
        ways = torch.tensor(_ways(), dtype=torch.float32)
        self.ways = nn.ParameterList(nn.Parameter(ways + 0.01 * torch.randn_like(ways)) for _ in range(3))
        self.joined = nn.ModuleList(nn.Linear(3 * a, b) for a, b in pairwise(sizes))
        self.timed = nn.ModuleList(nn.Conv2d(b, b, (5, 1), padding=(2, 0), groups=b) for b in sizes[1:])
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in sizes[1:])
        self.together = nn.Linear(JOINTS * sizes[-1], 48)
        self.drop, self.last = nn.Dropout(0.4), nn.Linear(96, CLASSES)

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        x = self.placed(points, known)
        x = (x[:, ::2] + x[:, 1::2]) / 2
        mask = torch.maximum(known[:, ::2], known[:, 1::2])
        for i, (joined, timed, norm) in enumerate(zip(self.joined, self.timed, self.norms, strict=True)):
            spread = torch.einsum("kvw,btwc->btvkc", self.ways[i], x).flatten(3)
            z = joined(spread).permute(0, 3, 1, 2)
            z = F.relu(norm(timed(z) + z)).permute(0, 2, 3, 1)
            x = (z + x if i == 2 else z) * mask[:, :, None, None]
        x = F.relu(self.together(x.flatten(2)))
        return self.last(self.drop(_gathered(x, mask[..., None])))


class FigureNet(nn.Module):
    """A small net over the named figures of a second. `middle`, `size` (F,): of the training data."""

    def __init__(self, middle: Tensor, size: Tensor, width: int = 24) -> None:
        super().__init__()
        self.register_buffer("middle", middle)
        self.register_buffer("size", size)
        self.first, self.norm = nn.Linear(len(middle), width), nn.BatchNorm1d(width)
        self.second, self.last = nn.Linear(width, width // 2), nn.Linear(width // 2, CLASSES)
        self.drop = nn.Dropout(0.3)

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        x = 2 * torch.tanh((features - self.middle) / self.size / 2)
        x = self.drop(F.relu(self.norm(self.first(self.drop(x)))))
        return self.last(self.drop(F.relu(self.second(x))))


class Trees(nn.Module):
    """Boosted trees over the figures, T of them for `classes` classes by turns; `leaves.py` tells how they
    are asked. `trees`: the `tree_info` of a dump. TreeError: it holds what cannot be told."""

    def __init__(self, trees: Sequence[Mapping[str, Any]], classes: int) -> None:
        super().__init__()
        self.classes = classes
        tables = tables_of(trees)
        self.register_buffer("asked", torch.tensor(tables.asked.flatten()))
        for name in ("limits", "turns", "smaller", "says"):
            self.register_buffer(name, torch.tensor(getattr(tables, name)))

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        answers = features[:, self.asked].unflatten(1, self.limits.shape) <= self.limits
        agreed = torch.einsum("ntk,tkl->ntl", answers.float(), self.turns)
        said = ((agreed > self.smaller - 0.5).float() * self.says).sum(2)
        return said.unflatten(1, (-1, self.classes)).sum(1)


class Together(nn.Module):
    """All families as one graph: the mean of what each tells, weighed by its share, sharpened or softened by
    the temperature that makes them right as often as they say."""

    def __init__(self, families: list[list[nn.Module]], shares: list[float], temperature: float) -> None:
        super().__init__()
        self.shares = [share / sum(shares) for share in shares]
        self.families = nn.ModuleList(nn.ModuleList(family) for family in families)
        self.temperature = temperature

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        said = [told(family, points, known, features) for family in self.families]
        total = torch.stack([share * one for share, one in zip(self.shares, said, strict=True)]).sum(0)
        return torch.softmax(total / self.temperature, 1)


class Unscored(nn.Module):
    """`whole` without scores: points (B, T, 17, 2), every one as sure as the next."""

    def __init__(self, whole: nn.Module) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, points: Tensor, known: Tensor, features: Tensor) -> Tensor:
        return self.whole(torch.cat([points, torch.ones_like(points[..., :1])], -1), known, features)


def told(family: Iterable[nn.Module], points: Tensor, known: Tensor, features: Tensor) -> Tensor:
    """The mean of a family's log probabilities, (N, 3)."""
    return torch.stack([F.log_softmax(member(points, known, features), 1) for member in family]).mean(0)


def _ways() -> list[list[list[float]]]:
    """What a joint hears of: its neighbours, itself, its other side."""
    near = np.eye(JOINTS)
    for a, b in (*COCO_LIMBS, (0, 5), (0, 6)):
        near[a, b] = near[b, a] = 1
    near /= near.sum(1, keepdims=True)
    ways: list[list[list[float]]] = [
        m.tolist() for m in (near, np.eye(JOINTS), np.eye(JOINTS)[list(MIRROR)] / 2)
    ]
    return ways
