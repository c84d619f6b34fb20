"""Who saw a real picture is written down, once for each release and page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from dashboard.monitor.handle import MonitorError
from dashboard.monitor.watch import Watch
from dashboard.monitor.witness import Witness
from dashboard.values import CameraSpec, SourceKind

POOL = CameraSpec("a", "Pool", SourceKind.FILE, "x.mp4")


class Pictures:
    """A watch of which only the release matters."""

    def __init__(self) -> None:
        self.why = ""

    def cameras(self) -> tuple[CameraSpec, ...]:
        return (POOL,)

    def why_open(self, camera: str) -> str:
        return self.why


class Room:
    def __init__(self) -> None:
        self.pictures, self.notes = Pictures(), list[tuple[str, str, str, object]]()
        self.witness = Witness(self.pictures, self._note)  # type: ignore[arg-type]

    def _note(self, what: str, who: str, origin: str, detail: Mapping[str, object]) -> None:
        self.notes.append((what, who, origin, detail))

    def saw(self, where: str, camera: str = "a") -> None:
        self.say({"camera": camera, "where": where})

    def say(self, args: dict[str, object]) -> None:
        async def asked() -> None:
            await self.witness.questions["picture.watched"](args)

        asyncio.run(asked())


def test_each_page_is_written_down_once_for_each_release() -> None:
    room = Room()
    room.pictures.why = "alarm"
    for where in ("10.0.0.7", "10.0.0.7", "10.0.0.8"):
        room.saw(where)
    assert room.notes == [
        ("picture_watched", f"a page at {where}", where, {"camera": "a", "because": "alarm"})
        for where in ("10.0.0.7", "10.0.0.8")
    ]
    room.pictures.why = ""
    room.saw("10.0.0.9")
    assert room.notes[-1][3] == {"camera": "a", "because": "until a moment ago"}
    room.pictures.why = "alarm"
    room.saw("10.0.0.7")
    assert len(room.notes) == 4, "a new release"


@pytest.mark.parametrize(
    "args", [{"camera": "a"}, {"camera": "zz", "where": "x"}, {"camera": "a", "where": 7}], ids=str
)
def test_what_is_no_report_is_refused(args: dict[str, object]) -> None:
    room = Room()
    with pytest.raises(MonitorError):
        room.say(args)
    assert room.notes == []


def test_the_watch_says_why_a_picture_is_open() -> None:
    watch = Watch.__new__(Watch)
    for opened, released, why in (
        (set[str](), {"a"}, "alarm"),
        ({"a"}, set[str](), "opened by the owner"),
        ({"b"}, {"b"}, ""),
    ):
        watch._opened, watch._released = frozenset(opened), frozenset(released)
        assert watch.why_open("a") == why
