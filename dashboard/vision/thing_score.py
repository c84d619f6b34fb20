"""How surely a part of the picture is a thing that lies or floats there, and not water, light or a plant: a
logistic model of a few traits, learnt on stories of the simulated pool and on real clips without a thing in
them (`bench things` learns it anew)."""

from __future__ import annotations

from dataclasses import dataclass, replace

# trait: least and most that counts, weight. What lies beyond is taken as the bound: no single one decides.
WEIGHTS = {
    "size": (-4.3, -1.07, 2.861),
    "fill": (0.24, 0.88, 5.903),
    "edge": (-0.69, 1.93, 3.437),
    "strength": (0.09, 2.28, 1.348),
    "apart": (-1.52, 2.58, 0.509),
    "shade": (-0.62, 0.51, -0.322),
    "tint": (0.0014, 0.2269, 19.27),
    "calm": (-1.79, 0.9, -0.928),
    "gaps": (0.0, 0.67, -12.23),
    "same": (0.19, 1.0, 8.93),
}
BIAS = -8.722
SURE = 2.0  # log of the odds: 7 to 1


@dataclass(frozen=True)
class Traits:
    """Of one part, averaged over its last looks. `size`: natural log of its size as a share of the picture's
    height; `fill`: the share of its box that it fills; `edge`: natural log of how much sharper its border is
    than it used to be; `strength`: natural log of how many times its difference is what ripples and noise
    explain; `apart`: natural log of how much more unlike what is around it it is than it used to be; `shade`:
    natural log of how much brighter than usual; `tint`: how much of another hue, 0 to 1; `calm`: natural log
    of how much less it flickers than what is around it; `gaps`: the share of the last seconds in which the
    usual showed through it; `same`: how much of its outline stays from look to look, 0 to 1."""

    size: float
    fill: float
    edge: float
    strength: float
    apart: float
    shade: float
    tint: float
    calm: float
    gaps: float
    same: float


def thing_score(traits: Traits) -> float:
    """The natural log of the odds that it is a thing: 0 is as likely as not."""
    score = BIAS
    for name, (least, most, weight) in WEIGHTS.items():
        score += weight * min(max(float(getattr(traits, name)), least), most)
    return score


def turned(traits: Traits) -> Traits:
    """The traits as they would be if what is were usual, and the usual had come: of what is gone."""
    return replace(traits, edge=-traits.edge, apart=-traits.apart, shade=-traits.shade)
