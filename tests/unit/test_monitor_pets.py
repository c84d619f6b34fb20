"""What the owner says of a clip is remembered by the animal's look; the next visit is told accordingly."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.monitor.clip_commands import ClipCommands
from dashboard.monitor.codec import observation_from_json, observation_to_json
from dashboard.monitor.pets import Pets
from dashboard.monitor.places import Places
from dashboard.monitor.trusted import check
from dashboard.record.folder import TRACK, clip_day
from dashboard.report.night import _animal
from dashboard.rules.context import Wild
from dashboard.rules.templates import TEMPLATES
from dashboard.store import ClipRow, LookRow, Record, Store
from dashboard.values import Detection, Event, Label, Level, Observation
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.rules_stage import CAMERA
from tests.unit.test_store_clips import NOW, clip, number

CAT, FOX, STRANGER = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def seen(t: float, look: tuple[float, ...] | None, x: float = 300.0, label: Label = Label.CAT) -> Observation:
    vector = None if look is None else np.array(look, np.float32)
    animal = Detection((x, 200.0, x + 60, 240.0), 0.8, label, "yolox", appearance=vector)
    return Observation(CAMERA, t, int(t * 10), (640, 360), (), (animal,))


def visit(look: tuple[float, ...] | None, seconds: float = 3.0, start: float = 0.0) -> list[Observation]:
    return [seen(start + n / 5, look, 300.0 + 4 * n) for n in range(round(seconds * 5))]


def recorded(data: Path, row: ClipRow, film: list[Observation], cut: int = 0) -> ClipRow:
    """With a track of it on the disk, of which the last `cut` bytes are missing."""
    lines = [json.dumps({"camera": CAMERA, "size": [640, 360]})]
    lines += [json.dumps(observation_to_json(one)) for one in film]
    day = clip_day(data, row.began)
    day.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress("\n".join([*lines, ""]).encode())
    (day / f"{row.id}{TRACK}").write_bytes(packed[: len(packed) - cut])
    return row


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store(database)) as opened:
        yield opened


def test_looks_are_kept_by_clip_and_forgotten_with_what_was_said(store: Store) -> None:
    assert store.looks() == ()
    rows = [LookRow(number(1), "pet", "cat", CAT), LookRow(number(1), "pet", "dog", FOX)]
    store.remember_looks(number(1), rows, NOW)
    store.remember_looks(number(2), [LookRow(number(2), "wildlife", "cat", FOX)], NOW)
    assert len(store.looks()) == 3 and {row.said for row in store.looks()} == {"pet", "wildlife"}
    store.remember_looks(number(1), [LookRow(number(1), "wildlife", "cat", CAT)], NOW)
    assert {row.said for row in store.looks()} == {"wildlife"}
    store.remember_looks(number(1), (), NOW)
    assert [(row.clip, row.look) for row in store.looks()] == [(number(2), FOX)]


def told(pets: Pets, film: list[Observation]) -> list[str]:
    """What is said of each observation's animal, "" before anything is."""
    found = []
    for observation in film:
        animals = pets.hooks(observation).animals or ()
        found += [animals[0].wild.value if animals else ""]
    return found


def test_a_visit_is_told_by_what_was_said_of_an_earlier_one(tmp_path: Path, store: Store) -> None:
    pets = Pets(tmp_path, store)
    pets.begin()
    assert told(pets, visit(CAT))[:4] == ["", "", "unknown", "unknown"]
    assert pets.learn(recorded(tmp_path, clip(1), visit(CAT)), "pet", NOW) == 1
    assert pets.learn(recorded(tmp_path, clip(2), visit(FOX)), "wildlife", NOW) == 1
    # Another start knows it still.
    again = Pets(tmp_path, store)
    again.begin()
    for look, word in ((CAT, "pet"), (FOX, "wildlife"), (STRANGER, "unknown")):
        assert told(again, visit(look, start=100.0 * len(word)))[-1] == word
    assert again.learn(clip(1), None, NOW) == 0
    assert told(again, visit(CAT, start=9000.0))[-1] == "unknown"
    assert [row.said for row in store.looks()] == ["wildlife"]


