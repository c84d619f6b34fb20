"""The settings that an owner may change: what each means in words. Their units, defaults, sources and ranges
are in `settings.py` and nowhere else. The numbers by which people are found and followed are not among them:
they were measured together with the models, and no owner can know a better one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dashboard.settings import Settings

GROUPS = ("Under water", "People", "Alarms and messages", "Cameras", "What is kept")


@dataclass(frozen=True)
class Owned:
    """One setting. `first`: shown before the others. `worse`: on which side of the default an alarm comes
    later or is quieter, "more", "less" or ""; `risk` then says what that means, with the value for {}.
    `forgets`: every smaller value than now is a loss. `restart`: counts when the cameras start again."""

    group: str
    label: str
    says: str
    worse: str = ""
    risk: str = ""
    first: bool = False
    forgets: bool = False
    restart: bool = False


@dataclass(frozen=True)
class Spec:
    """What `settings.py` says of one."""

    default: Any
    unit: str
    source: str
    low: float | None
    high: float | None


_WATER, _PEOPLE, _ALARMS, _CAMERAS, _KEPT = GROUPS
_LATER = "The alarm about it comes only after {}."
_FORGETS = "What is older than {} is deleted within the next hours and cannot be brought back."

OWNED: Mapping[str, Owned] = {
    "rules.submersion_limit_s": Owned(
        _WATER,
        "Longest time under water",
        "When nobody has seen a head for this long, the siren starts.",
        "more",
        "A head may be under water {} before the siren starts.",
        first=True,
    ),
    "rules.submersion_alert_share": Owned(
        _WATER,
        "Warning before the siren",
        "After this part of that time the pages already warn.",
        "more",
        "The warning comes only after {}: less time is left to look before the siren.",
        first=True,
    ),
    "rules.still_s": Owned(
        _WATER,
        "Floating without moving: warning",
        "Somebody in the water, head seen, who does not move at all for this long.",
        "more",
        "Somebody may float motionless for {} before anything is said.",
        first=True,
    ),
    "rules.still_emergency_s": Owned(
        _WATER,
        "Floating without moving: siren",
        "After this long without a movement the siren starts.",
        "more",
        "Somebody may float motionless for {} before the siren starts.",
    ),
    "rules.submersion_blind_share": Owned(
        _WATER,
        "Time left when a camera fails",
        "A countdown that runs when its camera goes blind is cut to this part of what is left.",
        "more",
        "A countdown keeps {} while nobody can see the water.",
    ),
    "rules.danger_s": Owned(
        _WATER,
        "Posture of distress: warning",
        "Upright, head back, arms at the sides, no way made: for this long.",
        "more",
        _LATER,
    ),
    "rules.danger_emergency_s": Owned(
        _WATER, "Posture of distress: siren", "After this long the siren starts.", "more", _LATER
    ),
    "rules.adult_left_s": Owned(
        _PEOPLE,
        "The last adult leaves",
        "So long after it is sure that the last adult has left a child alone, the siren starts.",
        "more",
        "Children are alone for {} more before the siren starts.",
        first=True,
    ),
    "rules.child_alone_s": Owned(
        _PEOPLE,
        "A child without an adult",
        "A child who is seen alone for this long is an emergency.",
        "more",
        "A child may be alone at the pool for {} before the siren starts.",
        first=True,
    ),
    "rules.return_s": Owned(
        _PEOPLE,
        "Back to watch by itself",
        "Supervised ends when nobody was there for this long and nobody answered the question.",
        "more",
        "Nobody is at the pool, and for {} an entering child meets the milder rules of supervised.",
        first=True,
    ),
    "rules.left_after_s": Owned(
        _PEOPLE,
        "Sure that somebody left",
        "Who went out of the picture and is not seen for this long has left.",
        "more",
        "It takes {} to know that the last adult has gone; only then the alarm about it begins.",
    ),
    "rules.adult_fresh_s": Owned(
        _PEOPLE,
        "An adult still counts as there",
        "An adult who was not seen for longer does not watch the children.",
        "more",
        "An adult who was last seen {} ago still counts as watching.",
    ),
    "rules.never_seen_return_s": Owned(
        _PEOPLE,
        "Supervised, and nobody came",
        "Supervised was switched on and nobody appeared for this long: back to watch.",
        "more",
        "With nobody there, supervised stays on for {}.",
    ),
    "rules.empty_prompt_s": Owned(
        _PEOPLE,
        "Question when all have left",
        "Nobody is left for this long: the pages ask whether to watch again.",
        "more",
        "Nobody is left, and nobody is asked for {}.",
    ),
    "rules.responsible_s": Owned(
        _PEOPLE,
        "The responsible adult is away: question",
        "Who said that they watch was not seen for this long: the pages ask.",
        "more",
        "Who watches may be away for {} before anybody is asked.",
    ),
    "rules.responsible_alert_s": Owned(
        _PEOPLE, "The responsible adult is away: warning", "The same, as a warning.", "more", _LATER
    ),
    "rules.responsible_emergency_s": Owned(
        _PEOPLE,
        "The responsible adult is away: siren",
        "The same with a child in the water.",
        "more",
        "A child may be in the water without the responsible adult for {} before the siren starts.",
    ),
    "rules.lanyard_required": Owned(
        _PEOPLE,
        "The responsible adult wears a lanyard",
        "Only who wears the lanyard counts as the one who watches.",
    ),
    "rules.crawling_babies": Owned(
        _PEOPLE,
        "A baby who crawls may be here",
        "On: whoever goes on all fours is somebody. Off: it is told as an animal, on land and while nobody "
        "who stands is about.",
        first=True,
    ),
    "rules.head_count_s": Owned(
        _PEOPLE,
        "One head fewer than there were",
        "Somebody who was counted is not seen for this long, and was not seen to leave.",
        "more",
        _LATER,
    ),
    "rules.lying_s": Owned(
        _PEOPLE,
        "Lying on the deck: warning",
        "Somebody who fell or does not move lies for this long.",
        "more",
        _LATER,
    ),
    "rules.lying_emergency_s": Owned(
        _PEOPLE, "Lying on the deck: siren", "After this long the siren starts.", "more", _LATER
    ),
    "alarm.escalate_s": Owned(
        _ALARMS,
        "Time to press “I see it”",
        "When nobody answers an emergency for this long, the contacts get a message.",
        "more",
        "Nobody outside the house hears of an emergency for {}.",
        first=True,
    ),
    "alarm.repeat_s": Owned(
        _ALARMS,
        "Messages are repeated",
        "So long after a message the next one goes out, until somebody answers.",
        "more",
        "Who misses the first message gets the next one only after {}.",
        first=True,
    ),
    "alarm.contact_step_s": Owned(
        _ALARMS,
        "From one contact to the next",
        "None: all contacts get the message at once. Otherwise one after the other, this far apart.",
        "more",
        "Each further contact hears of an emergency {} later than the one before.",
        first=True,
    ),
    "notify.report_h": Owned(
        _ALARMS,
        "Message about the night",
        "At this time of the day, by the clock of the machine that watches, the report of the night goes to "
        "each contact for whom that is switched on under People. Whatever kept it is made up for until noon.",
    ),
    "rules.rearm_s": Owned(
        _ALARMS,
        "The same trouble again",
        "A trouble that was over for less than this is the same one and is not told again.",
        "more",
        "A second trouble of the same kind within {} is not told.",
    ),
    "rules.restart_s": Owned(
        _ALARMS,
        "Supervised outlives a restart",
        "After a restart that was shorter than this, supervised goes on; else the program watches.",
        "more",
        "After a break of up to {} an adult still counts as there, whom nobody saw.",
    ),
    "rules.pause_max_s": Owned(
        _ALARMS,
        "Longest pause",
        "A pause ends by itself after this long.",
        "more",
        "Nobody is watched for up to {}.",
    ),
    "rules.object_s": Owned(
        _ALARMS,
        "A thing in the water or on the deck",
        "It is told when it has lain there for this long.",
        "more",
        _LATER,
    ),
    "rules.object_large": Owned(
        _ALARMS,
        "From this size a thing on the deck is a warning",
        "Smaller ones are only written down.",
        "more",
        "Things on the deck up to {} are only written down.",
    ),
    "rules.animal_quiet_s": Owned(
        _ALARMS,
        "One visit of an animal",
        "An animal that comes back within this time is written down once.",
        "more",
        "An animal that comes back within {} is not written down again.",
    ),
    "rules.visibility_alert_s": Owned(
        _CAMERAS,
        "A camera is blind: warning",
        "When a camera has not seen for this long, the pages warn.",
        "more",
        "The water may be unseen for {} before anybody is told.",
        first=True,
    ),
    "rules.silent_s": Owned(
        _CAMERAS,
        "A camera says nothing",
        "Silent for this long, it counts as blind.",
        "more",
        "A camera may be silent for {} before it counts as blind.",
    ),
    "monitor.preview_fps": Owned(
        _CAMERAS,
        "Pictures a second on the page",
        "How smooth Live is. Judging takes every picture all the same.",
        restart=True,
    ),
    "monitor.preview_width": Owned(
        _CAMERAS,
        "Width of the picture on the page",
        "Less is quicker over a slow network. Judging takes the full picture.",
        restart=True,
    ),
    "monitor.preview_quality": Owned(
        _CAMERAS, "Sharpness of the picture on the page", "More makes every picture larger.", restart=True
    ),
    "source.usb_width": Owned(
        _CAMERAS, "Webcam: width", "What a plugged-in webcam is asked for.", restart=True
    ),
    "source.usb_height": Owned(
        _CAMERAS, "Webcam: height", "What a plugged-in webcam is asked for.", restart=True
    ),
    "record.on": Owned(
        _CAMERAS,
        "Record clips",
        "A short video of everything that is detected.",
        "less",
        "Record clips: {}. Nothing of what happens then can be seen afterwards, whatever it was.",
        first=True,
        restart=True,
    ),
    "record.before_s": Owned(
        _CAMERAS, "Clip: time before", "What a clip shows of the time before it happened.", restart=True
    ),
    "record.after_s": Owned(
        _CAMERAS, "Clip: time after", "What a clip shows of the time after it happened.", restart=True
    ),
    "record.width": Owned(
        _CAMERAS, "Width of clips", "More shows more, and takes room and time.", restart=True
    ),
    "keep.alarms_days": Owned(
        _KEPT,
        "Alarms",
        "Each with what caused it and who answered.",
        risk=_FORGETS,
        first=True,
        forgets=True,
    ),
    "keep.events_days": Owned(
        _KEPT,
        "Everything else that happened",
        "Who came, swam, left.",
        risk=_FORGETS,
        first=True,
        forgets=True,
    ),
    "keep.alarm_clips_days": Owned(
        _KEPT,
        "Clips of alarms",
        "Alerts and emergencies, as video. What you pin stays for ever.",
        risk=_FORGETS,
        first=True,
        forgets=True,
    ),
    "keep.clips_days": Owned(
        _KEPT,
        "All other clips",
        "Who came, which animal. What you pin stays for ever.",
        risk=_FORGETS,
        first=True,
        forgets=True,
    ),
    "keep.clips_gb": Owned(
        _KEPT,
        "Room for clips",
        "When they need more, the oldest go first, those of alarms last.",
        risk="Clips that need more room than {} are deleted, the oldest first, and cannot be brought back.",
        first=True,
        forgets=True,
    ),
    "keep.occupancy_days": Owned(
        _KEPT, "How many were there", "The timeline's count, minute by minute.", risk=_FORGETS, forgets=True
    ),
    "keep.deliveries_days": Owned(
        _KEPT, "Messages", "Who was told, and whether it arrived.", risk=_FORGETS, forgets=True
    ),
    "keep.audit_days": Owned(
        _KEPT, "Who saw and changed what", "The lines of the audit.", risk=_FORGETS, forgets=True
    ),
    "keep.events_most": Owned(
        _KEPT,
        "At most so many events",
        "When there are more, the oldest go first.",
        risk="Only the newest {} stay; older ones are deleted and cannot be brought back.",
        forgets=True,
    ),
}

# The second comes after the first: a siren before its warning would be one number that means nothing.
ORDERED = (
    ("rules.still_s", "rules.still_emergency_s"),
    ("rules.danger_s", "rules.danger_emergency_s"),
    ("rules.lying_s", "rules.lying_emergency_s"),
    ("rules.responsible_s", "rules.responsible_alert_s"),
    ("rules.responsible_alert_s", "rules.responsible_emergency_s"),
)


def spec_of(key: str) -> Spec:
    """What `settings.py` says of an owned setting."""
    section, _, name = key.partition(".")
    found = next(f for f in fields(getattr(Settings(), section)) if f.name == name)
    says = found.metadata
    return Spec(found.default, says["unit"], says["source"], says["low"], says["high"])


def value_of(settings: Settings, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)


def worded(key: str, value: Any) -> str:
    """A value with its unit."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:g}"
    return f"{number} {spec_of(key).unit}".strip()


def is_risky(key: str, now: Any, new: Any) -> bool:
    """Whether a new value makes an alarm later or quieter than the default and than now, or deletes more."""
    known = OWNED[key]
    if known.forgets:
        return bool(new < now)
    if known.worse == "more":
        return bool(new > max(now, spec_of(key).default))
    return known.worse == "less" and bool(new < min(now, spec_of(key).default))
