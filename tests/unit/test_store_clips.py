"""Clips in the database: pages, filters, neighbours, what people say of them, who goes first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.monitor.recorder import apart, merged
from dashboard.store import ClipEvent, ClipFilter, ClipMark, ClipRow, EventRow, Record, Store
from dashboard.values import Event, Level

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KINDS = (("animal", "notice"), ("person_entered", "alert"), ("submersion", "emergency"))


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store(database)) as opened:
        yield opened


def number(n: int) -> str:
    return f"{n:032x}"


def clip(n: int, **more: object) -> ClipRow:
    """The n-th, an hour before the one before it."""
    kind, level = KINDS[n % 3]
    began = NOW - timedelta(hours=n)
    name = ("Mia", "Mia's cat", 'O"Neil_%')[n % 3]
    event = Event(0.0, f"c{n % 2}", kind, Level(level), n, "pool", {"name": name, "half": "\ud800"})
    row = ClipRow(
        id=number(n),
        camera=f"c{n % 2}",
        began=began,
        ended=began + timedelta(seconds=20),
        kind=kind,
        level=level,
        people=(name,),
        events=(ClipEvent(EventRow(began + timedelta(seconds=10), event, False, n), 7 if n % 3 else None),),
        state="ready",
        bytes=100,
        width=960,
        height=540,
        search=f"{kind} {name} garden".casefold(),
    )
    return replace(row, **more)  # type: ignore[arg-type]


def fill(store: Store, count: int) -> None:
    store.record(Record(clips=tuple(clip(n) for n in range(count))), NOW)


def found(store: Store, **asked: object) -> list[int]:
    return [int(row.id, 16) for row in store.clips_found(ClipFilter(**asked), 100)]  # type: ignore[arg-type]


def test_nothing_is_there_at_first(store: Store) -> None:
    assert store.clips_found(ClipFilter(), 10) == () and store.clip(number(1)) is None
    assert store.clip_bytes() == (0, 0) and store.clips_occurring(10) == ((), (), ())
    assert store.clip_neighbours(ClipMark(NOW, number(0)), ClipFilter()) == (None, None)


def test_a_clip_comes_back_as_it_was(store: Store) -> None:
    fill(store, 2)
    (back,) = store.clips_found(ClipFilter(), 1)
    detail = {"name": "Mia", "half": "?"}
    event = replace(clip(0).events[0].row.event, detail=detail)
    assert back == replace(
        clip(0), events=(replace(clip(0).events[0], row=replace(clip(0).events[0].row, event=event)),)
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, list(range(9))),
        ({"kinds": ("animal", "submersion")}, [0, 2, 3, 5, 6, 8]),
        ({"levels": ("alert",)}, [1, 4, 7]),
        ({"camera": "c1"}, [1, 3, 5, 7]),
        ({"person": "Mia"}, [0, 3, 6]),
        ({"person": 'O"Neil_%'}, [2, 5, 8]),
        ({"person": "Mi_"}, []),
        ({"text": "GARDEN mia's"}, [1, 4, 7]),
        ({"text": "%"}, [2, 5, 8]),
        ({"since": NOW - timedelta(hours=2)}, [0, 1, 2]),
        ({"until": NOW - timedelta(hours=6)}, [7, 8]),
        ({"labels": ("pet",)}, []),
        ({"kept": True}, []),
    ],
)
def test_what_is_asked_for(store: Store, asked: dict[str, object], expected: list[int]) -> None:
    fill(store, 9)
    assert found(store, **asked) == expected


def test_pages_follow_each_other_also_where_many_begin_at_once(store: Store) -> None:
    store.record(Record(clips=tuple(clip(n, began=NOW) for n in range(7))), NOW)
    seen: list[str] = []
    mark = None
    while page := store.clips_found(ClipFilter(), 3, mark):
        seen += [row.id for row in page]
        mark = ClipMark(page[-1].began, page[-1].id)
    assert seen == [number(n) for n in reversed(range(7))]
    assert store.clip_neighbours(ClipMark(NOW, number(3)), ClipFilter()) == (number(4), number(2))
    assert store.clip_neighbours(ClipMark(NOW, number(3)), ClipFilter(kinds=("animal",))) == (
        number(6),
        number(0),
    )


def test_what_people_say_stays_when_the_clip_is_written_again(store: Store) -> None:
    fill(store, 2)
    assert store.mark_clip(number(1), label="pet", note="Der Kater\0", kept=True)
    assert not store.mark_clip(number(99), label="pet")
    store.record(Record(clips=(clip(1, state="damaged", bytes=5),)), NOW)
    back = store.clip(number(1))
    assert back is not None
    assert (back.label, back.note, back.kept, back.state, back.bytes) == (
        "pet",
        "Der Kater",
        True,
        "damaged",
        5,
    )
    assert found(store, labels=("pet",)) == found(store, kept=True) == found(store, text="KATER") == [1]
    store.mark_clip(number(1), label="")
    assert found(store, labels=("pet",)) == []


def test_a_note_is_found_by_its_words_in_any_letters_and_stays_when_the_clip_is_written_again(
    store: Store,
) -> None:
    fill(store, 3)
    store.mark_clip(number(1), note="Über die GARTENTÜR")
    assert found(store, text="gartentür ÜBER") == found(store, text="garden über") == [1]
    store.record(Record(clips=(clip(1, state="damaged"),)), NOW)
    assert found(store, text="ÜBER mia's") == [1]
    kept = store.clip(number(1))
    assert kept is not None
    store.record(Record(clips=(replace(kept, state="ready"),)), NOW)
    store.mark_clip(number(1), note="Straße 100%")
    assert found(store, text="über") == [] and found(store, text="STRASSE 100%") == [1]
    store.mark_clip(number(1), note="")
    assert found(store, text="strasse") == [] and found(store, text="garden") == [0, 1, 2]


def test_alarms_and_pinned_clips_go_last(store: Store) -> None:
    fill(store, 9)
    store.mark_clip(number(6), kept=True)
    store.record(Record(clips=(clip(3, state="recording"),)), NOW)
    first = [int(row.id, 16) for row in store.clips_first_to_go(20)]
    assert first == [0, 8, 7, 5, 4, 2, 1], "no pinned one, none that is written"
    old = NOW - timedelta(hours=4)
    assert [int(row.id, 16) for row in store.clips_over(old, True, 9)] == [8, 7, 5]
    assert [int(row.id, 16) for row in store.clips_over(old, False, 9)] == []
    store.forget_clips([number(8), number(7)])
    assert store.clip_bytes() == (7, 700) and set(store.clip_ids()) == {number(n) for n in range(7)}
    assert [row.id for row in store.clips_in("recording")] == [number(3)]


def test_what_there_is_to_ask_for(store: Store) -> None:
    fill(store, 4)
    kinds, cameras, people = store.clips_occurring(100)
    assert kinds == ("animal", "person_entered", "submersion") and cameras == ("c0", "c1")
    assert people == ("Mia", "Mia's cat", 'O"Neil_%')
    assert store.clip_counts(ClipFilter(camera="c0")) == {"animal": 1, "submersion": 1}


def test_the_newest_word_of_a_clip_counts_while_the_disk_refuses() -> None:
    both = merged(Record(clips=(clip(1), clip(2))), Record(clips=(clip(1, state="damaged"),)))
    assert [row.state for row in both.clips] == ["damaged", "ready"]
    assert [len(piece.clips) for piece in apart(both)] == [1, 1]


def test_a_page_from_the_middle_of_many_goes_on_where_the_mark_is(store: Store) -> None:
    """How quick that is with ten thousand, `bench clips` says."""
    store.record(Record(clips=tuple(clip(n) for n in range(300))), NOW)
    middle = ClipMark(clip(150).began, number(150))
    whole = [row.id for row in store.clips_found(ClipFilter(), 400)]
    at = whole.index(number(150))
    page = [row.id for row in store.clips_found(ClipFilter(), 60, middle)]
    assert len(whole) == 300 and page == whole[at + 1 : at + 61]
    one = ClipFilter(kinds=("submersion",), camera="c1")
    some = [row.id for row in store.clips_found(one, 400)]
    assert [row.id for row in store.clips_found(one, 60, middle)] == [
        n for n in some if n in whole[at + 1 :]
    ][:60]
    assert store.clips_found(ClipFilter(text="nobody says this"), 60, middle) == ()
