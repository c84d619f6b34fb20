"""Key points painted as a person: shaded limbs and a face before water, for a pose model to find them again.

Flat, because key points are: what lies in front is drawn by chance, the same for a whole clip. What the key
points' own model was unsure of shows faintly, as limbs under water do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from dashboard.values import Floats, Image
from dashboard.vision.danger.window import Array

SIDE = 512
_CIRCLE = np.stack([f(np.linspace(0, 2 * np.pi, 14, endpoint=False)) for f in (np.cos, np.sin)], 1)
# Nested fills, smaller and brighter towards the light.
_LAYERS = ((1.0, 0.72), (0.8, 0.88), (0.5, 1.05))
_FACE_LAYERS = ((1.0, 0.85), (0.8, 1.0), (0.5, 1.08))
_FAINTEST, _WHOLE = 0.12, 0.93
_SHIFT = 4

Stroke = Callable[[Image], None]


@dataclass(frozen=True, eq=False)
class Appearance:
    """What somebody and the water look like in one clip. Colours are BGR (3,); `light` (2,) is where it comes
    from in the picture; `girth` multiplies all widths; scores of `faint` and more show in full; `blur` in
    pixels, `grain` in grey levels; `backdrop` (SIDE, SIDE, 3)."""

    skin: Array
    hair: Array
    suit: Array
    cap: Array | None
    bare: bool
    left_behind: bool
    girth: float
    light: Array
    faint: float
    murk: float
    blur: float
    grain: float
    backdrop: Image


def appearance(rng: np.random.Generator) -> Appearance:
    """Somebody by chance."""
    skin = np.array([150, 180, 225]) * rng.uniform(0.45, 1.0) * rng.uniform(0.9, 1.1, 3)
    angle = rng.uniform(-0.9 * np.pi, -0.1 * np.pi)
    return Appearance(
        skin=skin,
        hair=np.array([40, 55, 75]) * rng.uniform(0.3, 2.2),
        suit=rng.uniform(20, 230, 3),
        cap=rng.uniform(20, 255, 3) if rng.random() < 0.25 else None,
        bare=bool(rng.random() < 0.5),
        left_behind=bool(rng.random() < 0.5),
        girth=float(rng.uniform(0.85, 1.2)),
        light=np.array([np.cos(angle), np.sin(angle)]) * 0.6,
        faint=float(rng.uniform(0.3, 0.7)),
        murk=float(rng.uniform(0, 0.35)),
        blur=float(rng.uniform(0.3, 1.6)),
        grain=float(rng.uniform(0, 5)),
        backdrop=_water(rng),
    )


def painted(look: Appearance, points: Floats, trunk: float, rng: np.random.Generator) -> Image:
    """(SIDE, SIDE, 3) with somebody whose key points (17, 3) are given in its pixels and whose trunk is
    `trunk` pixels long when it is not foreshortened."""
    image = look.backdrop.copy()
    _Painter(image, look, points, trunk * look.girth).paint()
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), look.blur), np.uint8)
    coarse = rng.normal(0, look.grain, (SIDE // 2, SIDE // 2, 1)).repeat(2, 0).repeat(2, 1)
    return np.clip(image.astype(np.int16) + coarse.astype(np.int16), 0, 255).astype(np.uint8)


def _water(rng: np.random.Generator) -> Image:
    base = np.array([rng.uniform(110, 220), rng.uniform(90, 190), rng.uniform(20, 130)])
    cells = int(rng.integers(4, 14))
    coarse = rng.normal(0, rng.uniform(4, 22), (cells, cells, 1)) + rng.normal(0, 3, (cells, cells, 3))
    waves = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    slope = np.linspace(-1, 1, SIDE)[:, None, None] * rng.uniform(-30, 30)
    return np.clip(base + waves + slope, 0, 255).astype(np.uint8)


class _Painter:
    """One person on one picture. Widths are shares of the trunk's length `size`."""

    def __init__(self, image: Image, look: Appearance, points: Floats, size: float) -> None:
        self._image, self._look, self._size = image, look, size
        self._xy = points[:, :2].astype(float)
        self._shown = np.clip(points[:, 2] / look.faint, _FAINTEST, 1)

    def paint(self) -> None:
        behind, before = (0, 1) if self._look.left_behind else (1, 0)
        self._arm(behind)
        self._leg(behind)
        self._leg(before)
        self._part((5, 6, 11, 12), self._trunk)
        self._part((0, 1, 2, 3, 4), self._head)
        self._arm(before)

    def _part(self, joints: Sequence[int], stroke: Stroke) -> None:
        """Faintly where its points are unsure."""
        share = float(self._shown[list(joints)].mean()) * (1 - self._look.murk)
        if share > _WHOLE:
            stroke(self._image)
            return
        over = self._image.copy()
        stroke(over)
        cv2.addWeighted(over, share, self._image, 1 - share, 0, dst=self._image)

    def _limb(
        self, image: Image, ends: tuple[Array, Array], widths: tuple[float, float], colour: Array
    ) -> None:
        """A shaded capsule between two places."""
        reach = [width * self._size for width in widths]
        for share, bright in _LAYERS:
            towards = self._look.light * (1 - share) * 0.8
            rings = [e + towards * r + _CIRCLE * r * share for e, r in zip(ends, reach, strict=True)]
            _filled(image, np.concatenate(rings), colour * bright)

    def _arm(self, side: int) -> None:
        shoulder, elbow, wrist = (self._xy[joint + side] for joint in (5, 7, 9))
        look = self._look
        sleeve = look.skin if look.bare else (look.suit + look.skin) / 2
        hand = wrist + (wrist - elbow) * 0.28

        def lower(image: Image) -> None:
            self._limb(image, (wrist, hand), (0.055, 0.05), look.skin)
            self._limb(image, (elbow, wrist), (0.085, 0.06), look.skin)

        upper = partial(self._limb, ends=(shoulder, elbow), widths=(0.105, 0.085), colour=sleeve)
        self._part((5 + side, 7 + side), upper)
        self._part((7 + side, 9 + side), lower)

    def _leg(self, side: int) -> None:
        hip, knee, ankle = (self._xy[joint + side] for joint in (11, 13, 15))
        look = self._look
        toes = ankle + (ankle - knee) * 0.16

        def shin(image: Image) -> None:
            self._limb(image, (knee, ankle), (0.105, 0.065), look.skin)
            self._limb(image, (ankle, toes), (0.06, 0.045), look.skin)

        def thigh(image: Image) -> None:
            self._limb(image, (hip, knee), (0.16, 0.115), look.skin)
            self._limb(image, (hip, hip * 0.55 + knee * 0.45), (0.165, 0.14), look.suit)

        self._part((13 + side, 15 + side), shin)
        self._part((11 + side, 13 + side), thigh)

    def _trunk(self, image: Image) -> None:
        look, corners = self._look, self._xy[[5, 6, 11, 12]]
        colour = look.skin if look.bare else look.suit
        self._limb(image, (corners[0], corners[1]), (0.11, 0.11), colour)
        for share, bright in _LAYERS:
            middle = corners.mean(0) + look.light * self._size * 0.15 * (1 - share)
            reach = np.array([0.12, 0.12, 0.14, 0.14])[:, None, None] * self._size * share
            rings = ((corners - middle) * share + middle)[:, None] + _CIRCLE * reach
            _filled(image, rings.reshape(-1, 2), colour * bright)
        self._limb(image, (corners[2], corners[3]), (0.15, 0.15), look.suit)

    def _head(self, image: Image) -> None:
        look, xy, size = self._look, self._xy, self._size / self._look.girth
        nose, eyes, ears = xy[0], xy[1:3].mean(0), xy[3:5].mean(0)
        neck = xy[5:7].mean(0)
        wide = max(0.27 * size, 0.55 * _far(xy[3] - xy[4]), 0.75 * _far(nose - ears))
        radius = min(wide, 0.45 * size)
        up = self._upward(ears - neck, eyes - nose)
        middle = ears * 0.6 + eyes * 0.4 + up * radius * 0.12
        turn = float(np.degrees(np.arctan2(up[1], up[0])))
        self._limb(image, (neck * 0.75 + ears * 0.25, ears), (0.11, 0.1), look.skin * 0.85)
        hair = look.hair if look.cap is None else look.cap
        _oval(image, middle + up * radius * 0.08, (2.26 * radius, 1.8 * radius), turn, hair)
        if self._shown[:3].mean() > 0.3:
            self._face(image, up, radius, middle - up * radius * 0.14 + (nose - ears) * 0.25, turn)
        for ear in (3, 4):
            if self._shown[ear] > 0.4:
                share = radius / self._size
                ends = (xy[ear], xy[ear] - up * radius * 0.12)
                self._limb(image, ends, (0.1 * share, 0.08 * share), look.skin * 0.9)

    def _upward(self, body: Array, face: Array) -> Array:
        """From chin to vertex: by the face, unless it is seen end on or stands on its head."""
        body = body / (_far(body) + 1e-6)
        long_ = _far(face)
        face = face / (long_ + 1e-6)
        seen = long_ > 0.04 * self._size and float(face @ body) >= -0.3
        return face if seen else body

    def _face(self, image: Image, up: Array, radius: float, middle: Array, turn: float) -> None:
        look, xy = self._look, self._xy
        across = np.array([-up[1], up[0]])
        for share, bright in _FACE_LAYERS:
            at = middle + look.light * radius * 0.2 * (1 - share)
            size = (1.84 * radius * share, 1.44 * radius * share)
            _oval(image, at, size, turn, look.skin * bright)
        for eye in (1, 2):
            if self._shown[eye] > 0.3:
                _dot(image, xy[eye], 0.13 * radius, np.full(3, 235.0))
                _dot(image, xy[eye], 0.085 * radius, np.array([40.0, 30.0, 20.0]))
                _line(image, xy[eye] + up * radius * 0.18, across * radius * 0.15, 0.07 * radius, look.hair)
        _dot(image, xy[0], 0.11 * radius, look.skin * 0.78)
        mouth = xy[0] - up * radius * 0.28
        _line(image, mouth, across * radius * 0.2, 0.09 * radius, np.array([70.0, 60.0, 150.0]))


