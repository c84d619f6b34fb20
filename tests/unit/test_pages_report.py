"""The page of the last night over real commands and a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dashboard.monitor.clip_commands import ClipCommands
from dashboard.monitor.places import Places
from dashboard.store import EventRow, Record
from dashboard.values import Event, Level
from tests.unit.people_stage import JudgedHandle, opened, press
from tests.unit.people_stage import words as shown_words


@pytest.fixture(autouse=True)
def clips(handle: JudgedHandle, tmp_path: Path) -> None:
    life = handle.life
    commands = ClipCommands(tmp_path, handle.store, life.judging, Places(), life.clock)
    handle._all |= commands.questions


def told(handle: JudgedHandle, *events: Event) -> None:
    """Some seconds before the night's own end, wherever the clock stands."""
    night = handle.request("clips.night").result
    at = datetime.fromisoformat(night["until"]) - timedelta(seconds=5)
    handle.store.record(Record(events=tuple(EventRow(at, event) for event in events)), at)


def test_nothing_yet(handle: JudgedHandle) -> None:
    app = opened("report")
    assert not app.exception
    assert "Nobody came" in shown_words(app)


def test_what_was_is_told_as_text(handle: JudgedHandle) -> None:
    told(
        handle,
        Event(0.0, "c", "person_entered", Level.NOTICE, 1, "pool"),
        Event(0.0, "c", "animal", Level.NOTICE, detail={"label": "<b>cat</b>"}),
        Event(0.0, "c", "child_alone", Level.EMERGENCY, 1, "pool"),
    )
    app = opened("report")
    assert not app.exception
    said = shown_words(app)
    assert "1 person" in said
    assert "A child alone: 1 time" in said
    assert "<b>cat" not in said


def test_it_is_sent_once_more_when_somebody_asks(handle: JudgedHandle) -> None:
    app = opened("report")
    assert "Nobody gets this as a message yet" in shown_words(app)
    assert [button.label for button in app.button if "Send" in button.label] == []
    for name, wants in (("Anna", True), ("Tom", False), ("Zoe", True)):
        handle.request("contacts.add", name=name, urls=["json://h"], report=wants)
    app = opened("report")
    assert "Sent each morning at 07:00 to Anna and Zoe." in shown_words(app)
    app = press(app, "Send it now")
    assert not app.exception and "It is on its way to Anna, Zoe." in shown_words(app)
    sent = handle.store.deliveries_of(None)
    assert [row.kind for row in sent] == ["report", "report"] and "Nobody came" in sent[0].text
