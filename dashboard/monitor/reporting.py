"""The night's report as it goes out: put together from the database, by itself each morning or when somebody
asks. It goes the way of every message: what is to be sent is in the outbox before it is sent."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from dashboard.clock import Clock
from dashboard.monitor.history_commands import event_entry
from dashboard.monitor.places import Places
from dashboard.monitor.timeline_commands import timeline_found
from dashboard.report.message import message_of
from dashboard.report.night import KINDS, Night, night_of
from dashboard.report.timeline import timeline_of
from dashboard.report.times import day_of_night, morning_of, night_of_day
from dashboard.store import ClipFilter, EventFilter, Store
from dashboard.values import Contact, Delivery

REPORT = "report"
_MOST_EVENTS = 20_000


@dataclass(frozen=True)
class Written:
    """The report of the night that ended in the morning of `day`."""

    day: date
    title: str
    text: str


class Reporting:
    """`link` leads to the pages. `zone` is the place's, None this machine's. Everything here waits for the
    database: not for the watch's own thread."""

    def __init__(
        self, store: Store, places: Places, clock: Clock, link: str = "", zone: tzinfo | None = None
    ) -> None:
        self._store = store
        self._places = places
        self._clock = clock
        self.link = link
        self._zone = zone
        self._done: date | None = None

    def written(self, day: date | None = None) -> Written:
        """Of the last night, or of the one before `day`."""
        now = self._clock.utc()
        day = day_of_night(now, self._zone) if day is None else day
        since, until = night_of_day(day, now, self._zone)
        title, text = message_of(self._night(now, since, until), since, until, self._zone, self.link)
        return Written(day, title, text)

    def wanted_by(self) -> tuple[Contact, ...]:
        """Who gets it by themselves."""
        return tuple(c for c in self._store.contacts() if c.report and c.enabled and c.urls)

    def send(self, what: Written, mark: str = "") -> tuple[Contact, ...]:
        """Puts it into the outbox for everybody who gets it; whom. Without a `mark` it is the morning's own,
        of which there is one for each day and address, however often this is called."""
        people = self.wanted_by()
        self._store.deliveries_add(_deliveries(what, people, mark, self._clock.utc()))
        return people

    def send_now(self, day: date | None = None) -> tuple[Contact, ...]:
        """Once more because somebody asks."""
        return self.send(self.written(day), secrets.token_hex(4))

    def turn(self, from_h: float) -> bool:
        """Now and then: in the morning, once a day, it goes out; whether there is something to send now. What
        was missed is made up for until noon."""
        day = morning_of(self._clock.utc(), from_h, self._zone)
        if day is None or day == self._done:
            return False
        sent = bool(self.wanted_by()) and bool(self.send(self.written(day)))
        self._done = day
        return sent

    def _night(self, now: datetime, since: datetime, until: datetime) -> Night:
        store, names, templates = self._store, self._places.names(), self._places.templates()
        found = timeline_found(store, self._places, now, since, until)
        rows = store.events_found(EventFilter(kinds=KINDS, since=since, until=until), _MOST_EVENTS)
        kept = store.memory().get("selftest")
        return night_of(
            timeline_of(json.dumps(found).encode()),
            [event_entry(row, names, templates) for row in rows],
            store.clip_counts(ClipFilter(since=since, until=until)),
            _tested(None if kept is None else kept[0]),
            self._zone,
            bool(names),
        )


def _tested(kept: str | None) -> dict[str, object] | None:
    """The last self-test, None where there is none that can be read."""
    try:
        found = json.loads(kept) if kept is not None else None
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("lines"), list) else None


def _deliveries(what: Written, people: Sequence[Contact], mark: str, now: datetime) -> list[Delivery]:
    name = f"report-{what.day.isoformat()}" + (f"-{mark}" if mark else "")
    return [
        Delivery(f"{name}-{who.id}-{i}", None, who.id, i, REPORT, what.title, what.text, False, now, now)
        for who in people
        for i in range(len(who.urls))
    ]
