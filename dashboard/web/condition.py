"""How the whole installation is, in one sentence: the worst first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.web.text import one_line

LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Condition:
    """`wrong` are sentences, the worst first; `busy` what only begins."""

    wrong: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The first thing to say."""
        if self.wrong:
            more = len(self.wrong) - 1
            also = f" And {more} more {'thing is' if more == 1 else 'things are'} wrong." if more else ""
            return self.wrong[0] + also
        return self.busy[0] if self.busy else "Everything works."


def condition(
    connected: bool,
    site: Mapping[str, Any] | None,
    cameras: Sequence[Mapping[str, Any]],
    vitals: Mapping[str, Any] | None,
) -> Condition:
    """`site` is the judge's document, `vitals` the answer to `health.get`; None is not known."""
    if not connected:
        return Condition(("The monitor does not answer: nobody is watched. It is started again by itself.",))
    found = site or {}
    watching = [camera for camera in cameras if camera.get("enabled", True)]
    wrong = [
        *_blind(watching),
        *_database(found, vitals),
        *_disk(vitals),
        *_unkept(watching),
        *_messages(found),
        *_selftest(found),
    ]
    starting = [_name(camera) for camera in watching if camera.get("state") == "starting"]
    busy = [f"{' and '.join(starting)} {'is' if len(starting) == 1 else 'are'} starting."] if starting else []
    if not watching:
        wrong.insert(0, "No camera is switched on: nobody is watched.")
    return Condition(tuple(wrong), tuple(busy))


def _blind(watching: Sequence[Mapping[str, Any]]) -> list[str]:
    lost = [camera for camera in watching if camera.get("state") not in ("live", "starting")]
    # A live camera has a reason when its picture is there and its view is wrong.
    odd = [camera for camera in watching if camera.get("state") == "live" and camera.get("reason")]
    return [
        *(f"{_name(camera)} does not see{_because(camera.get('reason'))}." for camera in lost),
        *(f"{_name(camera)} does not see well{_because(camera.get('reason'))}." for camera in odd),
    ]


def _database(site: Mapping[str, Any], vitals: Mapping[str, Any] | None) -> list[str]:
    why = (site.get("store") or {}).get("why") or ((vitals or {}).get("database") or {}).get("why")
    return [f"What happens cannot be kept{_because(why)}. The alarm works all the same."] if why else []


def _disk(vitals: Mapping[str, Any] | None) -> list[str]:
    disk = (vitals or {}).get("disk")
    if not disk or disk["free"] >= LEAST_FREE_BYTES:
        return []
    return [f"Only {size_words(disk['free'])} are free on the disk."]


def _unkept(watching: Sequence[Mapping[str, Any]]) -> list[str]:
    failed = [camera for camera in watching if camera.get("unkept")]
    return [
        f"What {_name(camera)} usually looks like cannot be kept over a restart{_because(camera['unkept'])}."
        for camera in failed
    ]


def _messages(site: Mapping[str, Any]) -> list[str]:
    failed = (site.get("outbox") or {}).get("failed") or ()
    return [f"A message did not arrive{_because(failed[0])}."] if failed else []


def _selftest(site: Mapping[str, Any]) -> list[str]:
    lines = (site.get("selftest") or {}).get("lines") or ()
    failed = [one_line(str(line["text"]), 300) for line in lines if not line["ok"]]
    return [f"The self-test found: {failed[0]}"] if failed else []


def _because(reason: object) -> str:
    """A reason behind a sentence, without its own full stop."""
    words = one_line(str(reason or ""), 300).rstrip(".?!")
    return f": {words}" if words else ""


def _name(camera: Mapping[str, Any]) -> str:
    return one_line(str(camera["name"]))


def size_words(size: float | None) -> str:
    """Bytes as people read them."""
    if size is None:
        return "not known"
    for unit, word in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {word}"
    return f"{size:.0f} bytes"


def span_words(seconds: float) -> str:
    """How long something has lasted."""
    days, rest = divmod(int(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
