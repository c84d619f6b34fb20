"""Messages through Apprise to a real HTTP server that answers, stalls, refuses, dies and comes back."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboard.alarm.machine import Reason
from dashboard.clock import SystemClock
from dashboard.notify.courier import Courier
from dashboard.notify.letters import Letter, Outcome
from dashboard.notify.office import PostOffice
from dashboard.notify.posting import calmed, serve
from dashboard.settings import NotifySettings
from dashboard.values import Contact
from tests.unit.fake_monitor import HandClock
from tests.unit.judging_stage import Life
from tests.unit.notify_stage import DIE, REFUSE, STALL, FakeSender, MemoryQueue, Service, delivery
from tests.waiting import fair, until

QUICK = NotifySettings(send_s=5.0, read_s=3.0, retry_first_s=0.1, retry_most_s=0.5)
LONG = 30.0


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service().open()
    yield made
    made.close()


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    made = PostOffice(QUICK)
    made.start()
    yield made
    made.stop()


def settled(life: Life) -> None:
    """What was sent is marked as sent."""
    until(lambda: not life.outbox.deliveries_due(life.clock.utc()), LONG, "nothing waits any more")


@contextmanager
def couriers(queue: MemoryQueue, office: PostOffice) -> Iterator[None]:
    """Couriers that leave the office open when they end."""
    sender = FakeSender(office.send)
    courier = Courier(queue, SystemClock(), QUICK, sender, look_s=0.02)
    courier.start()
    try:
        yield
    finally:
        courier.stop()


def letter(address: str, kind: str = "alarm") -> Letter:
    return Letter(address, kind, "DRILL. EMERGENCY: ä", "first line\nsecond {{ line }} <b>")


def test_a_message_arrives_as_it_was_written(service: Service, office: PostOffice) -> None:
    assert office.send(letter(service.url("anna"))) == Outcome(True)
    (arrival,) = service.got("anna")
    assert (arrival.title, arrival.text) == ("DRILL. EMERGENCY: ä", "first line\nsecond {{ line }} <b>")


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        (REFUSE, "JSON answered 500 (Internal Server Error)"),
        (DIE, "JSON broke off the connection"),
        (STALL, "JSON did not answer in time"),
    ],
)
def test_a_service_that_fails_is_told_in_plain_words(
    service: Service, office: PostOffice, mode: str, error: str
) -> None:
    service.modes["anna"] = mode
    assert office.send(letter(service.url("anna"))) == Outcome(False, error)


def test_a_stall_is_over_in_its_time_whatever_the_address_asks_for(
    service: Service, office: PostOffice
) -> None:
    service.modes["anna"] = STALL
    clock = SystemClock()
    began = clock.monotonic()
    assert office.send(letter(service.url("anna", "?rto=600"))) == Outcome(
        False, "there was no answer in time"
    )
    assert clock.monotonic() - began < fair(QUICK.send_s + 3)


@pytest.mark.parametrize("address", ["json://127.0.0.1:1/t0ken", "nonsense://t0ken", "ntfy://", "json://"])
def test_an_address_where_nobody_is_fails_and_tells_nothing_of_itself(
    office: PostOffice, address: str
) -> None:
    outcome = office.send(letter(address))
    assert not outcome.ok and outcome.error and "t0ken" not in outcome.error


def test_one_stalling_service_does_not_delay_another(service: Service, office: PostOffice) -> None:
    """The measure: while the first address stalls, five messages to the second arrive one by one."""
    service.modes |= {"slow": STALL, "bad": REFUSE}
    anna = Contact("anna", "Anna", (service.url("slow"), service.url("bad")))
    tom = Contact("tom", "Tom", (service.url("tom"),))
    queue = MemoryQueue((anna, tom), (delivery("slow"), delivery("bad", index=1)))
    clock = SystemClock()
    with couriers(queue, office):
        until(lambda: service.tried("slow") and service.tried("bad"), LONG, "both are being tried")
        took = []
        for n in range(5):
            began = clock.monotonic()
            queue.add(delivery(f"t{n}", "tom"))
            queue.wait(f"t{n}", "done")
            took.append(clock.monotonic() - began)
        assert service.got("slow") == []
        assert max(took) < fair(2.0), f"they took {took}"
    assert len(service.told("tom")) == 5


def test_a_service_that_is_away_and_comes_back_gets_everything(office: PostOffice) -> None:
    service = Service().open()
    anna = Contact("anna", "Anna", (service.url("anna"),))
    queue = MemoryQueue((anna,), tuple(delivery(f"m{n}") for n in range(5)))
    service.close()
    with couriers(queue, office):
        until(lambda: queue.rows["m0"].attempts >= 2, LONG, "it is tried again and again")
        assert queue.rows["m0"].last_error == "JSON refuses connections"
        service.modes["anna"] = DIE
        service.open()
        until(lambda: service.tried("anna") >= 1, LONG, "it dies in the middle of a request")
        service.modes.clear()
        until(lambda: all(queue.state(f"m{n}") == "done" for n in range(5)), LONG, "all arrive")
    assert {one.title for one in service.got("anna")} == {f"title m{n}" for n in range(5)}
    service.close()


def test_nothing_that_is_kept_or_told_has_a_secret(
    service: Service, office: PostOffice, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    service.modes |= {"secret-path-1": REFUSE, "secret-path-2": DIE}
    addresses = tuple(service.url(f"secret-path-{n}", "?+X-Token=h1dden-token") for n in (1, 2, 3))
    queue = MemoryQueue(
        (Contact("anna", "Anna", addresses),), tuple(delivery(f"m{i}", index=i) for i in range(3))
    )
    with couriers(queue, office):
        until(lambda: queue.rows["m0"].attempts and queue.rows["m1"].attempts, LONG, "both fail")
        until(lambda: queue.state("m2") == "done", LONG, "the third arrives")
    told = caplog.text + "".join(capfd.readouterr()) + repr(queue.tries) + repr(queue.people)
    for secret in ("secret-path", "s3cr3t-pass", "nanny", "h1dden-token"):
        assert secret not in told
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(b"s3cr3t-pass" in command for command in commands)


def test_a_sending_program_that_dies_or_hangs_is_replaced(service: Service) -> None:
    office = PostOffice(NotifySettings(send_s=1.0))
    try:
        assert office.send(letter(service.url("anna"))).ok
        assert office._program is not None
        os.kill(office._program.process.pid, signal.SIGKILL)
        until(lambda: office._program is not None and office._program.over, LONG, "its end is seen")
        assert office.send(letter(service.url("anna"))).ok
        os.kill(office._program.process.pid, signal.SIGSTOP)
        assert office.send(letter(service.url("anna"))) == Outcome(False, "the sending program hangs")
        assert office.send(letter(service.url("anna"))).ok
        assert len(service.got("anna")) == 3
    finally:
        office.stop()


def test_a_letter_that_breaks_its_sender_is_told_without_its_words() -> None:
    """Each letter has a process of its own: one that raises, dies or stalls harms no other."""

    def post(letter: dict[str, Any]) -> str:
        match letter["id"]:
            case "raises":
                raise ValueError("s3cr3t")
            case "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            case "stalls":
                threading.Event().wait(60)
        return ""

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    serving = threading.Thread(target=serve, args=(theirs, post))
    serving.start()
    ours.settimeout(LONG)
    for name in ("stalls", "raises", "dies", "works"):
        ours.send(json.dumps({"id": name, "limit_s": 1.0}).encode())
    said = [json.loads(ours.recv(1 << 16)) for _ in range(4)]
    assert {one["id"]: one["error"] for one in said} == {
        "raises": "sending failed (ValueError)",
        "dies": "sending was broken off",
        "stalls": "there was no answer in time",
        "works": "",
    }
    assert said[-1]["id"] == "stalls"
    ours.close()
    serving.join(LONG)
    assert not serving.is_alive()
    theirs.close()


def test_the_end_does_not_wait_for_a_service_and_leaves_no_process(service: Service) -> None:
    service.modes["anna"] = STALL
    queue = MemoryQueue((Contact("anna", "Anna", (service.url("anna"),)),), (delivery("m"),))
    office = PostOffice(NotifySettings())
    courier = Courier(queue, SystemClock(), QUICK, office)
    courier.start()
    until(lambda: service.tried("anna"), LONG, "the message is on its way")
    program = office._program
    assert program is not None
    clock = SystemClock()
    began = clock.monotonic()
    courier.stop()
    assert clock.monotonic() - began < fair(2.0)
    until(lambda: program.process.returncode is not None, 10, "the program is gone")
    assert (queue.tries, queue.state("m")) == ([], "waiting")
    assert office.send(letter(service.url("tom"))).cut and not service.got("tom")


def test_an_emergency_calls_the_contacts_in_order_again_and_again_until_somebody_sees_it(
    tmp_path: Path, service: Service, office: PostOffice
) -> None:
    """The whole way: judge, database, couriers, Apprise, HTTP; the hands of the clock are turned."""
    clock = HandClock(0.0)
    life = Life(tmp_path, clock).begin()
    people = (
        Contact("anna", "Anna", (service.url("anna1"), service.url("anna2"))),
        Contact("tom", "Tom", (service.url("tom"),)),
    )
    for contact in people:
        life.store.add_contact(contact)
    life.judging.use_contacts(people)
    courier = Courier(life.outbox, clock, QUICK, FakeSender(office.send), look_s=0.02)
    courier.start()
    life.judging.call = courier.wake
    try:
        number = life.judging.drill("Anna")
        life.wait(29.0)
        assert service.arrivals == []
        life.wait(2.0)
        for path in ("anna1", "anna2", "tom"):
            service.wait(path, 1)
        for n in (2, 3):
            life.wait(30.0)
            for path in ("anna1", "anna2", "tom"):
                service.wait(path, n)
        assert all(a.title.startswith("DRILL. EMERGENCY: ") for a in service.arrivals)
        assert [told.count("(Message") for told in service.told("tom")] == [0, 1, 1]
        settled(life)
        life.judging.acknowledge(number, "Tom")
        for path in ("anna1", "anna2", "tom"):
            service.wait(path, 4)
        life.wait(120.0)
        life.judging.resolve(number, "Tom", Reason.DRILL, "")
        for path in ("anna1", "anna2", "tom"):
            service.wait(path, 5)
            assert "Tom has seen it" in service.told(path)[3]
            assert service.told(path)[4].startswith("DRILL. All clear")
        settled(life)
        assert {row.state.value for row in life.store.deliveries_of(number)} == {"done"}
    finally:
        courier.stop()
        life.end()


@pytest.mark.parametrize(
    "address",
    ["ntfys://our-pool?priority=max", f"pover://{'u' * 30}@{'t' * 30}/?priority=high", "json://localhost"],
)
def test_a_report_wakes_nobody(address: str) -> None:
    import apprise

    service = apprise.Apprise.instantiate(address)
    plain = apprise.Apprise.instantiate(address.partition("?")[0])
    assert service is not None and plain is not None
    calmed(service)
    assert getattr(service, "priority", None) == getattr(plain, "priority", None)
