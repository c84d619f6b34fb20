"""What the pages may ask of the judge: PIN, zones, contacts, alarms, events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dashboard.geometry import inside
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.messengers import hidden
from dashboard.monitor.pin import fits, hashed
from dashboard.monitor.places import Places
from dashboard.monitor.selftest import SelfTest, due
from dashboard.monitor.site_commands import SiteCommands
from dashboard.rules.scale import ground_of
from dashboard.source.simulated import World, load_story
from dashboard.source.simulated.zones import story_zones
from dashboard.values import CameraSpec, Contact, Delivery, Mode, SourceKind, ZoneKind
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import CAMERA

POOL = CameraSpec(CAMERA, "Pool camera", SourceKind.RTSP)
DEMO = CameraSpec("demo", "Demo", SourceKind.SIMULATED, "garden_pool:overview")


class Stage:
    """Commands over a judge without cameras' words."""

    def __init__(self, data: Path) -> None:
        self.life = Life(data, HandClock(0.0)).begin()
        self.places = Places()
        self.places.use_cameras((POOL, DEMO))
        self.commands = SiteCommands(
            self.life.store, self.life.judging, self.places, self.life.clock, self._selftest
        )
        self._all = {**self.commands.changes, **self.commands.questions}

    async def do(self, command: str, **args: Any) -> Mapping[str, Any]:
        return (await self._all[command](args)).result

    async def refused(self, command: str, **args: Any) -> str:
        with pytest.raises(MonitorError) as refused:
            await self.do(command, **args)
        return str(refused.value)

    async def _selftest(self) -> Mapping[str, Any]:
        return {"ok": True}


def play(data: Path, story: Callable[[Stage], Awaitable[None]]) -> None:
    stage = Stage(data)
    try:
        asyncio.run(story(stage))  # type: ignore[arg-type]
    finally:
        stage.life.end()


