"""What was judged and who was told, in the database: written whole, read back, never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.store import (
    Acknowledged,
    AlarmRow,
    AuditRow,
    EventRow,
    Record,
    Store,
    StoreError,
    ZonesRow,
)
from dashboard.values import Contact, Delivery, DeliveryState, Event, Level, Zone, ZoneKind

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SUNK = Event(5.0, "a", "submersion", Level.EMERGENCY, 3, "pool", {"unseen_s": 10.0})
SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))


def later(s: float) -> datetime:
    return NOW + timedelta(seconds=s)


def alarm(number: int = 1, **more: object) -> AlarmRow:
    row = AlarmRow(number, NOW, "emergency", "sounding", "person 3", "Mia is under water")
    return AlarmRow(**{**row.__dict__, "causes": (EventRow(NOW, SUNK),), **more})


def message(number: str, due: datetime = NOW, alarm_id: int | None = 1, **more: object) -> Delivery:
    row = Delivery(number, alarm_id, "c1", 0, "alarm", "Emergency", "Mia", False, due, NOW)
    return Delivery(**{**row.__dict__, **more})


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store(database)) as opened:
        yield opened


def test_a_new_database_has_judged_nothing(store: Store) -> None:
    store.record(Record(), NOW)
    assert not Record()
    assert (store.events(10), store.alarms(10), store.audit(10), store.zones()) == ((), (), (), ())
    assert (store.contacts(), store.deliveries_due(NOW), store.memory()) == ((), (), {})
    assert store.last_alarm() == 0
    assert store.outbox(NOW).waiting == 0


def test_a_record_comes_back_as_it_was(store: Store) -> None:
    store.record(
        Record(
            events=(EventRow(NOW, SUNK), EventRow(later(1), SUNK, drill=True)),
            alarms=(alarm(7),),
            deliveries=(message("m1"),),
            audit=(AuditRow(NOW, "mode", "Anna", "page", {"to": "watch"}),),
            memory={"judge": "{}"},
        ),
        NOW,
    )
    newest, oldest = store.events(10)
    assert (oldest.at, oldest.event.detail, oldest.event.level) == (NOW, {"unseen_s": 10.0}, Level.EMERGENCY)
    assert (newest.drill, oldest.drill) == (True, False)
    assert [row.id for row in store.events(10, before=newest.id)] == [oldest.id]
    found = store.alarms(10)[0]
    assert (found.id, found.title, found.causes[0].event.person) == (7, "Mia is under water", 3)
    assert store.last_alarm() == 7
    assert [d.id for d in store.deliveries_due(NOW)] == ["m1"]
    assert store.audit(5)[0].detail == {"to": "watch"}
    assert store.memory() == {"judge": ("{}", NOW)}


def test_an_alarm_grows_and_is_resolved_in_its_own_row(store: Store) -> None:
    store.record(Record(alarms=(alarm(),)), NOW)
    seen = (Acknowledged("Anna", later(5)), Acknowledged("Tom", later(6)))
    causes = (EventRow(NOW, SUNK), EventRow(later(2), SUNK))
    store.record(Record(alarms=(alarm(causes=causes, acknowledged=seen, state="acknowledged"),)), later(6))
    store.record(Record(alarms=(alarm(causes=causes, acknowledged=seen, state="acknowledged"),)), later(6))
    assert [a.id for a in store.alarms(5, unresolved=True)] == [1]
    over = alarm(
        causes=causes, acknowledged=seen, state="resolved", resolved_at=later(9), resolved_by="Anna",
        reason="false", note="a ball",
    )  # fmt: skip
    store.record(Record(alarms=(over,)), later(9))
    (found,) = store.alarms(5)
    assert (len(found.causes), found.acknowledged, found.reason, found.note) == (2, seen, "false", "a ball")
    assert store.alarms(5, unresolved=True) == ()


def test_a_record_is_written_whole_or_not_at_all(store: Store) -> None:
    broken = message("m1", title=None)
    with pytest.raises(StoreError, match="cannot be written"):
        store.record(Record(events=(EventRow(NOW, SUNK),), alarms=(alarm(),), deliveries=(broken,)), NOW)
    assert (store.events(5), store.alarms(5), store.deliveries_due(NOW)) == ((), (), ())


def test_the_same_message_written_twice_is_one_and_keeps_how_far_it_came(store: Store) -> None:
    store.deliveries_add([message("m1"), message("m1")])
    store.delivery_tried("m1", False, "no answer", later(30))
    store.deliveries_add([message("m1")])
    (found,) = store.deliveries_of(1)
    assert (found.attempts, found.last_error, found.due_utc) == (1, "no answer", later(30))


@pytest.mark.parametrize(
    ("ok", "next_due", "state"),
    [
        pytest.param(True, None, DeliveryState.DONE, id="sent"),
        pytest.param(False, later(10), DeliveryState.WAITING, id="again"),
        pytest.param(False, None, DeliveryState.FAILED, id="given up"),
    ],
)
def test_an_attempt_is_counted(
    store: Store, ok: bool, next_due: datetime | None, state: DeliveryState
) -> None:
    store.deliveries_add([message("m1")])
    store.delivery_tried("m1", ok, "refused", next_due)
    (found,) = store.deliveries_of(1)
    assert (found.state, found.attempts, found.last_error) == (state, 1, "" if ok else "refused")


def test_messages_are_due_in_the_order_of_their_time(store: Store) -> None:
    store.deliveries_add([message("late", later(5)), message("now", NOW), message("far", later(60))])
    assert [d.id for d in store.deliveries_due(later(10))] == ["now", "late"]


def test_who_answers_ends_the_calls_that_wait_and_nothing_else(store: Store) -> None:
    store.deliveries_add(
        [
            message("call", later(60)),
            message("word", later(60), kind="acknowledged"),
            message("other", later(60), alarm_id=2),
            message("sent"),
        ]
    )
    store.delivery_tried("sent", True, "", None)
    store.record(Record(answered=(1,)), NOW)
    assert {d.id: d.state.value for d in (*store.deliveries_of(1), *store.deliveries_of(2))} == {
        "call": "dropped",
        "word": "waiting",
        "other": "waiting",
        "sent": "done",
    }
    store.delivery_tried("call", False, "it was on its way", later(70))
    assert "call" not in [d.id for d in store.deliveries_due(later(100))]


def test_the_outbox_says_what_waits_and_what_failed(store: Store) -> None:
    store.deliveries_add([message(f"m{i}") for i in range(4)])
    store.delivery_tried("m0", True, "", None)
    store.delivery_tried("m1", False, "refused", None)
    store.delivery_tried("m2", False, "no answer", later(5))
    found = store.outbox(NOW)
    assert (found.waiting, [d.id for d in found.failed], [d.id for d in found.retrying]) == (
        2,
        ["m1"],
        ["m2"],
    )
    assert store.outbox(later(1)).failed == ()


def test_contacts_keep_their_order_and_addresses(store: Store) -> None:
    store.add_contact(Contact("x", "Anna", ("mailto://u:p@h", "tgram://t/1")))
    store.add_contact(Contact("y", "Tom", ("json://h",), enabled=False))
    store.order_contacts(["y", "x"])
    store.change_contact(Contact("x", "Anne", ("tgram://t/1",), position=99))
    assert [(c.id, c.name, c.urls, c.position, c.enabled) for c in store.contacts()] == [
        ("y", "Tom", ("json://h",), 0, False),
        ("x", "Anne", ("tgram://t/1",), 1, True),
    ]
    store.deliveries_add([message("m1", contact_id="x")])
    store.remove_contact("x")
    assert [c.id for c in store.contacts()] == ["y"]
    assert store.deliveries_due(NOW) == ()


def test_an_address_is_in_no_text_of_a_contact() -> None:
    assert "secret" not in repr(Contact("x", "Anna", ("tgram://secret/1",)))


def test_zones_are_replaced_as_a_whole(store: Store) -> None:
    pool = Zone("a", "pool", ZoneKind.WATER, SQUARE)
    gate = Zone("a", "gate", ZoneKind.PORTAL, SQUARE, to="street")
    store.set_zones(ZonesRow("a", 1, (pool, gate)), NOW)
    store.set_zones(ZonesRow("a", 2, (gate,)), NOW)
    store.set_zones(ZonesRow("b", 1, ()), NOW)
    assert {row.camera: (row.revision, row.zones) for row in store.zones()} == {
        "a": (2, (gate,)),
        "b": (1, ()),
    }
    store.remove_zones("a")
    assert [row.camera for row in store.zones()] == ["b"]


def test_several_threads_write_at_once_and_nothing_is_refused(store: Store) -> None:
    errors: list[StoreError] = []

    def courier(name: int) -> None:
        try:
            for i in range(15):
                store.deliveries_add([message(f"{name}-{i}")])
                store.delivery_tried(f"{name}-{i}", True, "", None)
                store.record(Record(events=(EventRow(NOW, SUNK),)), NOW)
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=courier, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.events(100)) == 60
    assert {d.state for d in store.deliveries_of(1)} == {DeliveryState.DONE}
