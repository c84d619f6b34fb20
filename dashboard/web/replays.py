"""The page Replay, without the page: what can be judged again, what is asked, and what it cannot tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from dashboard.monitor.owned import OWNED, Spec, spec_of, value_of, worded
from dashboard.settings import SettingError, Settings
from dashboard.values import Level, Zone
from dashboard.web.clip_files import clip_path, is_clip_id
from dashboard.web.history import KINDS, level_words, when
from dashboard.web.text import one_line
from dashboard.whatif.judging import Judged
from dashboard.whatif.track import Recorded, zones_of_entries

FIRST_KEY = "rules.submersion_limit_s"
MOST_CHANGES = 4
_EARLY = 1.0
_CLIP_LIMITS = (
    "A clip begins 10 s before what was told then and ends 10 s after. What happened before is not known "
    "here: a countdown that had begun earlier begins with the clip, and nobody is known by name."
)
_VIDEO_LIMITS = (
    "Poolwatch begins with this video and knows nothing of what was before: somebody who is under water from "
    "its first second on was never seen, and is not missed."
)


@dataclass(frozen=True)
class Clip:
    """A stored clip that can be chosen."""

    id: str
    words: str
    camera: str
    level: str


def clips_of(rows: Sequence[Mapping[str, Any]], zone: tzinfo | None) -> list[Clip]:
    """What the monitor lists; clips that are still recorded or damaged are none yet."""
    return [
        Clip(str(row["id"]), clip_words(row, zone), str(row["camera"]), str(row["level"]))
        for row in rows
        if row.get("state", "ready") == "ready" and is_clip_id(str(row["id"]))
    ]


def clip_words(row: Mapping[str, Any], zone: tzinfo | None) -> str:
    """One clip in a list."""
    kind = str(row["kind"])
    told = [
        str(event["text"]) for event in row.get("events", ()) if event["kind"] == kind and event.get("text")
    ]
    what = told[-1] if told else KINDS.get(kind, kind)
    camera = str(row.get("camera_name") or row["camera"])
    said = f"{when(str(row['began_utc']), zone)} · {level_words(str(row['level']))} · {what} · {camera}"
    return one_line(said, 140)


def clip_track(data: Path, clip: str) -> Path | None:
    """Where a clip's track lies, None when there is none. Nothing but a clip's number becomes a path."""
    return clip_path(data, clip, "track")


# Settings


def tried_keys() -> list[str]:
    """The settings of the judge that an owner may change: others change nothing in a recording."""
    return [key for key in OWNED if key.startswith("rules.") and _number(spec_of(key))]


def _number(spec: Spec) -> bool:
    return isinstance(spec.default, int | float) and not isinstance(spec.default, bool)


def present(values: Mapping[str, Any]) -> Settings:
    """The settings as they count now. SettingError names what cannot be."""
    return Settings().with_values({key: value for key, value in values.items() if key in OWNED})


def suggestion(key: str, now: float) -> float:
    """A value to begin with: a fifth less than now, within what is possible."""
    spec = spec_of(key)
    wanted = round(now * 0.8, 2) if now < 5 else float(round(now * 0.8))
    low = wanted if spec.low is None else max(wanted, spec.low)
    return low if low != now or spec.high is None else min(now * 1.2, spec.high)


def change_problem(key: str, value: object, now: Settings, there: Sequence[Mapping[str, Any]]) -> str:
    """Why a change cannot be compared, "" when it can."""
    if key not in tried_keys():
        return "There is no such setting of the judge."
    try:
        now.with_values({key: value})
    except SettingError:
        spec = spec_of(key)
        return f"{OWNED[key].label}: from {worded(key, spec.low)} to {worded(key, spec.high)}."
    if value == value_of(now, key):
        return "That is the value that counts now."
    if {key: value} in list(there):
        return "That is compared already."
    return f"More than {MOST_CHANGES} at once cannot be read." if len(there) >= MOST_CHANGES else ""


def asked_change(query: Mapping[str, str], now: Settings) -> dict[str, Any] | None:
    """The change that another page asks for in the address, None when it asks for none that can be."""
    key = str(query.get("set", ""))
    try:
        value = float(str(query.get("to", "")))
    except ValueError:
        return None
    if change_problem(key, value, now, ()):
        return None
    return {key: type(spec_of(key).default)(value)}


def changed_since(track: Recorded, now: Settings) -> dict[str, Any]:
    """The judge's settings of the recording's time that are others now."""
    then = track.about.settings
    keys = (key for key in OWNED if key.startswith("rules."))
    return {key: value_of(then, key) for key in keys if value_of(then, key) != value_of(now, key)}


# Zones


def drawn(zones: Mapping[str, Any], camera: str) -> tuple[Zone, ...] | None:
    """A camera's zones as they are drawn now, None when there is no such camera (any more)."""
    found = zones.get(camera)
    if found is None:
        return None
    return zones_of_entries(found["zones"], camera)


# What it cannot tell


def limits(is_clip: bool) -> str:
    """What a recording of this kind does not show."""
    return _CLIP_LIMITS if is_clip else _VIDEO_LIMITS


def doubts(track: Recorded, judgements: Sequence[Judged], told: str = "") -> list[str]:
    """What is to be known of this recording before its comparison is believed. `told`: the level at which
    something was told then, "" when that is not known."""
    found = []
    blind = sum(1 for one in track.observations if one.people is None)
    if not track.observations:
        return ["There is not one picture in this recording."]
    if blind:
        found.append(f"The camera did not see in {blind} of {len(track.observations)} moments.")
    now = judgements[0]
    loud = Level(told) in (Level.ALERT, Level.EMERGENCY) if told else False
    if loud and not any(event.level is Level(told) for event in now.alarms):
        found.append(
            "It was louder then than it is judged here: other settings counted, or what led to it had begun "
            "before the clip."
        )
    early = [
        e for e in now.alarms if isinstance(u := e.detail.get("unseen_s"), int | float) and e.t - u < _EARLY
    ]
    if early:
        found.append("Somebody was under water when the recording began; for how long is not known.")
    return found
