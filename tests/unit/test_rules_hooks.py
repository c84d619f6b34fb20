"""Danger scores, objects, animals, lanyards, visibility, templates, several cameras."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard.rules.context import AnimalSeen, Hooks, ObjectSeen, Wild
from dashboard.rules.judge import Site, judge_forget, judge_start, judge_step, judge_time
from dashboard.rules.people import Identity
from dashboard.rules.scale import rectangle
from dashboard.rules.templates import TEMPLATES, TOOL_SHED
from dashboard.rules.visibility import kind_of, reason_of
from dashboard.rules.world import World
from dashboard.settings import RuleSettings
from dashboard.values import (
    Age,
    CameraFault,
    Change,
    Detection,
    Event,
    FaultKind,
    Label,
    Level,
    Mode,
    Observation,
    PoseDanger,
    Zone,
    ZoneKind,
)
from tests.unit.rules_stage import (
    CAMERA,
    GARDEN,
    RATES,
    SIZE,
    WATER,
    adult,
    child,
    film,
    play,
    swimmer,
)

GUARD = adult(99, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))
BATHER = swimmer(1, (0, 400, 400), (60, 450, 400))


def scores(*spans: tuple[float, float, float]) -> Callable[[float], Hooks]:
    """The danger score of track 1: (from, to, score); none elsewhere."""

    def at(t: float) -> Hooks:
        found = [score for a, b, score in spans if a <= t < b]
        return Hooks(danger={(CAMERA, 1): PoseDanger(found[0], ("upright",))} if found else {})

    return at


@pytest.mark.parametrize("fps", RATES)
class TestDangerPose:
    def said(self, fps: float, *spans: tuple[float, float, float]) -> list[tuple[Level, float]]:
        played = play(film([GUARD, BATHER], fps, 30), Mode.SUPERVISED, hooks=scores(*spans))
        return [(e.level, e.t) for e in played.of("danger_pose")]

    def test_never_one_frame(self, fps: float) -> None:
        assert self.said(fps, (10, 10 + 0.9 / fps, 0.99)) == []

    def test_short_is_quiet(self, fps: float) -> None:
        assert self.said(fps, (10, 11.9, 0.99)) == []

    def test_lasting_is_an_alert_then_an_emergency(self, fps: float) -> None:
        (alert, at), (emergency, later) = self.said(fps, (10, 20, 0.9))
        assert (alert, emergency) == (Level.ALERT, Level.EMERGENCY)
        assert 12 <= at <= 12 + 1 / fps
        assert 14 <= later <= 14 + 1 / fps

    def test_unsure_beside_an_adult_stays_an_alert(self, fps: float) -> None:
        assert [level for level, _ in self.said(fps, (10, 20, 0.75))] == [Level.ALERT]

    def test_unsure_where_nobody_watches_is_an_emergency(self, fps: float) -> None:
        played = play(film([BATHER], fps, 30), Mode.WATCH, hooks=scores((10, 20, 0.75)))
        assert [e.level for e in played.of("danger_pose")] == [Level.ALERT, Level.EMERGENCY]

    def test_why_is_told(self, fps: float) -> None:
        played = play(film([GUARD, BATHER], fps, 30), Mode.SUPERVISED, hooks=scores((10, 20, 0.9)))
        assert played.of("danger_pose")[0].detail["why"] == ["upright"]

    def test_who_makes_way_does_not_drown(self, fps: float) -> None:
        lane = swimmer(1, (0, 300, 400), (10, 300, 400), (16, 540, 400), (60, 540, 400))
        played = play(film([GUARD, lane], fps, 16), Mode.SUPERVISED, hooks=scores((10, 15.9, 0.95)))
        assert played.of("danger_pose") == []

    def test_nothing_is_said_of_somebody_on_deck(self, fps: float) -> None:
        deck = adult(1, (0.0, 200.0, 520.0), (60.0, 200.0, 520.0))
        played = play(film([deck], fps, 30), Mode.SUPERVISED, hooks=scores((10, 20, 0.95)))
        assert played.of("danger_pose") == []

    def test_unknown_is_no_score(self, fps: float) -> None:
        unknown = Hooks(danger={(CAMERA, 1): PoseDanger(None)})
        played = play(film([GUARD, BATHER], fps, 30), Mode.SUPERVISED, hooks=lambda t: unknown)
        assert played.of("danger_pose") == []

    def test_the_observation_itself_brings_the_word(self, fps: float) -> None:
        def with_word(seen: Observation) -> Observation:
            fresh = round(seen.t * 10) % 5 == 0
            word = PoseDanger(0.95, ("upright",), 0.0 if fresh else 0.2)
            said = tuple(replace(p, danger=word) if p.id == 1 else p for p in seen.people or ())
            return replace(seen, people=said)

        played = play([with_word(o) for o in film([GUARD, BATHER], fps, 20)], Mode.SUPERVISED)
        assert [e.level for e in played.of("danger_pose")] == [Level.ALERT, Level.EMERGENCY]

    def test_hysteresis_holds(self, fps: float) -> None:
        assert len(self.said(fps, (10, 11, 0.9), (11, 13, 0.5))) == 1

    def test_falling_below_for_long_starts_anew(self, fps: float) -> None:
        assert self.said(fps, (10, 11.5, 0.9), (11.5, 14.2, 0.1), (14.2, 15.7, 0.9)) == []

    def test_a_pause_of_a_bob_stops_the_count_and_does_not_begin_it_anew(self, fps: float) -> None:
        ((level, at),) = self.said(fps, (10, 11.5, 0.9), (11.5, 12.6, 0.1), (12.6, 14.6, 0.9))
        assert level is Level.ALERT
        # A second and a half before the pause and half a second after it, give or take a frame at each end.
        assert 13.1 - 1e-6 <= at <= 13.1 + 3 / fps

    def test_seconds_of_a_pause_do_not_count(self, fps: float) -> None:
        assert self.said(fps, (10, 11, 0.9), (11, 12.5, 0.1), (12.5, 13.2, 0.9)) == []

    def test_middling_never_starts(self, fps: float) -> None:
        assert self.said(fps, (5, 25, 0.6)) == []

    def test_two_scores_far_apart_are_no_time(self, fps: float) -> None:
        assert self.said(fps, (10, 10 + 0.9 / fps, 0.9), (13, 13 + 0.9 / fps, 0.9)) == []


def toy(t: float, box: tuple[float, float, float, float], since: float = 5.0) -> Hooks:
    if t < since:
        return Hooks()
    return Hooks(objects=(ObjectSeen("toy", CAMERA, Change.APPEARED, since, box, SIZE),))


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize(
    ("box", "mode", "expected"),
    [
        ((200, 490, 220, 510), Mode.WATCH, [Level.NOTICE]),
        ((150, 300, 290, 500), Mode.WATCH, [Level.ALERT]),
        ((400, 300, 420, 320), Mode.WATCH, [Level.ALERT]),
        ((10, 300, 30, 320), Mode.WATCH, []),
        ((400, 300, 420, 320), Mode.SUPERVISED, []),
    ],
    ids=["small on deck", "large on deck", "in the water", "outside", "supervised"],
)
def test_objects(
    fps: float, box: tuple[float, float, float, float], mode: Mode, expected: list[Level]
) -> None:
    played = play(film([], fps, 20), mode, hooks=lambda t: toy(t, box))
    said = played.of("object_appeared")
    assert [e.level for e in said] == expected
    assert all(10 <= e.t <= 10 + 1 / fps for e in said)


def test_object_that_blows_through_is_none() -> None:
    played = play(film([], 10, 20), hooks=lambda t: toy(t, (400, 300, 420, 320)) if t < 6.5 else Hooks())
    assert played.events == []


def with_things(label: Label, spans: tuple[tuple[float, float], ...], fps: float) -> list[Observation]:
    found = Detection((300.0, 480.0, 360.0, 520.0), 0.8, label)
    return [
        replace(o, things=(found,) if any(a <= o.t < b for a, b in spans) else ()) for o in film([], fps, 30)
    ]


@pytest.mark.parametrize("fps", RATES)
class TestAnimals:
    def test_unknown_cat_is_one_notice(self, fps: float) -> None:
        (event,) = play(with_things(Label.CAT, ((5, 9), (12, 20)), fps)).of("animal")
        assert event.level is Level.NOTICE
        assert event.detail["who"] == "unknown"
        assert event.detail["quiet"] is False

    def test_bird_is_quiet(self, fps: float) -> None:
        (event,) = play(with_things(Label.BIRD, ((5, 9),), fps)).of("animal")
        assert event.detail["quiet"] is True

    def test_one_frame_is_nothing(self, fps: float) -> None:
        assert play(with_things(Label.CAT, ((5, 5 + 0.9 / fps),), fps)).events == []

    def test_ball_is_no_animal(self, fps: float) -> None:
        assert play(with_things(Label.BALL, ((5, 15),), fps)).events == []

    def test_known_pet(self, fps: float) -> None:
        pet = AnimalSeen(CAMERA, "dog", Wild.PET, (300, 480, 360, 520), "Rex")
        (event,) = play(film([], fps, 20), hooks=lambda t: Hooks(animals=(pet,))).of("animal")
        assert event.detail["name"] == "Rex"
        assert event.detail["quiet"] is True

    def test_what_moves_like_an_animal_is_a_notice(self, fps: float) -> None:
        (event,) = play(with_things(Label.ANIMAL, ((5, 9),), fps)).of("animal")
        assert (event.level, event.detail["label"]) == (Level.NOTICE, "animal")

    def test_what_moves_is_no_animal_while_people_are_about(self, fps: float) -> None:
        walker = adult(1, (0, 900, 300), (14, 1000, 300))
        seen = [
            replace(o, things=(Detection((300.0, 480.0, 360.0, 520.0), 0.5, Label.ANIMAL),))
            for o in film([walker], fps, 20)
        ]
        assert play(seen).of("animal") == []

    def test_what_moves_in_the_water_is_no_animal(self, fps: float) -> None:
        wet = Detection((380.0, 370.0, 440.0, 400.0), 0.5, Label.ANIMAL)
        cat = replace(wet, label=Label.CAT)
        film_of = [replace(o, things=(wet,)) for o in film([], fps, 20)]
        assert play(film_of, zones=GARDEN).of("animal") == []
        assert play([replace(o, things=(cat,)) for o in film_of], zones=GARDEN).of("animal")

    def test_what_moves_outside_the_boundary_is_no_animal(self, fps: float) -> None:
        street = Zone(CAMERA, "garden", ZoneKind.BOUNDARY, ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
        seen = with_things(Label.ANIMAL, ((5, 9),), fps)
        assert play(seen, zones=(street,)).of("animal") == []

    def test_person_taken_for_a_cat_is_none(self, fps: float) -> None:
        lying = adult(1, (0, 330, 520), (30, 330, 520), lies=lambda t: True)
        seen = [
            replace(o, things=(Detection((250.0, 480.0, 410.0, 520.0), 0.5, Label.CAT),))
            for o in film([lying], fps, 20)
        ]
        assert play(seen).of("animal") == []


@pytest.mark.parametrize("fps", RATES)
class TestLanyard:
    def said(self, fps: float, lanyard: bool) -> list[Level]:
        known = {(CAMERA, 99): Identity(lanyard=lanyard)}
        settings = RuleSettings(lanyard_required=True)
        actors = [GUARD, child(2, (0, 330, 540), (60, 330, 540))]
        played = play(film(actors, fps, 60), Mode.SUPERVISED, settings=settings, identities=known)
        return [e.level for e in played.of("no_responsible_adult")]

    def test_required_and_worn(self, fps: float) -> None:
        assert self.said(fps, lanyard=True) == []

    def test_required_and_not_worn(self, fps: float) -> None:
        assert self.said(fps, lanyard=False) == [Level.PROMPT, Level.ALERT]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("", "camera_offline"),
        ("no new picture for 2 s", "camera_offline"),
        ("connection refused", "camera_offline"),
        ("the picture is dark", "camera_blind"),
        ("Frozen", "camera_blind"),
        ("covered", "camera_blind"),
        ("the water is not visible (glare)", "camera_blind"),
        ("the camera was moved", "camera_moved"),
    ],
)
def test_kinds_of_blindness(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


@pytest.mark.parametrize("fps", RATES)
def test_blindness_is_told_within_10_s_and_once(fps: float) -> None:
    played = play(film([], fps, 40, blind=((10, 30, "covered"),)))
    (told,) = played.of("camera_blind")
    assert told.level is Level.ALERT
    assert 18 <= told.t <= 20
    (back,) = played.of("camera_back")
    assert 30 <= back.t <= 30 + 1 / fps


def test_trouble_with_people_in_sight_is_told_too() -> None:
    seen = [replace(o, blind_reason="glare on the water" if o.t >= 10 else "") for o in film([], 5, 30)]
    (told,) = play(seen).of("camera_blind")
    assert 18 <= told.t <= 20


def test_a_fault_counts_from_when_it_was_first_seen_and_ends_all_that_was_told() -> None:
    def seen(t: float) -> CameraFault | None:
        if not 10 <= t < 40:
            return None
        return CameraFault(FaultKind.COVERED if t < 25 else FaultKind.MOVED, 6.0)

    film_ = film([], 5, 60)
    told = play([replace(o, fault=seen(o.t), blind_reason=reason_of(seen(o.t))) for o in film_])
    (covered,), (moved,) = told.of("camera_blind"), told.of("camera_moved")
    assert 14 <= covered.t <= 14.2 and covered.detail["fault"] == "covered"
    assert covered.detail["blind_s"] == pytest.approx(8, abs=0.3)
    assert 25 <= moved.t <= 25.2 and moved.detail["fault"] == "moved"
    (back,) = told.of("camera_back")
    assert (back.detail["was"], back.detail["also"]) == ("camera_moved", ["camera_blind"])


def test_template_decides_which_rules_speak() -> None:
    shed = Zone("shed", "shed", ZoneKind.BOUNDARY, ((0, 0), (1, 0), (1, 1), (0, 1)))
    site = Site(World((shed,)), {"shed": TOOL_SHED})
    judge = judge_start(site, Mode.WATCH, 0.0)
    events: list[Event] = []
    for seen in film([adult(1, (0, 300, 400), (20, 320, 400))], 5, 20, camera="shed"):
        judge, new = judge_step(judge, seen)
        events += new
    assert {e.kind for e in events} == {"person_entered"}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_templates_have_words_for_what_they_say(template: object) -> None:
    assert template is not None
    for kind in ("person_entered", "child_alone", "motionless", "camera_blind", "something_else"):
        event = Event(0.0, CAMERA, kind, Level.ALERT, 1, None, {})
        words = template.words(event)  # type: ignore[attr-defined]
        assert words
        assert "{" not in words


POOL_2 = Zone("second", "pool", ZoneKind.WATER, WATER.polygon)


def two_cameras(*films: list[Observation]) -> list[Observation]:
    return list(heapq.merge(*films, key=lambda o: (o.t, o.camera)))


def judged(site: Site, seen: list[Observation]) -> list[Event]:
    judge = judge_start(site, Mode.SUPERVISED, 0.0)
    events: list[Event] = []
    for observation in seen:
        judge, new = judge_step(judge, observation)
        events += new
    return events


@pytest.mark.parametrize("fps", RATES)
class TestTwoCameras:
    def test_surfacing_before_the_other_camera_of_the_place_ends_it(self, fps: float) -> None:
        first = film([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 40)
        second = film([swimmer(1, (15, 500, 400), (40, 520, 400))], fps, 40, camera="second")
        events = judged(Site(World((*GARDEN, POOL_2))), two_cameras(list(first), list(second)))
        assert [e for e in events if e.level is Level.EMERGENCY] == []

    def test_somebody_else_before_the_other_camera_explains_nobody(self, fps: float) -> None:
        first = film([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 40)
        second = film([swimmer(1, (0, 500, 400), (40, 520, 400))], fps, 40, camera="second")
        events = judged(Site(World((*GARDEN, POOL_2))), two_cameras(list(first), list(second)))
        assert [e.person for e in events if e.level is Level.EMERGENCY] == [1]

    def test_common_metres_make_one_person_of_two_views(self, fps: float) -> None:
        corners = WATER.polygon
        scales = (rectangle(CAMERA, corners, 4, 4), rectangle("second", corners, 4, 4))
        actors = [swimmer(1, (0, 400, 400), (10, 450, 400), (40, 460, 400), hidden=((10.0, 40.0),))]
        first = film([GUARD, *actors], fps, 39)
        second = film([swimmer(5, (0, 400, 400), (10, 450, 400), (39, 460, 400))], fps, 39, camera="second")
        site = Site(World((*GARDEN, POOL_2), scales))
        events = judged(site, two_cameras(list(first), list(second)))
        assert [e for e in events if e.level is Level.EMERGENCY] == []
        assert len([e for e in events if e.kind == "person_entered"]) == 2

    def test_what_one_camera_keeps_in_mind_does_not_undo_what_the_other_sees(self, fps: float) -> None:
        corners = WATER.polygon
        scales = (rectangle(CAMERA, corners, 4, 4), rectangle("second", corners, 4, 4))
        path = (0.0, 400.0, 400.0), (40.0, 460.0, 400.0)
        first = film([GUARD, swimmer(1, *path)], fps, 39)
        # Its tracking remembers for seconds where it saw them last.
        second = film([swimmer(5, *path, hidden=((10.0, 40.0),))], fps, 39, camera="second")
        judge = judge_start(Site(World((*GARDEN, POOL_2), scales)), Mode.SUPERVISED, 0.0)
        seen_t, events = 0.0, list[Event]()
        for observation in two_cameras(list(first), list(second)):
            judge, new = judge_step(judge, observation)
            events += new
            if (person := judge.ledger.people.get(1)) is not None:
                assert person.seen_t >= seen_t, f"at {observation.t} they are last seen at {person.seen_t}"
                seen_t = person.seen_t
        assert len(judge.ledger.people) == 2 and seen_t >= 38.9
        assert [e for e in events if e.kind == "submersion"] == []

    def test_hand_over_names_the_same_person(self, fps: float) -> None:
        same = {("second", 5): Identity(same_as=(CAMERA, 1))}
        first = film([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 39)
        second = film([swimmer(5, (2, 400, 400), (39, 460, 400))], fps, 39, camera="second")
        events = judged(
            Site(World((*GARDEN, POOL_2), identities=same)), two_cameras(list(first), list(second))
        )
        assert [e for e in events if e.level is Level.EMERGENCY] == []

    def test_through_linked_portals(self, fps: float) -> None:
        ends = ((0.1, 0.45), (0.14, 0.45), (0.14, 0.6), (0.1, 0.6))
        out = Zone(CAMERA, "gate", ZoneKind.PORTAL, ends, to="door")
        into = Zone("second", "door", ZoneKind.PORTAL, ends)
        first = film([adult(1, (0, 250, 320), (10, 250, 320), (12, 125, 320))], fps, 40)
        second = film([adult(4, (17, 125, 320), (20, 300, 320), (40, 300, 320))], fps, 40, camera="second")
        events = judged(Site(World((*GARDEN[:2], out, into))), two_cameras(list(first), list(second)))
        assert [e.person for e in events if e.kind == "person_entered"] == [1, 1]


def test_swimmers_are_not_measured() -> None:
    site = Site(World(GARDEN, (rectangle(CAMERA, WATER.polygon, 4, 4),)))
    judge = judge_start(site, Mode.SUPERVISED, 0.0)
    for seen in film([swimmer(1, (0, 400, 400), (20, 450, 400))], 5, 20):
        judge, _ = judge_step(judge, seen)
    assert judge.ledger.people[1].age.height_m.looks == 0


def test_unknown_age_and_identity() -> None:
    known = {(CAMERA, 1): Identity(name="Ada", age=Age.ADULT)}
    played = play(film([child(1, (2, 200, 520), (30, 220, 520))], 5, 30), identities=known)
    assert played.emergencies() == []
    assert played.of("person_entered")[0].detail["name"] == "Ada"


def test_forgetting_ends_a_countdown() -> None:
    judge = judge_start(Site(World(GARDEN)), Mode.SUPERVISED, 0.0)
    events: list[Event] = []
    for seen in film([swimmer(1, (0, 400, 400), (10, 450, 400))], 5, 14):
        judge, new = judge_step(judge, seen)
        events += new
    judge = judge_forget(judge, 1)
    for second in range(15, 40):
        judge, new = judge_time(judge, float(second))
        events += new
    assert [e.kind for e in events if e.person == 1] == ["person_entered", "person_left"]
