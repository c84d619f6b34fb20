"""Two heads that stay side by side are two people.

Nobody comes into being on a swimmer in mid-water: a second head there is nearly always an arm, the feet or
the hips of that swimmer. But somebody may have swum there before they were found, and who is not counted is
not missed when they go under. The face detector is asked of both heads (`Track.face`): what is like a head
for some seconds, beside another one that is, is somebody's.
"""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.rules.body import two_heads
from dashboard.rules.people import Beside, Person, Sight
from dashboard.rules.sights import EPSILON_S, overlapping

# Of the pairs of tracks that overlapped for so long, in 22 simulated submersions, nine in ten of those of two
# people are over the first; and all that are over it were two people.
_LIKE, _COUNT, _LONG_S = -1.0, 8, 1.5
_GAP_S = 1.5
_LEAST_SHARE = 0.15


def beside(before: Beside | None, sight: Sight, people: Iterable[Person]) -> Beside | None:
    """What this sighting adds; None where the two were not seen as two for long."""
    hosts = [p for p in people if p.in_water and p.left is None and overlapping(sight, p)]
    kept = before if before is not None and sight.t - before.t <= _GAP_S else None
    faces = [sight.face, *(host.sight.face for host in hosts)]
    known = [face for face in faces if face is not None]
    now = [h for h in hosts if sight.t - h.seen_t <= EPSILON_S and two_heads(sight.body, h.sight.body)]
    if not hosts or len(now) < len(hosts) or len(known) < len(faces):
        return kept
    if kept is None:
        return Beside(sight.t, sight.t, 1, min(known))
    share = max(1 / (kept.count + 1), _LEAST_SHARE)
    return Beside(kept.since, sight.t, kept.count + 1, kept.like + share * (min(known) - kept.like))


def another(known: Beside | None) -> bool:
    """Whether the head beside the others is somebody's own."""
    if known is None:
        return False
    return known.count >= _COUNT and known.t - known.since >= _LONG_S and known.like > _LIKE
