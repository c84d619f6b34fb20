"""The one sentence at the top of the live page, from what the cameras report. It says what is true
and judges nothing: who is in view, and which camera does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["calm", "care", "danger"]

# A person counts as in view while a detection supported the track within this many seconds; the page's
# own list and skeletons count alike (components/live/ages.js).
IN_VIEW_S = 1.5
# A picture older than this is stale: the page stamps it within 2 s.
STALE_S = 1.7


@dataclass(frozen=True)
class CameraReport:
    """What is known of one camera now. `people` is None while nobody can tell; `age_s` is None
    before the first picture."""

    name: str
    state: str
    people: int | None = None
    unseen: int = 0
    age_s: float | None = None

    @property
    def answers(self) -> bool:
        """Whether there is a fresh picture and somebody looked at it."""
        return self.state == "live" and self.age_s is not None and self.age_s < STALE_S


@dataclass(frozen=True)
class Summary:
    """`sentence` is read from two metres, `detail` is the line below it."""

    sentence: str
    detail: str
    tone: Tone


def people_in_view(people: Sequence[dict[str, object]] | None, t: float) -> tuple[int | None, int]:
    """How many of a camera's tracks are in view at `t`, and how many were lost from sight."""
    if people is None:
        return None, 0
    seen = sum(1 for person in people if _is_seen(person, t))
    return seen, len(people) - seen


def _is_seen(person: dict[str, object], t: float) -> bool:
    seen_t = person.get("seen_t")
    return isinstance(seen_t, (int, float)) and t - seen_t <= IN_VIEW_S


def summarise(cameras: Sequence[CameraReport], monitor: bool) -> Summary:
    """The sentence for all `cameras` that are switched on."""
    if not monitor:
        return Summary("The monitor does not answer", "Nobody is watching until it is back.", "danger")
    if not cameras:
        return Summary("No camera is switched on", "Switch one on under Cameras.", "care")
    silent = [c for c in cameras if not c.answers and c.state != "starting"]
    starting = [c for c in cameras if not c.answers and c.state == "starting"]
    seeing = [c for c in cameras if c.answers and c.people is not None]
    if silent:
        return Summary(_silent(silent, len(cameras)), _seen_line(seeing), "danger")
    if starting:
        return Summary(_starting(starting, len(cameras)), _seen_line(seeing), "care")
    return Summary(_in_view(seeing), _per_camera(seeing, len(cameras)), "calm")


def _silent(silent: Sequence[CameraReport], total: int) -> str:
    if len(silent) == 1:
        return f"Camera {silent[0].name} does not answer"
    if len(silent) == total:
        return "No camera answers"
    return f"{len(silent)} of {total} cameras do not answer"


def _starting(starting: Sequence[CameraReport], total: int) -> str:
    if len(starting) == 1:
        return f"Camera {starting[0].name} is starting"
    if len(starting) == total:
        return "The cameras are starting"
    return f"{len(starting)} of {total} cameras are starting"


def _in_view(seeing: Sequence[CameraReport]) -> str:
    counts = [c.people or 0 for c in seeing]
    most = max(counts, default=0)
    if most == 0:
        return "Nobody in view"
    # Two cameras may see the same person, so their counts are not added up.
    several = sum(1 for count in counts if count) > 1
    number = "1 person" if most == 1 else f"{most} people"
    return f"At least {number} in view" if several else f"{number} in view"


def _seen_line(seeing: Sequence[CameraReport]) -> str:
    if not seeing:
        return "Nobody can tell who is here."
    others = "The other camera" if len(seeing) == 1 else "The other cameras"
    return f"{others}: {_in_view(seeing).lower()}."


def _per_camera(seeing: Sequence[CameraReport], total: int) -> str:
    unseen = sum(c.unseen for c in seeing)
    if total == 1:
        return f"{unseen} lost from sight" if unseen else f"{seeing[0].name} answers"
    shown = ", ".join(f"{c.name} {c.people}" for c in seeing[:4])
    if len(seeing) > 4:
        shown += f", and {len(seeing) - 4} more"
    return f"{shown}; {unseen} lost from sight" if unseen else shown
