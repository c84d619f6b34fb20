"""The frozen values that cross rooms. Nothing here imports from the rest of the program.

Units: times are seconds, pictures are (height, width, 3) uint8 in BGR order, boxes are
`xyxy` = left, top, right, bottom in pixels of the camera's picture, polygons are 0 to 1 of
width and height. `None` means "not known" and never "nothing there".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]

# COCO-17, the one skeleton for the rest of the program.
COCO_KEYPOINTS: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
COCO_LIMBS: tuple[tuple[int, int], ...] = (
    (0, 1),
    (0, 2),
    (1, 3),
    (2, 4),
    (5, 6),
    (5, 7),
    (7, 9),
    (6, 8),
    (8, 10),
    (5, 11),
    (6, 12),
    (11, 12),
    (11, 13),
    (13, 15),
    (12, 14),
    (14, 16),
)


class SourceKind(StrEnum):
    """Where a camera's frames come from."""

    RTSP = "rtsp"
    USB = "usb"
    FILE = "file"
    BROWSER = "browser"
    SIMULATED = "simulated"


class Pace(StrEnum):
    """How a recorded source is played: at its own speed, or as fast as it is read."""

    REAL_TIME = "real_time"
    FASTEST = "fastest"


@dataclass(frozen=True)
class CameraSpec:
    """One camera as the owner described it.

    `address` is a URL (rtsp), a device number or path (usb), a file path (file), or
    `story:view` (simulated: a story of `assets/stories/` and `overview` or `entrance`);
    it may hold credentials and is never shown or logged as it is.
    `max_fps` of None takes every frame that the source gives. `backend` names what finds skeletons in it.
    """

    id: str
    name: str
    kind: SourceKind
    address: str = field(default="", repr=False)
    loop: bool = True
    pace: Pace = Pace.REAL_TIME
    max_fps: float | None = None
    enabled: bool = True
    position: int = 0
    backend: str = "poolwatch"


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture. `t` is the capture time in seconds: the monotonic clock for live cameras, seconds
    from the start for recorded video that is read as fast as it goes. `index` counts from 1."""

    camera: str
    t: float
    image: Image
    index: int = 0


@dataclass(frozen=True)
class Blind:
    """An explicit "nothing new": at `t` nothing had come for `silent_s` seconds, because of `reason`."""

    camera: str
    t: float
    reason: str
    silent_s: float


Tick: TypeAlias = Frame | Blind


class Label(StrEnum):
    """What a detector may call a thing; the values are the COCO class names. ANIMAL is what moves like one
    and was recognised by nobody; it may be a child that crawls. OTHER is recognised and not spoken of."""

    PERSON = "person"
    CAT = "cat"
    DOG = "dog"
    BIRD = "bird"
    HORSE = "horse"
    SHEEP = "sheep"
    COW = "cow"
    BEAR = "bear"
    ANIMAL = "animal"
    BALL = "sports ball"
    CHAIR = "chair"
    OTHER = "other"


# What a detector recognises as an animal.
ANIMALS = frozenset({Label.CAT, Label.DOG, Label.BIRD, Label.HORSE, Label.SHEEP, Label.COW, Label.BEAR})


@dataclass(frozen=True, eq=False)
class Pose:
    """One person's skeleton.

    `keypoints`: (17, 3) float32, COCO order, x and y in pixels of the picture, score 0 to 1.
    `score`: how sure the model is that there is a person, 0 to 1.
    `native`: the back end's own points (N, 3 or more) where it has more than COCO's; `layout` names them.
    """

    keypoints: Floats
    score: float
    layout: str = "coco-17"
    native: Floats | None = None


@dataclass(frozen=True, eq=False)
class Detection:
    """One finding in one frame: `xyxy` pixels, `score` 0 to 1, `finder` is the searcher's name
    (`yolox`, `tiles`, `close`, `follow`), with the skeleton where one was computed and an appearance
    vector (D,) of unit length where one was computed. `clear`: how clearly it stands out from the learnt
    background, 0 and more; only to be compared with itself at another time. `stirring`: a good part
    of the box has just moved, as limbs in water do, though the body may be where it always was. `head`:
    the head's box, where a searcher or the skeleton shows it; `face`: how like a head what is there is to the
    face detector, log odds, None where it was not asked: it is asked of those whose boxes overlap."""

    xyxy: tuple[float, float, float, float]
    score: float
    label: Label = Label.PERSON
    finder: str = ""
    pose: Pose | None = None
    appearance: Floats | None = None
    clear: float | None = None
    stirring: bool = False
    head: tuple[float, float, float, float] | None = None
    face: float | None = None


@dataclass(frozen=True)
class Patch:
    """A part of the picture that the learnt background does not explain: `xyxy` pixels, and `clear` as of
    a detection."""

    xyxy: tuple[float, float, float, float]
    clear: float | None = None


class Change(StrEnum):
    """What happened to an object."""

    APPEARED = "appeared"
    REMOVED = "removed"


@dataclass(frozen=True)
class Thing:
    """An object that came or went, as seeing tells it at every look while that is news: `id` stays while it
    is the same one; `xyxy` and `outline` (a polygon) in pixels; `first_t` when the change was first seen,
    `rest_t` since when it rests, in nobody's hands, `seen_t` when it was last seen; `known`: it only
    drifted here."""

    id: int
    change: Change
    xyxy: tuple[float, float, float, float]
    first_t: float
    rest_t: float
    seen_t: float
    known: bool = False
    outline: tuple[tuple[float, float], ...] = ()


class FaultKind(StrEnum):
    """What is wrong with a camera's view, by its picture. A frozen one is known by its source."""

    MOVED = "moved"
    COVERED = "covered"
    DEFOCUSED = "defocused"
    DARK = "dark"
    GLARE = "glare"


