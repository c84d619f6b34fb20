"""The night's report: what came by, what nearly went wrong, what did not see, in a few lines each. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from dashboard.report.timeline import Dive, Timeline, length_words
from dashboard.report.times import local

Row = Mapping[str, Any]
KINDS = (
    "person_entered",
    "animal",
    "object_appeared",
    "object_removed",
    "child_alone",
    "adult_left_child",
    "no_responsible_adult",
    "danger_pose",
)
_LONGEST = 3
# One trouble is told again as it grows: words this close are of one.
_SAME = timedelta(seconds=90)
_UNWATCHED = ("child_alone", "adult_left_child", "no_responsible_adult")
Line = tuple[str, str]
NO_CAMERA: Line = ("care", "There is no camera")


@dataclass(frozen=True)
class Night:
    """Lines of a mood (`good`, `care`, `bad`) and words, under four headings."""

    came_by: tuple[Line, ...]
    near_misses: tuple[Line, ...]
    cameras: tuple[Line, ...]
    selftest: tuple[Line, ...]

    @property
    def headline(self) -> Line:
        """The whole night in one sentence."""
        lines = (*self.came_by, *self.near_misses, *self.cameras, *self.selftest)
        moods = [mood for mood, _ in lines]
        if NO_CAMERA in self.cameras:
            return "care", "Nobody watched: there is no camera"
        if "bad" in moods:
            count = moods.count("bad")
            return "bad", f"{count} {'thing needs' if count == 1 else 'things need'} a look"
        if "care" in moods:
            count = moods.count("care")
            return (
                "care",
                f"Nothing is wrong; {count} {'thing is' if count == 1 else 'things are'} worth a look",
            )
        return "good", "A quiet night"


def night_of(
    shown: Timeline,
    events: Sequence[Row],
    clips: Mapping[str, int],
    test: Row | None,
    zone: tzinfo | None,
    watched: bool = True,
) -> Night:
    """Of what the monitor kept: `events` of `KINDS` without drills in any order, `clips` counts by kind,
    `test` the last self-test, `watched` whether there is any camera."""
    real = [one for one in events if not one["drill"]]
    return Night(
        came_by=(*_alarms(shown), *_visits(real), *_clips(clips)),
        near_misses=(*_dives(shown.dives, zone), *_unwatched(real, zone), *_poses(real)),
        cameras=tuple(_cameras(shown, zone)) if watched else (NO_CAMERA,),
        selftest=(_tested(test, shown.since),),
    )


def _alarms(shown: Timeline) -> list[Line]:
    real = [alarm for alarm in shown.alarms if not alarm["drill"]]
    levels = Counter(str(alarm["level"]) for alarm in real)
    moods = {"emergency": "bad", "alert": "care"}
    found = [
        (mood, f"{_count(levels[level], level, _plural(level))}")
        for level, mood in moods.items()
        if levels[level]
    ]
    return found or [("good", "No alarm")]


def _visits(events: Sequence[Row]) -> list[Line]:
    people = {one["person"] for one in events if one["kind"] == "person_entered"}
    animals = Counter(_animal(one["detail"]) for one in events if one["kind"] == "animal")
    things = Counter(one["kind"] for one in events if str(one["kind"]).startswith("object_"))
    found: list[Line] = [("good", _count(len(people), "person", "people") if people else "Nobody came")]
    if animals:
        found.append(("good", ", ".join(_count(n, name, f"{name}s") for name, n in animals.most_common(5))))
    for kind, word in (("object_appeared", "new"), ("object_removed", "gone")):
        if things[kind]:
            found.append(("care", f"{_count(things[kind], 'thing', 'things')} {word}"))
    return found


def _animal(detail: Mapping[str, Any]) -> str:
    """A pet or a wild animal where somebody has said so, else what the detector calls it: a raccoon is a cat
    to it."""
    label = str(detail.get("label") or "animal")
    said = {"pet": "pet" if label == "animal" else f"pet {label}", "wildlife": "wild animal"}.get(
        str(detail.get("who")), label
    )
    return str(detail.get("name") or (label if label in ("bird", "bear") else said))


def _clips(clips: Mapping[str, int]) -> list[Line]:
    total = sum(clips.values())
    return [("good", _count(total, "clip", "clips"))] if total else []


def _dives(dives: Sequence[Dive], zone: tzinfo | None) -> list[Line]:
    longest = sorted(dives, key=lambda dive: -dive.seconds)[:_LONGEST]
    if not longest:
        return [("good", "Nobody was under water for long")]
    return [
        (
            "bad" if dive.level == "emergency" else "care",
            f"{dive.who} under water for {length_words(dive.seconds)} at {_clock(dive.begins, zone)}, "
            + (f"{dive.place}; {dive.end}" if dive.end else dive.place),
        )
        for dive in longest
    ]


def _unwatched(events: Sequence[Row], zone: tzinfo | None) -> list[Line]:
    """How long nobody responsible was there, as far as it was told: each trouble by its longest word."""
    told = sorted(
        (datetime.fromisoformat(str(one["utc"])), str(one["kind"]), float(one["detail"].get("lasted_s") or 0))
        for one in events
        if one["kind"] in _UNWATCHED
    )
    if not told:
        return [("good", "No alarm about a missing adult")]
    seconds, kind_before, at_before, longest = 0.0, "", told[0][0], 0.0
    for at, kind, lasted_s in told:
        if kind != kind_before or at - at_before > _SAME:
            seconds, longest = seconds + longest, 0.0
        longest, kind_before, at_before = max(longest, lasted_s), kind, at
    alone = sum(1 for _, kind, _ in told if kind in ("child_alone", "adult_left_child"))
    whole, first = length_words(seconds + longest), _clock(told[0][0], zone)
    words = f"Without a responsible adult for {whole} at least, first at {first}"
    found: list[Line] = [("care", words)] if seconds + longest else []
    return [*found, *([("bad", f"A child alone: {_count(alone, 'time', 'times')}")] if alone else [])]


def _poses(events: Sequence[Row]) -> list[Line]:
    count = sum(1 for one in events if one["kind"] == "danger_pose")
    return [("care", f"A pose of danger: {_count(count, 'time', 'times')}")] if count else []


def _cameras(shown: Timeline, zone: tzinfo | None) -> list[Line]:
    found: list[Line] = []
    for name, spans in shown.outages.items():
        whole = sum((span.ends - span.begins for span in spans), timedelta())
        going_on = any(span.on for span in spans)
        times = _count(len(spans), "outage", "outages")
        words = f"{name} did not see for {length_words(whole.total_seconds())} in {times}"
        found.append(("bad" if going_on else "care", f"{words}; it still does not" if going_on else words))
    for span in shown.absent:
        length = length_words((span.ends - span.begins).total_seconds())
        found.append(("bad", f"Poolwatch did not run for {length} from {_clock(span.begins, zone)} on"))
    if shown.counted_since is None or shown.counted_since > shown.until:
        found.append(("care", "Poolwatch did not watch in this time"))
    return found or [("good", "Every camera saw all the time")]


def _tested(test: Row | None, since: datetime) -> Line:
    if test is None:
        return "care", "The self-test has not run yet"
    failed = [str(line["text"]) for line in test["lines"] if not line["ok"]]
    if failed:
        return "bad", "; ".join(text.rstrip(".") for text in failed)
    old = datetime.fromisoformat(str(test["at_utc"])) < since - timedelta(days=1)
    return ("care", "The self-test has not run for a day") if old else ("good", "The self-test passed")


def _clock(at: datetime, zone: tzinfo | None) -> str:
    return f"{local(at.isoformat(), zone):%H:%M}"


def _plural(level: str) -> str:
    return "emergencies" if level == "emergency" else f"{level}s"


def _count(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
