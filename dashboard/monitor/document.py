"""The site document: everything that pages show of the judge, as JSON. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.alarm.book import Book
from dashboard.alarm.machine import Alarm, AlarmState
from dashboard.monitor.guests import Guests, guest_name
from dashboard.monitor.kept import Prompt
from dashboard.monitor.unseeing import Unseeing
from dashboard.monitor.wording import next_step, place_of, prompt_text, sentence, title, who_of
from dashboard.rules.context import Context
from dashboard.rules.danger_pose import DangerState, Word
from dashboard.rules.judge import JudgeState, context_of
from dashboard.rules.people import Person
from dashboard.rules.submersion import Countdown, SubmersionState, countdowns
from dashboard.settings import AlarmSettings
from dashboard.values import Age, Level

_SHOWN_CAUSES = 20


@dataclass(frozen=True)
class Facts:
    """What the document is made of. `t` is the judge's time and `utc` turns it into the wall clock's.
    `cameras`: names by id. `resolved`: alarms that were over a moment ago. `blind`: the cameras that do not
    see, or not well. `trouble`: what goes wrong with judging or keeping, "" for nothing."""

    t: float
    monotonic: float
    utc: Callable[[float], datetime]
    state: JudgeState
    book: Book
    prompts: tuple[Prompt, ...]
    cameras: Mapping[str, str]
    contacts: int
    settings: AlarmSettings
    resolved: tuple[Alarm, ...] = ()
    released: frozenset[str] = frozenset()
    blind: Mapping[str, Unseeing] = field(default_factory=dict)
    trouble: str = ""
    pin: bool = False
    outbox: Mapping[str, Any] = field(default_factory=lambda: {"waiting": 0, "failed": []})
    selftest: Mapping[str, Any] | None = None
    guests: Guests = field(default_factory=dict)


def document(facts: Facts, seq: int) -> dict[str, Any]:
    """The whole document; times of `since_s` and the like are seconds before now."""
    alarms = [a for a in facts.book.alarms.values() if a.level is not Level.PROMPT]
    return {
        "seq": seq,
        "t": facts.monotonic,
        "utc": facts.utc(facts.t).isoformat(),
        "mode": _mode(facts),
        "people": _people(facts),
        "prompts": _prompts(facts),
        "alarms": [_alarm(a, facts) for a in sorted((*alarms, *facts.resolved), key=_loudest_first)],
        "siren": facts.book.siren,
        "pictures": sorted(facts.released),
        "cameras_blind": [_unseeing(camera, one, facts) for camera, one in facts.blind.items()],
        "store": {"ok": not facts.trouble, "why": facts.trouble},
        "outbox": dict(facts.outbox),
        "selftest": facts.selftest,
        "pin": facts.pin,
    }


def _unseeing(camera: str, one: Unseeing, facts: Facts) -> dict[str, Any]:
    return {
        "id": camera,
        "name": facts.cameras.get(camera, camera),
        "why": one.why,
        "since_s": _s(facts.t - one.since_t),
        "fault": None if one.fault is None else one.fault.value,
    }


def _mode(facts: Facts) -> dict[str, Any]:
    mode = facts.state.mode
    until = None if mode.until_t is None else facts.utc(mode.until_t).isoformat()
    return {
        "mode": mode.mode.value,
        "since_utc": facts.utc(mode.since_t).isoformat(),
        "by": mode.who,
        "from": mode.origin,
        "until_utc": until,
    }


def _people(facts: Facts) -> list[dict[str, Any]]:
    context = context_of(facts.state)
    under, poses = facts.state.rules["submersion"], facts.state.rules["danger_pose"]
    assert isinstance(under, SubmersionState)
    assert isinstance(poses, DangerState)
    running = {c.person: c for c in countdowns(under, context)}
    responsible = {p.id for p in context.responsible()}
    tracks: dict[int, list[list[Any]]] = {}
    for (camera, track), number in context.ledger.tracks.items():
        tracks.setdefault(number, []).append([camera, track])
    return [
        {
            **_person(person, running.get(person.id), context),
            "pose": _pose(poses.words.get(person.id)),
            "name": person.name or guest_name(facts.guests.get(person.id, person.id)),
            "responsible": context.supervised() and person.id in responsible,
            "tracks": tracks.get(person.id, []),
        }
        for person in sorted(context.here(), key=lambda p: p.id)
    ]


def _person(person: Person, countdown: Countdown | None, context: Context) -> dict[str, Any]:
    settings = context.settings
    limit_s = settings.submersion_limit_s if person.limit_s is None else person.limit_s
    place = "water" if person.in_water else "deck" if context.seen_now(person) else "away"
    left_s = None if countdown is None else max(countdown.emergency_t - context.t, 0.0)
    return {
        "id": person.id,
        "known": person.name is not None,
        "camera": person.camera,
        "track": person.sight.track,
        "age": context.age(person).value,
        "age_why": age_why(person, context),
        "place": place,
        "zone": person.place,
        "spot": context.spot(person),
        "head_seen_s": _s(context.t - person.seen_t),
        "limit_s": limit_s if person.in_water else None,
        "countdown_s": None if left_s is None else _s(left_s),
    }


def _pose(word: Word | None) -> dict[str, Any] | None:
    """What is said of somebody's pose; None where nothing is said."""
    if word is None:
        return None
    score = word.said.score
    return {"danger": None if score is None else round(score, 2), "why": list(word.said.why)}


