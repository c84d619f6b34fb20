"""What the judge keeps over a restart, and how it is taken up again. Pure but for nothing: times and texts
come in, states go out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from dashboard.alarm.book import Book
from dashboard.alarm.machine import Alarm, AlarmState
from dashboard.monitor.guests import Guests, KeptGuests
from dashboard.monitor.memory import RecallError, recalled, remembered
from dashboard.rules import modes
from dashboard.rules.judge import RULES, JudgeState, Site, judge_start
from dashboard.rules.modes import ModeState
from dashboard.rules.people import Ledger
from dashboard.settings import RuleSettings
from dashboard.store import AlarmRow
from dashboard.values import Event, Level, Mode

# Whoever was in the water before a longer absence of the monitor: by now somebody has looked.
PEOPLE_KEPT_S = 900.0
# Clocks that agree so well on how long we were away count the same boot of the machine.
_AGREE_S = 5.0
_LOG = logging.getLogger(__name__)
# Texts and when they were written, by key.
Saved: TypeAlias = Mapping[str, tuple[str, datetime]]


@dataclass(frozen=True)
class Prompt:
    """A question about the mode that nobody has answered."""

    id: int
    event: Event


@dataclass(frozen=True)
class KeptClock:
    """The judge's time `t` was `monotonic` on the clock of the machine's start `boot` ("": not known)."""

    t: float
    monotonic: float
    boot: str = ""


@dataclass(frozen=True)
class KeptJudge:
    """The judge's state at judge time `t`, which was `monotonic` on the machine's clock. `rules` are the
    rules' own states as text, so that one that changed its form costs only itself."""

    t: float
    monotonic: float
    mode: ModeState
    ledger: Ledger
    rules: Mapping[str, str]
    prompts: tuple[Prompt, ...] = ()


def kept(state: JudgeState, monotonic: float, prompts: tuple[Prompt, ...]) -> str:
    """The judge as text."""
    rules = {name: remembered(one) for name, one in state.rules.items()}
    return remembered(KeptJudge(state.t, monotonic, state.mode, state.ledger, rules, prompts))


def saved_clock(memory: Saved) -> tuple[KeptClock, datetime] | None:
    """The judge's clock as it was kept and when that was; None when that cannot be read."""
    for key in ("clock", "judge"):
        if key not in memory:
            continue
        text, at = memory[key]
        try:
            if key == "clock":
                return recalled(KeptClock, text), at
            # Written before there was a clock of its own.
            saved = recalled(KeptJudge, text)
            return KeptClock(saved.t, saved.monotonic), at
        except RecallError as error:
            _LOG.error("when the monitor ended is not known from its %s: %s", key, error)
    return None


def saved_judge(memory: Saved) -> KeptJudge | None:
    """The judge as they were kept; None when there was none, or it cannot be read: the log says why."""
    try:
        return recalled(KeptJudge, memory["judge"][0]) if "judge" in memory else None
    except RecallError as error:
        _LOG.error("what the judge knew is lost, and watch is on: %s", error)
        return None


def saved_guests(memory: Saved) -> Guests:
    """The guests' numbers; none where they cannot be read."""
    try:
        return recalled(KeptGuests, memory["guests"][0]).numbers if "guests" in memory else {}
    except RecallError as error:
        _LOG.warning("guests are numbered anew: %s", error)
        return {}


def away_s(saved: KeptClock, at: datetime, monotonic: float, boot: str, now: datetime) -> float:
    """How long the monitor was away, and never less than nothing: by the monotonic clock within one start of
    the machine, whatever was done to the wall clock; else by the wall clock."""
    gap_s, utc_gap_s = monotonic - saved.monotonic, (now - at).total_seconds()
    if saved.boot and boot:
        return max(gap_s if saved.boot == boot else utc_gap_s, 0.0)
    return gap_s if gap_s >= 0 and abs(gap_s - utc_gap_s) < _AGREE_S else max(utc_gap_s, 0.0)


def restored(saved: KeptJudge, site: Site, down_s: float, settings: RuleSettings) -> JudgeState:
    """The judge after `down_s` of absence: the safer mode, everybody who was there, running countdowns.

    Tracks are numbered anew by new workers, so that people are found again by where they are."""
    t = saved.t + down_s
    mode = modes.restored(saved.mode, t, down_s, settings)
    fresh = judge_start(site, mode.mode, t)
    if down_s > PEOPLE_KEPT_S:
        return replace(fresh, mode=mode)
    ledger = replace(saved.ledger, tracks={}, candidates={})
    return replace(fresh, mode=mode, ledger=ledger, rules={**fresh.rules, **_rules(saved.rules)})


def without_camera(state: JudgeState, camera: str) -> JudgeState:
    """The judge after a camera was taken away: nobody is looked for there any more."""
    book = state.ledger
    people = {number: p for number, p in book.people.items() if p.camera != camera}
    ledger = replace(
        book,
        people=people,
        tracks={key: n for key, n in book.tracks.items() if key[0] != camera and n in people},
        candidates={key: c for key, c in book.candidates.items() if key[0] != camera},
        cameras={name: watch for name, watch in book.cameras.items() if name != camera},
    )
    return replace(state, ledger=ledger)


def with_new_tracks(state: JudgeState, camera: str) -> JudgeState:
    """The judge when a camera's worker starts anew: its tracks are numbered from one again."""
    book = state.ledger
    ledger = replace(
        book,
        tracks={key: number for key, number in book.tracks.items() if key[0] != camera},
        candidates={key: c for key, c in book.candidates.items() if key[0] != camera},
    )
    return replace(state, ledger=ledger)


def book_of(text: str | None, rows: tuple[AlarmRow, ...], last: int, t: float) -> Book:
    """The alarm book as it was kept; where that cannot be read, the open alarms as the archive has them,
    sounding anew from `t` on unless somebody has acknowledged them."""
    try:
        book = recalled(Book, text) if text is not None else None
    except RecallError:
        book = None
    if book is None:
        alarms = {row.id: _alarm(row, t) for row in rows if row.causes}
        book = Book(alarms, siren=any(alarm.latched for alarm in alarms.values()))
    return replace(book, next_id=max(book.next_id, last + 1))


def _alarm(row: AlarmRow, t: float) -> Alarm:
    level = Level(row.level)
    state = AlarmState.SOUNDING if level is Level.EMERGENCY else AlarmState.OPEN
    by = row.acknowledged[0].who if row.acknowledged and row.state == AlarmState.ACKNOWLEDGED else None
    causes = tuple(replace(cause.event, t=t) for cause in row.causes)
    sounding_t = t if level is Level.EMERGENCY else None
    alarm = Alarm(row.id, row.subject, state, level, t, causes, sounding_t, drill=row.drill)
    if by is None:
        return alarm
    return replace(alarm, state=AlarmState.ACKNOWLEDGED, acknowledged_t=t, acknowledged_by=by)


def _rules(texts: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for rule in RULES:
        try:
            found[rule.name] = recalled(type(rule.first), texts[rule.name])
        except (KeyError, RecallError):
            continue
    return found


def keeps_supervised(saved: KeptJudge | None, all_simulated: bool) -> bool:
    """A simulated site goes on as the supervised swim that its story is, however long it was away."""
    return saved is not None and all_simulated and saved.mode.mode is Mode.SUPERVISED
