"""All alarms: what joins what, what is due when, who is told."""

from __future__ import annotations

import pytest

from dashboard.alarm.book import (
    Book,
    Turned,
    acknowledge,
    clear,
    pass_time,
    raise_events,
    resolve,
    subject_of,
)
from dashboard.alarm.machine import Acknowledge, AlarmError, AlarmState, Reason, Resolve
from dashboard.alarm.orders import (
    HideAlarm,
    HidePicture,
    Message,
    Notify,
    Order,
    ReleasePicture,
    ShowAlarm,
    Siren,
)
from dashboard.settings import AlarmSettings
from dashboard.values import Event, Level

SETTINGS = AlarmSettings()


def event(
    t: float,
    level: Level = Level.EMERGENCY,
    person: int | None = 1,
    kind: str = "submersion",
    camera: str = "pool",
    **detail: object,
) -> Event:
    return Event(t, camera, kind, level, person, None, detail)


def emergency(t: float = 0.0, person: int = 1) -> Turned:
    return raise_events(Book(), [event(t, person=person)])


def turned_to(book: Book, t: float, contacts: int = 2) -> tuple[Book, tuple[Order, ...]]:
    turned = pass_time(book, t, contacts, SETTINGS)
    return turned.book, turned.orders


def test_nothing() -> None:
    assert raise_events(Book(), []) == Turned(Book())
    assert pass_time(Book(), 1e6, 3, SETTINGS) == Turned(Book())


def test_notices_raise_nothing() -> None:
    assert raise_events(Book(), [event(0, Level.NOTICE)]) == Turned(Book())


def test_emergency_shows_and_sounds_at_once() -> None:
    turned = emergency()
    assert turned.orders == (ShowAlarm(1), Siren(True))
    assert turned.book.alarms[1].state is AlarmState.SOUNDING


@pytest.mark.parametrize("level", [Level.ALERT, Level.PROMPT])
def test_less_is_shown_without_a_siren(level: Level) -> None:
    turned = raise_events(Book(), [event(0, level)])
    assert turned.orders == (ShowAlarm(1),)
    assert turned.book.alarms[1].state is AlarmState.OPEN


def test_second_cause_joins_and_new_person_is_new() -> None:
    turned = raise_events(emergency().book, [event(1, kind="motionless"), event(2, person=2)])
    assert [len(a.causes) for a in turned.book.alarms.values()] == [2, 1]
    assert Siren(True) not in turned.orders


def test_places_and_cameras_are_subjects_of_their_own() -> None:
    events = [
        event(0, Level.ALERT, None, "camera_offline", "a"),
        event(0, Level.ALERT, None, "camera_offline", "b"),
    ]
    assert len({subject_of(e) for e in events}) == 2
    assert len(raise_events(Book(), events).book.alarms) == 2


def test_drills_and_real_alarms_do_not_mix() -> None:
    drill = raise_events(Book(), [event(0)], drill=True)
    both = raise_events(drill.book, [event(1)])
    assert [a.drill for a in both.book.alarms.values()] == [True, False]
    _, orders = turned_to(drill.book, 30.0, contacts=1)
    assert Notify(1, 0, Message.ALARM, 0, drill=True) in orders


class TestEscalation:
    def test_nothing_is_due_before_30_s(self) -> None:
        book, orders = turned_to(emergency().book, 29.9)
        assert orders == ()
        assert book == emergency().book

    def test_at_30_s_contacts_in_order_and_the_picture(self) -> None:
        book, orders = turned_to(emergency().book, 30.0)
        assert orders == (
            ReleasePicture(1, "pool"),
            ShowAlarm(1),
            Notify(1, 0, Message.ALARM, 0),
            Notify(1, 1, Message.ALARM, 0),
        )
        assert book.alarms[1].state is AlarmState.ESCALATED

    def test_repeats_every_30_s_and_not_in_between(self) -> None:
        book, _ = turned_to(emergency().book, 30.0)
        book, between = turned_to(book, 59.9)
        assert between == ()
        book, again = turned_to(book, 60.0)
        assert again == (Notify(1, 0, Message.ALARM, 1), Notify(1, 1, Message.ALARM, 1))
        _, same = turned_to(book, 60.1)
        assert same == ()

    def test_missed_repeats_are_sent_once(self) -> None:
        _, orders = turned_to(emergency().book, 200.0, contacts=1)
        assert [o.round for o in orders if isinstance(o, Notify)] == [5]

    def test_contacts_one_after_another(self) -> None:
        settings = AlarmSettings(contact_step_s=20.0)
        turned = pass_time(emergency().book, 30.0, 3, settings)
        assert [o.contact for o in turned.orders if isinstance(o, Notify)] == [0]
        turned = pass_time(turned.book, 50.0, 3, settings)
        assert [o.contact for o in turned.orders if isinstance(o, Notify)] == [1]

    def test_without_contacts_the_picture_is_released(self) -> None:
        _, orders = turned_to(emergency().book, 30.0, contacts=0)
        assert ReleasePicture(1, "pool") in orders

    def test_alerts_do_not_escalate(self) -> None:
        book = raise_events(Book(), [event(0, Level.ALERT)]).book
        assert turned_to(book, 1000.0) == (book, ())

    def test_camera_that_joins_late_is_released_too(self) -> None:
        book, _ = turned_to(emergency().book, 30.0)
        turned = raise_events(book, [event(40, camera="second", kind="danger_pose")])
        assert ReleasePicture(1, "second") in turned.orders

    def test_two_alarms_escalate_each_in_its_time(self) -> None:
        book = raise_events(emergency().book, [event(20, person=2)]).book
        book, first = turned_to(book, 30.0, contacts=1)
        _, second = turned_to(book, 50.0, contacts=1)
        assert [o.alarm for o in first if isinstance(o, Notify)] == [1]
        assert [o.alarm for o in second if isinstance(o, Notify)] == [2]


