"""Which events leave a clip. Pure.

Everything that may matter to somebody later: who came while nobody should be there, what went wrong in the
water, animals and objects, and a camera that could not see. In Supervised, coming and going is what is meant
to happen: of that one clip is kept now and then, so that an hour of play does not fill the disk."""

from __future__ import annotations

from dashboard.settings import RecordSettings
from dashboard.values import Event, Level, Mode

# What is no sight of a camera, or says that something is over.
NEVER = frozenset(
    {
        *("mode_changed", "mode_prompt", "camera_back", "surfaced", "person_left", "selftest_failed"),
        *("judge_failed", "machine_slept", "memory_lost"),
    }
)
# Told again and again by a bad line; the first is enough for a while.
_FAULTS = frozenset(("camera_offline", "camera_blind", "camera_moved"))
_LADDER = (Level.NOTICE, Level.PROMPT, Level.ALERT, Level.EMERGENCY)
# In Watch the same small thing is recorded this many times as often.
_WATCH_SHARE = 10


def begins_clip(event: Event, mode: Mode, since_last_s: float | None, settings: RecordSettings) -> bool:
    """Whether an event begins a clip; `since_last_s`: since the last clip that began with the same kind at
    the same camera."""
    if event.kind in NEVER:
        return False
    if event.level in (Level.ALERT, Level.EMERGENCY) and event.kind not in _FAULTS:
        return True
    quiet_s = settings.quiet_s if mode is not Mode.WATCH else settings.quiet_s / _WATCH_SHARE
    return since_last_s is None or since_last_s >= quiet_s


def lengthens_clip(event: Event, mode: Mode) -> bool:
    """Whether an event makes a running clip longer: in Supervised not what is meant to happen."""
    if event.kind in NEVER:
        return False
    return mode is Mode.WATCH or event.level is not Level.NOTICE


def louder(a: Event, b: Event) -> bool:
    """Whether `a` is more serious than `b`."""
    return _LADDER.index(a.level) > _LADDER.index(b.level)
