"""The alarm's sound, as a WAV file in memory."""

from __future__ import annotations

import io
import wave

import numpy as np

RATE_HZ = 48_000
# Two tones in turn, in the range where ears of every age and small loudspeakers are at their best (ISO 7731
# asks for 500 to 2,500 Hz and for a change that nothing else in the house makes).
TONES_HZ = (960.0, 770.0)
TONE_S = 0.25
PATTERN_S = 4.0
_LOUDNESS = 0.9
_EDGE_S = 0.005


def alarm_wav() -> bytes:
    """`PATTERN_S` seconds of the two tones in turn, 16 bits, one channel, beginning and ending in silence."""
    t = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    # Soft edges: a jump would crackle.
    edge = np.clip(np.minimum(t, TONE_S - t) / _EDGE_S, 0.0, 1.0)
    # With the third harmonic, which small loudspeakers give better than the tone itself.
    tones = [edge * (np.sin(2 * np.pi * hz * t) + np.sin(6 * np.pi * hz * t) / 3) for hz in TONES_HZ]
    wave_ = np.tile(np.concatenate(tones), round(PATTERN_S / (TONE_S * len(TONES_HZ))))
    return _wav(_LOUDNESS * wave_ / np.abs(wave_).max())


def silent_wav(seconds: float = 0.2) -> bytes:
    """Nothing to hear: to find out whether sound can be played."""
    return _wav(np.zeros(round(seconds * RATE_HZ)))


def _wav(samples: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    packed = io.BytesIO()
    with wave.open(packed, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return packed.getvalue()
