"""What kind of place a zone watches: which rules make sense there, and how its events are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.values import Event, Zone, ZoneKind

_PRESENCE = frozenset({"entry", "adult_arrives", "last_adult", "responsible"})
# What is looked for in water.
WATER_RULES = frozenset({"submersion", "head_count", "danger_pose", "motionless"})
_ALWAYS = frozenset({"visibility", "objects", "animals"})

_COMMON = {
    "person_entered": "{who} came to the {place}",
    "person_left": "{who} left the {place}",
    "child_alone": "A child is alone at the {place}",
    "adult_left_child": "The last adult left; a child is at the {place}",
    "no_responsible_adult": "No responsible adult is at the {place}",
    "person_missing": "{who} has not been seen at the {place} for a while",
    "motionless": "{who} is not moving at the {place}",
    "mode_prompt": "Switch the {place} to {to}?",
    "object_appeared": "Something new is at the {place}",
    "object_removed": "Something is gone from the {place}",
    "objects_left": "{what}",
    "animal": "{animal} is at the {place}",
    "camera_offline": "The camera of the {place} sends no picture",
    "camera_blind": "The camera of the {place} cannot see",
    "camera_moved": "The camera of the {place} was moved",
    "camera_back": "The camera of the {place} sees again",
    "mode_changed": "The {place} is now in mode {to}",
}
_ANIMALS = {"pet": "A pet", "wildlife": "A wild animal"}
_WATER = {
    "submersion": "{who} has been under water in the {place}",
    "surfaced": "{who} has come up in the {place}",
    "person_in_water": "{who} is in the {place}, and nobody should be",
    "danger_pose": "{who} may be in trouble in the {place}",
    "motionless": "{who} is in the {place} and does not move",
    "child_alone": "A child is alone at the {place}",
}


@dataclass(frozen=True)
class Template:
    """A kind of place. `rules` are the names of the rules that run; `wording` is by event kind, with
    {who}, {place}, {to}, {animal} and {what}."""

    name: str
    title: str
    place: str
    rules: frozenset[str]
    water: bool = False
    wording: Mapping[str, str] = field(default_factory=dict)

    def words(self, event: Event, who: str = "Somebody") -> str:
        """One plain sentence for an event."""
        text = self.wording.get(event.kind, event.kind.replace("_", " ").capitalize())
        name = event.detail.get("name")
        return text.format(
            who=name if isinstance(name, str) else who,
            place=self.place if event.zone is None else event.zone,
            to=event.detail.get("to", ""),
            animal=_ANIMALS.get(str(event.detail.get("who")), "An animal"),
            what=event.detail.get("words") or "Something was left behind",
        )


def _wet(name: str, title: str, place: str) -> Template:
    rules = _PRESENCE | _ALWAYS | WATER_RULES
    return Template(name, title, place, rules, water=True, wording={**_COMMON, **_WATER})


def _dry(name: str, title: str, place: str, rules: frozenset[str], **wording: str) -> Template:
    return Template(name, title, place, rules | _ALWAYS, wording={**_COMMON, **wording})


POOL = _wet("pool", "Pool", "pool")
HOT_TUB = _wet("hot_tub", "Hot tub", "hot tub")
TRAMPOLINE = _dry(
    "trampoline",
    "Trampoline",
    "trampoline",
    _PRESENCE | {"motionless"},
    child_alone="A child is on the trampoline with no adult",
    motionless="{who} lies at the trampoline and does not get up",
)
CLIMBING_FRAME = _dry(
    "climbing_frame",
    "Climbing frame",
    "climbing frame",
    _PRESENCE | {"motionless"},
    child_alone="A child is on the climbing frame with no adult",
    motionless="{who} lies below the climbing frame and does not get up",
)
TOOL_SHED = _dry(
    "tool_shed",
    "Tool shed",
    "tool shed",
    frozenset({"entry"}),
    child_alone="A child is at the tools with no adult",
    object_removed="A tool is missing from the {place}",
)
CUSTOM = Template("custom", "Custom", "place", POOL.rules, water=True, wording={**_COMMON, **_WATER})

TEMPLATES: Mapping[str, Template] = {
    t.name: t for t in (POOL, HOT_TUB, TRAMPOLINE, CLIMBING_FRAME, TOOL_SHED, CUSTOM)
}

# What each rule looks for, for people who choose a kind of place.
RULE_WORDS: Mapping[str, str] = {
    "entry": "who comes and goes, and a child alone",
    "adult_arrives": "an adult who arrives",
    "last_adult": "the last adult leaving",
    "responsible": "an adult being there",
    "submersion": "somebody under water",
    "head_count": "somebody missing",
    "danger_pose": "a swimmer in trouble",
    "motionless": "somebody who does not move",
    "visibility": "a camera that cannot see",
    "objects": "things that appear or go",
    "animals": "animals",
}


def templates_of(zones: Sequence[Zone]) -> dict[str, Template]:
    """The kind of place by name, for what is watched. A place that is drawn as two kinds, or partly as none,
    has every rule: leaving one out needs everybody's word."""
    watched = [zone for zone in zones if zone.kind in (ZoneKind.BOUNDARY, ZoneKind.WATER)]
    found: dict[str, Template] = {}
    for name in {zone.name for zone in watched}:
        kinds = {zone.template for zone in watched if zone.name == name}
        only = kinds.pop() if len(kinds) == 1 else None
        found[name] = CUSTOM if only is None else TEMPLATES.get(only, CUSTOM)
    return found