def test_a_pause_needs_a_pin_that_was_set(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        assert "Set a PIN first" in await stage.refused("mode.set", mode="paused", who="Anna")
        assert "4 to 12 digits" in await stage.refused("pin.set", old="", new="12a4")
        await stage.do("pin.set", old="", new="2468")
        assert "not right" in await stage.refused("mode.set", mode="paused", who="Anna", pin="1111")
        assert stage.life.judging.mode is Mode.WATCH
        await stage.do("mode.set", mode="paused", who="Anna", pin="2468", minutes=5, where="kitchen")
        mode = stage.life.site["mode"]
        assert (mode["mode"], mode["by"], mode["from"]) == ("paused", "Anna", "kitchen")
        await stage.do("mode.set", mode="watch", who="Anna")

    play(tmp_path, story)


def test_a_pin_is_changed_by_who_knows_it_and_is_kept_as_a_hash(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("pin.set", old="", new="2468")
        assert "not right" in await stage.refused("pin.set", old="1357", new="9999")
        await stage.do("pin.set", old="2468", new="9999")
        kept = stage.life.store.choices()["pin"]
        assert "9999" not in str(kept["hash"]) and fits("9999", kept) and not fits("2468", kept)

    play(tmp_path, story)
    assert hashed("2468")["hash"] != hashed("2468")["hash"], "salted"


def test_a_pin_cannot_be_guessed_quickly(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        await stage.do("pin.set", old="", new="2468")
        for _ in range(5):
            assert "not right" in await stage.refused("mode.set", mode="paused", who="x", pin="0000")
        assert "try again in 30 s" in await stage.refused("mode.set", mode="paused", who="x", pin="2468")
        stage.life.clock.t += 31
        await stage.do("mode.set", mode="paused", who="Anna", pin="2468")

    play(tmp_path, story)


def test_a_simulated_camera_has_zones_that_nobody_drew(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        found = (await stage.do("zones.list"))["zones"]
        assert found[CAMERA] == {"revision": 0, "default": True, "by": "", "zones": []}
        assert {z["kind"] for z in found["demo"]["zones"]} == {"water", "boundary"}

    play(tmp_path, story)


@pytest.mark.parametrize("view", ["overview", "entrance"])
def test_the_simulated_water_is_within_the_picture_and_where_swimmers_are(view: str) -> None:
    water = next(z for z in story_zones("a", f"garden_pool:{view}") if z.kind is ZoneKind.WATER)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in water.polygon)
    truth = World(load_story("garden_pool")).truth(3.0, view)
    for person in truth.persons:
        x, y = (float(v) for v in person.keypoints[0, :2])
        at = (x / truth.size_wh[0], y / truth.size_wh[1])
        if 0 < at[0] < 1 and 0 < at[1] < 1 and person.in_water:
            assert inside(water.polygon, at), person.name


@pytest.mark.parametrize("view", ["overview", "entrance"])
def test_the_simulated_garden_is_measured_in_metres(view: str) -> None:
    places = Places()
    places.use_cameras((CameraSpec("a", "Demo", SourceKind.SIMULATED, f"garden_pool:{view}"), POOL))
    (scale,) = places.scales()
    ground = ground_of(scale, (1280, 720))
    truth = World(load_story("garden_pool")).truth(3.0, view)
    standing = [p for p in truth.persons if not p.in_water and p.xyxy[1] > 5 and p.xyxy[3] < 715]
    for person in standing:
        left, top, right, bottom = person.xyxy
        x, y = ground.metres(((left + right) / 2, bottom))
        assert abs(x - person.position[0]) < 0.5 and abs(y - person.position[1]) < 0.5, person.name
        tall = ground.height_m(((left + right) / 2, bottom), ((left + right) / 2, top))
        assert tall is not None and 1.5 < tall < 2.0, person.name
    assert standing or view == "entrance"


def test_a_view_that_does_not_exist_has_no_zones() -> None:
    assert story_zones("a", "garden_pool:moon") == ()


def test_contacts_show_no_address_and_keep_it_when_edited(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        secret = "tgram://123456789:secret/42"
        number = (await stage.do("contacts.add", name="Anna", urls=[secret]))["id"]
        (shown,) = (await stage.do("contacts.list"))["contacts"]
        assert "secret" not in str(shown) and shown["urls"] == [hidden(secret)]
        await stage.do("contacts.edit", id=number, name="Anne", urls=[*shown["urls"], "json://h"])
        assert stage.life.store.contacts()[0].urls == (secret, "json://h")
        assert "service://" in await stage.refused("contacts.edit", id=number, urls=["tgram://***000000"])
        assert "already" in await stage.refused("contacts.add", name="ANNE", urls=["json://h"])
        assert "service://" in await stage.refused("contacts.add", name="Tom", urls=["no address"])
        assert "1 to 10" in await stage.refused("contacts.add", name="Tom", urls=[])
        assert (await stage.do("contacts.test", id=number, who="Tom"))["sent"]
        assert {d.kind for d in stage.life.store.deliveries_of(None)} == {"test"}
        await stage.do("contacts.remove", id=number)
        assert "no such contact" in await stage.refused("contacts.test", id=number, who="Tom")

    play(tmp_path, story)


def test_a_drill_is_seen_and_resolved_by_commands_and_listed(tmp_path: Path) -> None:
    async def story(stage: Stage) -> None:
        number = (await stage.do("alarm.drill", who="Anna"))["id"]
        assert "one of real" in await stage.refused("alarm.resolve", id=number, who="A", reason="so")
        await stage.do("alarm.acknowledge", id=number, who="Tom", where="phone")
        await stage.do("alarm.resolve", id=number, who="Tom", reason="drill", note="worked")
        stage.life.judging.keep()
        stage.life.recorder.put(stage_record())
        stage.life.recorder.settled(10.0)
        events = (await stage.do("events.list", limit=10))["events"]
        assert [e["kind"] for e in events] == ["drill"] and events[0]["drill"] is True
        assert events[0]["text"] == "This is a test of the alarm"
        assert (await stage.do("events.list", limit=10, before=events[0]["id"]))["events"] == []
        assert "whole number" in await stage.refused("alarm.acknowledge", id="1", who="x")

    play(tmp_path, story)


def stage_record() -> Any:
    from dashboard.store import Record

    return Record(memory={"test": "1"})


def selftest(tmp_path: Path, contacts: tuple[Contact, ...] = (), free_why: str = "") -> dict[str, Any]:
    life = Life(tmp_path, HandClock(0.0)).begin()
    for contact in contacts:
        life.store.add_contact(contact)

    def delivered() -> None:
        for row in life.store.deliveries_due(life.clock.utc()):
            life.store.delivery_tried(row.id, True, "", None)

    def compose(contact: Contact) -> list[Delivery]:
        return life.judging.test_messages(contact, "self-test", "x")

    test = SelfTest(
        tmp_path,
        life.store,
        life.clock,
        lambda: [("Pool", "live", ""), ("Gate", "blind", "no picture")],
        lambda: free_why,
        lambda: "",
        list,
        compose,
        delivered,
    )
    found = asyncio.run(test.run())
    life.end()
    return found


def test_a_selftest_names_what_fails(tmp_path: Path) -> None:
    found = selftest(tmp_path, free_why="The disk is full.")
    wrong = [line["text"] for line in found["lines"] if not line["ok"]]
    assert found["ok"] is False and "Gate: no picture." in wrong and "The disk is full." in wrong
    assert any("no contacts" in text for text in wrong)


def test_a_selftest_sends_one_message(tmp_path: Path) -> None:
    found = selftest(tmp_path, (Contact("a", "Anna", ("json://h", "json://i")),))
    assert any("Anna was sent a test message" in line["text"] for line in found["lines"])


@pytest.mark.parametrize(
    ("last", "now", "is_due"),
    [(None, "10", True), ("10", "11", False), ("10", "86410", True)],
    ids=["never", "just now", "a day ago"],
)
def test_a_selftest_is_due_once_a_day(last: str | None, now: str, is_due: bool) -> None:
    assert due(None if last is None else {"at_utc": last}, now, float) is is_due
