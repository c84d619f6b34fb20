"""What changed settings would have made of the last stored clips: their tracks are judged again, the newest
first, for so long as somebody waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.settings import Settings
from dashboard.web.history import when
from dashboard.web.replays import clip_track, tried_keys
from dashboard.web.service import Handle
from dashboard.whatif.judging import Variant, judged
from dashboard.whatif.tally import NONE, Tally, words
from dashboard.whatif.track import TrackError, read_track

# A person waits for it; the rest is said to be left out.
LOOK_S = 10.0
MOST = 100


@dataclass(frozen=True)
class Looked:
    """`tally` is of the clips that were judged, `unread` had no track that can be, `left` were not looked at;
    `back_to_utc`: when the oldest of them began, "" before the first."""

    tally: Tally = NONE
    unread: int = 0
    left: int = 0
    back_to_utc: str = ""

    @property
    def share(self) -> float:
        """How far it is."""
        done = self.tally.recordings + self.unread
        return done / max(done + self.left, 1)


def judged_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the changes that a recording tells anything of."""
    keys = tried_keys()
    return {key: value for key, value in values.items() if key in keys and value is not None}


def looked(
    handle: Handle, data: Path, now: Settings, values: Mapping[str, Any], clock: Clock
) -> Iterator[Looked]:
    """One clip after the other, at most `MOST` and within `LOOK_S`; the last one counts. MonitorError."""
    listed = handle.request("clips.list", limit=MOST).result
    clips = [row for row in listed["clips"] if row["state"] == "ready" and not row.get("drill")]
    found, end = Looked(left=len(clips)), clock.monotonic() + LOOK_S
    for row in clips:
        yield found
        if clock.monotonic() >= end:
            return
        found = replace(found, left=found.left - 1, back_to_utc=str(row["began_utc"]))
        try:
            found = replace(found, tally=_with(found.tally, data, str(row["id"]), now, values))
        except TrackError:
            found = replace(found, unread=found.unread + 1)
    yield found


def _with(tally: Tally, data: Path, clip: str, now: Settings, values: Mapping[str, Any]) -> Tally:
    path = clip_track(data, clip)
    if path is None:
        raise TrackError("There is no track of this clip.")
    track = read_track(path)
    return tally.add(clip, judged(track, now, Variant("", {})), judged(track, now, Variant("", dict(values))))


def said(found: Looked, zone: tzinfo | None) -> str:
    """What was looked at, and what came of it."""
    judged_count = found.tally.recordings
    if not judged_count:
        return "There is no stored clip that could be judged again." if not found.left else ""
    last = "The last clip was" if judged_count == 1 else f"The last {judged_count} clips were"
    lines = [f"{last} judged again, back to {when(found.back_to_utc, zone)}. {words(found.tally)}"]
    lines += [f"{found.unread} more could not be read."] if found.unread else []
    left = "1 older one was" if found.left == 1 else f"{found.left} older ones were"
    lines += [f"{left} not looked at, to be quick."] if found.left else []
    return " ".join(lines)
