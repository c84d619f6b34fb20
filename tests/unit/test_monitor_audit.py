"""Who did what, when and from where is written down, and no address or PIN with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.alarm.machine import Reason
from tests.unit import test_monitor_commands, test_monitor_site_commands
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import adult, film, swimmer

SUNK = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))
SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]


def test_what_is_done_to_cameras(tmp_path: Path) -> None:
    noted: list[tuple[str, str, str, Mapping[str, object]]] = []

    async def story(stage: test_monitor_commands.Stage) -> None:
        stage.commands.noted = lambda *entry: noted.append(entry)
        reply = await stage.do(
            "cameras.add",
            name="Pool",
            kind="rtsp",
            address="rtsp://u:secret@h/x",
            who="Anna",
            where="kitchen",
        )
        camera = str(reply.result["id"])
        await stage.do("cameras.edit", id=camera, address="rtsp://u:other@h/x", who="Tom")
        await stage.do("cameras.order", ids=[camera])
        await stage.do("cameras.remove", id=camera, who="Anna")
        await stage.refused("cameras.remove", id=camera, who="Anna")
        assert [(what, who, where) for what, who, where, _ in noted] == [
            ("camera_added", "Anna", "kitchen"),
            ("camera_changed", "Tom", "page"),
            ("cameras_ordered", "owner", "page"),
            ("camera_removed", "Anna", "page"),
        ]
        assert [detail.get("name") for *_, detail in noted] == ["Pool", "Pool", None, "Pool"]

    test_monitor_commands.play(tmp_path, story)
    assert "secret" not in str(noted) and "other" not in str(noted)


def test_what_is_done_to_the_site(tmp_path: Path) -> None:
    async def story(stage: test_monitor_site_commands.Stage) -> None:
        await stage.do("pin.set", old="", new="2468", who="Anna", where="kitchen")
        await stage.refused("mode.set", mode="paused", who="Max", pin="1111", where="phone")
        await stage.do("mode.set", mode="supervised", who="Tom", where="phone")
        await stage.do("alarm.drill", who="Tom", where="phone")
        contact = (await stage.do("contacts.add", name="Eva", urls=["json://h/secret"], who="Anna"))["id"]
        await stage.do("contacts.remove", id=contact, who="  ")
        zone = {"name": "pool", "kind": "water", "polygon": SQUARE}
        await stage.do("zones.set", camera="pool", zones=[zone], revision=0, who="Anna")
        stage.life.recorder.stop()
        found = {row.what: row for row in stage.life.store.audit(50)}
        assert {what: (row.who, row.origin) for what, row in found.items() if what != "mode_changed"} == {
            "pin_changed": ("Anna", "kitchen"),
            "pin_refused": ("Max", "phone"),
            "drill": ("Tom", "phone"),
            "contact_added": ("Anna", "page"),
            "contact_removed": (found["contact_removed"].who, "page"),
            "zones_changed": ("Anna", "page"),
        }
        assert found["contact_removed"].who
        assert (found["mode_changed"].who, found["mode_changed"].origin) == ("Tom", "phone")
        said = " ".join(str(row.detail) for row in found.values())
        assert not any(word in said for word in ("2468", "1111", "secret"))

    test_monitor_site_commands.play(tmp_path, story)


def test_what_is_done_about_an_alarm_and_what_the_alarm_itself_shows(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin().supervised().watch(film(SUNK, 10, 14.5)).wait(31)
    life.judging.acknowledge(1, "Anna", "phone")
    life.judging.resolve(1, "Tom", Reason.FALSE, "a ball", "kitchen")
    life.judging.note("pictures_seen", "Anna", "phone", {"camera": "pool"})
    life.judging.note("picture_exported", "\ud800\0 ", "page" * 100, {"to": Path("x"), "at": float("nan")})
    life.recorder.stop()
    found: dict[str, Any] = {row.what: row for row in life.store.audit(50)}
    assert (found["alarm_acknowledged"].who, found["alarm_acknowledged"].origin) == ("Anna", "phone")
    assert (found["alarm_resolved"].who, found["alarm_resolved"].detail["reason"]) == ("Tom", "false")
    assert found["picture_released"].detail == {"alarm": 1, "camera": "pool"}
    assert found["pictures_seen"].detail == {"camera": "pool"}
    assert found["picture_exported"].detail == {"to": "x", "at": None}
    assert len(found["picture_exported"].origin) == 100
    life.store.close()