def _far(vector: Array) -> float:
    return float(np.hypot(vector[0], vector[1]))


def _shade(colour: Array) -> tuple[float, ...]:
    return tuple(np.minimum(colour, 255).tolist())


def _fixed(place: Array) -> tuple[int, int]:
    x, y = np.rint(place * (1 << _SHIFT)).astype(int).tolist()
    return x, y


def _filled(image: Image, points: Array, colour: Array) -> None:
    outline = cv2.convexHull(np.rint(points * (1 << _SHIFT)).astype(np.int32))
    cv2.fillConvexPoly(image, outline, _shade(colour), cv2.LINE_AA, _SHIFT)


def _oval(image: Image, middle: Array, size: tuple[float, float], turn: float, colour: Array) -> None:
    x, y = middle.tolist()
    cv2.ellipse(image, ((x, y), size, turn), _shade(colour), -1, cv2.LINE_AA)


def _dot(image: Image, middle: Array, radius: float, colour: Array) -> None:
    cv2.circle(image, _fixed(middle), int(radius * (1 << _SHIFT)), _shade(colour), -1, cv2.LINE_AA, _SHIFT)


def _line(image: Image, middle: Array, half: Array, width: float, colour: Array) -> None:
    ends = _fixed(middle - half), _fixed(middle + half)
    cv2.line(image, *ends, _shade(colour), max(1, int(width)), cv2.LINE_AA, _SHIFT)
