"""Who carries messages and makes noise for the monitor of this machine."""

from __future__ import annotations

from dashboard.clock import Clock
from dashboard.monitor.recorder import Outbox


class NoCouriers:
    """Leaves everything in the outbox."""

    def start(self) -> None:
        return

    def stop(self) -> None:
        return

    def wake(self) -> None:
        return


class NoSiren:
    """A machine without sound."""

    why = "This machine has no sound output."

    def sound(self, on: bool) -> None:
        return

    def stop(self) -> None:
        return


def couriers(queue: Outbox, clock: Clock) -> NoCouriers:
    return NoCouriers()


def siren(clock: Clock) -> NoSiren:
    return NoSiren()


def words(
    kind: str,
    *,
    title: str,
    place: str,
    camera: str,
    since: str,
    who: str,
    drill: bool,
    round: int,
    link: str,
) -> tuple[str, str]:
    """Title and text of a message."""
    mark = "DRILL: " if drill else ""
    where = f" Camera: {camera}." if camera else ""
    text = {
        "alarm": f"{title}. Since {since}.{where} Nobody has answered.",
        "acknowledged": f"{who} has seen it: {title}, since {since}.",
        "all_clear": f"It is over, says {who}: {title}, since {since}.",
        "test": f"A test message, sent by {who} at {since}.",
    }[kind]
    head = {"alarm": "EMERGENCY", "acknowledged": "Seen", "all_clear": "All clear", "test": "Test"}[kind]
    again = f" (message {round + 1})" if kind == "alarm" and round else ""
    return f"{mark}{head}: {title}", f"{mark}{text}{again}" + (f" {link}" if link else "")
