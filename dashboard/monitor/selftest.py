"""The self-test: cameras, models, disk, sound and one contact, once a day and whenever somebody asks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dashboard.clock import Clock
from dashboard.store import StoreError
from dashboard.values import Contact, Delivery, DeliveryState

EVERY_S = 24 * 3600.0
_LEAST_FREE_BYTES = 500_000_000
_REPLY_S, _POLL_S = 12.0, 0.25


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    ok: bool
    what: str
    text: str


class Messages(Protocol):
    """What the test needs of the store."""

    def contacts(self) -> tuple[Contact, ...]: ...

    def deliveries_add(self, rows: Sequence[Delivery]) -> None: ...

    def deliveries_of(self, alarm: int | None) -> tuple[Delivery, ...]: ...


class SelfTest:
    """`cameras` tells (name, state, reason) of those that are switched on, `store_why` why nothing can be
    written, `sound_why` why the siren cannot sound here (None: nobody knows), `models` which weights are
    missing, `compose` a test message for a contact, `call` wakes the couriers."""

    def __init__(
        self,
        data: Path,
        store: Messages,
        clock: Clock,
        cameras: Callable[[], Sequence[tuple[str, str, str]]],
        store_why: Callable[[], str],
        sound_why: Callable[[], str | None],
        models: Callable[[], Sequence[str]],
        compose: Callable[[Contact], list[Delivery]],
        call: Callable[[], None],
    ) -> None:
        self._data = data
        self._store = store
        self._clock = clock
        self._cameras = cameras
        self._store_why = store_why
        self._sound_why = sound_why
        self._models = models
        self._compose = compose
        self._call = call

    async def run(self) -> dict[str, Any]:
        """{"at_utc", "ok", "lines": [{"ok", "what", "text"}]}."""
        lines = [*self._of_cameras(), self._of_models(), self._of_disk(), self._of_sound()]
        lines.append(await self._of_contact())
        return {
            "at_utc": self._clock.utc().isoformat(),
            "ok": all(line.ok for line in lines),
            "lines": [{"ok": line.ok, "what": line.what, "text": line.text} for line in lines],
        }

    def _of_cameras(self) -> list[Line]:
        cameras = self._cameras()
        if not cameras:
            return [Line(False, "cameras", "There is no camera.")]
        return [
            Line(
                state == "live" and not why,
                "cameras",
                f"{name} sees." if state == "live" and not why else f"{name}: {why or state}.",
            )
            for name, state, why in cameras
        ]

    def _of_models(self) -> Line:
        missing = self._models()
        text = f"Weights are missing: {', '.join(missing)}." if missing else "The models are there."
        return Line(not missing, "models", text)

    def _of_disk(self) -> Line:
        why = self._store_why()
        if why:
            return Line(False, "disk", why)
        free = shutil.disk_usage(self._data).free
        return Line(
            free >= _LEAST_FREE_BYTES, "disk", f"{free / 1e9:.1f} GB are free, and the database writes."
        )

    def _of_sound(self) -> Line:
        why = self._sound_why()
        # A machine without sound is how many monitors are: the pages sound, and this is said, not failed.
        return Line(True, "sound", "The siren can sound here." if why == "" else why or "No siren here.")

    async def _of_contact(self) -> Line:
        try:
            contact = next((c for c in self._store.contacts() if c.enabled and c.urls), None)
            if contact is None:
                return Line(False, "contacts", "Nobody is called in an emergency: there are no contacts.")
            rows = self._compose(contact)[:1]
            self._store.deliveries_add(rows)
            self._call()
            return await self._answer(contact, rows[0].id)
        except StoreError as error:
            return Line(False, "contacts", str(error))

    async def _answer(self, contact: Contact, delivery: str) -> Line:
        deadline = self._clock.monotonic() + _REPLY_S
        while self._clock.monotonic() < deadline:
            found = next((d for d in self._store.deliveries_of(None) if d.id == delivery), None)
            if found is not None and found.state is DeliveryState.DONE:
                return Line(True, "contacts", f"{contact.name} was sent a test message.")
            await asyncio.sleep(_POLL_S)
        why = found.last_error if found is not None and found.last_error else "no answer"
        return Line(False, "contacts", f"{contact.name} could not be sent a test message: {why}.")


def due(last: Mapping[str, Any] | None, now_iso: str, parse: Callable[[str], float]) -> bool:
    """Whether the daily test is due; `parse` turns a time's text into seconds."""
    return last is None or parse(now_iso) - parse(str(last["at_utc"])) >= EVERY_S
