"""What recording costs: milliseconds of CPU a frame for both encodings, drawing and clip writing at 1280x720
with nobody, two and six people in the picture, bytes a minute, and whether memory grows. The peer, in the
same run on the same pictures, encodes the real picture alone with the same encoder."""

from __future__ import annotations

import argparse
import functools
import os
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.record.camera import CameraRecorder, Shot
from dashboard.record.clip import ClipOrder, Finished
from dashboard.record.coding import Coder, fitted
from dashboard.record.seal import new_seal
from dashboard.settings import RecordSettings
from dashboard.values import Image
from tests.bench.processor import cpu_s
from tests.unit.record_stage import CLIP, HEAD, OTHER, observed, walker

SIZE_WH = (1280, 720)
FRAMES_PER_S = 10
WARM_UP, FRAMES = 130, 120
LONG = 1000
CROWDS = (0, 2, 6)
# Sensor noise as of a camera by day, so that a calm picture is not free.
_NOISE = 3.0
_MADE = 30
_FILES = (".mp4", ".sealed", ".track.gz")


def run(_options: argparse.Namespace) -> dict[str, Any]:
    """Figures by the number of people; `no_clip` while nothing is written, `clip` while a clip is."""
    public = new_seal("a passphrase for a bench").public
    figures = {str(people): _measured(people, public) for people in CROWDS}
    return {"size": SIZE_WH, "frames_per_s": FRAMES_PER_S, "people": figures, "memory": _memory(public)}


def _measured(people: int, public: bytes) -> dict[str, float]:
    film = _film(people)
    with tempfile.TemporaryDirectory(prefix="poolwatch-bench-") as folder:
        told: list[Finished] = []
        recorder = CameraRecorder(RecordSettings(longest_s=600), told.append)
        recorder.seal(public)
        _run(recorder, film, people, 0, WARM_UP)
        calm = _run(recorder, film, people, WARM_UP, FRAMES)
        begin = WARM_UP + FRAMES
        until_s = (begin + FRAMES) / FRAMES_PER_S
        day = Path(folder) / "clips" / "2026-07-01"
        recorder.order(ClipOrder(CLIP, begin / FRAMES_PER_S - 10, until_s - 0.05, day, HEAD))
        busy = _run(recorder, film, people, begin, FRAMES + 1)
        (clip,) = told
        assert not clip.why and clip.sealed, clip.why
        minutes = (clip.ended_t - clip.began_t) / 60
        kb = {ending: round((day / f"{CLIP}{ending}").stat().st_size / 1000 / minutes) for ending in _FILES}
    peer = _peer(film)
    return {
        "ms_no_clip": round(calm, 2),
        "ms_clip": round(busy, 2),
        "ms_peer": round(peer, 2),
        "kb_a_minute_twin": kb[".mp4"],
        "kb_a_minute_real": kb[".sealed"],
        "kb_a_minute_track": kb[".track.gz"],
    }


def _run(recorder: CameraRecorder, film: list[Image], people: int, first: int, count: int) -> float:
    """Milliseconds of this process's CPU a frame; making the observations is not in it."""
    shots = []
    for number in range(first, first + count):
        t = number / FRAMES_PER_S
        seen = [{**walker(t, _x(number, k)), "id": k + 1} for k in range(people)]
        observation = observed(t, seen, size=list(SIZE_WH))
        shots.append(Shot(film[number % len(film)], t, observation, _backdrop()))
    began = cpu_s()
    for shot in shots:
        recorder.film(shot)
        recorder.turn(shot.t)
    return 1000 * (cpu_s() - began) / count


def _peer(film: list[Image]) -> float:
    settings = RecordSettings()
    width, height = fitted(film[0], settings.width).shape[1::-1]
    coder = Coder((width, height), settings)
    whole_every = round(settings.segment_s * FRAMES_PER_S)
    began = cpu_s()
    for number in range(FRAMES):
        image = fitted(film[number % len(film)], settings.width)
        coder.encode(image, number / FRAMES_PER_S, number % whole_every == 0)
    return 1000 * (cpu_s() - began) / FRAMES


def _memory(public: bytes) -> dict[str, float]:
    """Resident memory over `LONG` frames after the rings are full, a clip in the middle of it."""
    film = _film(2)
    with tempfile.TemporaryDirectory(prefix="poolwatch-bench-") as folder:
        told: list[Finished] = []
        recorder = CameraRecorder(RecordSettings(), told.append)
        recorder.seal(public)
        _run(recorder, film, 2, 0, 2 * WARM_UP)
        before = _resident()
        for part in range(LONG // 100):
            if part == 4:
                t = (2 * WARM_UP + 100 * part) / FRAMES_PER_S
                recorder.order(ClipOrder(OTHER, t - 10, t + 10, Path(folder) / "clips" / "2026-07-01", HEAD))
            _run(recorder, film, 2, 2 * WARM_UP + 100 * part, 100)
        grown = _resident() - before
        assert len(told) == 1 and not told[0].why
    return {"frames": LONG, "growth_mb": round(grown / 1e6, 1), "mb": round(_resident() / 1e6)}


def _film(people: int) -> list[Image]:
    """A noisy garden with water that moves, and people who walk through it."""
    noise = np.random.default_rng(7).normal(0, _NOISE, _empty().shape).astype(np.int16)
    found = []
    for number in range(_MADE):
        image = _empty()
        for k in range(people):
            x = int(_x(number, k))
            cv2.rectangle(image, (x - 40, 80), (x + 60, 280), (40 + 25 * k, 30, 250), -1)
        noisy = image + np.roll(noise, 97 * number, axis=1)
        found.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return found


def _empty() -> Image:
    """A lawn with a texture, and a pool."""
    dice = np.random.default_rng(3)
    coarse = dice.integers(60, 150, (SIZE_WH[1] // 16, SIZE_WH[0] // 16, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(coarse, SIZE_WH, interpolation=cv2.INTER_CUBIC), np.uint8)
    cv2.rectangle(image, (300, 320), (1100, 680), (200, 160, 60), -1)
    return image


def _resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@functools.cache
def _backdrop() -> Image:
    """Always the same object, as long as nothing new is learnt."""
    return _empty()


def _x(number: int, k: int) -> float:
    """Where the k-th walks, px: back and forth within the film's length."""
    along = abs((number % _MADE) - _MADE / 2) / (_MADE / 2)
    return 80 + 180 * k + 120 * along