def test_what_has_no_look_is_a_stranger_after_a_while_and_a_bird_is_wild(
    tmp_path: Path, store: Store
) -> None:
    pets = Pets(tmp_path, store)
    assert told(pets, visit(None))[0] == "" and told(pets, visit(None))[-1] == "unknown"
    birds = [seen(50 + n / 5, STRANGER, label=Label.BIRD) for n in range(15)]
    assert told(pets, birds)[-1] == "wildlife"
    assert pets.learn(recorded(tmp_path, clip(3), visit(None)), "pet", NOW) == 0
    assert pets.learn(clip(4), "pet", NOW) == 0, "its track is gone"
    assert pets.learn(recorded(tmp_path, clip(5), visit(CAT), cut=20), "pet", NOW) in (0, 1)


def test_what_moved_like_an_animal_is_learnt_from_too(tmp_path: Path, store: Store) -> None:
    pets = Pets(tmp_path, store)
    film = [seen(n / 5, CAT, 300.0 + 4 * n, Label.ANIMAL) for n in range(15)]
    assert pets.learn(recorded(tmp_path, clip(1), film), "pet", NOW) == 1
    later = [seen(100 + n / 5, CAT, 300.0 + 4 * n, Label.ANIMAL) for n in range(15)]
    assert told(pets, later)[-1] == "pet"


def test_the_judge_tells_it_in_its_event(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(0.0)).begin()
    pets = Pets(tmp_path, life.store)
    pets.learn(recorded(tmp_path, clip(1), visit(CAT)), "pet", NOW)
    life.judging.recognise = pets.hooks
    life.watch(visit(CAT)).watch(visit(STRANGER, start=200.0))
    life.recorder.stop()
    animals = [row.event for row in reversed(life.store.events(20)) if row.event.kind == "animal"]
    assert [(e.level, e.detail["who"], e.detail["quiet"]) for e in animals] == [
        (Level.NOTICE, "pet", True),
        (Level.NOTICE, "unknown", False),
    ]
    life.store.close()


def test_a_label_is_learnt_and_taken_back_by_the_command(tmp_path: Path) -> None:
    life = Life(tmp_path, HandClock(NOW.timestamp())).begin()
    pets = Pets(tmp_path, life.store)
    commands = ClipCommands(tmp_path, life.store, life.judging, Places(), life.clock)
    commands.learn = lambda row, label: pets.learn(row, label, NOW)
    life.store.record(
        Record(clips=(recorded(tmp_path, clip(0), visit(CAT)), clip(1, state="recording"))), NOW
    )

    def label(n: int, word: str | None) -> Any:
        asked = {"id": number(n), "label": word, "who": "Anna"}
        return asyncio.run(commands.changes["clips.label"](asked)).result["learnt"]  # type: ignore[arg-type]

    assert label(0, "pet") == 1 and label(1, "pet") == 0
    assert [row.said for row in life.store.looks()] == ["pet"]
    assert label(0, "toy") == 0 and life.store.looks() == ()
    assert label(0, "wildlife") == 1 and label(0, None) == 0 and life.store.looks() == ()
    life.end()


def test_a_look_goes_from_the_worker_to_the_judge_and_nonsense_does_not() -> None:
    there = observation_from_json(json.loads(json.dumps(observation_to_json(seen(1.0, (0.6, 0.8))))))
    assert there.things[0].appearance == pytest.approx([0.6, 0.8])
    assert observation_from_json(observation_to_json(seen(1.0, None))).things[0].appearance is None
    check(there, CAMERA, 1.0)
    for wrong in ((float("nan"), 1.0), tuple([0.1] * 600)):
        with pytest.raises(ValueError, match="look of an animal"):
            check(seen(1.0, wrong), CAMERA, 1.0)


@pytest.mark.parametrize(
    ("who", "label", "words", "counted"),
    [
        (Wild.PET, "cat", "A pet is at the pool", "pet cat"),
        (Wild.PET, "animal", "A pet is at the pool", "pet"),
        (Wild.WILDLIFE, "cat", "A wild animal is at the pool", "wild animal"),
        (Wild.WILDLIFE, "bird", "A wild animal is at the pool", "bird"),
        (Wild.UNKNOWN, "dog", "An animal is at the pool", "dog"),
    ],
)
def test_its_words(who: Wild, label: str, words: str, counted: str) -> None:
    event = Event(0.0, CAMERA, "animal", Level.NOTICE, detail={"who": who.value, "label": label})
    assert TEMPLATES["pool"].words(event) == words
    assert _animal(event.detail) == counted
