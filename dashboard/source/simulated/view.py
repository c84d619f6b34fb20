"""One camera's pictures of the world: what is prepared once, and what is painted per picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from dashboard.source.simulated.backdrop import paint_backdrop
from dashboard.source.simulated.beings import Being
from dashboard.source.simulated.camera import Reals, mounted
from dashboard.source.simulated.furniture import furniture
from dashboard.source.simulated.lighting import ONE, Day, Sky, day_at, ground_of, light_for, shade_picture
from dashboard.source.simulated.paint import Light, Sprite, Tint, blend, painted
from dashboard.source.simulated.ripples import Ripples, Wake, add_wakes
from dashboard.source.simulated.shadows import cast_shadow, shadow_mask
from dashboard.source.simulated.sight import cut_at_surface, seen_dry, seen_wet
from dashboard.source.simulated.site import WATER_Z, Mount
from dashboard.source.simulated.solids import Solid
from dashboard.source.simulated.story import LightKey, Story
from dashboard.source.simulated.water import (
    WATER_TINT,
    WaterView,
    paste_water,
    shown_water,
    water_view,
)
from dashboard.values import Image

# Light on the backdrop changes slowly: it is kept for this long.
LIGHT_STEP_S = 0.5
# Middle of the grain, which is only ever added.
GRAIN = 2
FOAM = np.array((248, 246, 240), np.float32)
UNDER_AMBIENT = np.array((0.66, 0.62, 0.56), np.float32)
UNDER_DIFFUSE = np.array((0.36, 0.36, 0.34), np.float32)


@dataclass(frozen=True, eq=False)
class Instant:
    """What a view paints: the light, whoever is there, and the story's time."""

    t: float
    day: Day
    beings: list[Being]


