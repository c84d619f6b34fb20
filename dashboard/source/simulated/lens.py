"""What lies on a camera's lens or shines into it: a hand or leaf over a part, a web, drops, glare."""

from __future__ import annotations

import cv2
import numpy as np

from dashboard.values import Floats, Image

LOW = 8  # so near to the lens all is so soft that an eighth of the picture holds it


def handed(picture: Image, strength: float, rng: np.random.Generator) -> Image:
    """A hand, cloth or leaf over a part: the share of the picture that it covers is about 0.25 to 0.9."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.linspace(-1, 1, width // LOW), np.linspace(-1, 1, height // LOW))
    turn = rng.uniform(0, 2 * np.pi)
    along = np.cos(turn) * across + np.sin(turn) * down
    bulge = 0.25 * np.cos(2 * (np.cos(turn) * down - np.sin(turn) * across) + rng.uniform(0, 6))
    edge = 0.45 - 1.15 * strength
    share = np.clip((along + bulge - edge) / 0.25 + 0.5, 0, 1).astype(np.float32)
    colour = np.array([(30, 44, 62), (34, 60, 40), (52, 50, 48)][int(rng.integers(3))], np.float32)
    light = cv2.resize(picture, (width // LOW, height // LOW), interpolation=cv2.INTER_AREA).mean() / 128
    skin = colour * np.float32(0.3 + light) * np.float32(rng.uniform(0.6, 1.2))
    return mixed(picture, share, skin)


def webbed(picture: Image, strength: float, rng: np.random.Generator) -> Image:
    """A spider's web with the spider in it, lit and far out of focus: bright veils over a part."""
    height, width = picture.shape[:2]
    veil = np.zeros((height // LOW, width // LOW), np.float32)
    middle = rng.uniform((0.25, 0.25), (0.75, 0.75)) * (width // LOW, height // LOW)
    reach = (0.35 + 0.5 * strength) * width / LOW
    spokes = np.sort(rng.uniform(0, 2 * np.pi, 11))
    for turn in spokes:
        end = middle + reach * np.array((np.cos(turn), np.sin(turn)))
        cv2.line(veil, _point(middle), _point(end), 1.0, 3, cv2.LINE_AA)
    for ring in np.linspace(0.2, 1, 6):
        corners = [middle + ring * reach * np.array((np.cos(a), np.sin(a))) for a in spokes]
        cv2.polylines(veil, [np.rint(corners).astype(np.int32)], True, 1.0, 2, cv2.LINE_AA)
    cv2.circle(veil, _point(middle), max(3, int(0.12 * reach)), 1.6, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(veil, (0, 0), 2.5) * np.float32(0.8 + strength)
    return mixed(picture, np.minimum(soft, np.float32(0.97)), np.array((190, 196, 200), np.float32))


def dropped(picture: Image, strength: float, rng: np.random.Generator) -> Image:
    """Drops and condensation: all is soft and pale, through drops even more so."""
    height, width = picture.shape[:2]
    half = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    hazy = cv2.GaussianBlur(half, (0, 0), 1.5 + 4 * strength)
    blurred = cv2.GaussianBlur(half, (0, 0), 10 + 12 * strength)
    wet = np.zeros((height // 2, width // 2), np.float32)
    for x, y in rng.uniform((0, 0), (width / 2, height / 2), (int(30 + 60 * strength), 2)):
        cv2.circle(wet, (int(x), int(y)), int(rng.uniform(0.015, 0.05) * width / 2), 1.0, -1, cv2.LINE_AA)
    wet = cv2.GaussianBlur(wet, (0, 0), 4)[..., None]
    seen = hazy * (1 - wet) + blurred * wet
    pale = seen * np.float32(1 - 0.35 * strength) + np.float32(0.35 * strength) * blurred.mean()
    large = cv2.resize(pale.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(large, 0, 255), np.uint8)


def dazzled(picture: Image, strength: float, middle: tuple[float, float]) -> Image:
    """Sun that the water throws into the lens: white around `middle` (0 to 1 of width and height)."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.linspace(0, 1, width // LOW), np.linspace(0, 1, height // LOW))
    away = np.hypot((across - middle[0]) * 0.75, down - middle[1])
    bloom = np.clip(1.6 - away / (0.12 + 0.28 * strength), 0, 1).astype(np.float32)
    return mixed(picture, bloom, np.array((255, 255, 255), np.float32))


def mixed(picture: Image, share: Floats, colour: Floats) -> Image:
    """`share` (any size, 0 to 1) of a colour (3,) over the picture."""
    height, width = picture.shape[:2]
    large = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    return np.asarray(np.clip(picture * (1 - large) + colour * large, 0, 255), np.uint8)


def _point(at: np.ndarray) -> tuple[int, int]:
    return round(float(at[0])), round(float(at[1]))
