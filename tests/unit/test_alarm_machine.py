"""One alarm: every state against every move."""

from __future__ import annotations

import itertools

import pytest

from dashboard.alarm.machine import (
    CAUSES_MOST,
    Acknowledge,
    Alarm,
    AlarmError,
    AlarmState,
    Cause,
    Cleared,
    Escalate,
    Move,
    Reason,
    Resolve,
    begin,
    move,
)
from dashboard.values import Event, Level


def event(level: Level, t: float = 0.0, kind: str = "submersion") -> Event:
    return Event(t, "pool", kind, level, 1, "pool")


OPEN = begin(1, "person 1", Cause(0.0, event(Level.ALERT)))
SOUNDING = begin(1, "person 1", Cause(0.0, event(Level.EMERGENCY)))
ESCALATED = move(SOUNDING, Escalate(30.0))
SEEN_ALERT = move(OPEN, Acknowledge(40.0, "Ada"))
SEEN = move(ESCALATED, Acknowledge(40.0, "Ada"))
RESOLVED = move(SEEN, Resolve(50.0, "Ada", Reason.FALSE))
STATES = {
    "open": OPEN,
    "sounding": SOUNDING,
    "escalated": ESCALATED,
    "alert seen": SEEN_ALERT,
    "seen": SEEN,
    "resolved": RESOLVED,
}
MOVES: dict[str, Move] = {
    "alert": Cause(60.0, event(Level.ALERT, 60.0)),
    "emergency": Cause(60.0, event(Level.EMERGENCY, 60.0, "motionless")),
    "notice": Cause(60.0, event(Level.NOTICE, 60.0)),
    "escalate": Escalate(60.0),
    "cleared": Cleared(60.0),
    "seen": Acknowledge(60.0, "Ben"),
    "seen without a name": Acknowledge(60.0, "  "),
    "resolve": Resolve(60.0, "Ben", Reason.REAL),
    "resolve without a name": Resolve(60.0, "", Reason.REAL),
    "resolve without a reason": Resolve(60.0, "Ben", "because"),  # type: ignore[arg-type]
}
O, S, E, A, R = AlarmState  # noqa: E741 - one letter each, for a table that can be read
NO = None
#                            open  sounding escalated alert seen  seen  resolved
TABLE: dict[str, tuple[AlarmState | None, ...]] = {
    "alert": (O, S, E, A, A, NO),
    "emergency": (S, S, E, S, A, NO),
    "notice": (NO, NO, NO, NO, NO, NO),
    "escalate": (O, E, E, A, A, R),
    "cleared": (R, S, E, R, A, NO),
    "seen": (A, A, A, A, A, NO),
    "seen without a name": (NO, NO, NO, NO, NO, NO),
    "resolve": (NO, NO, NO, R, R, NO),
    "resolve without a name": (NO, NO, NO, NO, NO, NO),
    "resolve without a reason": (NO, NO, NO, NO, NO, NO),
}


def test_the_table_is_whole() -> None:
    assert TABLE.keys() == MOVES.keys()
    assert {len(row) for row in TABLE.values()} == {len(STATES)}


@pytest.mark.parametrize(("state", "what"), list(itertools.product(STATES, MOVES)))
def test_every_state_against_every_move(state: str, what: str) -> None:
    before, expected = STATES[state], TABLE[what][list(STATES).index(state)]
    kept = repr(before)
    if expected is None:
        with pytest.raises(AlarmError):
            move(before, MOVES[what])
    else:
        assert move(before, MOVES[what]).state is expected
    assert repr(before) == kept


def test_a_notice_is_no_alarm() -> None:
    with pytest.raises(AlarmError):
        begin(1, "x", Cause(0.0, event(Level.NOTICE)))


def test_causes_join() -> None:
    joined = move(SOUNDING, MOVES["emergency"])
    assert [e.kind for e in joined.causes] == ["submersion", "motionless"]
    assert joined.since_t == 0.0
    assert joined.sounding_t == 0.0


def test_a_trouble_that_flickers_for_days_does_not_grow_without_bound() -> None:
    alarm = SOUNDING
    for n in range(3 * CAUSES_MOST):
        alarm = move(alarm, Cause(float(n), event(Level.ALERT, float(n), "camera_offline")))
    assert len(alarm.causes) == CAUSES_MOST
    alarm = move(alarm, Cause(999.0, event(Level.EMERGENCY, 999.0, "motionless")))
    assert [c.kind for c in (alarm.causes[0], alarm.causes[-1])] == ["submersion", "motionless"]
    assert len(alarm.causes) == CAUSES_MOST + 1, "what is new always joins"


def test_what_is_kept() -> None:
    assert (SEEN.acknowledged_by, SEEN.acknowledged_t) == ("Ada", 40.0)
    assert (RESOLVED.resolved_by, RESOLVED.reason, RESOLVED.resolved_t) == ("Ada", Reason.FALSE, 50.0)
    assert move(SEEN, Acknowledge(60.0, "Ben")).also_seen_by == ("Ben",)
    assert move(SEEN, Acknowledge(60.0, "Ada")) == SEEN
    assert move(SOUNDING, Cleared(60.0)).cleared_t == 60.0


def test_a_seen_alert_sounds_again_as_an_emergency() -> None:
    loud = move(SEEN_ALERT, MOVES["emergency"])
    assert (loud.state, loud.acknowledged_by, loud.also_seen_by) == (AlarmState.SOUNDING, None, ("Ada",))
    assert loud.sounding_t == 60.0


@pytest.mark.parametrize("alarm", STATES.values(), ids=STATES.keys())
def test_latched_means_an_unseen_emergency(alarm: Alarm) -> None:
    assert alarm.latched == (alarm.state in (S, E))
    assert alarm.over == (alarm.state is R)
