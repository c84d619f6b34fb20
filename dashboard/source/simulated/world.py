"""The simulated garden: pictures and ground truth of any moment of a story, for any of its cameras."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dashboard.source.simulated.beings import Being, Cast
from dashboard.source.simulated.camera import Camera, mounted
from dashboard.source.simulated.faults import faulty, moved_mount
from dashboard.source.simulated.lighting import Sky, day_at
from dashboard.source.simulated.ripples import Ripples
from dashboard.source.simulated.sight import (
    Box,
    ball_box,
    cut_at_surface,
    globe_box,
    globe_over_m,
    seen_dry,
    seen_wet,
    united,
)
from dashboard.source.simulated.site import DEFAULT_SIZE_WH, MOUNTS, WATER_Z, in_pool
from dashboard.source.simulated.skeleton import coco_points
from dashboard.source.simulated.story import Fault, Story
from dashboard.source.simulated.view import Instant, View
from dashboard.values import Floats, Image

VIEWS_KEPT = 4


@dataclass(frozen=True, eq=False)
class TruePerson:
    """A person as one camera has them. `xyxy` is the box of the whole body as it appears, clipped to
    the picture; `above_xyxy` of what is over the water, None when nothing is. `keypoints` (17, 3):
    COCO order, pixels; third number 1 in the air, 0.5 under water, 0 out of the picture.
    `position` is the middle of the hips in metres."""

    id: int
    name: str
    kind: str
    doing: str
    xyxy: Box
    above_xyxy: Box | None
    keypoints: Floats
    in_water: bool
    submerged: bool
    head_visible: bool
    lanyard: bool
    position: tuple[float, float, float]


@dataclass(frozen=True)
class TrueThing:
    """An animal (`kind` is its species) or object (`kind` is its type) as one camera has it."""

    id: int
    name: str
    kind: str
    doing: str
    xyxy: Box
    in_water: bool
    position: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true at story time `t` in one view. `persons`, `animals` and `objects` are those in the
    picture; `present` the ids of all people in the garden, in this picture or not; `fault` the kind of
    the camera's fault or None; `picture_t` the time of which the picture is (earlier when frozen)."""

    t: float
    view: str
    size_wh: tuple[int, int]
    persons: tuple[TruePerson, ...]
    animals: tuple[TrueThing, ...]
    objects: tuple[TrueThing, ...]
    present: tuple[int, ...]
    fault: str | None
    picture_t: float
    daylight: float
    infrared: bool


class World:
    """A story with its cameras. Rendering is a pure function of (story, seed, t, view, size)."""

    def __init__(self, story: Story, seed: int | None = None) -> None:
        self.story = story
        self._seed = story.seed if seed is None else seed
        self._cast = Cast(story, self._seed)
        self._textures = self._cast.textures()
        self._sky = Sky(story)
        self._ripples = Ripples(self._seed, story.weather.wind, story.duration_s)
        self._views: OrderedDict[tuple[str, tuple[int, int], float], View] = OrderedDict()

    def fault(self, t: float, view: str) -> Fault | None:
        """The fault of a view's camera at story time t."""
        return next((f for f in self.story.faults if f.applies(view, t)), None)

    def render(self, view: str, t: float, size_wh: tuple[int, int] | None = None) -> Image:
        """The picture (h, w, 3) BGR of a view at story time t. An offline camera sends no picture: who
        renders one all the same gets the scene."""
        fault = self.fault(t, view)
        if fault is not None and fault.kind == "frozen":
            return self.render(view, _frozen_t(fault), size_wh)
        size = size_wh or DEFAULT_SIZE_WH
        moved = fault.strength if fault is not None and fault.kind == "moved" else 0.0
        people, animals, objects = self._cast.at(t)
        instant = Instant(t, day_at(self.story, t), [*people, *animals, *objects])
        picture = self._view(view, size, moved).paint(instant)
        if fault is not None:
            picture = faulty(picture, fault, self._seed * 1000003 + round(t * 1000))
        return picture

    def truth(self, t: float, view: str, size_wh: tuple[int, int] | None = None) -> Truth:
        """What is true at story time t, in a view's pixels."""
        fault = self.fault(t, view)
        frozen = fault is not None and fault.kind == "frozen"
        camera = self._camera(view, size_wh or DEFAULT_SIZE_WH, fault)
        people, animals, objects = self._cast.at(t)
        day = day_at(self.story, t)
        return Truth(
            t=t,
            view=view,
            size_wh=camera.size_wh,
            persons=tuple(p for b in people if (p := _true_person(b, camera)) is not None),
            animals=_true_things(animals, camera),
            objects=_true_things(objects, camera),
            present=tuple(b.id for b in people),
            fault=fault.kind if fault is not None else None,
            picture_t=_frozen_t(fault) if frozen and fault is not None else t,
            daylight=day.daylight,
            infrared=day.infrared,
        )

    def truths(
        self, view: str, every_s: float = 1.0, size_wh: tuple[int, int] | None = None
    ) -> Iterator[Truth]:
        """The truth of every second of the story (or of every `every_s`)."""
        for n in range(int(np.ceil(self.story.duration_s / every_s))):
            yield self.truth(n * every_s, view, size_wh)

    def _camera(self, view: str, size_wh: tuple[int, int], fault: Fault | None) -> Camera:
        mount = MOUNTS[view]
        if fault is not None and fault.kind == "moved":
            mount = moved_mount(mount, fault.strength)
        return mounted(mount, size_wh)

    def _view(self, name: str, size_wh: tuple[int, int], moved: float) -> View:
        key = (name, size_wh, moved)
        if key not in self._views:
            mount = moved_mount(MOUNTS[name], moved) if moved else MOUNTS[name]
            self._views[key] = View(
                mount, size_wh, self.story, self._seed, self._sky, self._ripples, self._textures
            )
        self._views.move_to_end(key)
        while len(self._views) > VIEWS_KEPT:
            self._views.popitem(last=False)
        return self._views[key]


