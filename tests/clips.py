"""Recordings made for tests: every picture carries its number, and damage comes from a seed."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dashboard.values import Image

BITS = 10
TICKS = 1000


def picture(number: int, size_wh: tuple[int, int] = (320, 240)) -> Image:
    """A picture whose upper half tells `number` in black and white stripes, above a moving gradient."""
    width, height = size_wh
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :, 1] = (np.arange(width) + 7 * number) % 256
    edges = np.linspace(0, width, BITS + 1).round().astype(int)
    for bit in range(BITS):
        image[: height // 2, edges[bit] : edges[bit + 1]] = 255 if number >> bit & 1 else 0
    return image


def number_in(image: Image) -> int:
    """The number that `picture` wrote, as it survives compression."""
    height, width, _ = image.shape
    edges = np.linspace(0, width, BITS + 1).round().astype(int)
    stripes = [
        image[: height // 4, a + 1 : max(a + 2, b - 1)].mean() > 127 for a, b in itertools.pairwise(edges)
    ]
    return sum(1 << bit for bit, lit in enumerate(stripes) if lit)


def write_clip(
    path: Path,
    pictures: Iterable[Image] | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    stamps_ms: Sequence[int] | None = None,
    rate: int = 25,
    gop: int = 12,
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
) -> Path:
    """A recording of `pictures` (30 numbered ones without), one every 1/rate s or at `stamps_ms`."""
    frames = list(pictures) if pictures is not None else [picture(n) for n in range(30)]
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        stream.gop_size = gop
        # Formats such as AVI know a rate only.
        tick = Fraction(1, rate) if stamps_ms is None else Fraction(1, TICKS)
        stream.codec_context.time_base = tick
        for n, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts = n if stamps_ms is None else stamps_ms[n]
            frame.time_base = tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """A recording with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        for n in range(8):
            tone = np.sin(np.arange(1024) * 0.3).astype(np.float32)[None]
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 8000, n * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def damage(path: Path, seed: int, start: float = 0.5, end: float = 0.7, count: int = 30) -> None:
    """Overwrites `count` random bytes between two fractions of the file."""
    data = bytearray(path.read_bytes())
    generator = np.random.default_rng(seed)
    for at in generator.integers(int(start * len(data)), int(end * len(data)), count):
        data[at] = generator.integers(256)
    path.write_bytes(data)


def turn(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Sets the turning part (a, b, c, d) of an MP4's display matrix, as a phone does."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    a, b, c, d = (n << 16 for n in matrix)
    struct.pack_into(">9i", data, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