class View:
    """Paints one camera's pictures. Same story, seed, moment: same picture, whatever came before."""

    def __init__(
        self,
        mount: Mount,
        size_wh: tuple[int, int],
        story: Story,
        seed: int,
        sky: Sky,
        ripples: Ripples,
        textures: dict[str, Image],
    ) -> None:
        camera = self.camera = mounted(mount, size_wh)
        self._story, self._sky, self._ripples, self._textures = story, sky, ripples, textures
        self._seed = seed
        noon = day_at(replace(story, light=(LightKey(0.0, 1.0),)), 0.0)
        self._dry = paint_backdrop(mount, size_wh, seed).copy()
        self._pieces, self._still_shadow = self._furnish(noon)
        self._ground = ground_of(camera)
        self._water = water_view(camera, story.weather.clarity, noon.sun, seed)
        self._grain = _grain_bank(camera.size_wh, seed)
        self._lit: tuple[float, Image] | None = None

    def paint(self, instant: Instant) -> Image:
        """The picture (h, w, 3) of a instant."""
        day, t = instant.day, instant.t
        base = self._lit_backdrop(t)
        picture = self._grained(base, t)
        strength = self._shadow_strength(day)
        dry = [b for b in instant.beings if float(b.place[2]) > WATER_Z]
        if strength > 0.03:
            for being in dry:
                lit = self._sky.sunlit_at(float(being.place[0]), float(being.place[1]), t)
                cast_shadow(picture, being.solid, self.camera, day.sun, strength * lit)
        if strength < 0.25:
            self._contacts(picture, dry)
        if self._water is not None:
            self._paint_water(picture, self._water, instant)
        self._paint_beings(picture, instant, base)
        self._splashes(picture, instant)
        if self._story.weather.rain > 0:
            self._rain(picture, t)
        if day.infrared:
            grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
            cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR, dst=picture)
        return picture

    def _shadow_strength(self, day: Day) -> float:
        weather = self._story.weather
        return 0.0 if day.infrared else 0.52 * day.daylight * (1 - 0.8 * weather.rain)

    def _lit_backdrop(self, t: float) -> Image:
        step = float(np.floor(t / LIGHT_STEP_S) * LIGHT_STEP_S)
        if self._lit is None or self._lit[0] != step:
            then = day_at(self._story, step)
            shade = shade_picture(self._ground, self._sky, then, step, self.camera)
            strength = self._shadow_strength(then)
            if strength > 0.03:
                for mask, left, top in self._still_shadow:
                    target = shade[top : top + mask.shape[0], left : left + mask.shape[1]]
                    left_over = cv2.convertScaleAbs(mask, alpha=-strength, beta=255)
                    cv2.multiply(target, cv2.merge([left_over] * 3), dst=target, scale=1 / 255)
            base = np.asarray(cv2.multiply(self._dry, shade, scale=1 / ONE), dtype=np.uint8)
            self._lit = (step, base)
        return self._lit[1]

    def _furnish(self, noon: Day) -> tuple[list[tuple[Sprite, bool]], list[tuple[Image, int, int]]]:
        """Paints the furniture into the backdrop; its sprites, far ones first, and its shadows. The water is
        painted over what stands in it: what of that is above the water comes again in every picture."""
        light = light_for(noon, 1.0, self.camera, 8.0)
        whole: list[Sprite] = []
        again: list[tuple[Sprite, bool]] = []
        shadows = []
        for piece in furniture():
            in_water = bool(piece.packed()[0][:, 2].min() < WATER_Z)
            sprite = painted(piece, seen_dry(piece, self.camera, False), self.camera, light, {}, finer=4)
            whole += [sprite] if sprite is not None else []
            if in_water:
                above = cut_at_surface(piece)
                sprite = painted(above, seen_dry(above, self.camera, True), self.camera, light, {}, finer=4)
            again += [(sprite, in_water)] if sprite is not None else []
            mask = shadow_mask(piece, self.camera, noon.sun)
            shadows += [mask] if mask is not None else []
        for sprite in sorted(whole, key=lambda s: -s.depth_m):
            _put(self._dry, sprite)
        return again, shadows

    def _light(self, solid: Solid, day: Day, t: float) -> Light:
        x, y = (float(v) for v in solid.centres[0][:2])
        far = float(np.linalg.norm(solid.centres[0] - self.camera.position))
        return light_for(day, self._sky.sunlit_at(x, y, t), self.camera, far)

    def _sprite(self, solid: Solid, day: Day, t: float, wet: bool) -> Sprite | None:
        seen = seen_dry(solid, self.camera, wet)
        finer = 1 if self.camera.size_wh[0] > 2000 else 2
        return painted(solid, seen, self.camera, self._light(solid, day, t), self._textures, finer)

    def _contacts(self, picture: Image, beings: list[Being]) -> None:
        """The dark under feet and bodies where they touch the ground."""
        for being in beings:
            centres = being.solid.packed()[0]
            low = centres[(centres[:, 2] > -0.01) & (centres[:, 2] < 0.10)]
            if not len(low):
                continue
            at = self.camera.project(low * (1, 1, 0))
            for x, y, far in at[:: max(1, len(low) // 4)]:
                size = 0.085 * self.camera.focal / max(far, 0.5)
                _darken(picture, x, y, size, size * 0.38)

    def _paint_water(self, picture: Image, view: WaterView, instant: Instant) -> None:
        day, t, weather = instant.day, instant.t, self._story.weather
        inside = self._inhabited(view, instant)
        slopes = self._ripples.slopes(view.patch, t)
        wakes = [Wake(float(b.place[0]), float(b.place[1]), b.stirs) for b in instant.beings if b.stirs > 0]
        add_wakes(slopes, view.patch, view.camera, view.corner, wakes + self._drops(t), t)
        caustics = None
        sunny = day.daylight * (1 - 0.85 * weather.rain) * (1 - 0.3 * weather.clouds)
        if not day.infrared and sunny > 0.1:
            lines = cv2.convertScaleAbs(self._ripples.caustics(view.patch, t), alpha=0.26 * sunny)
            caustics = np.asarray(lines, dtype=np.uint8)
        gain = np.full(3, 0.42, np.float32) if day.infrared else day.gain
        glare = 0.0 if day.infrared else weather.glare * day.daylight
        water = shown_water(view, inside, slopes, caustics, gain, glare)
        lamps = 0.0 if day.infrared else max(0.0, 0.75 - 1.5 * day.daylight)
        if lamps > 0:
            glow = (view.glow * np.float32(lamps))[..., None] * np.array((190, 176, 60), np.float32)
            water = np.asarray(cv2.add(water, glow.astype(np.uint8)), dtype=np.uint8)
        paste_water(picture, view, water)

    def _inhabited(self, view: WaterView, instant: Instant) -> Image:
        """The pool's inside with everybody who is under water, far ones first."""
        # What merely floats shows next to nothing of its underside.
        wet = [b for b in instant.beings if b.wet and b.joints is not None]
        if not wet:
            return view.inside
        inside = view.inside.copy()
        tint = Tint(WATER_TINT, 0.50 / max(self._story.weather.clarity, 0.05))
        wet.sort(key=lambda b: float(b.place[2]))
        left, top = view.corner
        light = Light(instant.day.sun, UNDER_AMBIENT, UNDER_DIFFUSE)
        for being in wet:
            solid = cut_at_surface(being.solid)
            sprite = painted(solid, seen_wet(solid, view.camera), view.camera, light, self._textures, 1, tint)
            if sprite is not None:
                depth = max(0.0, WATER_Z - float(solid.packed()[0][:, 2].mean()))
                soft = cv2.GaussianBlur(sprite.image, (0, 0), 0.45 + 1.0 * depth)
                _put(inside, Sprite(np.asarray(soft, np.uint8), sprite.left - left, sprite.top - top, 0.0))
        return inside

    def _drops(self, t: float) -> list[Wake]:
        """Rings of rain drops on the water."""
        count = int(14 * self._story.weather.rain)
        if not count:
            return []
        rng = np.random.default_rng((self._seed, 11, int(t * 5)))
        return [Wake(float(x), float(y), 0.012) for x, y in rng.uniform((0.2, 0.2), (7.8, 3.8), (count, 2))]

    def _paint_beings(self, picture: Image, instant: Instant, base: Image) -> None:
        """Far to near; furniture is in the backdrop already and comes again over whoever is behind, and over
        the water that it stands in."""
        sprites: list[tuple[Sprite, bool, bool]] = [(piece, True, wet) for piece, wet in self._pieces]
        for being in instant.beings:
            solid = cut_at_surface(being.solid) if being.wet else being.solid
            sprite = self._sprite(solid, instant.day, instant.t, being.wet)
            if sprite is not None:
                sprites.append((sprite, False, being.wet))
        behind: list[Sprite] = []
        for sprite, standing, wet in sorted(sprites, key=lambda s: -s[0].depth_m):
            if not standing:
                _put(picture, sprite)
                behind.append(sprite)
            elif wet or any(_overlap(sprite, other) for other in behind):
                _put_again(picture, sprite, base)

    def _splashes(self, picture: Image, instant: Instant) -> None:
        """Foam where hands and feet beat the surface."""
        for being in instant.beings:
            joints = being.joints
            if joints is None or not being.wet or being.doing not in ("swim", "jump_in", "sink", "dive"):
                continue
            rng = np.random.default_rng((self._seed, being.id, int(instant.t * 10)))
            names = ("left_hand", "right_hand", "left_toe", "right_toe")
            beating = [joints.points[n] for n in (names if being.doing == "swim" else names[:2])]
            places = [p[:2] for p in beating if abs(float(p[2]) - WATER_Z) < 0.16]
            if places:
                self._foam(picture, np.array(places), instant.day, rng)

    def _foam(self, picture: Image, places: Reals, day: Day, rng: np.random.Generator) -> None:
        white = [float(v) for v in np.minimum(FOAM * day.gain, 255)]
        count = 6 * len(places)
        flat = rng.normal(np.repeat(places, 6, axis=0), 0.07)
        spots = np.column_stack([flat, WATER_Z + np.abs(rng.normal(0, 0.04, count))])
        at = self.camera.project(spots)
        radii = rng.uniform(0.006, 0.020, count) * self.camera.focal / np.maximum(at[:, 2], 0.5)
        for (u, v, _), radius in zip(at.tolist(), radii.tolist(), strict=True):
            cv2.circle(
                picture, (int(u * 16), int(v * 16)), max(8, int(radius * 16)), white, -1, cv2.LINE_AA, 4
            )

    def _rain(self, picture: Image, t: float) -> None:
        height, width = picture.shape[:2]
        rng = np.random.default_rng((self._seed, 12, int(t * 30)))
        count = int(420 * self._story.weather.rain * width / 1280)
        veil = np.zeros((height // 2, width // 2), np.uint8)
        starts = rng.uniform((0, -20), (width / 2, height / 2), (count, 2))
        lengths = rng.uniform(8, 26, count)
        for (x, y), length in zip(starts, lengths, strict=True):
            end = (int(x - length * 0.12), int(y + length))
            cv2.line(veil, (int(x), int(y)), end, int(30 + 1.4 * length), 1, cv2.LINE_AA)
        soft = cv2.resize(veil, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.add(picture, cv2.merge([soft] * 3), dst=picture)

    def _grained(self, base: Image, t: float) -> Image:
        """The backdrop with a camera's grain: a piece of the bank that differs from picture to picture."""
        height, width = base.shape[:2]
        rng = np.random.default_rng((self._seed, 13, round(t * 1000)))
        y, x = (int(v) for v in rng.integers(0, 64, 2))
        return np.asarray(cv2.add(base, self._grain[y : y + height, x : x + width]), dtype=np.uint8)


def _grain_bank(size_wh: tuple[int, int], seed: int) -> Image:
    rng = np.random.default_rng((seed, 14))
    shape = (size_wh[1] + 64, size_wh[0] + 64, 3)
    grain = rng.normal(GRAIN, 1.3, shape).astype(np.float32)
    return np.clip(np.round(grain), 0, 2 * GRAIN).astype(np.uint8)


def _put(picture: Image, sprite: Sprite) -> None:
    """Lays a sprite on a picture where they overlap."""
    height, width = sprite.image.shape[:2]
    x0, y0 = max(0, sprite.left), max(0, sprite.top)
    x1, y1 = min(picture.shape[1], sprite.left + width), min(picture.shape[0], sprite.top + height)
    if x1 <= x0 or y1 <= y0:
        return
    part = sprite.image[y0 - sprite.top : y1 - sprite.top, x0 - sprite.left : x1 - sprite.left]
    blend(picture[y0:y1, x0:x1], part)


def _put_again(picture: Image, piece: Sprite, base: Image) -> None:
    """Lays a piece of furniture, as the lit backdrop shows it, over a picture."""
    height, width = piece.image.shape[:2]
    area = (slice(piece.top, piece.top + height), slice(piece.left, piece.left + width))
    alpha = cv2.extractChannel(piece.image, 3)
    lit = cv2.multiply(base[area], cv2.merge([alpha] * 3), scale=1 / 255)
    blend(picture[area], np.asarray(cv2.merge([*cv2.split(lit), alpha]), dtype=np.uint8))


def _overlap(a: Sprite, b: Sprite) -> bool:
    return bool(
        a.left < b.left + b.image.shape[1]
        and b.left < a.left + a.image.shape[1]
        and a.top < b.top + b.image.shape[0]
        and b.top < a.top + a.image.shape[0]
    )


def _darken(picture: Image, x: float, y: float, wide: float, high: float) -> None:
    """A soft dark ellipse."""
    x0, y0 = int(x - wide) - 1, int(y - high) - 1
    x1, y1 = int(x + wide) + 2, int(y + high) + 2
    if x0 < 0 or y0 < 0 or x1 > picture.shape[1] or y1 > picture.shape[0] or wide < 1.5:
        return
    us, vs = np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5
    away = ((us - x) / wide)[None, :] ** 2 + ((vs - y) / max(high, 1))[:, None] ** 2
    keep = (255 * (1 - 0.34 * np.clip(1 - away, 0, 1))).astype(np.uint8)
    target = picture[y0:y1, x0:x1]
    cv2.multiply(target, cv2.merge([keep] * 3), dst=target, scale=1 / 255)
