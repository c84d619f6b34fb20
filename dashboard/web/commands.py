"""Commands of the pages to the monitor, with their outcome as a value: pages show it and go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.monitor.handle import MonitorError, Reply
from dashboard.web.service import Handle

SIMULATED_POOL = (
    ("Overview", "garden_pool:overview"),
    ("Entrance", "garden_pool:entrance"),
)


@dataclass(frozen=True)
class Outcome:
    """`error` is one plain sentence, "" when it was done."""

    reply: Reply = field(default_factory=Reply)
    error: str = ""

    @property
    def done(self) -> bool:
        return not self.error


def send(handle: Handle, command: str, payload: bytes = b"", **args: Any) -> Outcome:
    """One command; never raises for what the monitor refuses."""
    try:
        return Outcome(handle.request(command, payload, **args))
    except MonitorError as error:
        return Outcome(error=str(error))


def camera_list(handle: Handle) -> tuple[tuple[Mapping[str, Any], ...], str]:
    """The cameras as the monitor has them now, and "" or why it cannot tell."""
    outcome = send(handle, "cameras.list")
    return tuple(outcome.reply.result.get("cameras", ())), outcome.error


def add_simulated_pool(handle: Handle) -> Outcome:
    """Adds the two views of the simulated pool; those that are there already stay."""
    there, error = camera_list(handle)
    if error:
        return Outcome(error=error)
    names = {str(camera["name"]) for camera in there}
    outcome = Outcome()
    for name, address in SIMULATED_POOL:
        if any(c["kind"] == "simulated" and c["address"] == address for c in there):
            continue
        free = free_name(name, names)
        outcome = send(handle, "cameras.add", name=free, kind="simulated", address=address)
        if not outcome.done:
            return outcome
    return outcome


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or `wanted 2`, `wanted 3`, ... when it is taken."""
    folded = {name.casefold() for name in taken}
    numbered = (f"{wanted} {i}" for i in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name.casefold() not in folded)


def moved(ids: Sequence[str], camera: str, step: int) -> list[str]:
    """The order with one camera moved by `step` places, as far as the list goes."""
    order = [i for i in ids if i != camera]
    place = ids.index(camera) + step
    order.insert(min(max(place, 0), len(order)), camera)
    return order
