"""What unknown people are called, in the pages and in what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.monitor.guests import Guests, welcomed
from dashboard.values import Mode
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import CAMERA, adult, film, swimmer

WELCOMES = [
    pytest.param({}, [], [], {}, id="nobody"),
    pytest.param({}, [7, 1_000_003], [7, 1_000_003], {7: 1, 1_000_003: 2}, id="two come"),
    pytest.param({7: 1, 9: 2}, [9], [9], {9: 2}, id="one is forgotten, the other keeps the name"),
    pytest.param({9: 2}, [9, 12], [9, 12], {9: 2, 12: 1}, id="a newcomer gets the free number"),
    pytest.param({9: 1}, [9, 12], [12], {9: 1, 12: 2}, id="who left a moment ago keeps the number"),
    pytest.param({}, [4, 5], [5], {5: 1}, id="who was never here has none"),
]


@pytest.mark.parametrize(("before", "known", "here", "after"), WELCOMES)
def test_numbers(before: Guests, known: list[int], here: list[int], after: Guests) -> None:
    assert welcomed(before, known, here) == after


FILM = (adult(1, (0, 200, 330), (80, 200, 330)), swimmer(2, (0, 500, 400), (4, 500, 400)))


def test_a_release_is_written_down_once_however_many_causes_join(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.judging.set_mode(Mode.SUPERVISED, "Anna", "kitchen")
    life.watch(film(FILM, 10, 14.5)).wait(31)
    life.watch(film((swimmer(3, (0, 300, 400), (30, 300, 400)),), 10, 8), start=46.0).wait(40)
    assert life.site["pictures"] == [CAMERA]
    life.recorder.stop()
    rows = [row for row in life.store.audit(100) if row.what == "picture_released"]
    assert [row.detail["camera"] for row in rows] == [CAMERA]
    life.store.close()


def test_an_open_alarm_keeps_its_guests_name_to_itself(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.judging.set_mode(Mode.SUPERVISED, "Anna", "kitchen")
    life.watch(film(FILM, 10, 14.5))
    life.judging.use_cameras({})
    life.judging.use_cameras({CAMERA: "Pool camera"})
    assert life.site["people"] == [], "all are forgotten with their camera"
    came = (adult(5, (20, 200, 330), (29, 200, 330)), adult(6, (24, 400, 330), (29, 400, 330)))
    life.watch(seen for seen in film(came, 10, 28) if seen.t > 20)
    assert [p["name"] for p in life.site["people"]] == ["Guest 1", "Guest 3"]
    assert [a["who"] for a in life.site["alarms"]] == ["Guest 2"]
    life.end()


def test_page_alarm_and_archive_speak_of_the_same_guest(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    life.judging.set_mode(Mode.SUPERVISED, "Anna", "kitchen")
    life.watch(film(FILM, 10, 14.5))
    people = {p["id"]: p for p in life.site["people"]}
    assert (people[1]["name"], people[2]["name"]) == ("Guest 1", "Guest 2")
    assert (people[2]["known"], people[1]["responsible"], people[2]["responsible"]) == (False, True, False)
    assert people[1]["tracks"] == [[CAMERA, 1]]
    assert 0 < people[2]["spot"][0] < 1
    (alarm,) = life.site["alarms"]
    assert alarm["title"].startswith("Guest 2 ") and alarm["who"] == "Guest 2"
    life.end()
    life = Life(tmp_path, HandClock(15.0)).begin()
    assert {p["id"]: p["name"] for p in life.site["people"]} == {1: "Guest 1", 2: "Guest 2"}
    life.end()
