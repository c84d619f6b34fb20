"""The PIN that a pause needs: kept as a slow hash, never as it is, and not to be guessed quickly."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from dashboard.clock import Clock

# RFC 7914's interactive parameters: about 50 ms and 16 MB a guess.
_N, _R, _P = 2**14, 8, 1
_LEAST, _MOST = 4, 12
_FREE_GUESSES = 5
_PAUSE_S = 30.0


class PinError(ValueError):
    """Why it is not taken, in a plain sentence."""


def checked(pin: str) -> str:
    """A PIN that may be set: 4 to 12 digits."""
    if not (pin.isascii() and pin.isdecimal() and _LEAST <= len(pin) <= _MOST):
        raise PinError(f"The PIN must be {_LEAST} to {_MOST} digits.")
    return pin


def hashed(pin: str) -> dict[str, object]:
    """What is kept. Slow on purpose."""
    salt = secrets.token_bytes(16)
    return {"salt": salt.hex(), "hash": _scrypt(pin, salt, _N, _R, _P).hex(), "n": _N, "r": _R, "p": _P}


def fits(pin: str, kept: Mapping[str, object]) -> bool:
    """Whether it is the PIN of `kept`. Slow on purpose."""
    numbers = [int(str(kept[key])) for key in ("n", "r", "p")]
    found = _scrypt(pin, bytes.fromhex(str(kept["salt"])), *numbers)
    return hmac.compare_digest(found, bytes.fromhex(str(kept["hash"])))


class Guesses:
    """Counts wrong PINs: after five in a row each one more has to wait half a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong = 0
        self._until = float("-inf")

    def check(self) -> None:
        """PinError while it must not be tried."""
        left_s = self._until - self._clock.monotonic()
        if left_s > 0:
            raise PinError(f"Too many wrong PINs: try again in {left_s:.0f} s.")

    def count(self, right: bool) -> None:
        """One more was tried."""
        self._wrong = 0 if right else self._wrong + 1
        if self._wrong >= _FREE_GUESSES:
            self._until = self._clock.monotonic() + _PAUSE_S


def _scrypt(pin: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=64 * 1024 * 1024)
