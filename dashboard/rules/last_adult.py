"""The last adult leaves in supervised.

Nobody left: ask whether to go back to watch, and go back after a while. A child (or somebody of unknown
age) left: emergency within 5 s. While a camera is blind nobody knows that the place is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.rules.zones import Where
from dashboard.values import Level, Observation, Verdict

MODE_RETURN = "mode_return"


@dataclass(frozen=True)
class LeavingState:
    """Whether anybody came since the mode began; since when it is empty; when it was asked; the adults
    who were here when one last was, and since when all of them have left a child."""

    came: bool = False
    empty_since: float | None = None
    asked_t: float | None = None
    adults: frozenset[int] = frozenset()
    alone_since: float | None = None
    raised: Raised = NOTHING_RAISED


def step(
    state: LeavingState, observation: Observation | None, context: Context
) -> tuple[LeavingState, tuple[Verdict, ...]]:
    """mode_prompt to watch, mode_return (a request to the judge), adult_left_child."""
    if not context.supervised():
        return LeavingState(), ()
    state = replace(state, came=state.came or bool(context.here()))
    state, emptied = _emptied(state, context)
    state, abandoned = _abandoned(state, context)
    return state, (*emptied, *abandoned)


def _emptied(state: LeavingState, context: Context) -> tuple[LeavingState, tuple[Verdict, ...]]:
    cameras = context.ledger.cameras
    unsure = not cameras or any(context.blind(camera) is not None for camera in cameras)
    if context.here() or unsure:
        return replace(state, empty_since=None, asked_t=None), ()
    since = context.t if state.empty_since is None else state.empty_since
    state = replace(state, empty_since=since)
    camera = next(iter(cameras))
    if state.asked_t is None:
        if context.t - since < _patience_s(state, context) - 1e-6:
            return state, ()
        detail = {"to": "watch", "because": "nobody is left", "in_s": context.settings.return_s}
        return replace(state, asked_t=context.t), (
            Verdict("mode_prompt", Level.PROMPT, camera, detail=detail),
        )
    if context.t - state.asked_t < context.settings.return_s - 1e-6:
        return state, ()
    return state, (Verdict(MODE_RETURN, Level.NOTICE, camera),)


def _patience_s(state: LeavingState, context: Context) -> float:
    settings = context.settings
    if state.came:
        return settings.empty_prompt_s
    return max(settings.never_seen_return_s - settings.return_s, settings.empty_prompt_s)


def _abandoned(state: LeavingState, context: Context) -> tuple[LeavingState, tuple[Verdict, ...]]:
    here = context.here()
    adults = frozenset(p.id for p in here if context.is_adult(p))
    present: tuple[Verdict, ...] = ()
    if adults:
        state = replace(state, adults=adults, alone_since=None)
    elif here and state.adults and all(_surely_gone(number, context) for number in state.adults):
        since = context.t if state.alone_since is None else state.alone_since
        state = replace(state, alone_since=since)
        if context.t - since >= context.settings.adult_left_s - 1e-6:
            present = (_verdict(here, state.adults),)
    else:
        state = replace(state, alone_since=None)
    told, new = raised(state.raised, present, context.t, context.settings.rearm_s)
    return replace(state, raised=told), new


def _surely_gone(number: int, context: Context) -> bool:
    """Whether an adult was last here some time ago and does not come back: whoever stands at the very edge is
    found a little beyond it now and then."""
    adult = context.ledger.people.get(number)
    if adult is None:
        return True
    if adult.left is None or context.t - adult.left.t < context.settings.left_after_s - 1e-6:
        return False
    return not (context.seen_now(adult) and adult.sight.presence.where is not Where.OUTSIDE)


def _verdict(children: tuple[Person, ...], adults: frozenset[int]) -> Verdict:
    first = min(children, key=lambda p: p.id)
    detail = {"adults": sorted(adults), "children": sorted(p.id for p in children)}
    return Verdict("adult_left_child", Level.EMERGENCY, first.camera, first.id, first.place, detail)
