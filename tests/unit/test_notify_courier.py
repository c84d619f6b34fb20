"""The courier with a sender that sends nowhere: what goes out, when it is tried again, what is given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from dashboard.notify.courier import Courier
from dashboard.notify.letters import Letter, Outcome
from dashboard.settings import NotifySettings
from dashboard.values import Contact
from tests.unit.fake_monitor import HandClock
from tests.unit.notify_stage import NOW, FakeSender, MemoryQueue, delivery
from tests.waiting import until

ANNA = Contact("anna", "Anna", ("json://one", "json://two"))
TOM = Contact("tom", "Tom", ("json://three",))
SETTINGS = NotifySettings()
REFUSED = Outcome(False, "it answered 500")


@contextmanager
def running(
    queue: MemoryQueue, sender: FakeSender, clock: HandClock, settings: NotifySettings = SETTINGS
) -> Iterator[Courier]:
    courier = Courier(queue, clock, settings, sender, look_s=0.01)
    courier.start()
    try:
        yield courier
    finally:
        courier.stop()


def turned(queue: MemoryQueue, rounds: int = 3) -> None:
    """The courier has looked several times more."""
    before = queue.reads
    until(lambda: queue.reads >= before + rounds, 10, "the courier looks")


def test_nothing_to_send_sends_nothing() -> None:
    queue, sender = MemoryQueue(()), FakeSender()
    with running(queue, sender, HandClock()):
        turned(queue)
    assert (sender.sent, sender.started) == ([], 0)


def test_who_has_contacts_has_the_sender_ready_before_the_first_message() -> None:
    queue, sender = MemoryQueue((ANNA,)), FakeSender()
    with running(queue, sender, HandClock()):
        until(lambda: sender.started, 10, "the sender is started")
        turned(queue)
    assert (sender.sent, sender.started) == ([], 1)


def test_each_address_gets_its_message_once() -> None:
    rows = (delivery("a", index=0), delivery("b", index=1), delivery("c", "tom"))
    queue, sender = MemoryQueue((ANNA, TOM), rows), FakeSender()
    with running(queue, sender, HandClock()):
        until(lambda: all(queue.state(n) == "done" for n in "abc"), 10, "all are sent")
        turned(queue)
    assert sorted((s.address, s.title, s.text) for s in sender.sent) == [
        ("json://one", "title a", "text a"),
        ("json://three", "title c", "text c"),
        ("json://two", "title b", "text b"),
    ]


def test_the_messages_of_one_address_go_in_the_order_of_their_writing() -> None:
    rows = [delivery(n, created_utc=NOW + timedelta(seconds=s)) for n, s in (("z", -9), ("m", -5), ("a", -1))]
    queue, sender = MemoryQueue((ANNA,), tuple(rows)), FakeSender()
    with running(queue, sender, HandClock()):
        until(lambda: len(sender.sent) == 3, 10, "all are sent")
    assert sender.titles == ["title z", "title m", "title a"]


def test_what_is_not_due_waits() -> None:
    queue, sender, clock = MemoryQueue((ANNA,)), FakeSender(), HandClock()
    queue.add(delivery("later", due_utc=NOW + timedelta(seconds=10)))
    with running(queue, sender, clock):
        turned(queue)
        assert sender.sent == []
        clock.t += 10
        until(lambda: queue.state("later") == "done", 10, "it is sent when due")


def test_a_wall_clock_that_is_set_back_holds_nothing_up() -> None:
    queue, sender, clock = MemoryQueue((ANNA,)), FakeSender(), HandClock()
    with running(queue, sender, clock):
        turned(queue)
        queue.drop()
        clock.t -= 3600
        queue.add(delivery("a"))
        until(lambda: queue.state("a") == "done", 10, "it is sent")


def test_failures_are_tried_again_with_growing_pauses_and_then_given_up() -> None:
    settings = NotifySettings(retry_first_s=2.0, retry_most_s=10.0, attempts=6)
    queue, sender, clock = MemoryQueue((ANNA,), (delivery("a"),)), FakeSender(lambda _: REFUSED), HandClock()
    began, at = clock.t, []
    with running(queue, sender, clock, settings):
        for n in range(6):
            queue.wait_tries(n + 1)
            at.append(clock.t - began)
            pause = 0.0
            while len(queue.tries) == n + 1 and n < 5:
                turned(queue)
                if len(queue.tries) == n + 1:
                    clock.t += 1.0
                    pause += 1.0
                assert pause < 100
    assert at == [0.0, 2.0, 6.0, 14.0, 24.0, 34.0]
    assert [next_due is None for *_, next_due in queue.tries] == [False] * 5 + [True]
    assert (queue.state("a"), queue.rows["a"].last_error) == ("failed", "it answered 500")


def test_a_service_that_is_down_is_not_asked_once_for_each_message() -> None:
    rows = tuple(delivery(f"m{n:02}") for n in range(30))
    down = threading.Event()
    down.set()
    sender = FakeSender(lambda _: REFUSED if down.is_set() else Outcome(True))
    queue, clock = MemoryQueue((ANNA,), rows), HandClock()
    with running(queue, sender, clock):
        until(lambda: len(queue.tries) == 30, 10, "all are told of the failure")
        turned(queue)
        assert len(sender.sent) == 1
        down.clear()
        clock.t += 2
        until(lambda: all(queue.state(row.id) == "done" for row in rows), 10, "all arrive when it is back")


def test_one_message_that_is_not_liked_does_not_hold_up_the_next() -> None:
    sender = FakeSender(lambda letter: REFUSED if letter.title == "title bad" else Outcome(True))
    queue = MemoryQueue((ANNA,), (delivery("bad", created_utc=NOW - timedelta(seconds=60)), delivery("good")))
    clock = HandClock()
    with running(queue, sender, clock):
        until(lambda: len(sender.sent) == 1, 10, "the first attempt")
        turned(queue)
        clock.t += 2
        until(lambda: queue.state("good") == "done", 10, "the other one is sent")
    assert sender.titles[:2] == ["title bad", "title good"]


def test_a_failing_or_stalling_service_does_not_delay_another() -> None:
    free = threading.Event()

    def answers(letter: Letter) -> Outcome:
        if letter.address == "json://one":
            free.wait(30)
        return Outcome(letter.address != "json://two", "it answered 500")

    queue = MemoryQueue((ANNA, TOM), tuple(delivery(f"a{i}", index=i) for i in (0, 1)))
    with running(queue, FakeSender(answers), HandClock()):
        until(lambda: queue.rows["a1"].attempts == 1, 10, "the failing one fails")
        for n in range(5):
            queue.add(delivery(f"t{n}", "tom"))
            queue.wait(f"t{n}", "done")
        assert queue.rows["a0"].attempts == 0, "it still stalls"
        free.set()
        until(lambda: queue.state("a0") == "done", 10, "the stalled one is sent")


def test_what_somebody_has_answered_meanwhile_is_not_sent() -> None:
    began, go = threading.Event(), threading.Event()

    def answers(letter: Letter) -> Outcome:
        began.set()
        go.wait(30)
        return Outcome(True)

    sender = FakeSender(answers)
    rows = (delivery("first", created_utc=NOW - timedelta(seconds=9)), delivery("second"))
    queue = MemoryQueue((ANNA,), rows)
    with running(queue, sender, HandClock()):
        assert began.wait(10)
        queue.drop("second")
        queue.add(delivery("seen", kind="acknowledged"))
        go.set()
        until(lambda: queue.state("seen") == "done", 10, "the word that somebody has seen it is sent")
    assert sender.titles == ["title first", "title seen"]


def test_an_address_that_is_gone_is_given_up_and_said() -> None:
    queue, sender = MemoryQueue((TOM,), (delivery("a"), delivery("b", "tom", index=3))), FakeSender()
    with running(queue, sender, HandClock()):
        until(lambda: queue.state("a") == "failed" and queue.state("b") == "failed", 10, "both are given up")
    assert sender.sent == [] and "no longer there" in queue.rows["a"].last_error


def test_a_test_message_goes_out_though_the_address_rests_and_is_soon_given_up() -> None:
    queue, clock = MemoryQueue((ANNA,), (delivery("a"),)), HandClock()
    sender = FakeSender(lambda _: REFUSED)
    with running(queue, sender, clock):
        until(lambda: queue.rows["a"].attempts == 1, 10, "the message fails")
        queue.add(delivery("t", kind="test"))
        until(lambda: queue.rows["t"].attempts == 1, 10, "the test is tried all the same")
        assert queue.rows["a"].attempts == 1
        for _ in range(10):
            turned(queue)
            clock.t += 1
        until(lambda: queue.state("t") == "failed", 10, "the test is given up")
    assert queue.rows["t"].attempts == SETTINGS.test_attempts


def test_a_report_waits_for_every_call_for_help() -> None:
    early = NOW - timedelta(hours=1)
    rows = (delivery("r", kind="report", alarm_id=None, created_utc=early), delivery("a"), delivery("b"))
    queue, sender = MemoryQueue((ANNA,), rows), FakeSender()
    with running(queue, sender, HandClock()):
        until(lambda: queue.state("r") == "done", 10, "all are sent")
    assert sender.titles == ["title a", "title b", "title r"]


def test_a_report_that_is_refused_holds_up_no_call_for_help() -> None:
    queue, clock = MemoryQueue((ANNA,), (delivery("r", kind="report", alarm_id=None),)), HandClock()
    sender = FakeSender(lambda letter: Outcome(letter.kind != "report", "it is too long"))
    with running(queue, sender, clock):
        until(lambda: queue.rows["r"].attempts == 1, 10, "the report fails")
        queue.add(delivery("a"))
        until(lambda: queue.state("a") == "done", 10, "the call goes out at once")
        turned(queue)
        assert queue.rows["r"].attempts == 1
        clock.t += SETTINGS.report_retry_s
        until(lambda: queue.rows["r"].attempts == 2, 10, "it is tried again")


def test_a_call_for_help_that_fails_uses_up_no_attempt_of_a_report() -> None:
    later = NOW + timedelta(seconds=60)
    rows = (delivery("r", kind="report", alarm_id=None, due_utc=later), delivery("a"))
    queue, clock = MemoryQueue((ANNA,), rows), HandClock()
    with running(queue, FakeSender(lambda _: REFUSED), clock):
        until(lambda: queue.rows["a"].attempts == 1, 10, "the call fails")
        turned(queue)
    assert queue.rows["r"].attempts == 0


def test_a_corrected_address_is_not_punished_for_the_old_one() -> None:
    queue, clock = MemoryQueue((TOM,), (delivery("a", "tom"),)), HandClock()
    sender = FakeSender(lambda letter: Outcome(letter.address == "json://right", "it answered 404"))
    with running(queue, sender, clock):
        until(lambda: queue.rows["a"].attempts == 1, 10, "it fails")
        queue.people = (Contact("tom", "Tom", ("json://right",)),)
        clock.t += 2
        until(lambda: queue.state("a") == "done", 10, "it is sent to the new address")
        queue.add(delivery("b", "tom"))
        until(lambda: queue.state("b") == "done", 10, "so is the next, without a pause")


def test_what_our_own_end_cut_off_stays_to_be_sent() -> None:
    began = threading.Event()
    sender = FakeSender()

    def answers(letter: Letter) -> Outcome:
        began.set()
        sender.stopped.wait(30)
        return Outcome(False, cut=True)

    sender._answers = answers
    queue = MemoryQueue((ANNA,), (delivery("a"),))
    with running(queue, sender, HandClock()):
        assert began.wait(10)
    assert (queue.tries, queue.state("a")) == ([], "waiting")


def test_an_error_of_the_outbox_costs_one_look(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryQueue):
        broken = True

        def contacts(self) -> tuple[Contact, ...]:
            if self.broken:
                raise RuntimeError("the outbox is broken")
            return super().contacts()

    queue, sender = Broken((ANNA,), (delivery("a"),)), FakeSender()
    with running(queue, sender, HandClock()):
        until(lambda: "the outbox is broken" in caplog.text, 10, "it is logged")
        queue.broken = False
        until(lambda: queue.state("a") == "done", 10, "it goes on")


def test_the_log_has_no_address(caplog: pytest.LogCaptureFixture) -> None:
    secret = Contact("anna", "Anna", ("tgram://12345:topsecret/99",))
    caplog.set_level("DEBUG")
    flaky = iter([REFUSED, Outcome(True)])
    queue, clock = MemoryQueue((secret,), (delivery("a"),)), HandClock()
    sender = FakeSender(lambda _: next(flaky))
    with running(queue, sender, clock):
        until(lambda: queue.rows["a"].attempts == 1, 10, "it fails")
        clock.t += 2
        until(lambda: queue.state("a") == "done", 10, "it is sent")
    assert "Anna" in caplog.text and "topsecret" not in caplog.text and "12345" not in caplog.text
    assert "topsecret" not in repr(sender.sent[0])
