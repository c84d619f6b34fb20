"""What a story is made of: frozen values, times in seconds from its start, places in metres."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.source.simulated.body import Look
from dashboard.source.simulated.checked import Place
from dashboard.source.simulated.site import VIEWS


@dataclass(frozen=True)
class Step:
    """One thing that somebody does. `for_s` of None: until the story ends."""

    action: str
    for_s: float | None
    path: tuple[Place, ...] = ()
    speed_m_s: float = 0.0
    face_deg: float | None = None
    gesture: str = "idle"
    stroke: str = "crawl"
    depth_m: float = 0.9
    struggle_s: float = 15.0
    hold: bool = False
    by: str = ""


@dataclass(frozen=True)
class Coat:
    """What one animal has that others of its species have not: colours (BGR), and how large it is."""

    coat: tuple[int, int, int]
    belly: tuple[int, int, int]
    size: float = 1.0


@dataclass(frozen=True)
class Actor:
    """A person, an animal (`kind` is its species) or an object (`kind` is its type).

    `repeat` plays the steps that often in the story; their times are stretched so that they fill it.
    """

    name: str
    kind: str
    at: Place
    steps: tuple[Step, ...]
    start_s: float = 0.0
    repeat: int = 0
    face_deg: float = -90.0
    height_m: float = 1.0
    look: Look = field(default_factory=Look)
    colour: tuple[int, int, int] = (24, 124, 246)
    coat: Coat | None = None


@dataclass(frozen=True)
class Weather:
    """`sun_azimuth_deg` from +x to +y, `sun_height_deg` over the horizon; shares 0 to 1 otherwise."""

    sun_azimuth_deg: float = 228.0
    sun_height_deg: float = 52.0
    clouds: float = 0.25
    wind: float = 0.35
    rain: float = 0.0
    glare: float = 0.35
    clarity: float = 1.0


@dataclass(frozen=True)
class LightKey:
    """Light from `t` on towards the next key: daylight 1 is noon, 0 night; with the camera's infrared
    lamps on or not."""

    t: float
    daylight: float
    infrared: bool = False


@dataclass(frozen=True)
class Fault:
    """What is wrong with a camera (or `all`) from `from_s` to `to_s`; `strength` 0 to 1."""

    kind: str
    view: str
    from_s: float
    to_s: float
    strength: float = 0.6

    def applies(self, view: str, t: float) -> bool:
        """Whether the fault holds in a view at story time t."""
        return self.view in ("all", view) and self.from_s <= t < self.to_s


@dataclass(frozen=True)
class Story:
    """A checked story. Times are seconds from its start."""

    name: str
    title: str
    about: str
    duration_s: float
    seed: int
    people: tuple[Actor, ...] = ()
    animals: tuple[Actor, ...] = ()
    objects: tuple[Actor, ...] = ()
    weather: Weather = Weather()
    light: tuple[LightKey, ...] = (LightKey(0.0, 1.0),)
    faults: tuple[Fault, ...] = ()

    @property
    def views(self) -> tuple[str, ...]:
        """The names of the cameras that see it."""
        return VIEWS
