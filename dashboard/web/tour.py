"""The first steps: what is set up and what is still missing, by what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from dashboard.web.history import when
from dashboard.web.text import one_line

Camera = Mapping[str, Any]
# The pages on which a step is done, or which mean little without it.
LINE_PAGES = ("live.py", "cameras.py", "zones.py", "people.py", "alarms.py", "health.py")
# Those that are as wide as the screen.
WIDE_PAGES = ("live.py", "zones.py")
_MOST_NAMES = 3


@dataclass(frozen=True)
class Step:
    """One step: `does` is what to do ("draw the pool"), `says` how it stands. `done` None is not known here:
    the device itself knows. `page` is where it is done, `action` what its button says, `query` how."""

    key: str
    title: str
    does: str
    done: bool | None
    says: str
    page: str
    action: str
    query: tuple[tuple[str, str], ...] = ()


def steps(cameras: Sequence[Camera], there: Mapping[str, Any], zone: tzinfo | None) -> tuple[Step, ...]:
    """All five, in order. `cameras` as the monitor lists them, `there` what it answers to `setup.get`."""
    return (
        _camera(cameras),
        _zones(cameras, there.get("drawn", ())),
        _contact(there.get("called", ()), there.get("unreached", ())),
        SOUND,
        _drill(there.get("drill_utc"), zone),
    )


SOUND = Step(
    "sound",
    "Sound on this device",
    "hear the sound on this device",
    None,
    "A browser sounds no siren before it was touched: once on every phone and laptop.",
    "setup.py",
    "Play the sound",
)


def _camera(cameras: Sequence[Camera]) -> Step:
    on = [camera for camera in cameras if camera["enabled"]]
    live = [camera for camera in on if camera["state"] == "live"]
    page, action = ("cameras.py", "Cameras") if cameras else ("live.py", "Choose a camera")
    does = "choose a camera"
    if live:
        says = f"{names(live)} {'answers' if len(live) == 1 else 'answer'}."
    elif on:
        does = "see that a camera answers"
        starting = all(camera["state"] == "starting" for camera in on)
        one = len(on) == 1
        verb = ("is" if one else "are") if starting else ("does" if one else "do")
        says = f"{names(on)} {verb} {'starting' if starting else 'not answer yet'}."
    elif cameras:
        does = "switch a camera on"
        says = "Every camera is switched off."
    else:
        says = "There is no camera yet."
    return Step("camera", "A camera", does, bool(live), says, page, action)


def _zones(cameras: Sequence[Camera], drawn: Sequence[str]) -> Step:
    on = [camera for camera in cameras if camera["enabled"]]
    bare = [camera for camera in on if camera["id"] not in drawn]
    if not on:
        says = "Where the water is and where nobody should be: as soon as there is a camera."
    elif bare:
        says = f"Nothing is drawn for {names(bare)}: nobody is looked for under water there."
    else:
        says = f"Drawn for {names(on)}. Have a look whether it fits."
    return Step("zone", "The pool", "draw the pool", bool(on) and not bare, says, "zones.py", "Draw the pool")


def _contact(called: Sequence[str], unreached: Sequence[str]) -> Step:
    if not called:
        says = "Nobody is called when nobody here hears the siren."
    elif unreached:
        says = f"{_listed(unreached)} never got a message: send one as a test."
    else:
        says = f"{_listed(called)} {'is' if len(called) == 1 else 'are'} called, and a message arrived."
    done = bool(called) and not unreached
    does = "send a test message" if called else "say who is called"
    action = "Send a test message" if called else "Add somebody"
    return Step("contact", "Somebody to call", does, done, says, "people.py", action)


def _drill(seen_utc: str | None, zone: tzinfo | None) -> Step:
    says = (
        f"Last seen {when(seen_utc, zone)}."
        if seen_utc
        else "The whole way of an emergency, once, as a test."
    )
    query = (("test", "1"),)
    return Step(
        "drill", "A drill", "test the alarm", bool(seen_utc), says, "alarms.py", "Test the alarm", query
    )


def names(cameras: Sequence[Camera]) -> str:
    """Some cameras by name."""
    return _listed([str(camera["name"]) for camera in cameras])


def _listed(words: Sequence[str]) -> str:
    shown = [one_line(word, 30) for word in words[:_MOST_NAMES]]
    shown += [f"{len(words) - _MOST_NAMES} more"] if len(words) > _MOST_NAMES else []
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def line(found: Sequence[Step], sound: bool, page: str) -> str:
    """What is still missing, in one line; "" when nothing is. On the page of a step it is told first."""
    open_steps = [s for s in found if s.done is False or (s.done is None and not sound)]
    if not open_steps:
        return ""
    here = next((s for s in open_steps if s.page == page and s.key != "sound"), None)
    first = here or open_steps[0]
    done = len(found) - len(open_steps)
    return f"Set-up, {done} of {len(found)} done. {'Here' if here else 'Next'}: {first.does}."
