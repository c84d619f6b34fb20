"""Asking a provider, within limits: of time, of size, without following where it points, over TLS."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException, Response
from urllib3.exceptions import HTTPError

from dashboard.clock import Clock
from dashboard.oidc.config import ConfigError, Provider, checked_url
from dashboard.oidc.errors import ProviderError

# To connect, and for each piece of an answer; in seconds.
CONNECT_S, PIECE_S = 3.0, 4.0
# For a whole answer, in seconds.
ANSWER_S = 8.0
# Google's and Microsoft's metadata and keys have 2 to 20 kB.
MOST_BYTES = 262_144
_PIECE = 8_192


class Line(OAuth2Session):  # type: ignore[misc]
    """A session of Authlib's on `requests` for one sign-in. ProviderError for whatever goes wrong."""

    def __init__(self, provider: Provider, redirect_uri: str, clock: Clock, method: str = "") -> None:
        super().__init__(
            client_id=provider.client_id,
            client_secret=provider.client_secret or None,
            token_endpoint_auth_method=provider.method or method or None,
            scope=provider.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        self._label = provider.label
        self._clock = clock
        # The machine's proxy is for what lies outside it.
        self.trust_env = urlsplit(provider.metadata_url).scheme == "https"

    def request(self, method: str, url: str, **options: Any) -> Response:
        """As `requests` does it, bounded; an answer that is no 2xx or 4xx is an error."""
        try:
            checked_url(url, "An address that it names")
        except ConfigError as error:
            raise self.failed(str(error)) from None
        bounds = {"timeout": (CONNECT_S, PIECE_S), "stream": True, "allow_redirects": False}
        plain = {"Accept-Encoding": "identity", "Connection": "close"}
        headers = {**(options.pop("headers", None) or {}), **plain}
        try:
            response: Response = super().request(method, url, headers=headers, **options, **bounds)
            with response:
                response._content = self._read(response)
                response._content_consumed = True
        except (RequestException, HTTPError, OSError) as error:
            raise self.failed(f"{type(error).__name__} at {urlsplit(url).netloc}", answers=False) from None
        if not (200 <= response.status_code < 300 or 400 <= response.status_code < 500):
            raise self.failed(f"status {response.status_code} at {urlsplit(url).netloc}", answers=False)
        return response

    def _read(self, response: Response) -> bytes:
        until, whole = self._clock.monotonic() + ANSWER_S, bytearray()
        while piece := response.raw.read1(_PIECE, decode_content=False):
            whole += piece
            if len(whole) > MOST_BYTES:
                raise self.failed(f"more than {MOST_BYTES} bytes")
            if self._clock.monotonic() > until:
                raise self.failed(f"not whole after {ANSWER_S:.0f} s", answers=False)
        return bytes(whole)

    def document(self, url: str) -> dict[str, Any]:
        """A JSON object from an address that needs no token."""
        response = self.request("GET", url, withhold_token=True, headers={"Accept": "application/json"})
        if response.status_code != 200:
            raise self.failed(f"status {response.status_code} at {urlsplit(url).netloc}", answers=False)
        return self.object_of(response)

    def object_of(self, response: Response) -> dict[str, Any]:
        try:
            found = json.loads(response.content)
        except (ValueError, RecursionError):
            raise self.failed("no JSON") from None
        if not isinstance(found, dict):
            raise self.failed("no JSON object")
        return found

    def failed(self, reason: str, answers: bool = True) -> ProviderError:
        """`answers`: it does, but nonsense."""
        what = "sends what cannot be read" if answers else "does not answer"
        sentence = f"{self._label} {what}. Sign in with your password, or try again later."
        return ProviderError(sentence, f"{self._label}: {reason}")
