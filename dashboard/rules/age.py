"""Adult or child: evidence that gathers over a person's track.

Three measures speak as log odds of adult against child: height in metres where the picture has a scale;
how much of the body is head and neck; how long the legs are beside the trunk. Each is averaged over the
track first, since a camera's view and a model's habits err the same way in every frame: more frames make
the average steadier, not the answer surer. A known identity beats all. Until the odds are clear the answer
is unknown, and whoever asks treats unknown as child.

Sources. Proportions of adults as these landmarks see them: 21 walking adults, median of each track,
head 0.157 (0.128 to 0.179), legs 1.28 (1.18 to 1.41). Of children of 2 to 6 beside adults: legs per trunk
0.82 times, head share 1.3 times (adults: Drillis & Contini 1966 in Winter, Biomechanics and Motor Control
of Human Movement; children: Snyder et al., Anthropometry of Infants, Children and Youths to Age 18, 1977).
From about ten years on proportions are an adult's: only height or identity tells then. Heights: NCD-RisC
2016, adults 1.60 to 1.78 m; WHO growth standards, 0.86 m (age 2) to 1.38 m (age 10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dashboard.geometry import Point
from dashboard.rules.body import ANKLES, HEAD, HIPS, KNEES, SHOULDERS, Body, Points, mean_point
from dashboard.settings import RuleSettings
from dashboard.values import Age

# Frames nearer in time than this show the same pose: together they are one look.
INDEPENDENT_S = 0.5
ENOUGH_LOOKS = 2.0
_SMALLEST_PX = 12.0
# Legs that go on where the trunk points, within 25 degrees.
_IN_LINE = math.cos(math.radians(25))
_ONE_MEASURE_LIMIT = 4.0


@dataclass(frozen=True)
class Measure:
    """What adults and children measure, how much people and views differ, and what no upright body
    measures that is seen from the side (`low`, `high`)."""

    adult: float
    child: float
    spread: float
    low: float
    high: float

    def log_odds(self, value: float) -> float:
        """Adult against child. Beyond either mean more is not more: a tall man is not a taller adult."""
        low, high = sorted((self.adult, self.child))
        inner = min(max(value, low), high)
        odds = ((inner - self.child) ** 2 - (inner - self.adult) ** 2) / (2 * self.spread**2)
        return min(max(odds, -_ONE_MEASURE_LIMIT), _ONE_MEASURE_LIMIT)

    def possible(self, value: float) -> bool:
        """Whether this can be measured at all; if not, the view is from above or the landmarks are wrong."""
        return self.low <= value <= self.high


HEIGHT_M = Measure(1.68, 1.15, 0.18, 0.6, 2.3)
HEAD_SHARE = Measure(0.155, 0.200, 0.022, 0.08, 0.23)
LEGS_PER_TRUNK = Measure(1.30, 1.07, 0.12, 0.95, 2.2)


@dataclass(frozen=True)
class Average:
    """A measure's mean over `looks` independent looks."""

    mean: float = 0.0
    looks: float = 0.0

    def with_value(self, value: float, weight: float) -> Average:
        """With one more value."""
        looks = self.looks + weight
        return Average(self.mean + (value - self.mean) * weight / looks, looks) if looks > 0 else self


NO_AVERAGE = Average()


