"""No responsible adult in supervised: prompt, alert, then emergency if a child is in the water."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.values import Level, Observation, Verdict


@dataclass(frozen=True)
class ResponsibleState:
    """Since when nobody is responsible for the people who are here."""

    since: float | None = None
    raised: Raised = NOTHING_RAISED


def step(
    state: ResponsibleState, observation: Observation | None, context: Context
) -> tuple[ResponsibleState, tuple[Verdict, ...]]:
    """no_responsible_adult at three levels."""
    here = context.here()
    if not context.supervised() or not here or context.responsible():
        told, _ = raised(state.raised, (), context.t, context.settings.rearm_s)
        return ResponsibleState(None, told), ()
    since = context.t if state.since is None else state.since
    verdict = _verdict(here, context.t - since, context)
    present = () if verdict is None else (verdict,)
    told, new = raised(state.raised, present, context.t, context.settings.rearm_s)
    return ResponsibleState(since, told), new


def _verdict(here: tuple[Person, ...], lasted_s: float, context: Context) -> Verdict | None:
    settings = context.settings
    if lasted_s < settings.responsible_s - 1e-6:
        return None
    swimming = [p for p in here if p.in_water and not context.is_adult(p)]
    level = Level.PROMPT
    if lasted_s >= settings.responsible_alert_s - 1e-6:
        level = Level.ALERT
    if swimming and lasted_s >= settings.responsible_emergency_s - 1e-6:
        level = Level.EMERGENCY
    first = min(swimming or here, key=lambda p: p.id)
    detail: dict[str, object] = {
        "lasted_s": round(lasted_s, 2),
        "lanyard_required": settings.lanyard_required,
        "in_water": sorted(p.id for p in swimming),
        "here": sorted(p.id for p in here),
    }
    # The trouble is the place's, so it does not start again when another person is the first.
    if level is not Level.EMERGENCY:
        return Verdict("no_responsible_adult", level, first.camera, None, first.place, detail)
    return Verdict("no_responsible_adult", level, first.camera, first.id, first.place, detail)
