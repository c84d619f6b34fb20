"""Writes down which pages saw a real picture."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from dashboard.monitor import entries
from dashboard.monitor.handle import Reply
from dashboard.monitor.watch import Watch

Note = Callable[[str, str, str, Mapping[str, object]], None]
_MOST_KNOWN = 1000


class Witness:
    """`note` writes an entry of the audit: what, who, from where, detail. `questions` can be asked."""

    def __init__(self, watch: Watch, note: Note) -> None:
        self._watch = watch
        self._note = note
        # Who is written down already, until the picture is sealed again.
        self._known: set[tuple[str, str]] = set()
        self.questions: dict[str, Callable[[Mapping[str, Any]], Awaitable[Reply]]] = {
            "picture.watched": self._watched
        }

    async def _watched(self, args: Mapping[str, Any]) -> Reply:
        entries.check_fields(args, ("camera", "where"), ("camera", "where"))
        camera = entries.camera({"id": args["camera"]}, self._watch.cameras())
        where = entries.text(args, "where", 100)
        open_now = {spec.id for spec in self._watch.cameras() if self._watch.why_open(spec.id)}
        self._known = {known for known in self._known if known[0] in open_now}
        if (camera.id, where) not in self._known and len(self._known) < _MOST_KNOWN:
            self._known.add((camera.id, where))
            # A picture that was sent just before it was sealed was seen all the same.
            because = self._watch.why_open(camera.id) or "until a moment ago"
            who = f"a page at {where}" if where else "a page"
            self._note("picture_watched", who, where, {"camera": camera.id, "because": because})
        return Reply()