@dataclass(frozen=True)
class AgeEvidence:
    """What was measured until `t`, and who it is where that is `known`."""

    height_m: Average = NO_AVERAGE
    head_share: Average = NO_AVERAGE
    legs_per_trunk: Average = NO_AVERAGE
    t: float | None = None
    known: Age | None = None

    @property
    def log_odds(self) -> float:
        """Adult against child; each measure counts in full after enough looks."""
        return sum(
            measure.log_odds(average.mean) * min(average.looks / ENOUGH_LOOKS, 1.0)
            for measure, average in self.measured()
            if average.looks > 0
        )

    def age(self, settings: RuleSettings) -> Age:
        """The answer; unknown until the odds are clear."""
        if self.known is not None:
            return self.known
        if self.log_odds >= settings.adult_odds:
            return Age.ADULT
        return Age.CHILD if self.log_odds <= -settings.child_odds else Age.UNKNOWN

    def measured(self) -> tuple[tuple[Measure, Average], ...]:
        """Each measure with what it was."""
        return (
            (HEIGHT_M, self.height_m),
            (HEAD_SHARE, self.head_share),
            (LEGS_PER_TRUNK, self.legs_per_trunk),
        )

    def detail(self) -> dict[str, object]:
        """For the page: what was measured."""
        names = ("height_m", "head_share", "legs_per_trunk")
        pairs = zip(names, (average for _, average in self.measured()), strict=True)
        found: dict[str, object] = {name: round(a.mean, 3) for name, a in pairs if a.looks > 0}
        known = {} if self.known is None else {"known": self.known.value}
        return {"log_odds": round(self.log_odds, 2), **found, **known}


NO_EVIDENCE = AgeEvidence()


def gather(
    evidence: AgeEvidence, t: float, body: Body, height_m: float | None, settings: RuleSettings
) -> AgeEvidence:
    """Take in one finding at `t`. `height_m` is None where the picture has no scale."""
    proportion = proportions(body, settings)
    standing = body.feet_sure and body.lying is False
    tall = height_m if standing and height_m is not None and HEIGHT_M.possible(height_m) else None
    if proportion is None and tall is None:
        return evidence
    elapsed_s = INDEPENDENT_S if evidence.t is None else max(t - evidence.t, 0.0)
    weight = min(elapsed_s / INDEPENDENT_S, 1.0)
    evidence = replace(evidence, t=t)
    if tall is not None:
        evidence = replace(evidence, height_m=evidence.height_m.with_value(tall, weight))
    if proportion is not None:
        evidence = replace(
            evidence,
            head_share=evidence.head_share.with_value(proportion[0], weight),
            legs_per_trunk=evidence.legs_per_trunk.with_value(proportion[1], weight),
        )
    return evidence


def merged(a: AgeEvidence, b: AgeEvidence) -> AgeEvidence:
    """The evidence of two tracks of one person."""
    times = [e.t for e in (a, b) if e.t is not None]
    return AgeEvidence(
        a.height_m.with_value(b.height_m.mean, b.height_m.looks),
        a.head_share.with_value(b.head_share.mean, b.head_share.looks),
        a.legs_per_trunk.with_value(b.legs_per_trunk.mean, b.legs_per_trunk.looks),
        max(times, default=None),
        a.known if a.known is not None else b.known,
    )


def proportions(body: Body, settings: RuleSettings) -> tuple[float, float] | None:
    """Head and neck (face to shoulders) as a share of shoulders to ankles, and legs per trunk. None unless
    the whole body is seen, upright and stretched, from about the side: who sits, bends or is seen from
    above tells nothing."""
    points = body.points
    if points is None or body.lying is not False:
        return None
    if any(points[i][2] < settings.ankle_score for i in (*SHOULDERS, *HIPS, *KNEES, *ANKLES)):
        return None
    face = mean_point(points, HEAD, settings.ankle_score)
    shoulders, hips, ankles = (_middle(points, pair) for pair in (SHOULDERS, HIPS, ANKLES))
    trunk, legs = _way(shoulders, hips), _way(hips, ankles)
    trunk_px, legs_px = math.hypot(*trunk), math.hypot(*legs)
    if face is None or min(trunk_px, legs_px) < _SMALLEST_PX:
        return None
    cosine = (trunk[0] * legs[0] + trunk[1] * legs[1]) / (trunk_px * legs_px)
    head, ratio = (shoulders[1] - face[1]) / (trunk_px + legs_px), legs_px / trunk_px
    seen_from_side = HEAD_SHARE.possible(head) and LEGS_PER_TRUNK.possible(ratio)
    return (head, ratio) if seen_from_side and cosine > _IN_LINE else None


def _middle(points: Points, pair: tuple[int, int]) -> Point:
    a, b = points[pair[0]], points[pair[1]]
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _way(a: Point, b: Point) -> Point:
    return b[0] - a[0], b[1] - a[1]
