"""An OpenID Connect provider on loopback, small and strict: codes count once, for one client, one way back
and one PKCE verifier. A test turns what it answers into something wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from dashboard.clock import SystemClock

CLIENT, SECRET = "poolwatch", "a secret between two"
Claims = dict[str, Any]
Answer = tuple[int, str, bytes]


@dataclass
class Issuer:
    """`person`: who is signed in there. `bend` makes a token's claims wrong, `sign` signs them otherwise,
    `answers` replaces a whole answer by path; `asked` are the paths that were asked for."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    person: Claims = field(default_factory=lambda: {"email": "gus@example.org", "email_verified": True})
    now: Callable[[], float] = lambda: SystemClock().utc().timestamp()
    bend: Callable[[Claims], object] = lambda claims: None
    sign: Callable[[Claims], str] | None = None
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    more: Claims = field(default_factory=dict)
    page: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def metadata(self) -> Claims:
        ends = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
        }
        return {"issuer": self.url, **{key: self.url + path for key, path in ends.items()}, **self.more}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes on: nobody is asked."""
        assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
        assert query["client_id"] == CLIENT and "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> Answer:
        given = base64.b64decode(authorization.removeprefix("Basic ") or b"").decode()
        if given != f"{CLIENT}:{SECRET}":
            return as_json({"error": "invalid_client"}, 401)
        began = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = _packed(hashlib.sha256(verifier).digest())
        if (
            began is None
            or began["redirect_uri"] != form.get("redirect_uri")
            or began["code_challenge"] != challenge
        ):
            return as_json({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        claims = self.claims(began["nonce"], access)
        self.bend(claims)
        token = self.sign(claims) if self.sign is not None else self.signed(claims)
        return as_json({"access_token": access, "token_type": "Bearer", "id_token": token, "expires_in": 60})

    def claims(self, nonce: str, access: str) -> Claims:
        half = hashlib.sha256(access.encode()).digest()[:16]
        return {
            "iss": self.url,
            "sub": "1",
            "aud": CLIENT,
            "nonce": nonce,
            "iat": int(self.now()),
            "exp": int(self.now()) + 300,
            "at_hash": _packed(half),
            **self.person,
        }

    def signed(self, claims: Claims, key: RSAKey | None = None) -> str:
        with_key = key or self.key
        return jwt.encode({"alg": "RS256", "kid": str(self.key.kid)}, claims, with_key)

    def by_secret(self, claims: Claims, secret: bytes) -> str:
        text = _joined({"alg": "HS256", "kid": str(self.key.kid)}, claims)
        return f"{text}.{_packed(hmac.digest(secret, text.encode(), 'sha256'))}"

    def unsigned(self, claims: Claims) -> str:
        return _joined({"alg": "none", "typ": "JWT"}, claims) + "."

    def keys(self) -> Claims:
        return {"keys": [self.key.as_dict(private=False, use="sig")]}


def _joined(header: Claims, claims: Claims) -> str:
    return ".".join(_packed(json.dumps(part).encode()) for part in (header, claims))


def _packed(found: bytes) -> str:
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def as_json(found: object, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(found).encode()


def as_text(text: str, status: int = 200) -> Answer:
    return status, "text/html", text.encode()


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[Issuer]:
    """Until the block ends; `host` is the name under which it is found."""
    issuer = Issuer()

    class Handler(_Handler):
        house = issuer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.url = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="issuer", daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    house: Issuer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            onward = self.house.authorize(query)
            if self.house.page:
                self._send(as_text(f'<h1>The provider</h1><a href="{escape(onward)}">It is me</a>'))
            else:
                self._send((302, "text/plain", b""), onward)
        elif parts.path == "/.well-known/openid-configuration":
            self._answer(parts.path, lambda: as_json(self.house.metadata()))
        elif parts.path == "/keys":
            self._answer(parts.path, lambda: as_json(self.house.keys()))
        else:
            self._send(as_text("no such page", 404))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        sent_as = unquote(self.headers.get("Authorization", ""))
        self._answer(urlsplit(self.path).path, lambda: self.house.token(form, sent_as))

    def _answer(self, path: str, usual: Callable[[], Answer]) -> None:
        self.house.asked.append(path)
        self._send(self.house.answers.get(path, usual)())

    def _send(self, answer: Answer, onward: str = "") -> None:
        status, kind, body = answer
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if onward:
                self.send_header("Location", onward)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # Whoever asked has given up.

    def log_message(self, format: str, *args: Any) -> None:
        """Tests say what went wrong."""


def secrets_toml(issuer: Issuer, redirect_uri: str, name: str = "house") -> str:
    """The section `[auth]` for it."""
    return f"""
[auth]
redirect_uri = "{redirect_uri}"
cookie_secret = "a cookie's secret, long enough"

[auth.{name}]
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{issuer.url}/.well-known/openid-configuration"
"""
