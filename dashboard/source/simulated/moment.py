"""What a motion is asked for, and moving between timed postures."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2

from dashboard.source.simulated.skeleton import PROPORTIONS, Posture, mixed


@dataclass(frozen=True)
class Moment:
    """What a motion is asked for: the person, `tau` seconds into an action of `length_s`, the place
    and heading there, metres `gone` on its path, and the step's own parameters."""

    kind: str
    height_m: float
    seed: float
    tau: float
    length_s: float
    x: float
    y: float
    yaw: float
    gone_m: float = 0.0
    speed_m_s: float = 0.0
    to: tuple[float, float] | None = None
    stroke: str = "crawl"
    gesture: str = "idle"
    depth_m: float = 0.8
    struggle_s: float = 15.0
    hold: bool = False

    @property
    def share(self) -> float:
        """How much of the action is over, 0 to 1."""
        return min(max(self.tau / self.length_s, 0.0), 1.0) if self.length_s > 0 else 1.0

    @property
    def torso_m(self) -> float:
        return PROPORTIONS[self.kind].torso * self.height_m


def keyed(tau: float, keys: tuple[tuple[float, Posture], ...]) -> Posture:
    """Between timed postures, easing in and out of each."""
    before = keys[0]
    for key in keys[1:]:
        if tau < key[0]:
            part = (tau - before[0]) / max(key[0] - before[0], 1e-6)
            return mixed(before[1], key[1], part * part * (3 - 2 * part))
        before = key
    return before[1]


def heading_of(dx: float, dy: float) -> float:
    """The heading of a direction, radians from +x to +y."""
    return atan2(dy, dx)
