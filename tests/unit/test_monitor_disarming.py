"""What takes the watch away wants the PIN, once one is set; everything else goes on without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.monitor.owned import is_risky
from tests.unit import test_monitor_commands, test_monitor_site_commands
from tests.unit.rules_stage import CAMERA

PIN = "4711"
SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
WATER = {"name": "pool", "kind": "water", "polygon": SQUARE}
YARD = {"name": "yard", "kind": "boundary", "polygon": SQUARE}
GATE = {"name": "gate", "kind": "portal", "polygon": SQUARE}


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        pytest.param([], [WATER], False, id="a first one"),
        pytest.param([WATER, YARD], [], True, id="all of them"),
        pytest.param([WATER, YARD], [YARD], True, id="the last water"),
        pytest.param([WATER, YARD], [WATER], True, id="the last boundary"),
        pytest.param([WATER], [{**WATER, "kind": "mask"}], True, id="water that nobody looks at"),
        pytest.param([WATER, {**WATER, "name": "tub"}], [WATER], False, id="one of two"),
        pytest.param([WATER, GATE], [WATER], False, id="a way in"),
        pytest.param([WATER], [{**WATER, "name": "Pool"}], False, id="another name"),
    ],
)
def test_zones(tmp_path: Path, before: list[Any], after: list[Any], asks: bool) -> None:
    async def story(stage: test_monitor_site_commands.Stage) -> None:
        await stage.do("pin.set", new=PIN)
        await stage.do("zones.set", camera=CAMERA, zones=before, revision=0)
        change = {"camera": CAMERA, "zones": after, "revision": 1}
        if asks:
            assert "PIN is not right" in await stage.refused("zones.set", **change)
            assert "PIN is not right" in await stage.refused("zones.set", **change, pin="1111")
            kinds = {zone["kind"] for zone in (await stage.do("zones.list"))["zones"][CAMERA]["zones"]}
            assert kinds == {zone["kind"] for zone in before}
        assert (await stage.do("zones.set", **change, pin=PIN))["revision"] == 2

    test_monitor_site_commands.play(tmp_path, story)


def test_without_a_pin_zones_go_by_a_question_of_the_page_alone(tmp_path: Path) -> None:
    async def story(stage: test_monitor_site_commands.Stage) -> None:
        await stage.do("zones.set", camera=CAMERA, zones=[WATER], revision=0)
        assert (await stage.do("zones.set", camera=CAMERA, zones=[], revision=1))["revision"] == 2

    test_monitor_site_commands.play(tmp_path, story)


@pytest.mark.parametrize(
    ("command", "values", "asks"),
    [
        pytest.param("cameras.edit", {"enabled": False}, True, id="off"),
        pytest.param("cameras.remove", {}, True, id="removed"),
        pytest.param("cameras.edit", {"name": "Pond"}, False, id="another name"),
        pytest.param("cameras.edit", {"enabled": True}, False, id="on"),
    ],
)
def test_cameras(tmp_path: Path, command: str, values: dict[str, Any], asks: bool) -> None:
    async def story(stage: test_monitor_commands.Stage) -> None:
        site = test_monitor_site_commands.Stage(tmp_path / "site")
        try:
            await site.do("pin.set", new=PIN)
            stage.commands.may_disarm = site.commands.check_pin_if_set
            camera = await stage.add("Pool")
            if asks:
                assert "PIN is not right" in await stage.refused(command, id=camera, **values, who="Tom")
                assert [row["enabled"] for row in await stage.listed()] == [True]
            await stage.do(command, id=camera, **values, pin=PIN, who="Tom")
        finally:
            site.life.end()

    (tmp_path / "site").mkdir()
    test_monitor_commands.play(tmp_path, story)


def test_a_camera_that_is_off_already_goes_without(tmp_path: Path) -> None:
    async def story(stage: test_monitor_commands.Stage) -> None:
        camera = await stage.add("Pool")
        await stage.do("cameras.edit", id=camera, enabled=False)

        async def never(_args: object) -> None:
            raise AssertionError("it was asked")

        stage.commands.may_disarm = never
        await stage.do("cameras.edit", id=camera, enabled=False)
        await stage.do("cameras.remove", id=camera)

    test_monitor_commands.play(tmp_path, story)


def test_no_recording_is_a_risk(tmp_path: Path) -> None:
    assert is_risky("record.on", True, False)
    assert not is_risky("record.on", False, True) and not is_risky("record.on", False, False)

    async def story(stage: test_monitor_site_commands.Stage) -> None:
        await stage.do("pin.set", new=PIN)
        off = {"values": {"record.on": False}, "who": "Tom"}
        (risk,) = (await stage.do("settings.check", values=off["values"]))["risks"]
        assert risk["means"].startswith("Record clips: no.")
        assert "must be confirmed" in await stage.refused("settings.change", **off, pin=PIN)
        assert "PIN is not right" in await stage.refused("settings.change", **off, sure=["record.on"])
        await stage.do("settings.change", **off, sure=["record.on"], pin=PIN)
        await stage.do("settings.change", values={"record.on": True}, who="Tom")

    test_monitor_site_commands.play(tmp_path, story)
