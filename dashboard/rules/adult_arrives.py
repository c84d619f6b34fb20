"""An adult arrives in watch: ask whether to switch to supervised. Unanswered, watch stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.context import Context
from dashboard.values import Level, Observation, Verdict

# One question for a group that arrives together.
_GROUP_S = 60.0


@dataclass(frozen=True)
class ArrivalState:
    """The visits for which it was asked (by person, when the visit began), and when it was asked last."""

    asked: Mapping[int, float] = field(default_factory=dict)
    asked_t: float | None = None


def step(
    state: ArrivalState, observation: Observation | None, context: Context
) -> tuple[ArrivalState, tuple[Verdict, ...]]:
    """mode_prompt to supervised, once a visit."""
    if not context.watching():
        return ArrivalState(), ()
    here = {p.id: p for p in context.here()}
    asked = {number: began for number, began in state.asked.items() if number in here}
    arrived = [
        p
        for p in context.responsible()
        if context.seen_now(p) and p.inside_t is not None and asked.get(p.id) != p.inside_t
    ]
    asked |= {p.id: p.inside_t for p in arrived if p.inside_t is not None}
    lately = state.asked_t is not None and context.t - state.asked_t < _GROUP_S
    if not arrived or (lately and len(asked) > len(arrived)):
        return ArrivalState(asked, state.asked_t), ()
    first = arrived[0]
    detail = {"to": "supervised", "because": "an adult arrived"}
    prompt = Verdict("mode_prompt", Level.PROMPT, first.camera, first.id, first.place, detail)
    return ArrivalState(asked, context.t), (prompt,)
