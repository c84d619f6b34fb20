"""The zones that somebody draws: checked, kept with a revision, and judged at once."""

from __future__ import annotations

import json
import math
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor.places import Places
from dashboard.monitor.zone_entries import MOST_POINTS, MOST_ZONES
from dashboard.rules.judge import Site
from dashboard.rules.scale import ground_of
from dashboard.rules.templates import TEMPLATES, WATER_RULES, templates_of
from dashboard.rules.world import World
from dashboard.rules.zonefile import parse_scales, parse_zones
from dashboard.store import Record, ZonesRow
from dashboard.values import CameraSpec, Event, Level, Mode, SourceKind, Verdict, Zone, ZoneKind
from tests.unit.rules_stage import CAMERA, adult, film
from tests.unit.test_monitor_site_commands import Stage, play

FULL = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
WATER = {"name": "pool", "kind": "water", "polygon": SQUARE}
GATE = {"name": "gate", "kind": "portal", "polygon": SQUARE}
MEASURED = {"name": "mat", "kind": "scale", "polygon": SQUARE, "size_m": [8, 4.5]}


def judged_zones(stage: Stage, camera: str = CAMERA) -> list[Zone]:
    return [z for z in stage.life.judging.state.site.world.zones if z.camera == camera]


def test_zones_are_set_once_a_revision(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        first = await stage.do("zones.set", camera=CAMERA, zones=[WATER], revision=0, who="Anna")
        assert first == {"revision": 1, "notes": []}
        assert "Anna has changed" in await stage.refused("zones.set", camera=CAMERA, zones=[], revision=0)
        assert [z.name for z in judged_zones(stage)] == ["pool"]
        assert [(row.revision, len(row.zones)) for row in stage.life.store.zones()] == [(1, 1)]
        assert (await stage.do("zones.list"))["zones"][CAMERA]["by"] == "Anna"
        assert (await stage.do("zones.set", camera=CAMERA, zones=[], revision=1))["revision"] == 2
        assert judged_zones(stage) == []

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("zones", "why"),
    [
        pytest.param("pool", "list of zones", id="no list"),
        pytest.param([7], "list of zones", id="no zone"),
        pytest.param([WATER] * (MOST_ZONES + 1), f"at most {MOST_ZONES} zones", id="too many"),
        pytest.param([{}], "'name' is missing", id="nothing"),
        pytest.param([{**WATER, "colour": "red"}], "no field 'colour'", id="unknown field"),
        pytest.param([{**WATER, "kind": "lava"}], "lava", id="kind"),
        pytest.param([{**WATER, "kind": ["water"]}], "none of", id="kind of a wrong type"),
        pytest.param([{**WATER, "name": ""}], "name is empty", id="no name"),
        pytest.param([{**WATER, "name": 7}], "must be text", id="name of a wrong type"),
        pytest.param([{**WATER, "name": "a\x00b"}], "control character", id="control in the name"),
        pytest.param([{**WATER, "name": "x" * 10_000_000}], "longer than", id="endless name"),
        pytest.param([{**WATER, "polygon": SQUARE[:2]}], "fewer than three", id="a line"),
        pytest.param([{**WATER, "polygon": "round"}], "list of points", id="no outline"),
        pytest.param([{**WATER, "polygon": [[0.5, 0.5]] * 1_000_000}], f"most {MOST_POINTS}", id="endless"),
        pytest.param([{**WATER, "polygon": [[0, 0], [1, 0], [math.nan, 1]]}], "not a number", id="NaN"),
        pytest.param([{**WATER, "polygon": [[0, 0], [1, 0], [math.inf, 1]]}], "not a number", id="infinite"),
        pytest.param([{**WATER, "polygon": [[0, 0], [1, 0], [1e9, 1]]}], "from 0 to 1", id="far out"),
        pytest.param([{**WATER, "polygon": [[0, 0], [1, 0], [10**400, 1]]}], "000…", id="huge"),
        pytest.param([{**WATER, "polygon": [[0, 0], [1, 0], [1.001, 1]]}], "from 0 to 1", id="just out"),
        pytest.param(
            [{**WATER, "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}], "crosses itself (sides", id="crossing"
        ),
        pytest.param(
            [{**WATER, "polygon": [[0.5, 0.5], [0.509, 0.5], [0.509, 0.509], [0.5, 0.509]]}],
            "too small",
            id="a crumb",
        ),
        pytest.param([{**GATE, "to": "moon"}], "portal named 'moon'", id="a portal to nowhere"),
        pytest.param([{**GATE, "to": "gate"}], "no other camera", id="a portal to itself"),
        pytest.param([{**WATER, "to": "gate"}], "only a portal", id="water that leads away"),
        pytest.param([{**WATER, "size_m": [8, -1]}], "two lengths", id="size below nothing"),
        pytest.param([{**WATER, "size_m": [8, math.nan]}], "two lengths", id="size not a number"),
        pytest.param([{**WATER, "size_m": "8 x 4"}], "two lengths", id="size as text"),
        pytest.param([{**WATER, "polygon": SQUARE[:3], "size_m": [8, 4]}], "four points", id="size of three"),
        pytest.param(
            [{**WATER, "polygon": [[0, 0], [1, 0], [0.2, 0.2], [0, 1]], "size_m": [8, 4]}],
            "points inwards",
            id="size of a dart",
        ),
        pytest.param([{**MEASURED, "size_m": None}], "'size_m' is missing", id="a scale of no size"),
        pytest.param([MEASURED, {**WATER, "size_m": [1, 1]}], "only one shape", id="two sizes"),
        pytest.param([{**WATER, "template": "volcano"}], "volcano", id="template"),
        pytest.param([{**WATER, "template": {"a": 1}}], "none of", id="template of a wrong type"),
        pytest.param([{**WATER, "template": "tool_shed"}], "water is no tool shed", id="a shed in the water"),
        pytest.param([{**GATE, "template": "pool"}], "a portal has none", id="template of a portal"),
    ],
)
def test_zones_that_cannot_be_are_refused(tmp_path: Path, zones: Any, why: str) -> None:
    async def story(stage: Stage) -> None:
        refusal = await stage.refused("zones.set", camera=CAMERA, zones=zones, revision=0)
        assert why in refusal and len(refusal) < 400
        assert stage.life.store.zones() == ()

    play(tmp_path, story)


@pytest.mark.parametrize("revision", [None, "0", True, 0.0, -1, 10**30])
def test_a_revision_that_is_none_changes_nothing(tmp_path: Path, revision: Any) -> None:
    async def story(stage: Stage) -> None:
        await stage.refused("zones.set", camera=CAMERA, zones=[WATER], revision=revision)
        assert stage.life.store.zones() == ()

    play(tmp_path, story)


def test_a_refusal_names_the_zone_by_its_place_in_the_list(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        crossed = {**WATER, "name": "<b>deep</b>", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}
        refusal = await stage.refused("zones.set", camera=CAMERA, zones=[WATER, crossed], revision=0)
        assert refusal.startswith("Zone 2 ('<b>deep</b>'): ")

    play(tmp_path, story)


def test_a_known_size_reaches_the_judge_and_the_next_start(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        before = stage.life.judging.state.site.world.scales
        assert [scale.camera for scale in before] == []
        await stage.do("zones.set", camera=CAMERA, zones=[WATER, MEASURED], revision=0)
        (scale,) = [s for s in stage.life.judging.state.site.world.scales if s.camera == CAMERA]
        ground = ground_of(scale, (1000, 1000))
        assert ground.metres((900, 900)) == pytest.approx((8.0, 4.5))
        assert [z.name for z in judged_zones(stage)] == ["pool"], "a scale is no place"
        again = Places()
        again.use_cameras((CameraSpec(CAMERA, "Pool camera", SourceKind.RTSP),))
        for row in stage.life.store.zones():
            again.put(row)
        assert again.scales() == (scale,)

    play(tmp_path, story)


def test_the_size_of_a_pool_of_four_corners_counts_too() -> None:
    places = Places()
    places.use_cameras((CameraSpec("a", "A", SourceKind.RTSP),))
    corners = tuple((x, y) for x, y in SQUARE)
    places.put(ZonesRow("a", 1, (Zone("a", "pool", ZoneKind.WATER, corners, size_m=(8.0, 4.0)),)))
    assert [(scale.camera, scale.world[2]) for scale in places.scales()] == [("a", (8.0, 4.0))]


def test_metres_of_two_cameras_are_compared_only_for_one_rectangle_that_both_see() -> None:
    corners = tuple((x, y) for x, y in SQUARE)

    def one_ground(first: Zone, second: Zone) -> bool:
        places = Places()
        places.use_cameras((CameraSpec("a", "A", SourceKind.RTSP), CameraSpec("b", "B", SourceKind.RTSP)))
        places.put(ZonesRow("a", 1, (first,)))
        places.put(ZonesRow("b", 1, (second,)))
        grounds = [scale.ground for scale in places.scales()]
        return grounds[0] == grounds[1]

    mat = Zone("a", "mat", ZoneKind.SCALE, corners, size_m=(2.0, 1.0))
    assert one_ground(mat, Zone("b", "mat", ZoneKind.SCALE, corners, size_m=(2.0, 1.0)))
    assert not one_ground(mat, Zone("b", "mat", ZoneKind.SCALE, corners, size_m=(2.0, 1.5)))
    assert not one_ground(mat, Zone("b", "table", ZoneKind.SCALE, corners, size_m=(2.0, 1.0)))
    pool = Zone("a", "pool", ZoneKind.WATER, corners, size_m=(8.0, 4.0))
    assert not one_ground(pool, Zone("b", "pool", ZoneKind.WATER, corners, size_m=(8.0, 4.0)))


def test_the_judge_sees_by_new_zones_with_the_next_word_of_a_camera(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        judging = stage.life.judging
        far = {"name": "corner", "kind": "boundary", "polygon": [[0.9, 0.9], [1, 0.9], [1, 1], [0.9, 1]]}
        await stage.do("zones.set", camera=CAMERA, zones=[far], revision=0)
        words = list(film([adult(1, (0, 500, 500), (20, 520, 500))], 5, 16))
        for word in words[:40]:
            judging.observed(word)
        assert not judging.book.alarms
        whole = {"name": "garden", "kind": "boundary", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
        await stage.do("zones.set", camera=CAMERA, zones=[whole], revision=1)
        for word in words[40:]:
            judging.observed(word)
        assert [alarm.causes[0].zone for alarm in judging.book.alarms.values()] == ["garden"]

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("template", "title"),
    [
        pytest.param("tool_shed", "Drill: A child is at the tools with no adult", id="tool shed"),
        pytest.param("trampoline", "Drill: A child is on the trampoline with no adult", id="trampoline"),
        pytest.param(None, "Drill: A child is alone at the place", id="none"),
    ],
)
def test_the_kind_of_place_words_the_alarm(tmp_path: Path, template: str | None, title: str) -> None:
    async def story(stage: Stage) -> None:
        place = {"name": "place", "kind": "boundary", "polygon": SQUARE, "template": template}
        await stage.do("zones.set", camera=CAMERA, zones=[place], revision=0)
        judging = stage.life.judging
        judging._take((Event(judging.t, CAMERA, "child_alone", Level.EMERGENCY, zone="place"),), drill=True)
        assert [alarm["title"] for alarm in stage.life.site["alarms"]] == [title]

    play(tmp_path, story)


def test_the_kind_of_place_says_which_rules_run(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        def loud() -> set[str]:
            return {e.kind for alarm in stage.life.judging.book.alarms.values() for e in alarm.causes}

        lying = list(film([adult(1, (0, 500, 500), (90, 500, 500))], 2, 80))
        place = {"name": "shed", "kind": "boundary", "polygon": SQUARE, "template": "tool_shed"}
        await stage.do("zones.set", camera=CAMERA, zones=[place], revision=0)
        site = stage.life.judging.state.site
        assert site.template("shed") is TEMPLATES["tool_shed"]
        assert "motionless" not in site.template("shed").rules
        stage.life.judging.set_mode(Mode.WATCH, "Anna", "test")
        for word in lying:
            stage.life.judging.observed(word)
        assert "person_entered" in loud()

    play(tmp_path, story)


def test_a_place_of_two_kinds_has_every_rule() -> None:
    corners = tuple((x, y) for x, y in SQUARE)
    shed = Zone("a", "here", ZoneKind.BOUNDARY, corners, template="tool_shed")
    pool = Zone("b", "here", ZoneKind.WATER, corners, template="pool")
    assert templates_of(()) == {}
    assert templates_of((shed,))["here"] is TEMPLATES["tool_shed"]
    assert templates_of((shed, pool))["here"].rules == TEMPLATES["custom"].rules
    undecided = Zone("b", "here", ZoneKind.WATER, corners)
    assert "submersion" in templates_of((shed, undecided))["here"].rules


def test_portals_of_two_cameras_are_linked_and_a_link_that_lost_its_end_is_told(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("zones.set", camera=CAMERA, zones=[GATE], revision=0)
        door = {**GATE, "name": "door", "to": "gate"}
        await stage.do("zones.set", camera="demo", zones=[door], revision=0)
        assert [z.to for z in judged_zones(stage, "demo")] == ["gate"]
        found = await stage.do("zones.set", camera=CAMERA, zones=[], revision=1)
        assert found["notes"] == [
            "The portal 'door' of Demo led to 'gate', which is gone: it leads nowhere now."
        ]
        assert [z.to for z in judged_zones(stage, "demo")] == [None]
        await stage.do("zones.set", camera=CAMERA, zones=[GATE], revision=2)
        assert [z.to for z in judged_zones(stage, "demo")] == ["gate"], "it is there again"

    play(tmp_path, story)


def test_what_is_listed_is_a_zone_file(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        pool = {**WATER, "template": "pool", "size_m": [8, 4.5]}
        await stage.do("zones.set", camera=CAMERA, zones=[pool, GATE], revision=0)
        listed = (await stage.do("zones.list"))["zones"][CAMERA]["zones"]
        text = json.dumps([{"camera": CAMERA, **zone} for zone in listed])
        assert tuple(parse_zones(text)) == stage.life.store.zones()[0].zones
        assert [scale.world[2] for scale in parse_scales(text)] == [(8.0, 4.5)]
        assert (await stage.do("zones.read", text=text))["zones"] == json.loads(text)

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "line 1, column 1", id="empty"),
        pytest.param(7, "must be text", id="no text"),
        pytest.param("[" * 100_000, "cannot be read", id="deep"),
        pytest.param(" " * 600_000, "longer than", id="long"),
        pytest.param('[{"camera": "a"}]', "'name' is missing", id="half a zone"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: Any, why: str) -> None:
    async def story(stage: Stage) -> None:
        assert why in await stage.refused("zones.read", text=text)

    play(tmp_path, story)


@pytest.mark.parametrize("rule", sorted(WATER_RULES))
def test_the_ground_beside_the_water_silences_nothing_that_is_about_water(rule: str) -> None:
    shed = Zone("a", "yard", ZoneKind.BOUNDARY, FULL, template="tool_shed")
    pool = Zone("a", "pool", ZoneKind.WATER, FULL)
    verdict = Verdict("any", Level.EMERGENCY, "a", 1, "yard")
    dry = Site(World((shed,)), templates_of((shed,)))
    wet = Site(World((shed, pool)), templates_of((shed, pool)))
    assert (dry.runs(rule, verdict), wet.runs(rule, verdict)) == (False, True)
    assert not wet.runs("responsible", verdict), "what is about the ground goes by the ground"


def test_zones_that_an_earlier_version_kept_are_read(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("zones.set", camera=CAMERA, zones=[{**WATER, "template": "pool"}], revision=0)
        old = json.dumps([{"name": "pool", "kind": "water", "polygon": SQUARE, "to": None}])
        with sqlite3.connect(next(tmp_path.rglob("*.db"))) as connection:
            connection.execute("update zones set zones = ?", (old,))
        connection.close()
        (row,) = stage.life.store.zones()
        assert [(z.name, z.size_m, z.template) for z in row.zones] == [("pool", None, None)]

    play(tmp_path, story)


def test_what_was_is_told_in_the_words_of_the_place(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        place = {"name": "yard", "kind": "boundary", "polygon": SQUARE, "template": "tool_shed"}
        await stage.do("zones.set", camera=CAMERA, zones=[place], revision=0)
        judging = stage.life.judging
        judging._take((Event(judging.t, CAMERA, "child_alone", Level.EMERGENCY, zone="yard"),))
        stage.life.recorder.put(Record())
        stage.life.recorder.settled(10.0)
        found = (await stage.do("events.list"))["events"]
        assert [e["text"] for e in found if e["kind"] == "child_alone"] == [
            "A child is at the tools with no adult"
        ]

    play(tmp_path, story)
