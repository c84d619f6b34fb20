"""One camera's way from a tick to an observation: see, leave out what is masked, track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from dashboard.backends import DEFAULT
from dashboard.monitor.lens import LensWatch
from dashboard.rules.visibility import reason_of
from dashboard.rules.zones import unmasked, unmasked_objects
from dashboard.settings import Settings
from dashboard.track import Tracker
from dashboard.values import (
    Blind,
    CameraFault,
    Detection,
    Frame,
    Image,
    Observation,
    Sighting,
    Tick,
    Track,
    Zone,
)
from dashboard.vision import Seer, load_models, pose_backend
from dashboard.vision.appearance import appearance
from dashboard.vision.backends import backend_entry
from dashboard.vision.danger.model import MODEL_FILE, OWN_MODEL_FILE, DangerModel
from dashboard.vision.danger.scorer import DangerScorer
from dashboard.vision.models import YOLOX
from dashboard.vision.other_seers import other_seer
from dashboard.weights import installed


class Sees(Protocol):
    """What finds people in a frame: the Seer, or a back end that is compared with it."""

    def see(self, frame: Frame, known: Sequence[Track]) -> Sighting: ...

    def empty_picture(self) -> Image | None: ...


@runtime_checkable
class Holds(Protocol):
    """A seer that learns nothing while it is `held`, and can begin anew."""

    held: bool

    def forget(self) -> None: ...


class CameraPipeline:
    """Ticks of one camera, one after another, to observations. `zones` are the camera's own; `water` are
    more of them, where glare matters."""

    def __init__(
        self,
        seer: Sees,
        tracker: Tracker,
        zones: Sequence[Zone] = (),
        danger: DangerScorer | None = None,
    ) -> None:
        self.seer = seer
        self.tracker = tracker
        self._danger = danger
        self.zones = tuple(zones)
        self.water: tuple[Zone, ...] = ()
        self._lens: LensWatch | None = LensWatch() if isinstance(seer, Holds) else None
        self._size_wh = (0, 0)
        self._index = 0

    def process(self, tick: Tick) -> Observation:
        """What the tick tells. A blind tick tells nothing about people: they are None, not absent."""
        if isinstance(tick, Blind):
            reason = tick.reason or "no new picture"
            return Observation(tick.camera, tick.t, self._index, self._size_wh, None, blind_reason=reason)
        sighting = self._seen(tick)
        people = self.tracker.step(sighting)
        if self._danger is not None:
            people = self._danger.step(people, tick.t)
        self._size_wh, self._index = sighting.size_wh, tick.index
        fault = self._fault(tick, people)
        return Observation(
            camera=tick.camera,
            t=tick.t,
            index=tick.index,
            size_wh=sighting.size_wh,
            people=people,
            things=sighting.things,
            foreground=sighting.foreground,
            patches=sighting.patches,
            objects=unmasked_objects(sighting.objects, self.zones, sighting.size_wh),
            searched=sighting.searched,
            blind_reason=reason_of(fault),
            fault=fault,
        )

    def recall(self) -> None:
        """What the seer has loaded is held against what is seen: the camera may have been moved."""
        if isinstance(self.seer, Seer):
            self._lens = LensWatch(self.seer.loaded)

    def forget(self) -> None:
        """What is seen from now on is the camera's view."""
        self._lens = LensWatch() if self._lens is not None else None
        if isinstance(self.seer, Holds):
            self.seer.forget()

    def _fault(self, frame: Frame, people: Sequence[Track]) -> CameraFault | None:
        """What is wrong with the view; while something is, the seer learns nothing."""
        if self._lens is None or not isinstance(self.seer, Holds):
            return None
        fault = self._lens.step(frame, people, (*self.zones, *self.water))
        self.seer.held = fault is not None
        return fault

    def _seen(self, frame: Frame) -> Sighting:
        sighting = self.seer.see(frame, self.tracker.predict(frame.t))
        people = unmasked(sighting.people, self.zones, sighting.size_wh)
        people = tuple(_dressed(frame.image, person) for person in people)
        things = unmasked(sighting.things, self.zones, sighting.size_wh)
        return replace(sighting, people=people, things=things)


def _dressed(image: Image, person: Detection) -> Detection:
    """The detection with its colours, where seeing gave it no appearance of its own."""
    if person.appearance is not None:
        return person
    return replace(person, appearance=appearance(image, person.xyxy))


def build_pipeline(
    camera: str,
    settings: Settings,
    threads: int,
    zones: Sequence[Zone] = (),
    detector: bool = True,
    backend: str = DEFAULT,
) -> CameraPipeline:
    """The pipeline of `camera` with the installed weights, with YOLOX where it is installed.

    `zones` are the camera's own. `detector` False leaves YOLOX out. `backend` is the pose back end's name.
    VisionError says which weights are missing.
    """
    files = weights_of(backend)
    if not detector:
        files = {name: path for name, path in files.items() if name != YOLOX}
    models = load_models(files, threads)
    if backend == DEFAULT:
        seer = Seer(models, settings.vision)
    else:
        other = pose_backend(backend, files, threads, settings, live=True)
        seer = other_seer(models, settings, other, backend)
    danger = DangerScorer(DangerModel(OWN_MODEL_FILE if backend == DEFAULT else MODEL_FILE), settings.vision)
    return CameraPipeline(seer, Tracker(settings.track), zones, danger)


def weights_of(backend: str) -> dict[str, Path]:
    """The installed model files (name -> path) that a camera with this back end can use: our own models keep
    the background and find animals with every back end. VisionError: there is no such back end."""
    entry = backend_entry(backend)
    found: dict[str, Path] = {}
    for name in dict.fromkeys(("mediapipe-pose", "yolox-nano", *entry.weights, *entry.helped_by)):
        found.update(installed(name) or {})
    return found
