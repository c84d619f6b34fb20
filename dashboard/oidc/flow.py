"""What this browser keeps between going to the provider and coming back: signed, for some minutes, for one
sign-in. Time comes as an argument, in seconds since 1970."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from dashboard.oidc.errors import RefusedError

# As long as somebody may need at the provider: a password, a second factor, consent.
LASTS_S = 600
_ALGORITHM = "HS256"
# Streamlit signs with the same secret.
_PURPOSE = b"poolwatch.oidc.flow\0"
_FIELDS = ("provider", "state", "nonce", "verifier", "there")
NOT_BEGUN = "This sign-in was not begun in this browser, or too long ago. Begin it again."


@dataclass(frozen=True)
class Flow:
    """One sign-in under way; `there`: the page to go to afterwards."""

    provider: str
    state: str
    nonce: str
    verifier: str
    there: str


def begun(provider: str, there: str) -> Flow:
    """State and nonce of 256 bits; the verifier as RFC 7636 has it."""
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (32, 32, 48))
    return Flow(provider, state, nonce, verifier, there)


def packed(flow: Flow, secret: str, now: float) -> str:
    claims = {**{name: getattr(flow, name) for name in _FIELDS}, "exp": int(now) + LASTS_S}
    return jwt.encode({"alg": _ALGORITHM}, claims, _key(secret))


def unpacked(cookie: str, secret: str, now: float) -> Flow:
    """RefusedError for one that is not ours, or is over."""
    if not cookie or len(cookie) > 4096:
        raise RefusedError(NOT_BEGUN)
    try:
        token = jwt.decode(cookie, _key(secret), algorithms=[_ALGORITHM])
        jwt.JWTClaimsRegistry(int(now), exp={"essential": True}).validate(token.claims)
        return Flow(*(str(token.claims[name]) for name in _FIELDS))
    except (JoseError, ValueError, KeyError):
        raise RefusedError(NOT_BEGUN) from None


def _key(secret: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(_PURPOSE + secret.encode()).digest())


class Once:
    """Which sign-ins came back already. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}

    def take(self, state: str, now: float) -> None:
        """RefusedError the second time."""
        with self._lock:
            self._used = {key: until for key, until in self._used.items() if until > now}
            if state in self._used:
                raise RefusedError("This sign-in was used already. Begin it again.")
            self._used[state] = now + LASTS_S
