"""Whether a head is over the water: by how clearly somebody stands out, compared with themselves.

A body under clear water is still found as a person, on the floor of the pool too. But it lost colour and
edges at once when it went under.
"""

from __future__ import annotations

from dashboard.rules.people import Sight, Usual
from dashboard.rules.zones import Where
from dashboard.settings import RuleSettings

_LEARN_S = 6.0
_LEAST_STEP_S, _LONGEST_STEP_S = 0.05, 1.0


def learnt(usual: Usual | None, sight: Sight, elapsed_s: float) -> Usual | None:
    """Takes in how clearly somebody stood out in the water at one more sighting."""
    if sight.clear is None or sight.presence.where is not Where.WATER or sight.presence.at_border:
        return usual
    if usual is None:
        return Usual(sight.clear, 0.0)
    step_s = min(max(elapsed_s, _LEAST_STEP_S), _LONGEST_STEP_S)
    share = step_s / (min(usual.known_s, _LEARN_S) + step_s)
    return Usual(usual.clear + share * (sight.clear - usual.clear), usual.known_s + step_s)


def under(usual: Usual | None, sight: Sight, settings: RuleSettings) -> bool:
    """Whether somebody in the water stands out so much less than usual that they must be below it."""
    if usual is None or sight.clear is None or sight.presence.where is not Where.WATER:
        return False
    # Of whom the picture's edge cuts off a part there is less to stand out.
    if sight.presence.at_border or usual.known_s < settings.clear_known_s:
        return False
    return sight.clear < settings.clear_share * usual.clear
