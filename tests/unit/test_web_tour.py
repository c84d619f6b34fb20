"""What is still missing of the set-up, by what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.store import Store
from dashboard.values import Contact, Delivery, DeliveryState
from dashboard.web.tour import Step, line, steps
from tests.unit.people_stage import JudgedHandle, opened, press, words

LIVE = {"id": "a", "name": "Back yard", "enabled": True, "state": "live"}
DARK = {**LIVE, "id": "b", "name": "Front", "state": "blind"}
OFF = {**LIVE, "id": "c", "name": "Shed", "enabled": False, "state": "stopped"}
ALL = {"called": ["Anna"], "unreached": [], "drill_utc": "2023-11-17T17:00:00+00:00", "drawn": ["a"]}


def of(key: str, cameras: Sequence[Mapping[str, Any]], **there: Any) -> Step:
    return next(s for s in steps(cameras, {**ALL, **there}, UTC) if s.key == key)


@pytest.mark.parametrize(
    ("step", "done", "says"),
    [
        pytest.param(of("camera", []), False, "There is no camera yet.", id="no camera"),
        pytest.param(of("camera", [OFF]), False, "Every camera is switched off.", id="off"),
        pytest.param(of("camera", [DARK]), False, "Front does not answer yet.", id="silent"),
        pytest.param(
            of("camera", [{**DARK, "state": "starting"}]), False, "Front is starting.", id="starting"
        ),
        pytest.param(of("camera", [LIVE, DARK]), True, "Back yard answers.", id="one of two answers"),
        pytest.param(of("zone", []), False, "Where the water is", id="nothing to draw on"),
        pytest.param(of("zone", [LIVE, OFF]), True, "Drawn for Back yard.", id="drawn"),
        pytest.param(of("zone", [LIVE, DARK]), False, "Nothing is drawn for Front", id="one is bare"),
        pytest.param(of("contact", [], called=[]), False, "Nobody is called", id="no contact"),
        pytest.param(
            of("contact", [], called=["Anna", "Tom"], unreached=["Tom"]),
            False,
            "Tom never got",
            id="untested",
        ),
        pytest.param(of("contact", []), True, "Anna is called, and a message arrived.", id="reached"),
        pytest.param(of("drill", [], drill_utc=None), False, "The whole way", id="no drill"),
        pytest.param(of("drill", []), True, "Last seen Fri 17 Nov 2023, 17:00:00.", id="drill"),
        pytest.param(of("sound", []), None, "once on every phone", id="the device knows"),
    ],
)
def test_how_a_step_stands(step: Step, done: bool | None, says: str) -> None:
    assert step.done is done and says in step.says


@pytest.mark.parametrize(
    ("cameras", "does"),
    [([], "choose a camera"), ([OFF], "switch a camera on"), ([DARK, OFF], "see that a camera answers")],
)
def test_who_has_chosen_a_camera_is_not_told_to_choose_one(
    cameras: list[Mapping[str, Any]], does: str
) -> None:
    assert line(steps(cameras, ALL, UTC), True, "live.py").endswith(f" {does}.")


def test_names_are_short_and_few() -> None:
    many = [{**DARK, "name": f"{n}" * 80} for n in range(6)]
    assert len(of("camera", many).says) < 160 and "and 3 more" in of("camera", many).says


def test_the_line_says_the_next_thing_and_goes_away() -> None:
    found = steps([LIVE], ALL, UTC)
    assert line(found, True, "live.py") == ""
    assert line(found, False, "live.py") == "Set-up, 4 of 5 done. Next: hear the sound on this device."
    bare = steps([LIVE], {**ALL, "drawn": [], "drill_utc": None}, UTC)
    assert line(bare, True, "live.py") == "Set-up, 3 of 5 done. Next: draw the pool."
    assert line(bare, True, "alarms.py") == "Set-up, 3 of 5 done. Here: test the alarm."


def test_what_is_there_is_asked_of_the_database(tmp_path: Path, database: str) -> None:
    from tests.unit.fake_monitor import HandClock

    store, at = Store(database), HandClock(1_700_240_000.0).utc()
    assert (store.reached(), store.drill_seen()) == (frozenset(), None)
    for contact in ("anna", "tom"):
        store.add_contact(Contact(contact, contact, ("json://x",)))
        state = DeliveryState.DONE if contact == "anna" else DeliveryState.FAILED
        row = Delivery(contact, None, contact, 0, "test", "t", "t", False, at, at, state=state)
        store.deliveries_add([row])
    assert store.reached() == {"anna"}
    store.close()


def test_the_page_from_nothing_to_all(handle: JudgedHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.tour.sound_step", lambda: True)
    app = opened("setup")
    assert not app.exception
    assert "1 of 5 steps are done" in words(app) and "There is no camera yet." in words(app)
    number = handle.request("alarm.drill", who="Anna").result["id"]
    app = opened("setup")
    assert "1 of 5" in words(app), "a drill that nobody saw is none"
    handle.request("alarm.acknowledge", id=number, who="Anna")
    handle.written()
    app = opened("setup")
    assert "2 of 5 steps are done" in words(app) and "Last seen" in words(app)
    assert handle.store.drill_seen() is not None
    assert handle.life.clock.utc() - (handle.store.drill_seen() or handle.life.clock.utc()) < timedelta(
        hours=1
    )
    app = press(app, "Once more")
    assert "Start the test" in [b.label for b in app.button]


def test_without_a_monitor_nothing_is_called_done(handle: JudgedHandle) -> None:
    handle.connected = False
    app = opened("setup")
    assert "cannot be told now" in words(app) and "of 5 steps" not in words(app)
