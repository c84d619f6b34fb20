"""What the page is told of messages that do not arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dashboard.monitor import site as site_module
from dashboard.monitor.recorder import Outbox
from dashboard.monitor.site import Site
from dashboard.notify.courier import Courier
from dashboard.notify.letters import Outcome
from dashboard.notify.siren import Siren
from dashboard.notify.words import words
from dashboard.settings import NotifySettings, Settings
from dashboard.store import Store
from dashboard.values import Contact, DeliveryState
from tests.unit.fake_monitor import HandClock
from tests.unit.notify_stage import NOW, FakeSender, delivery
from tests.waiting import until

SETTINGS = Settings(notify=NotifySettings(attempts=2, retry_first_s=2.0))
ERROR = "Telegram answered 500 (Internal Server Error)"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path / 'poolwatch.db'}")) as made:
        made.add_contact(Contact("anna", "Anna", ("tgram://1/2",)))
        made.add_contact(Contact("tom", "Tom", ("tgram://3/4",)))
        yield made


def test_what_is_tried_again_and_what_is_given_up_is_told_in_the_page(store: Store, tmp_path: Path) -> None:
    clock = HandClock()
    sender = FakeSender(lambda letter: Outcome(letter.address == "tgram://3/4", ERROR))

    def couriers(queue: Outbox) -> Courier:
        return Courier(queue, clock, SETTINGS.notify, sender, look_s=0.01)

    site = Site(tmp_path, store, clock, SETTINGS, words, couriers, Siren(clock, SETTINGS.notify, []))
    assert site._outbox() == {"waiting": 0, "failed": []}
    store.deliveries_add([delivery("a"), delivery("b", "tom"), delivery("c", due_utc=NOW.replace(year=2100))])
    test = replace(delivery("t", kind="test"), state=DeliveryState.FAILED, last_error="of a test")
    store.deliveries_add([test])
    site._couriers.start()
    until(lambda: site._outbox()["waiting"] == 2, 10, "one is sent")
    until(lambda: site._outbox()["failed"], 10, "the other one fails")
    assert site._outbox()["failed"] == [f"Anna: {ERROR} (it is tried again)"]
    clock.t += 2
    until(lambda: site._outbox()["waiting"] == 1, 10, "it is given up")
    assert site._outbox()["failed"] == [f"Anna: {ERROR}"]
    store.change_contact(replace(Contact("anna", "Anna", ("tgram://3/4",)), name="Anne"))
    assert site._outbox()["failed"] == [f"Anne: {ERROR}"]
    site._couriers.stop()


def test_in_the_morning_the_report_goes_out_by_itself(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_module, "_REPORT_S", 0.01)
    store.change_contact(Contact("tom", "Tom", ("tgram://3/4",), report=True))
    # By the clock on this machine's wall, wherever it stands.
    clock, sender = HandClock(datetime(2026, 7, 2, 6, 59).timestamp()), FakeSender()

    def couriers(queue: Outbox) -> Courier:
        return Courier(queue, clock, SETTINGS.notify, sender, look_s=0.01)

    site = Site(tmp_path, store, clock, SETTINGS, words, couriers, Siren(clock, SETTINGS.notify, []))

    async def morning() -> None:
        looking = asyncio.create_task(site._look_after_report())
        await asyncio.sleep(0.2)
        assert sender.sent == []
        clock.t += 60
        async with asyncio.timeout(20):
            while not sender.sent:
                await asyncio.sleep(0.02)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    site._couriers.start()
    asyncio.run(morning())
    site._couriers.stop()
    assert [(one.address, one.kind) for one in sender.sent] == [("tgram://3/4", "report")]
    assert "There is no camera" in sender.sent[0].text
