"""Visibility: a camera that does not see is told within 10 s. What it does to countdowns is in
`submersion.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.context import Context
from dashboard.values import CameraFault, FaultKind, Level, Observation, Verdict

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


# What is said of a view that is not as it was learnt.
REASONS: Mapping[FaultKind, str] = {
    FaultKind.MOVED: "it was moved, and the zones no longer fit",
    FaultKind.COVERED: "its view is covered",
    FaultKind.DEFOCUSED: "its picture is out of focus (defocused, or the lens is wet)",
    FaultKind.DARK: "its picture is dark",
    FaultKind.GLARE: "glare hides the water",
}


@dataclass(frozen=True)
class VisibilityState:
    """What each camera's trouble was told as, the newest last."""

    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def step(
    state: VisibilityState, observation: Observation | None, context: Context
) -> tuple[VisibilityState, tuple[Verdict, ...]]:
    """camera_offline, camera_blind, camera_moved; camera_back when it sees again."""
    told: dict[str, tuple[str, ...]] = {}
    verdicts: list[Verdict] = []
    for camera, watch in context.ledger.cameras.items():
        since = context.blind(camera)
        known = state.told.get(camera, ())
        if since is None:
            if known:
                detail: dict[str, object] = {"was": known[-1], "also": list(known[:-1])}
                verdicts.append(Verdict("camera_back", Level.NOTICE, camera, detail=detail))
            continue
        kind = kind_of(watch.reason) if watch.blind_since is not None else OFFLINE
        if context.t - since >= context.settings.visibility_alert_s - 1e-6 and kind not in known[-1:]:
            reason = watch.reason if watch.blind_since is not None else "says nothing"
            detail = {"reason": reason, "blind_s": round(context.t - since, 2)}
            if watch.fault is not None and watch.blind_since is not None:
                detail["fault"] = watch.fault.value
            verdicts.append(Verdict(kind, Level.ALERT, camera, detail=detail))
            known = (*(k for k in known if k != kind), kind)
        if known:
            told[camera] = known
    return VisibilityState(told), tuple(verdicts)


def reason_of(fault: CameraFault | None) -> str:
    """A fault in words; "" for none."""
    return "" if fault is None else REASONS[fault.kind]


def kind_of(reason: str) -> str:
    """The event that a reason for being blind is."""
    lower = reason.lower()
    return next((kind for word, kind in _WORDS.items() if word in lower), OFFLINE)