class TestPeople:
    def test_acknowledging_stops_siren_and_messages(self) -> None:
        book, _ = turned_to(emergency().book, 30.0)
        turned = acknowledge(book, 1, Acknowledge(40.0, "Ada", "phone"))
        assert Siren(False) in turned.orders
        told = [o for o in turned.orders if isinstance(o, Notify)]
        assert told == [Notify(1, c, Message.ACKNOWLEDGED, 0) for c in (0, 1)]
        assert turned_to(turned.book, 500.0) == (turned.book, ())

    def test_siren_goes_on_for_the_other_alarm(self) -> None:
        book = raise_events(Book(), [event(0), event(0, person=2)]).book
        turned = acknowledge(book, 1, Acknowledge(5.0, "Ada"))
        assert Siren(False) not in turned.orders
        assert turned.book.siren

    def test_second_acknowledgement_tells_nobody_again(self) -> None:
        book, _ = turned_to(emergency().book, 30.0)
        book = acknowledge(book, 1, Acknowledge(40.0, "Ada")).book
        turned = acknowledge(book, 1, Acknowledge(41.0, "Ben"))
        assert [o for o in turned.orders if isinstance(o, Notify)] == []
        assert turned.book.alarms[1].also_seen_by == ("Ben",)

    def test_all_clear_goes_to_those_who_were_called(self) -> None:
        book, _ = turned_to(emergency().book, 30.0)
        book = acknowledge(book, 1, Acknowledge(40.0, "Ada")).book
        turned = resolve(book, 1, Resolve(60.0, "Ada", Reason.FALSE, "a toy"))
        assert turned.orders == (
            HideAlarm(1),
            HidePicture(1),
            Notify(1, 0, Message.ALL_CLEAR, 0),
            Notify(1, 1, Message.ALL_CLEAR, 0),
        )
        assert turned.book.alarms == {}
        assert turned.book.rounds == {}
        (over,) = turned.over
        assert (over.reason, over.note) == (Reason.FALSE, "a toy")

    def test_nobody_was_called_nobody_is_told(self) -> None:
        book = acknowledge(emergency().book, 1, Acknowledge(5.0, "Ada")).book
        assert resolve(book, 1, Resolve(6.0, "Ada", Reason.REAL)).orders == (HideAlarm(1),)

    def test_after_resolving_the_same_person_is_a_new_alarm(self) -> None:
        book = acknowledge(emergency().book, 1, Acknowledge(5.0, "Ada")).book
        book = resolve(book, 1, Resolve(6.0, "Ada", Reason.FALSE)).book
        assert list(raise_events(book, [event(7)]).book.alarms) == [2]

    @pytest.mark.parametrize("number", [0, 2, -1])
    def test_unknown_alarm(self, number: int) -> None:
        book = emergency().book
        with pytest.raises(AlarmError):
            acknowledge(book, number, Acknowledge(1.0, "Ada"))
        with pytest.raises(AlarmError):
            resolve(book, number, Resolve(1.0, "Ada", Reason.REAL))

    def test_resolving_unseen_is_refused(self) -> None:
        with pytest.raises(AlarmError):
            resolve(emergency().book, 1, Resolve(1.0, "Ada", Reason.REAL))


class TestWhatEnds:
    @pytest.mark.parametrize(
        ("raised", "ended"),
        [
            (event(0, Level.ALERT, kind="person_entered"), event(9, Level.NOTICE, kind="person_left")),
            (event(0, Level.ALERT), event(9, Level.NOTICE, kind="surfaced")),
            (
                event(0, Level.ALERT, None, "camera_offline"),
                event(9, Level.NOTICE, None, "camera_back", was="camera_offline"),
            ),
            (
                event(0, Level.PROMPT, None, "mode_prompt"),
                event(9, Level.NOTICE, None, "mode_changed", camera=""),
            ),
        ],
        ids=["left", "surfaced", "camera back", "mode"],
    )
    def test_alerts_end_with_their_trouble(self, raised: Event, ended: Event) -> None:
        turned = raise_events(raise_events(Book(), [raised]).book, [ended])
        assert turned.book.alarms == {}
        assert turned.orders == (HideAlarm(1),)
        assert len(turned.over) == 1

    def test_a_camera_that_is_back_ends_everything_that_was_told_of_it(self) -> None:
        told = raise_events(
            Book(),
            [
                event(0, Level.ALERT, None, "camera_blind"),
                event(5, Level.ALERT, None, "camera_moved"),
            ],
        )
        back = event(9, Level.NOTICE, None, "camera_back", was="camera_moved", also=["camera_blind"])
        assert raise_events(told.book, [back]).book.alarms == {}

    def test_emergencies_do_not(self) -> None:
        turned = raise_events(emergency().book, [event(9, Level.NOTICE, kind="surfaced")])
        assert turned.book.alarms[1].latched
        assert turned.book.siren
        assert clear(turned.book, "person 1", 10.0).book.alarms[1].latched

    def test_somebody_else_leaving_ends_nothing(self) -> None:
        book = raise_events(Book(), [event(0, Level.ALERT)]).book
        assert raise_events(book, [event(9, Level.NOTICE, 2, "person_left")]).book == book

    def test_clearing_an_unknown_subject_is_nothing(self) -> None:
        assert clear(Book(), "person 7", 0.0) == Turned(Book())
