"""The last adult leaves in supervised.

Nobody left: ask whether to go back to watch, and go back after a while. A child (or somebody of unknown
age) left: emergency within 5 s. While a camera is blind nobody knows that the place is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.rules.context import Context
from dashboard.rules.people import Person
from dashboard.rules.raising import NOTHING_RAISED, Raised, raised
from dashboard.values import Level, Observation, Verdict

MODE_RETURN = "mode_return"


@dataclass(frozen=True)
class LeavingState:
    """Whether anybody came since the mode began; since when it is empty; when it was asked; whether an
    adult is known to have been here and to have left, and since when."""

    came: bool = False
    empty_since: float | None = None
    asked_t: float | None = None
    adult: int | None = None
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
    adults = [p for p in here if context.is_adult(p)]
    if adults:
        state = replace(state, adult=adults[-1].id, alone_since=None)
        return replace(state, raised=_kept(state, (), context)[0]), ()
    children = [p for p in here if not context.is_adult(p)]
    since = state.alone_since if state.alone_since is not None else context.t
    left = state.adult is not None and bool(children)
    state = replace(state, alone_since=since if left else None)
    present: tuple[Verdict, ...] = ()
    if left and context.t - since >= context.settings.adult_left_s - 1e-6:
        present = (_verdict(children, state.adult),)
    told, new = _kept(state, present, context)
    return replace(state, raised=told), new


def _kept(
    state: LeavingState, present: tuple[Verdict, ...], context: Context
) -> tuple[Raised, tuple[Verdict, ...]]:
    return raised(state.raised, present, context.t, context.settings.rearm_s)


def _verdict(children: list[Person], adult: int | None) -> Verdict:
    first = min(children, key=lambda p: p.id)
    detail = {"adult": adult, "children": sorted(p.id for p in children)}
    return Verdict("adult_left_child", Level.EMERGENCY, first.camera, first.id, first.place, detail)
