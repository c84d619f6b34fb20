"""One trouble is told once: when it begins and when it grows, not at every frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dashboard.values import Level, Verdict

LADDER = (Level.NOTICE, Level.PROMPT, Level.ALERT, Level.EMERGENCY)


@dataclass(frozen=True)
class Told:
    """How loud a trouble was told, and when it was last there."""

    level: Level
    t: float


@dataclass(frozen=True)
class Raised:
    """All troubles that were told and are not over, by key."""

    told: Mapping[str, Told] = field(default_factory=dict)


NOTHING_RAISED = Raised()


def raised(
    state: Raised, present: Iterable[Verdict], t: float, rearm_s: float
) -> tuple[Raised, tuple[Verdict, ...]]:
    """The verdicts of what is `present` that are new or louder than told. A trouble that was away for
    longer than `rearm_s` is over, and told again when it comes back."""
    told = dict(state.told)
    new: list[Verdict] = []
    for verdict in present:
        known = told.get(verdict.key)
        if known is None or louder(verdict.level, known.level):
            new.append(verdict)
            told[verdict.key] = Told(verdict.level, t)
        else:
            told[verdict.key] = Told(known.level, t)
    return Raised({key: known for key, known in told.items() if t - known.t <= rearm_s}), tuple(new)


def louder(a: Level, b: Level) -> bool:
    """Whether `a` is higher on the ladder than `b`."""
    return LADDER.index(a) > LADDER.index(b)
