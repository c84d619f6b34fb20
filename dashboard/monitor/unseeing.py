"""Which cameras do not see, or not well, since when and why: for the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.values import FaultKind, Observation


@dataclass(frozen=True)
class Unseeing:
    """`since_t` in the judge's time; `fault` where the picture is there and its view is wrong."""

    why: str
    since_t: float
    fault: FaultKind | None = None


def with_word(
    known: Mapping[str, Unseeing], observation: Observation, offset_s: float
) -> dict[str, Unseeing]:
    """What is known after a camera's newest word; the judge's time is `offset_s` after the camera's."""
    camera, found = observation.camera, dict(known)
    if observation.people is not None and not observation.blind_reason:
        found.pop(camera, None)
        return found
    fault = observation.fault
    began_t = observation.t if fault is None else min(fault.since_t, observation.t)
    fresh = Unseeing(observation.blind_reason, began_t + offset_s, None if fault is None else fault.kind)
    before = found.get(camera)
    # The first reason of a camera without a picture stays: what follows is often only its consequence.
    if before is None or before.fault is not fresh.fault:
        found[camera] = fresh if before is None else replace(fresh, since_t=before.since_t)
    return found
