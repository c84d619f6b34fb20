"""Many recordings judged under the settings that count and under others, as one sum in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.whatif.comparing import LIKE_S, Row, rows
from dashboard.whatif.judging import Judged
from dashboard.whatif.telling import span, still_running


@dataclass(frozen=True)
class Tally:
    """`alarms`: those of the settings that count now; of them `lost` would not have come, `cut` not before
    the recording ends, `later` later, by up to `latest_s` seconds. `more`: those that the others alone tell.
    `losing`: the recordings in which one would be lost, cut or later."""

    recordings: int = 0
    alarms: int = 0
    lost: int = 0
    cut: int = 0
    later: int = 0
    latest_s: float = 0.0
    more: int = 0
    losing: tuple[str, ...] = ()

    def add(self, recording: str, now: Judged, other: Judged) -> Tally:
        """With one recording more, judged both ways."""
        found = replace(self, recordings=self.recordings + 1)
        for row in rows((now, other)):
            found = _with_row(found, row, other)
        if (found.lost, found.cut, found.later) != (self.lost, self.cut, self.later):
            found = replace(found, losing=(*self.losing, recording))
        return found


def _with_row(tally: Tally, row: Row, other: Judged) -> Tally:
    before, after = row.events
    if before is None:
        return replace(tally, more=tally.more + 1)
    tally = replace(tally, alarms=tally.alarms + 1)
    if after is None:
        # Whether it would have come after the recording's end nobody knows.
        cut = still_running(before, other) is not None
        return replace(tally, cut=tally.cut + cut, lost=tally.lost + (not cut))
    shift_s = after.t - before.t
    if shift_s < LIKE_S:
        return tally
    return replace(tally, later=tally.later + 1, latest_s=max(tally.latest_s, shift_s))


def words(tally: Tally) -> str:
    """What the others would have changed, in one sentence. Nothing is said of what was not looked at."""
    if not tally.recordings:
        return ""
    if not tally.alarms and not tally.more:
        return "None of them holds an alarm, either way."
    parts = [f"{_alarms(tally.lost)} would not have come"] if tally.lost else []
    parts += [f"{_alarms(tally.cut)} not before the clip ends"] if tally.cut else []
    parts += [f"{_alarms(tally.later)} later, by up to {span(tally.latest_s)}"] if tally.later else []
    parts += [f"{_alarms(tally.more)} more than now"] if tally.more else []
    of = f"Of the {_alarms(tally.alarms)} in them" if tally.alarms else "In them"
    return f"{of}: {', '.join(parts)}." if parts else f"{of} each would have come as early."


def _alarms(count: int) -> str:
    return "1 alarm" if count == 1 else f"{count} alarms"


NONE = Tally()
