"""The track of observations that a replay leaves: other settings are tried on it without seeing again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dashboard.commands.replaying.writing import writing
from dashboard.values import Observation
from dashboard.whatif.track import About, TrackWriter


class ObservationFile:
    """One camera's track. OutputError when it cannot be written."""

    def __init__(self, path: Path, about: About) -> None:
        self._path = path
        self._about = about
        with writing(path):
            path.touch()
        self._writer: TrackWriter | None = None

    def write(self, observation: Observation) -> None:
        """The picture's size is that of the first observation."""
        with writing(self._path):
            if self._writer is None:
                about = replace(self._about, size_wh=observation.size_wh)
                self._writer = TrackWriter(self._path, about)
            self._writer.write(observation)

    def close(self) -> None:
        if self._writer is not None:
            with writing(self._path):
                self._writer.close()
