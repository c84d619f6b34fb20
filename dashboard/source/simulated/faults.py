"""What a faulty camera makes of its picture."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from dashboard.source.simulated.lens import dazzled, dropped, handed, webbed
from dashboard.source.simulated.site import Mount
from dashboard.source.simulated.story import Fault
from dashboard.values import Image

# Where the pool's middle is in the overview, 0 to 1 of width and height.
POOL_MIDDLE = (0.5, 0.55)


def moved_mount(mount: Mount, strength: float) -> Mount:
    """The camera after somebody knocked it: turned aside, up and askew."""
    x, y, _ = mount.position
    away = np.array(mount.target[:2]) - (x, y)
    turn = 0.55 * strength
    cos, sin = np.cos(turn), np.sin(turn)
    aside = (x + cos * away[0] - sin * away[1], y + sin * away[0] + cos * away[1])
    target = (float(aside[0]), float(aside[1]), mount.target[2] + 1.1 * strength)
    return replace(mount, target=target, roll_deg=mount.roll_deg + 9 * strength)


def faulty(picture: Image, fault: Fault, seed: int) -> Image:
    """The picture as the fault leaves it. `moved`, `frozen` and `offline` are not the picture's."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng(seed)
    if fault.kind == "black":
        return rng.integers(0, 3, picture.shape, np.uint8)
    if fault.kind == "covered":
        light = cv2.resize(picture, (10, 6), interpolation=cv2.INTER_AREA)
        glow = cv2.resize(light, (width, height), interpolation=cv2.INTER_CUBIC)
        cloth = np.empty_like(picture)
        cloth[:] = (18, 24, 34)
        dim = cv2.addWeighted(glow, 0.10 + 0.25 * (1 - fault.strength), cloth, 1.0, 0)
        return np.asarray(cv2.add(dim, rng.integers(0, 4, picture.shape, np.uint8)), dtype=np.uint8)
    if fault.kind == "noise":
        grain = rng.normal(0, 1, (height // 2, width // 2)).astype(np.float32)
        big = cv2.resize(grain, (width, height), interpolation=cv2.INTER_NEAREST) * (20 + 80 * fault.strength)
        torn = np.asarray(rng.random((height, 1)) < 0.12 * fault.strength)
        bands = torn * rng.normal(0, 60, (height, 1))
        noisy = picture.astype(np.float32) + (big + bands)[..., None]
        return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)
    if fault.kind == "defocused":
        small = cv2.resize(picture, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), 0.5 + 5 * fault.strength)
        return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return on_the_lens(picture, fault, np.random.default_rng((seed_of(fault), 41)))


def on_the_lens(picture: Image, fault: Fault, rng: np.random.Generator) -> Image:
    """The picture with what lies on the lens all the while: it looks the same in every picture."""
    match fault.kind:
        case "leaf":
            return handed(picture, fault.strength, rng)
        case "web":
            return webbed(picture, fault.strength, rng)
        case "drops":
            return dropped(picture, fault.strength, rng)
        case "glare":
            return dazzled(picture, fault.strength, POOL_MIDDLE)
    return picture


def seed_of(fault: Fault) -> int:
    """A number that stays for the whole of a fault."""
    return round(fault.from_s * 1000) + round(fault.strength * 1000)
