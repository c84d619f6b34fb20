"""Whether an ID token is the provider's, for us, for this sign-in, and of now (OpenID Connect Core 1.0,
3.1.3.7), and which e-mail address it vouches for."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from dashboard.oidc.errors import RefusedError

# Signatures alone that need the provider's own key: never "none", and never one by a secret that we know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# By how much its clock and ours may differ, in seconds.
LEEWAY_S = 60
LONGEST_TOKEN = 16_384


class UnknownKeyError(Exception):
    """It is signed by a key that is not among those: the provider may have changed them."""


@dataclass(frozen=True)
class Expected:
    """What must stand in it; `access_token` "" when none was given."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = ""


def verified(token: object, keys: KeySet, expected: Expected, now: float) -> Mapping[str, Any]:
    """Its claims; RefusedError when anything is not as it must be, UnknownKeyError."""
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise RefusedError(_not_right("there is none"))
    try:
        found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        claims = CodeIDToken(found.claims, found.header, _options(expected), _parameters(expected))
        claims.validate(int(now), LEEWAY_S)
    except InvalidKeyIdError:
        raise UnknownKeyError from None
    except JoseError as error:
        raise RefusedError(_not_right(error.description or error.error)) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise RefusedError(_not_right("it cannot be read")) from None
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise RefusedError(_not_right("nonce"))
    return dict(claims)


def email_of(claims: Mapping[str, Any]) -> str:
    """The address that the provider has checked; RefusedError without one."""
    email, checked = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str) or not email.strip():
        raise RefusedError("The provider names no e-mail address of yours.")
    # Some write it as text.
    if checked is not True and checked != "true":
        raise RefusedError("The provider has not checked that this e-mail address is yours.")
    return email.strip()


def _options(expected: Expected) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": expected.issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": expected.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": expected.nonce},
    }


def _parameters(expected: Expected) -> dict[str, Any]:
    found = {"nonce": expected.nonce, "client_id": expected.client_id}
    return {**found, "access_token": expected.access_token} if expected.access_token else found


def _not_right(why: str) -> str:
    return f"What the provider says of you is not right ({why[:80]}). Begin again."