def _frozen_t(fault: Fault) -> float:
    """The time of the picture that a frozen camera goes on sending: the last one before the fault."""
    return max(0.0, fault.from_s - 0.001)


def _true_person(being: Being, camera: Camera) -> TruePerson | None:
    assert being.joints is not None
    solid = cut_at_surface(being.solid) if being.wet else being.solid
    head = solid.groups["head"].globe
    assert head is not None
    over, reach = globe_over_m(head)
    in_pool_now = being.wet and in_pool(float(being.place[0]), float(being.place[1]), -0.05)
    above = [ball_box(seen_dry(solid, camera, being.wet))]
    if not being.wet or over > -0.8 * reach:
        above.append(globe_box(head, camera))
    below = [ball_box(seen_wet(solid, camera)), globe_box(head, camera)] if being.wet else []
    whole = _in_picture(united([b for b in above + below if b is not None]), camera)
    if whole is None:
        return None
    points = coco_points(being.joints)
    at = camera.project_wet(points) if being.wet else camera.project(points)
    width, height = camera.size_wh
    inside = (at[:, 0] >= 0) & (at[:, 0] < width) & (at[:, 1] >= 0) & (at[:, 1] < height) & (at[:, 2] > 0)
    wet_points = being.wet & (points[:, 2] < WATER_Z)
    sure = np.where(inside, np.where(wet_points, 0.5, 1.0), 0.0)
    return TruePerson(
        id=being.id,
        name=being.actor.name,
        kind=being.actor.kind,
        doing=being.doing,
        xyxy=whole,
        above_xyxy=_in_picture(united([b for b in above if b is not None]), camera),
        keypoints=np.column_stack([at[:, :2], sure]).astype(np.float32),
        in_water=in_pool_now,
        submerged=in_pool_now and over < -0.8 * reach,
        head_visible=bool(inside[0] or inside[3] or inside[4]) and (not in_pool_now or over > -0.5 * reach),
        lanyard=being.actor.look.lanyard is not None,
        position=(float(being.place[0]), float(being.place[1]), float(being.place[2])),
    )


def _true_things(beings: list[Being], camera: Camera) -> tuple[TrueThing, ...]:
    found = [_true_thing(being, camera) for being in beings]
    return tuple(thing for thing in found if thing is not None)


def _true_thing(being: Being, camera: Camera) -> TrueThing | None:
    boxes = [ball_box(seen_dry(being.solid, camera, False))]
    box = _in_picture(united([b for b in boxes if b is not None]), camera)
    if box is None:
        return None
    return TrueThing(
        id=being.id,
        name=being.actor.name,
        kind=being.actor.kind,
        doing=being.doing,
        xyxy=box,
        in_water=being.wet,
        position=(float(being.place[0]), float(being.place[1]), float(being.place[2])),
    )


def _in_picture(box: Box | None, camera: Camera) -> Box | None:
    if box is None:
        return None
    width, height = camera.size_wh
    x0, y0 = max(0.0, box[0]), max(0.0, box[1])
    x1, y1 = min(float(width), box[2]), min(float(height), box[3])
    return (x0, y0, x1, y1) if x1 - x0 > 2 and y1 - y0 > 2 else None
