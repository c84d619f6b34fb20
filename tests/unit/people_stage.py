"""Pages over a judge, its commands and a real database in this process: only cameras are missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard.monitor.handle import MonitorError, Reply
from dashboard.monitor.places import Places
from dashboard.monitor.site_commands import SiteCommands
from dashboard.monitor.vitals import Vitals
from dashboard.store import EventRow, Record, Store, StoreError, database_url
from tests.unit.fake_monitor import FakeHandle, HandClock
from tests.unit.judging_stage import Life

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 30
# A Friday evening in November 2023.
NOW = 1_700_240_000.0


class JudgedHandle(FakeHandle):
    """Answers what the judge and the database answer; cameras are those of `FakeHandle`."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.life = Life(data, HandClock(NOW))
        self.life.judging.use_contacts(())
        self.life.judging.begin({}, (), 0, False)
        places = Places()
        commands = SiteCommands(self.store, self.life.judging, places, self.life.clock, self._tested)
        vitals = Vitals(data, database_url(data), self.life.clock, lambda: "")
        self._all = {**commands.changes, **commands.questions, "health.get": vitals.answer}

    @property
    def store(self) -> Store:
        return self.life.store

    def request(self, command: str, payload: bytes = b"", **args: Any) -> Reply:
        if command not in self._all or not self.connected or command in self.refuse:
            return super().request(command, payload, **args)
        self.requests.append((command, args))
        try:
            return asyncio.run(self._all[command](args))  # type: ignore[arg-type]
        except StoreError as error:
            raise MonitorError(str(error)) from None

    def site(self) -> Mapping[str, Any] | None:
        return self.life.judging.document()

    def written(self) -> None:
        """Everything that the judge handed over is in the database."""
        self.life.recorder.put(Record(memory={"test": "1"}))
        assert self.life.recorder.settled(10.0)

    def happened(self, rows: Iterable[EventRow]) -> None:
        self.store.record(Record(events=tuple(rows)), self.life.clock.utc())

    async def _tested(self) -> Mapping[str, Any]:
        lines = [
            {"ok": True, "what": "disk", "text": "72.0 GB are free."},
            {"ok": False, "what": "contacts", "text": "Nobody is called: there are no contacts."},
        ]
        result = {"at_utc": self.life.clock.utc().isoformat(), "ok": False, "lines": lines}
        self.life.judging.selftested(result)
        return result


def opened(page: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=TIMEOUT_S).run()
    return app.switch_page(f"../pages/{page}.py").run()


def words(app: AppTest) -> str:
    """All that stands on the page, as it is read."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.error, app.info, app.warning)
    found = [*(one for kind in kinds for one in kind), *app.success, *app.get("html"), *app.expander]
    return "\n".join(_text(element) for element in found).replace("\\", "")


def _text(element: Any) -> str:
    for key in ("value", "label"):
        found = getattr(element, key, None)
        if isinstance(found, str):
            return found
    return str(element.proto.body)


def press(app: AppTest, label: str, place: int = 0) -> AppTest:
    return [b for b in app.button if b.label == label][place].click().run()


def fill(app: AppTest, label: str, text: str, place: int = 0) -> AppTest:
    return [f for f in app.text_input if f.label == label][place].input(text).run()


def form(app: AppTest, button: str, **typed: str) -> AppTest:
    """Fills in a form's fields, named with _ for blanks, and presses its button."""
    for label, text in typed.items():
        next(f for f in app.text_input if f.label == label.replace("_", " ")).input(text)
    return press(app, button)
