"""The three modes. Everything that changes the mode is in this file; illegal moves raise and change nothing.

From safe to less safe: watch, supervised, paused. A pause ends by itself, in the mode before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.settings import RuleSettings
from dashboard.values import Level, Mode, Verdict

TIMER = "timer"
_SAFEST_FIRST = (Mode.WATCH, Mode.SUPERVISED, Mode.PAUSED)


class ModeError(ValueError):
    """The mode cannot be changed like that; the message says why."""


@dataclass(frozen=True)
class ModeState:
    """The mode since when, by whom, from where. While paused: until when, and the mode to go back to."""

    mode: Mode
    since_t: float
    who: str = ""
    origin: str = ""
    until_t: float | None = None
    back_to: Mode | None = None

    def left_s(self, t: float) -> float | None:
        """Seconds that a pause still lasts, None when not paused."""
        return None if self.until_t is None else max(self.until_t - t, 0.0)


@dataclass(frozen=True)
class SetMode:
    """Somebody (`who`) wants another mode, from a page or a phone (`origin`). The PIN for a pause was
    checked where it was typed. `pause_s` is how long a pause shall last."""

    mode: Mode
    who: str
    origin: str
    pause_s: float | None = None


def change(
    state: ModeState, command: SetMode, t: float, settings: RuleSettings
) -> tuple[ModeState, Verdict | None]:
    """The mode after the command, and what to tell; None when nothing changed. ModeError when not allowed."""
    if not command.who.strip():
        raise ModeError("a change of mode needs a name")
    if command.mode is Mode.PAUSED:
        return _pause(state, command, t, settings)
    if command.pause_s is not None:
        raise ModeError("only a pause has a length")
    if command.mode is state.mode:
        return state, None
    changed = ModeState(command.mode, t, command.who.strip(), command.origin)
    return changed, _told(state, changed)


def tick(state: ModeState, t: float) -> tuple[ModeState, Verdict | None]:
    """The mode at `t`: a pause that is over ends."""
    if state.until_t is None or t < state.until_t:
        return state, None
    changed = ModeState(state.back_to or Mode.WATCH, t, TIMER, TIMER)
    return changed, _told(state, changed)


def restored(saved: ModeState | None, t: float, down_s: float, settings: RuleSettings) -> ModeState:
    """The mode after a restart: the safer one in doubt.

    A pause does not outlive the monitor. Supervised does when the monitor was down no longer than
    `settings.restart_s`: for that long an adult was there; after it nobody knows.
    """
    if saved is None:
        return ModeState(Mode.WATCH, t, TIMER, "start")
    before = saved.back_to or Mode.WATCH if saved.mode is Mode.PAUSED else saved.mode
    other = before if down_s <= settings.restart_s else Mode.WATCH
    mode = safer(before, other)
    if mode is saved.mode:
        return replace(saved, since_t=min(saved.since_t, t))
    return ModeState(mode, t, TIMER, "start")


def safer(a: Mode, b: Mode) -> Mode:
    """The mode of the two that watches more closely."""
    return min(a, b, key=_SAFEST_FIRST.index)


def _pause(
    state: ModeState, command: SetMode, t: float, settings: RuleSettings
) -> tuple[ModeState, Verdict | None]:
    wanted_s = settings.pause_max_s if command.pause_s is None else command.pause_s
    if not 0 < wanted_s <= settings.pause_max_s:
        raise ModeError(
            f"a pause lasts more than 0 and at most {settings.pause_max_s:.0f} s, not {wanted_s:g}"
        )
    if state.mode is Mode.PAUSED:
        raise ModeError("it is paused already")
    changed = ModeState(Mode.PAUSED, t, command.who.strip(), command.origin, t + wanted_s, state.mode)
    return changed, _told(state, changed)


def _told(before: ModeState, after: ModeState) -> Verdict:
    detail: dict[str, object] = {
        "from": before.mode.value,
        "to": after.mode.value,
        "who": after.who,
        "origin": after.origin,
    }
    if after.until_t is not None:
        detail["pause_s"] = round(after.until_t - after.since_t, 3)
    return Verdict("mode_changed", Level.NOTICE, "", detail=detail)