@dataclass(frozen=True)
class CameraFault:
    """A view that is not as it was learnt, told once that is sure: `since_t` when it was first seen."""

    kind: FaultKind
    since_t: float


@dataclass(frozen=True)
class PoseDanger:
    """What a classifier says of the last second of somebody's pose. `score`: the probability, 0 to 1, that it
    is one of drowning; None: unknown, too few points were sure. `why` in words that a person can check;
    `age_s`: how long before the observation that carries it this was said."""

    score: float | None
    why: tuple[str, ...] = ()
    age_s: float = 0.0


class TrackState(StrEnum):
    """A track is tentative until enough evidence, then confirmed; lost while it is not seen."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    LOST = "lost"


@dataclass(frozen=True, eq=False)
class Track:
    """One person over time inside one camera. `velocity` is pixels a second of the box's centre;
    `seen_t` is the last time that a detection supported it; `pose_t` the time of `pose`; `clear` is that
    detection's, `face` too, `head` its head, moved with the box; `danger` the newest word on the pose, None
    where nothing was said lately."""

    id: int
    xyxy: tuple[float, float, float, float]
    velocity: tuple[float, float]
    score: float
    state: TrackState
    first_t: float
    seen_t: float
    pose: Pose | None = None
    pose_t: float | None = None
    clear: float | None = None
    danger: PoseDanger | None = None
    head: tuple[float, float, float, float] | None = None
    face: float | None = None


class CameraState(StrEnum):
    """What a camera is doing, as the page says it."""

    STARTING = "starting"
    LIVE = "live"
    BLIND = "blind"
    STOPPED = "stopped"


@dataclass(frozen=True, eq=False)
class Sighting:
    """What seeing found in one frame, before tracking.

    `people` and `things` are detections; `foreground` are boxes of what the learnt background does
    not explain, `patches` the same with how clearly they stand out; `searched` are the tiles searched in
    this frame; all `xyxy` pixels. `objects` have come or gone. `brightness` is the mean luma 0 to 255.
    """

    camera: str
    t: float
    size_wh: tuple[int, int]
    people: tuple[Detection, ...]
    things: tuple[Detection, ...] = ()
    foreground: tuple[tuple[float, float, float, float], ...] = ()
    searched: tuple[tuple[float, float, float, float], ...] = ()
    brightness: float = 0.0
    patches: tuple[Patch, ...] = ()
    objects: tuple[Thing, ...] = ()


@dataclass(frozen=True, eq=False)
class Observation:
    """What one camera saw at one time; what the judge gets. `people` is None while the camera is blind.
    `things` are a detector's animals and objects, `objects` what has come or gone. With a `fault` of the view
    there is a `blind_reason`, and people as far as they are found all the same."""

    camera: str
    t: float
    index: int
    size_wh: tuple[int, int]
    people: tuple[Track, ...] | None
    things: tuple[Detection, ...] = ()
    foreground: tuple[tuple[float, float, float, float], ...] = ()
    searched: tuple[tuple[float, float, float, float], ...] = ()
    blind_reason: str = ""
    patches: tuple[Patch, ...] = ()
    objects: tuple[Thing, ...] = ()
    fault: CameraFault | None = None


class ZoneKind(StrEnum):
    """`boundary`: what is watched; `water`; `portal`: where people come and go; `mask`: never looked at;
    `scale`: no place, but the four corners of a rectangle of known size."""

    BOUNDARY = "boundary"
    WATER = "water"
    PORTAL = "portal"
    MASK = "mask"
    SCALE = "scale"


@dataclass(frozen=True)
class Zone:
    """A named polygon in one camera's picture; points are 0 to 1 of width and height. The same name on
    several cameras is one place. A portal may lead `to` another camera's portal. Four corners of a rectangle
    in the world may carry `size_m`, its first side (point 0 to 1) and its second (1 to 2) in metres.
    `template` names what kind of place it is."""

    camera: str
    name: str
    kind: ZoneKind
    polygon: tuple[tuple[float, float], ...]
    to: str | None = None
    size_m: tuple[float, float] | None = None
    template: str | None = None


class Level(StrEnum):
    """How loud: kept, asks for a decision, chime, siren."""

    NOTICE = "notice"
    PROMPT = "prompt"
    ALERT = "alert"
    EMERGENCY = "emergency"


@dataclass(frozen=True)
class Event:
    """Something that happened, as `events.jsonl` writes it; `t` in seconds from the start."""

    t: float
    camera: str
    kind: str
    level: Level
    person: int | None = None
    zone: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


class Mode(StrEnum):
    """`watch`: nobody should be here; `supervised`: an adult is responsible; `paused`: by PIN, briefly."""

    WATCH = "watch"
    SUPERVISED = "supervised"
    PAUSED = "paused"


class Age(StrEnum):
    """Adult or child; whoever is not known to be an adult is treated as a child."""

    ADULT = "adult"
    CHILD = "child"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """What a rule says about the present; an `Event` is a verdict with its time.

    `key` tells one condition from another: the same key at a higher level is the same trouble grown.
    """

    kind: str
    level: Level
    camera: str
    person: int | None = None
    zone: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.camera if self.person is None else self.person}"


@dataclass(frozen=True)
class Contact:
    """Somebody who is called when an alarm is not acknowledged. `urls` are addresses as Apprise reads
    them; they hold credentials and are never shown or logged as they are. `report`: gets the night's report
    each morning."""

    id: str
    name: str
    urls: tuple[str, ...] = field(default=(), repr=False)
    position: int = 0
    enabled: bool = True
    report: bool = False


class DeliveryState(StrEnum):
    """`waiting` is tried (again) when due; `dropped` is not needed any more: somebody has answered."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Delivery:
    """One message to one address of one contact. Times are UTC, aware. `id` names alarm, contact, kind of
    message, round and address: the same delivery written twice is one. `kind` is what the message says:
    `alarm`, `acknowledged`, `all_clear`, `test` or `report` (of the night); `alarm_id` is None for the last
    two."""

    id: str
    alarm_id: int | None
    contact_id: str
    address_index: int
    kind: str
    title: str
    text: str
    drill: bool
    due_utc: datetime
    created_utc: datetime
    attempts: int = 0
    state: DeliveryState = DeliveryState.WAITING
    last_error: str = ""
