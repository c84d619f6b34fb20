"""Animals: a known pet and wildlife are kept, quietly; an unknown one is a notice.

What nobody recognises and only moves like an animal counts where no person is about, inside the boundary and
out of the water: there it may be a part of somebody, a shadow, or somebody who is not found.

`Hooks.animals` says who an animal is. Where nobody recognises animals, the detector's label is all there
is: a bird or a bear is wild, a cat or a dog is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.rules.body import overlap
from dashboard.rules.context import AnimalSeen, Context, Wild
from dashboard.rules.on_all_fours import FINDER
from dashboard.rules.zones import masked, on_dry_ground
from dashboard.values import Detection, Label, Level, Observation, Verdict

_HUMAN_OVERLAP = 0.3
_LABELS = {
    Label.CAT: Wild.UNKNOWN,
    Label.DOG: Wild.UNKNOWN,
    Label.BIRD: Wild.WILDLIFE,
    Label.HORSE: Wild.UNKNOWN,
    Label.SHEEP: Wild.UNKNOWN,
    Label.COW: Wild.UNKNOWN,
    Label.BEAR: Wild.WILDLIFE,
    Label.ANIMAL: Wild.UNKNOWN,
}
# Whoever was here is still near, or casts a shadow, or was lost.
_ALONE_S = 10.0


@dataclass(frozen=True)
class AnimalVisit:
    """One kind of animal before one camera: first and last seen, how often, whether it was told."""

    since: float
    t: float
    count: int
    told: bool


@dataclass(frozen=True)
class AnimalsState:
    """The visits by camera, kind and name; when somebody was last seen before each camera."""

    visits: Mapping[str, AnimalVisit] = field(default_factory=dict)
    people_t: Mapping[str, float] = field(default_factory=dict)


def step(
    state: AnimalsState, observation: Observation | None, context: Context
) -> tuple[AnimalsState, tuple[Verdict, ...]]:
    """animal: one event a visit."""
    quiet_s = context.settings.animal_quiet_s
    visits = {key: visit for key, visit in state.visits.items() if context.t - visit.t <= quiet_s}
    verdicts = []
    people_t = _people_t(state, observation, context.t)
    for key, animal in _distinct(_seen(observation, people_t, context)).items():
        visit = _again(visits.get(key), context)
        settled = visit.count >= context.settings.confirm_sightings
        if settled and not visit.told and context.t - visit.since >= context.settings.confirm_s - 1e-6:
            verdicts.append(_verdict(animal))
            visit = AnimalVisit(visit.since, visit.t, visit.count, told=True)
        visits[key] = visit
    return AnimalsState(visits, people_t), tuple(verdicts)


def _again(before: AnimalVisit | None, context: Context) -> AnimalVisit:
    t = context.t
    if before is None or (not before.told and t - before.t > context.settings.run_gap_s):
        return AnimalVisit(t, t, 1, told=False)
    return AnimalVisit(before.since, t, before.count + 1, before.told)


def _people_t(state: AnimalsState, observation: Observation | None, t: float) -> Mapping[str, float]:
    if observation is None or not observation.people:
        return state.people_t
    return {**state.people_t, observation.camera: t}


def _seen(
    observation: Observation | None, people_t: Mapping[str, float], context: Context
) -> tuple[AnimalSeen, ...]:
    if observation is None or observation.size_wh[0] <= 0:
        return ()
    zones = context.world.camera(observation.camera, observation.size_wh)
    found = context.hooks.animals
    if found is None:
        found = tuple(_labelled(observation.camera, d) for d in observation.things if d.label in _LABELS)
    else:
        sorted_out = [d for d in observation.things if d.finder == FINDER and d.label in _LABELS]
        found = (*found, *(_labelled(observation.camera, d) for d in sorted_out))
    about = context.t - people_t.get(observation.camera, float("-inf")) <= _ALONE_S
    return tuple(
        a
        for a in found
        if not masked(zones, a.xyxy)
        and not _human(a, observation)
        and (a.label != Label.ANIMAL or (not about and on_dry_ground(zones, a.xyxy)))
    )


def _human(animal: AnimalSeen, observation: Observation) -> bool:
    """Whether a person is known to be there, or may be: who lies or swims looks like a cat or a bird to a
    detector."""
    boxes = [track.xyxy for track in observation.people or ()]
    boxes += [thing.xyxy for thing in observation.things if thing.label is Label.PERSON]
    return any(overlap(animal.xyxy, box) >= _HUMAN_OVERLAP for box in boxes)


def _labelled(camera: str, found: Detection) -> AnimalSeen:
    return AnimalSeen(camera, found.label.value, _LABELS[found.label], found.xyxy)


def _distinct(animals: tuple[AnimalSeen, ...]) -> dict[str, AnimalSeen]:
    return {f"{a.camera}/{a.wild.value}/{a.name or a.label}": a for a in animals}


def _verdict(animal: AnimalSeen) -> Verdict:
    quiet = animal.wild is not Wild.UNKNOWN
    detail = {"label": animal.label, "who": animal.wild.value, "name": animal.name, "quiet": quiet}
    return Verdict("animal", Level.NOTICE, animal.camera, detail=detail)
