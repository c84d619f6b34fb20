"""Visibility: a camera that does not see is told within 10 s. What it does to countdowns is in
`submersion.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.context import Context
from dashboard.values import Level, Observation, Verdict

OFFLINE, BLIND, MOVED = "camera_offline", "camera_blind", "camera_moved"
# What seeing calls its troubles, by words in the reason; everything else is a camera that sends nothing.
_WORDS = {
    "moved": MOVED,
    "turned": MOVED,
    "dark": BLIND,
    "black": BLIND,
    "covered": BLIND,
    "defocus": BLIND,
    "blur": BLIND,
    "glare": BLIND,
    "frozen": BLIND,
    "not visible": BLIND,
}


@dataclass(frozen=True)
class VisibilityState:
    """What each camera's trouble was told as."""

    told: Mapping[str, str] = field(default_factory=dict)


def step(
    state: VisibilityState, observation: Observation | None, context: Context
) -> tuple[VisibilityState, tuple[Verdict, ...]]:
    """camera_offline, camera_blind, camera_moved; camera_back when it sees again."""
    told: dict[str, str] = {}
    verdicts: list[Verdict] = []
    for camera, watch in context.ledger.cameras.items():
        since = context.blind(camera)
        known = state.told.get(camera)
        if since is None:
            if known is not None:
                verdicts.append(Verdict("camera_back", Level.NOTICE, camera, detail={"was": known}))
            continue
        kind = kind_of(watch.reason) if watch.blind_since is not None else OFFLINE
        if context.t - since >= context.settings.visibility_alert_s - 1e-6 and kind != known:
            reason = watch.reason if watch.blind_since is not None else "says nothing"
            detail = {"reason": reason, "blind_s": round(context.t - since, 2)}
            verdicts.append(Verdict(kind, Level.ALERT, camera, detail=detail))
            known = kind
        if known is not None:
            told[camera] = known
    return VisibilityState(told), tuple(verdicts)


def kind_of(reason: str) -> str:
    """The event that a reason for being blind is."""
    lower = reason.lower()
    return next((kind for word, kind in _WORDS.items() if word in lower), OFFLINE)
