"""What another value would have missed, by what is stored: said as a sentence, and never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.monitor.owned import value_of, worded
from dashboard.settings import Settings
from dashboard.store import AlarmRow, EventFilter, EventRow, Store
from dashboard.values import Level

NOTHING = "Nothing is stored that this could be compared with."
_MOST_EVENTS, _MOST_ALARMS = 5000, 500
_SAME_S = 0.05


@dataclass(frozen=True)
class Case:
    """Something that was told after `after_s`, and was over after `length_s` (None: nobody knows)."""

    after_s: float
    length_s: float | None = None


def missed(store: Store, settings: Settings, key: str, new: Any) -> str:
    """One sentence about one setting. StoreError; reads thousands of rows: not in the loop."""
    if key == "rules.submersion_limit_s":
        return compared(
            submersions(_events(store), Level.EMERGENCY), new, "the siren started", worded(key, new)
        )
    if key == "rules.submersion_alert_share":
        after_s = value_of(settings, "rules.submersion_limit_s") * new
        found = submersions(_events(store), Level.ALERT)
        return compared(found, after_s, "the pages warned", worded(key, new))
    if key == "alarm.escalate_s":
        before_s = value_of(settings, key)
        found = [
            c
            for c in answers(store.alarms_before(_MOST_ALARMS))
            if c.length_s is None or c.length_s > before_s
        ]
        cases = [Case(before_s, case.length_s) for case in found]
        return compared(cases, new, "the contacts were called", worded(key, new))
    return NOTHING


def submersions(newest_first: Iterable[EventRow], level: Level) -> list[Case]:
    """Every time that somebody's head was not seen for long enough to be told at this level."""
    cases: list[Case] = []
    back: dict[int | None, EventRow] = {}
    for row in newest_first:
        event = row.event
        if event.kind == "surfaced":
            back[event.person] = row
        elif event.level is level and isinstance(after_s := event.detail.get("unseen_s"), int | float):
            # Told again at a higher level it is still the same dive: the end stays for the earlier word.
            end = back.get(event.person)
            length = None if end is None else (end.at - row.at).total_seconds() + after_s
            cases.append(Case(float(after_s), length))
        if event.kind == "submersion" and event.level is not Level.EMERGENCY:
            back.pop(event.person, None)
    return cases


def answers(alarms: Iterable[AlarmRow]) -> list[Case]:
    """How long emergencies waited for somebody."""
    cases = []
    for alarm in alarms:
        if alarm.drill or alarm.level != Level.EMERGENCY.value:
            continue
        ends = [a.at for a in alarm.acknowledged] or ([alarm.resolved_at] if alarm.resolved_at else [])
        cases.append(Case(0.0, (min(ends) - alarm.since).total_seconds() if ends else None))
    return cases


def compared(cases: Sequence[Case], after_s: float, what: str, value: str) -> str:
    """How many of the cases would not have been told with another time, and how many later."""
    if not cases:
        return NOTHING
    never = sum(1 for c in cases if c.length_s is not None and c.after_s < c.length_s < after_s)
    late = [after_s - c.after_s for c in cases if c.length_s is None or c.length_s >= after_s]
    late = [s for s in late if s > _SAME_S]
    found = f"In what is stored {what} {_times(len(cases))}. With {value}"
    if not never and not late:
        return f"{found} each of them would have been told as early."
    told = [f"{_times(never)} not at all"] if never else []
    told += [f"{_times(len(late))} later, by up to {max(late):.0f} s"] if late else []
    return f"{found} it would have been {' and '.join(told)}."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _events(store: Store) -> tuple[EventRow, ...]:
    return store.events_found(EventFilter(kinds=("submersion", "surfaced"), drill=False), _MOST_EVENTS)
