"""One provider: where it does what, by its own metadata (OpenID Connect Discovery 1.0), its keys, the ID
token for a code. What it says of itself is kept for an hour. Safe for several threads; waits for the
network."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from authlib.integrations.base_client import OAuthError
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet
from requests import RequestException

from dashboard.clock import Clock
from dashboard.oidc.config import ConfigError, Provider, checked_url
from dashboard.oidc.errors import ProviderError, RefusedError
from dashboard.oidc.flow import Flow
from dashboard.oidc.line import Line
from dashboard.oidc.token import Expected, UnknownKeyError, verified

KEPT_S = 3600.0
# After a failure the next one to come is not made to wait for it as well.
FAILED_S = 5.0
# A token signed by an unknown key asks for the keys anew, but not each such token.
KEYS_AGAIN_S = 60.0
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Issuer:
    """What the metadata says; `named`: its answers name it (RFC 9207)."""

    name: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    method: str
    named: bool


@dataclass(frozen=True)
class _Failed:
    error: ProviderError
    t: float


class Client:
    """Us, at one provider."""

    def __init__(self, provider: Provider, redirect_uri: str, clock: Clock) -> None:
        self._provider = provider
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._lock = threading.Lock()
        self._issuer: tuple[Issuer, float] | None = None
        self._keys: tuple[KeySet, float] | None = None
        self._failed: _Failed | None = None

    def issuer(self) -> Issuer:
        """ProviderError when it does not say."""
        with self._lock:
            now = self._clock.monotonic()
            if self._issuer is not None and now - self._issuer[1] < KEPT_S:
                return self._issuer[0]
            if self._failed is not None and now - self._failed.t < FAILED_S:
                raise ProviderError(str(self._failed.error), self._failed.error.reason)
            line = self._line()
            try:
                found = self._checked(line, line.document(self._provider.metadata_url))
            except ProviderError as error:
                self._failed = _Failed(error, self._clock.monotonic())
                raise
            self._issuer = (found, now)
            return found

    def address(self, flow: Flow) -> str:
        """Where to send the browser."""
        issuer = self.issuer()
        more = {"prompt": self._provider.prompt} if self._provider.prompt else {}
        address, _ = self._line().create_authorization_url(
            issuer.authorization_endpoint,
            state=flow.state,
            code_verifier=flow.verifier,
            nonce=flow.nonce,
            **more,
        )
        return str(address)

    def claims(self, flow: Flow, code: str) -> Mapping[str, Any]:
        """Of the ID token that it gives for the code; RefusedError, ProviderError."""
        issuer = self.issuer()
        token = self._token(issuer, flow, code)
        expected = Expected(
            issuer.name, self._provider.client_id, flow.nonce, str(token.get("access_token") or "")
        )
        now = self._clock.utc().timestamp()
        try:
            return verified(token.get("id_token"), self._key_set(issuer, KEPT_S), expected, now)
        except UnknownKeyError:
            pass
        try:
            return verified(token.get("id_token"), self._key_set(issuer, KEYS_AGAIN_S), expected, now)
        except UnknownKeyError:
            raise RefusedError("What the provider says of you is signed by nobody known.") from None

    def _token(self, issuer: Issuer, flow: Flow, code: str) -> Mapping[str, Any]:
        line = self._line(issuer.method)
        try:
            found = line.fetch_token(
                issuer.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=flow.verifier,
                redirect_uri=self._redirect_uri,
            )
        except ProviderError:
            raise
        except OAuthError as error:
            _not_given(line, str(error.error))
        except (RequestException, ValueError, TypeError, RecursionError) as error:
            raise line.failed(f"the token endpoint: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise line.failed("the token endpoint: no object")
        return found

    def _key_set(self, issuer: Issuer, kept_s: float) -> KeySet:
        with self._lock:
            now = self._clock.monotonic()
            if self._keys is not None and now - self._keys[1] < kept_s:
                return self._keys[0]
            line = self._line()
            found = _keys_of(line.document(issuer.jwks_uri).get("keys"))
            if not found:
                raise line.failed("no key that signs")
            self._keys = (KeySet(found), now)
            return self._keys[0]

    def _checked(self, line: Line, said: Mapping[str, Any]) -> Issuer:
        name = said.get("issuer")
        if not isinstance(name, str) or name.rstrip("/") + _WELL_KNOWN != self._provider.metadata_url:
            raise line.failed(f"it calls itself another issuer than server_metadata_url: {str(name)[:200]}")
        found = {}
        for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            found[key] = str(said.get(key) or "")
            try:
                checked_url(found[key], key)
            except ConfigError as error:
                raise line.failed(str(error)) from None
        methods = said.get("token_endpoint_auth_methods_supported")
        by_post = (
            isinstance(methods, list) and "client_secret_basic" not in methods and methods != []
        ) and "client_secret_post" in methods
        named = said.get("authorization_response_iss_parameter_supported") is True
        return Issuer(name, **found, method="client_secret_post" if by_post else "", named=named)

    def _line(self, method: str = "") -> Line:
        return Line(self._provider, self._redirect_uri, self._clock, method)


def _not_given(line: Line, error: str) -> NoReturn:
    """The token endpoint refused."""
    if error == "invalid_grant":
        raise RefusedError("The provider does not take this sign-in (any more). Begin it again.")
    failed = line.failed(f"the token endpoint says {error[:60]!r}: look at client_id and client_secret")
    raise failed


def _keys_of(said: object) -> list[Any]:
    """Those that sign, of a kind that is known."""
    found = []
    for one in said if isinstance(said, list) else []:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC"):
            continue
        try:
            found.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found
