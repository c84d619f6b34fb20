"""Adult or child: evidence that gathers over a person's track.

Three things speak, each as log odds of adult against child, one independent sample every half second:
height in metres where the picture has a scale; how much of the body is head and neck; how long the
legs are beside the trunk. A known identity beats all. Until the odds are clear the answer is unknown,
and whoever asks treats unknown as child.

Sources. Adults: Drillis & Contini (1966), in Winter, Biomechanics and Motor Control of Human Movement,
4th ed., figure 4.1 (shoulder .818, hip .530, ankle .039, eye .936 of the height). Children of 2 to 8:
Snyder et al., Anthropometry of Infants, Children and Youths to Age 18 (1977); head a fifth to a sixth of
the height, sitting height .56. Heights: NCD-RisC (2016) adults 1.60 to 1.78 m; WHO growth standards 0.86
(age 2) to 1.38 m (age 10). Spreads include a landmark's error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dashboard.rules.body import ANKLES, HEAD, HIPS, SHOULDERS, Body, mean_point
from dashboard.settings import RuleSettings
from dashboard.values import Age

INDEPENDENT_S = 0.5
_SAMPLE_LIMIT = 2.0
_ODDS_LIMIT = 8.0


@dataclass(frozen=True)
class Measure:
    """Two bell curves: mean and spread for adults and for children."""

    adult: float
    adult_spread: float
    child: float
    child_spread: float

    def log_odds(self, value: float) -> float:
        """Adult against child, cut to what one sample may say. Beyond the adult's mean on the far side
        from a child's, more is not less adult (a tall man is not a child), and the other way round."""
        low, high = sorted((self.adult, self.child))
        value = min(max(value, low), high)
        adult = _log_bell(value, self.adult, self.adult_spread)
        child = _log_bell(value, self.child, self.child_spread)
        return min(max(adult - child, -_SAMPLE_LIMIT), _SAMPLE_LIMIT)


HEIGHT_M = Measure(1.68, 0.14, 1.15, 0.20)
HEAD_SHARE = Measure(0.150, 0.030, 0.195, 0.030)
LEGS_PER_TRUNK = Measure(1.70, 0.20, 1.40, 0.20)


@dataclass(frozen=True)
class AgeEvidence:
    """`log_odds` over 0 speak for an adult; `samples` independent ones gathered until `t`; the last
    `height_m`, `head_share` and `legs_per_trunk` for the page; `known` from an identity."""

    log_odds: float = 0.0
    samples: float = 0.0
    t: float | None = None
    height_m: float | None = None
    head_share: float | None = None
    legs_per_trunk: float | None = None
    known: Age | None = None

    def age(self, settings: RuleSettings) -> Age:
        """The answer; unknown until the odds are clear."""
        if self.known is not None:
            return self.known
        if self.samples < 1 - 1e-9:
            return Age.UNKNOWN
        if self.log_odds >= settings.adult_odds:
            return Age.ADULT
        return Age.CHILD if self.log_odds <= -settings.child_odds else Age.UNKNOWN

    def detail(self) -> dict[str, object]:
        """For the page: what was measured."""
        measured = {
            "height_m": self.height_m,
            "head_share": self.head_share,
            "legs_per_trunk": self.legs_per_trunk,
        }
        rounded = {key: round(value, 3) for key, value in measured.items() if value is not None}
        known = {} if self.known is None else {"known": self.known.value}
        return {"log_odds": round(self.log_odds, 2), "samples": round(self.samples, 1), **rounded, **known}


NO_EVIDENCE = AgeEvidence()


def gather(
    evidence: AgeEvidence, t: float, body: Body, height_m: float | None, settings: RuleSettings
) -> AgeEvidence:
    """Take in one finding at `t`. `height_m` is None where the picture has no scale."""
    head, legs = proportions(body, settings)
    values = (
        (HEIGHT_M, height_m if body.feet_sure and body.lying is False else None),
        (HEAD_SHARE, head),
        (LEGS_PER_TRUNK, legs),
    )
    spoken = [measure.log_odds(value) for measure, value in values if value is not None]
    if not spoken:
        return evidence
    elapsed = INDEPENDENT_S if evidence.t is None else max(t - evidence.t, 0.0)
    weight = min(elapsed / INDEPENDENT_S, 1.0)
    if evidence.t is None:
        weight = 0.5
    odds = evidence.log_odds + weight * min(max(sum(spoken), -_SAMPLE_LIMIT), _SAMPLE_LIMIT)
    return replace(
        evidence,
        log_odds=min(max(odds, -_ODDS_LIMIT), _ODDS_LIMIT),
        samples=evidence.samples + weight,
        t=t,
        height_m=height_m if values[0][1] is not None else evidence.height_m,
        head_share=head if head is not None else evidence.head_share,
        legs_per_trunk=legs if legs is not None else evidence.legs_per_trunk,
    )


def merged(a: AgeEvidence, b: AgeEvidence) -> AgeEvidence:
    """The evidence of two tracks of one person."""
    later = a if (a.t or 0.0) >= (b.t or 0.0) else b
    odds = min(max(a.log_odds + b.log_odds, -_ODDS_LIMIT), _ODDS_LIMIT)
    known = a.known if a.known is not None else b.known
    return replace(later, log_odds=odds, samples=a.samples + b.samples, known=known)


def proportions(body: Body, settings: RuleSettings) -> tuple[float | None, float | None]:
    """Head and neck (face to shoulders) as a share of shoulders to ankles, and legs per trunk; None unless
    the whole body is seen, upright and stretched: who sits, bends or is seen from above tells nothing."""
    points = body.keypoints
    if points is None or body.lying is not False:
        return None, None
    needed = [*SHOULDERS, *HIPS, *ANKLES, 13, 14]
    if any(points[i, 2] < settings.ankle_score for i in needed):
        return None, None
    shoulders, hips, ankles = (_middle(points, pair) for pair in (SHOULDERS, HIPS, ANKLES))
    trunk, legs = hips - shoulders, ankles - hips
    trunk_px, legs_px = float(np.hypot(*trunk)), float(np.hypot(*legs))
    if trunk_px < 12 or legs_px < 12 or not _in_line(trunk, legs):
        return None, None
    face = mean_point(points, HEAD, settings.ankle_score)
    head_px = 0.0 if face is None else float(shoulders[1]) - face[1]
    head = head_px / (trunk_px + legs_px) if face is not None and head_px > 0 else None
    return head, legs_px / trunk_px


def _in_line(trunk: np.ndarray, legs: np.ndarray) -> bool:
    """Whether the legs go on where the trunk points, within 25 degrees."""
    cosine = float(trunk @ legs) / max(float(np.hypot(*trunk)) * float(np.hypot(*legs)), 1e-6)
    return cosine > math.cos(math.radians(25))


def _middle(points: np.ndarray, pair: tuple[int, ...]) -> np.ndarray:
    middle: np.ndarray = points[list(pair), :2].mean(axis=0)
    return middle


def _log_bell(value: float, mean: float, spread: float) -> float:
    return -(((value - mean) / spread) ** 2) / 2 - math.log(spread)
