"""What a replay leaves behind: events, tracks and drawn video, each in its contract's form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from dashboard.commands.replaying.drawing import VideoFile
from dashboard.commands.replaying.observing import ObservationFile
from dashboard.commands.replaying.site import Moment
from dashboard.commands.replaying.writing import OutputError, TextFile
from dashboard.values import Event, Observation, Track, TrackState


class Outputs:
    """All that was asked for. A context: leaving it closes the files, and says so when that fails."""

    def __init__(
        self,
        events: TextFile | None,
        tracks: Mapping[str, TextFile],
        videos: Mapping[str, VideoFile],
        observed: Mapping[str, ObservationFile] | None = None,
    ) -> None:
        self._events = events
        self._tracks = tracks
        self._videos = videos
        self._observed = observed or {}
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed: list[OutputError] = []
        files: list[TextFile | VideoFile | ObservationFile] = [*self._tracks.values(), *self._videos.values()]
        files += self._observed.values()
        for file in [*files, *([self._events] if self._events else [])]:
            try:
                file.close()
            except OutputError as refused:
                failed.append(refused)
        if failed and error is None:
            raise failed[0]

    def write(self, moment: Moment) -> None:
        """One moment's events, tracks and picture."""
        self.counts.update(event.kind for event in moment.events)
        if self._events is not None:
            self._events.write([event_line(event) for event in moment.events])
        frame, seen = moment.frame, moment.observation
        if seen is not None and seen.camera in self._observed:
            self._observed[seen.camera].write(seen)
        if frame is None or seen is None:
            return
        if frame.camera in self._tracks:
            self._tracks[frame.camera].write(track_rows(seen))
        if frame.camera in self._videos:
            self._videos[frame.camera].write(frame, [t for t in seen.people or () if shown(t, seen.t)])


def event_line(event: Event) -> str:
    """An event as a line of `events.jsonl`."""
    fields = {
        "t": round(event.t, 3),
        "camera": event.camera,
        "kind": event.kind,
        "level": event.level.value,
        "person": event.person,
        "zone": event.zone,
        "detail": dict(event.detail),
    }
    return json.dumps(fields, ensure_ascii=False)


def shown(track: Track, t: float) -> bool:
    """Whether a track says where somebody is at `t`: confirmed and supported by this very look."""
    return track.state is TrackState.CONFIRMED and t - track.seen_t < 1e-9


def track_rows(observation: Observation) -> list[str]:
    """The MOTChallenge rows of one frame: frame, id, left, top, width, height, score, -1, -1, -1."""
    rows = []
    for track in observation.people or ():
        if shown(track, observation.t):
            left, top, right, bottom = track.xyxy
            box = f"{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}"
            rows.append(f"{observation.index},{track.id},{box},{track.score:.3f},-1,-1,-1")
    return rows
