"""Where a person will be: position, sides and their speeds, with honest doubt that grows with time.

Each of the four coordinates (centre x, centre y, width, height) is an Ornstein-Uhlenbeck process:
the speed forgets itself over `turn_s` and has a known spread (a walker's speed). The closed form
holds for any gap, so a belief is kept as of its last measurement and predicted from there: frame
rate and missing frames change nothing. Uhlenbeck & Ornstein 1930; the re-update over a gap is
OC-SORT's (Cao et al. 2023).

Shapes: arrays are (..., 4), so that one call predicts one track or all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dashboard.settings import TrackSettings

Reals = NDArray[np.float64]
_VIRTUAL_LOOKS = 6
# A box's sides while nobody is found: somebody who turns or bends, no more.
_RESHAPED = 1.3


@dataclass(frozen=True, eq=False)
class Motion:
    """A belief at time `t`: mean and covariance of each coordinate and its speed, each (..., 4).

    `size` (...,) is the person's size in pixels, the yardstick of all spreads.
    """

    t: Reals
    place: Reals
    speed: Reals
    var_place: Reals
    cov: Reals
    var_speed: Reals
    size: Reals


def to_place(xyxy: Sequence[float] | Reals) -> Reals:
    """Box (..., 4) left, top, right, bottom -> centre x, centre y, width, height."""
    box = np.asarray(xyxy, dtype=np.float64)
    sides = box[..., 2:] - box[..., :2]
    return np.concatenate([box[..., :2] + sides / 2, sides], axis=-1)


def to_xyxy(place: Reals) -> Reals:
    """Centre x, centre y, width, height (..., 4) -> left, top, right, bottom; sides at least one pixel."""
    half = np.maximum(place[..., 2:], 1.0) / 2
    return np.concatenate([place[..., :2] - half, place[..., :2] + half], axis=-1)


def size_of(place: Reals) -> Reals:
    """The longer side, at least one pixel: (..., 4) -> (...,)."""
    longer: Reals = np.maximum(place[..., 2:].max(axis=-1), 1.0)
    return longer


def _spreads(settings: TrackSettings) -> Reals:
    speed, reshape = settings.speed_sizes_s, settings.reshape_sizes_s
    return np.array([speed, speed, reshape, reshape])


def noise(settings: TrackSettings, score: float | Reals = 1.0) -> Reals:
    """Standard deviation of a measurement in sizes, (..., 4); a weak finding is a loose one."""
    base = np.array([settings.box_noise] * 2 + [settings.side_noise] * 2)
    loose: Reals = base / np.sqrt(np.clip(np.asarray(score, dtype=np.float64), 0.1, 1.0))[..., None]
    return loose


def begin(place: Reals, t: float, settings: TrackSettings, score: float = 1.0) -> Motion:
    """The belief after one look: the place is known, the speed is anybody's."""
    size = size_of(place)
    return Motion(
        t=np.asarray(t, dtype=np.float64),
        place=place,
        speed=np.zeros(4),
        var_place=(noise(settings, score) * size) ** 2,
        cov=np.zeros(4),
        var_speed=(_spreads(settings) * size) ** 2,
        size=size,
    )


def predict(motion: Motion, t: float, settings: TrackSettings) -> Motion:
    """The belief at `t` (at or after the last measurement), in closed form."""
    tau = settings.turn_s
    elapsed = np.maximum(t - motion.t, 0.0)[..., None]
    decay = np.exp(-elapsed / tau)
    reach = tau * (1 - decay)
    spread = (_spreads(settings) * motion.size[..., None]) ** 2
    drift = spread * tau**2 * (2 * elapsed / tau - 3 + 4 * decay - decay**2)
    return Motion(
        t=np.maximum(motion.t, t),
        place=_bounded(motion.place + motion.speed * reach, motion.place),
        speed=motion.speed * decay,
        var_place=motion.var_place + 2 * reach * motion.cov + reach**2 * motion.var_speed + drift,
        cov=decay * (motion.cov + reach * motion.var_speed) + spread * tau * (1 - decay) ** 2,
        var_speed=decay**2 * motion.var_speed + spread * (1 - decay**2),
        size=motion.size,
    )


def _bounded(place: Reals, before: Reals) -> Reals:
    """Sides that went on growing or shrinking while nobody looks would soon be nobody's."""
    sides = np.clip(place[..., 2:], before[..., 2:] / _RESHAPED, before[..., 2:] * _RESHAPED)
    return np.concatenate([place[..., :2], sides], axis=-1)


def update(
    motion: Motion, place: Reals, t: float, settings: TrackSettings, score: float | Reals = 1.0
) -> Motion:
    """The belief after measuring `place` (..., 4) at `t` (Kalman's update, coordinate by coordinate)."""
    prior = predict(motion, t, settings)
    measured = (noise(settings, score) * prior.size[..., None]) ** 2
    gain_place = prior.var_place / (prior.var_place + measured)
    gain_speed = prior.cov / (prior.var_place + measured)
    surprise = place - prior.place
    posterior = replace(
        prior,
        place=prior.place + gain_place * surprise,
        speed=prior.speed + gain_speed * surprise,
        var_place=(1 - gain_place) * prior.var_place,
        cov=(1 - gain_place) * prior.cov,
        var_speed=prior.var_speed - gain_speed * prior.cov,
    )
    return replace(posterior, size=size_of(posterior.place))


def update_after_gap(
    motion: Motion, seen: Reals, place: Reals, t: float, settings: TrackSettings, score: float = 1.0
) -> Motion:
    """The belief after a person comes back at `t` from a gap since `motion.t`, last measured at `seen`.

    The straight line between the two measurements is fed as if it had been seen, so that the speed is
    the one that the person must have had, not the guess that was coasted on.
    """
    start = float(motion.t)
    for share in np.linspace(0, 1, _VIRTUAL_LOOKS)[1:]:
        virtual = seen + (place - seen) * share
        motion = update(motion, virtual, start + (t - start) * float(share), settings, score)
    return motion


def stack(motions: Sequence[Motion]) -> Motion:
    """N beliefs as one with arrays (N, 4); there must be at least one."""
    return Motion(*(np.array([getattr(m, name) for m in motions]) for name in _FIELDS))


def unstack(motion: Motion) -> list[Motion]:
    """One belief with arrays (N, 4) as N beliefs with arrays (4,)."""
    columns = [getattr(motion, name) for name in _FIELDS]
    return [Motion(*(column[i] for column in columns)) for i in range(len(motion.size))]


_FIELDS = tuple(Motion.__dataclass_fields__)
