"""What the pages and messages say of events and alarms: plain sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dashboard.alarm.machine import Alarm, AlarmState
from dashboard.rules.templates import CUSTOM, TEMPLATES, Template
from dashboard.rules.zones import WHOLE_PICTURE
from dashboard.settings import AlarmSettings
from dashboard.values import Event, Level

DRILL, SELFTEST = "drill", "selftest_failed"
JUDGE_FAILED, MACHINE_SLEPT, MEMORY_LOST = "judge_failed", "machine_slept", "memory_lost"
_CAMERA_KINDS = ("camera_offline", "camera_blind", "camera_moved", "camera_back")
_OWN_WORDS = {
    "camera_offline": "The camera {camera} sends no picture",
    "camera_blind": "The camera {camera} cannot see",
    "camera_moved": "The camera {camera} was moved: its zones no longer fit",
    "camera_back": "The camera {camera} sees again",
    DRILL: "This is a test of the alarm",
    SELFTEST: "The daily self-test has failed",
    JUDGE_FAILED: "The program could not judge what the cameras see and began anew: look at the pool",
    MACHINE_SLEPT: "The computer slept, and nobody watched: look at the pool",
    MEMORY_LOST: "The program began anew and does not know any more who was in the water: look at the pool",
}
_FAULTS = {
    "covered": "something covers its view",
    "defocused": "its picture is out of focus, or its lens is wet",
    "dark": "its picture is dark",
    "glare": "glare hides the water",
}
_NEW_VIEW = "Put it back, or say on the page Cameras that this is its new view and draw the zones anew"
_LADDER = (Level.NOTICE, Level.PROMPT, Level.ALERT, Level.EMERGENCY)


def sentence(
    event: Event, cameras: Mapping[str, str], templates: Mapping[str, Template] | None = None
) -> str:
    """One event in words. `cameras`: names by id."""
    camera = cameras.get(event.camera, event.camera)
    if event.kind in _OWN_WORDS:
        return _OWN_WORDS[event.kind].format(camera=camera) + _seeing_words(event)
    if event.kind == "mode_changed":
        return f"The mode is now {event.detail.get('to', '')}" + _by(event)
    if event.kind == "mode_prompt":
        return prompt_text(event)
    zone = place_of(event, cameras)
    known = (templates or {}).get(event.zone or "", TEMPLATES.get(event.zone or "", CUSTOM))
    return known.words(replace(event, zone=zone or None))


def place_of(event: Event, cameras: Mapping[str, str]) -> str:
    """The place's name; a camera without zones is its own place."""
    if event.zone is None or event.zone == WHOLE_PICTURE:
        return cameras.get(event.camera, event.camera)
    return event.zone


def title(alarm: Alarm, cameras: Mapping[str, str], templates: Mapping[str, Template] | None = None) -> str:
    """The alarm in one sentence: its loudest cause, the newest of them."""
    loudest = max(_LADDER.index(event.level) for event in alarm.causes)
    cause = next(e for e in reversed(alarm.causes) if _LADDER.index(e.level) == loudest)
    text = sentence(cause, cameras, templates)
    return f"Drill: {text}" if alarm.drill and cause.kind != DRILL else text


def who_of(alarm: Alarm) -> str:
    """The name of whom it is about, as far as it is known."""
    names = [event.detail.get("name") for event in alarm.causes]
    return next((name for name in reversed(names) if isinstance(name, str) and name), "Somebody")


def next_step(alarm: Alarm, t: float, contacts: int, settings: AlarmSettings) -> tuple[str, float | None]:
    """What happens next if nobody does anything, and in how many seconds."""
    if alarm.state is AlarmState.SOUNDING and alarm.sounding_t is not None:
        left_s = max(alarm.sounding_t + settings.escalate_s - t, 0.0)
        called = f"{contacts} contact{'s are' if contacts > 1 else ' is'} called and " if contacts else ""
        return f"{called}the real picture is shown on every page".capitalize(), left_s
    if alarm.state is AlarmState.ESCALATED and alarm.sounding_t is not None:
        if not contacts:
            return "Nobody else is called: there are no contacts", None
        since_s = t - alarm.sounding_t - settings.escalate_s
        left_s = settings.repeat_s - since_s % settings.repeat_s
        return "The messages are sent again", left_s
    if alarm.state is AlarmState.ACKNOWLEDGED:
        return "Say why it is over", None
    if alarm.state is AlarmState.OPEN and alarm.causes[-1].kind == "camera_moved":
        return _NEW_VIEW, None
    if alarm.state is AlarmState.OPEN:
        return "It ends by itself when the trouble is over", None
    return "", None


def prompt_text(event: Event) -> str:
    """The question of a mode prompt."""
    to, because = event.detail.get("to", ""), str(event.detail.get("because", ""))
    why = because[:1].upper() + because[1:]
    return f"{why}. Switch to {str(to).capitalize()}?" if why else f"Switch to {str(to).capitalize()}?"


def _seeing_words(event: Event) -> str:
    """Why a camera cannot see, where its picture says it."""
    words = _FAULTS.get(str(event.detail.get("fault", "")), "")
    return f": {words}" if words and event.kind == "camera_blind" else ""


def _by(event: Event) -> str:
    who = event.detail.get("who", "")
    return {"timer": " by itself", "": ""}.get(str(who), f" by {who}")