def age_why(person: Person, context: Context) -> str:
    """On what the judgement of age rests, in words."""
    evidence, age = person.age, context.age(person)
    if evidence.known is not None:
        return "known"
    seen = [
        f"{words} {average.mean:{form}}"
        for (_, average), (words, form) in zip(
            evidence.measured(),
            (("height in metres", ".2f"), ("head's share", ".2f"), ("legs by trunk", ".2f")),
            strict=True,
        )
        if average.looks > 0
    ]
    if not seen:
        return "the body was not seen well enough yet"
    said = ", ".join(seen)
    return f"{said}; not clear yet, treated as a child" if age is Age.UNKNOWN else said


def _prompts(facts: Facts) -> list[dict[str, Any]]:
    asked = [
        {
            "id": f"mode-{prompt.id}",
            "kind": prompt.event.kind,
            "text": prompt_text(prompt.event),
            "choices": mode_choices(str(prompt.event.detail.get("to", ""))),
            "since_utc": facts.utc(prompt.event.t).isoformat(),
        }
        for prompt in facts.prompts
    ]
    open_ = [
        a
        for a in facts.book.alarms.values()
        if a.level is Level.PROMPT and a.state is not AlarmState.ACKNOWLEDGED
    ]
    return asked + [
        {
            "id": f"alarm-{alarm.id}",
            "kind": alarm.causes[-1].kind,
            "text": title(alarm, facts.cameras, facts.state.site.templates),
            "choices": [{"id": "seen", "label": "I see to it"}],
            "since_utc": facts.utc(alarm.since_t).isoformat(),
        }
        for alarm in open_
    ]


def mode_choices(to: str) -> list[dict[str, str]]:
    """The answers to a prompt that asks for another mode."""
    return [{"id": to, "label": f"Switch to {to.capitalize()}"}, {"id": "stay", "label": "Leave it"}]


def _alarm(alarm: Alarm, facts: Facts) -> dict[str, Any]:
    templates = facts.state.site.templates
    first, words = alarm.causes[0], next_step(alarm, facts.t, facts.contacts, facts.settings)
    causes = list(dict.fromkeys(sentence(cause, facts.cameras, templates) for cause in alarm.causes))
    state = {AlarmState.ACKNOWLEDGED: "acknowledged", AlarmState.RESOLVED: "resolved"}
    return {
        "id": alarm.id,
        "level": alarm.level.value,
        "title": title(alarm, facts.cameras, facts.state.site.templates),
        "person": first.person,
        "who": who_of(alarm),
        "camera": first.camera,
        "camera_name": facts.cameras.get(first.camera, first.camera),
        "place": place_of(first, facts.cameras),
        "since_utc": facts.utc(alarm.since_t).isoformat(),
        "since_s": _s(facts.t - alarm.since_t),
        "state": state.get(alarm.state, "unacknowledged"),
        "escalated": alarm.escalated_t is not None,
        "by": alarm.resolved_by or alarm.acknowledged_by,
        "also_seen_by": list(alarm.also_seen_by),
        "causes": causes[-_SHOWN_CAUSES:],
        "drill": alarm.drill,
        "cleared": alarm.cleared_t is not None,
        "reason": None if alarm.reason is None else alarm.reason.value,
        "next": words[0],
        "next_s": None if words[1] is None else _s(words[1]),
    }


def _loudest_first(alarm: Alarm) -> tuple[bool, bool, bool, int]:
    return alarm.over, not alarm.latched, alarm.level is not Level.EMERGENCY, -alarm.id


def _s(seconds: float) -> float:
    return round(seconds, 2)
