"""What is normal for one camera's objects, over restarts: its file beside that of the learnt background, and
what becomes of one that cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from dashboard.geometry import Polygon
from dashboard.monitor.folder import aside_path, lights_path
from dashboard.vision.afterwards import Remembered
from dashboard.vision.light_file import LightsError, read, write
from dashboard.vision.objects import ObjectWatch

_LOG = logging.getLogger(__name__)


@runtime_checkable
class Remembers(Protocol):
    """A seer that watches objects."""

    @property
    def objects(self) -> ObjectWatch | None: ...

    def recall_objects(self, remembered: Remembered) -> None: ...


class KeptObjects:
    """The file of `camera` beside that of its learnt `background`. Nothing here raises but `save`."""

    def __init__(self, background: Path, camera: str) -> None:
        self._path = lights_path(background)
        self._aside = aside_path(background)
        self._camera = camera
        self._said = ""

    def recall(self, seer: object, now_s: float) -> None:
        """Gives the seer what was kept; `now_s` of the wall clock. What cannot be used is set aside."""
        if not isinstance(seer, Remembers) or not self._path.exists():
            return
        try:
            seer.recall_objects(read(self._path, self._camera, now_s))
        except LightsError as error:
            self._set_aside(str(error))

    def save(self, seer: object, now_s: float, hidden: Sequence[Polygon]) -> None:
        """Keeps what is normal at `now_s` of the wall clock but for the `hidden` places (0 to 1 of width and
        height), if anything is known. OSError: what was kept before stays."""
        watch = seer.objects if isinstance(seer, Remembers) else None
        if watch is None:
            return
        remembered = watch.memory(self._camera, now_s, hidden)
        if remembered is not None:
            write(self._path, remembered)

    def look(self, seer: object) -> None:
        """Says once what came of what was kept."""
        watch = seer.objects if isinstance(seer, Remembers) else None
        word = "" if watch is None else watch.afterwards.word
        if watch is None or word == self._said:
            return
        self._said = word
        if word and watch.afterwards.misfit:
            self._set_aside(word)
        elif word:
            _LOG.info("%s", word)

    def _set_aside(self, why: str) -> None:
        _LOG.warning("what was normal is learnt anew, the file is set aside as %s: %s", self._aside.name, why)
        try:
            self._path.replace(self._aside)
        except OSError as error:
            _LOG.warning("it cannot be set aside: %s", error.strerror or error)
