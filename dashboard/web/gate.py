"""The gate in front of everything: pages, Streamlit's own endpoints, our routes, WebSockets, recordings.

What is not open is closed: a request without a signed-in device gets the sign-in page, or 401. Which account
it is stands in `scope["state"]["account"]`; what it may is asked of `accounts/roles.py`, here by method and
path, and once more where a command is given. Before there is an account only this machine comes in, so that
nobody else in the network becomes the owner. The server listens already and answers others with one sentence:
starting it anew to listen elsewhere would blind the watch that it started.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import os
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.accounts.book import Accounts
from dashboard.accounts.roles import NOBODY, REFUSED, Account, right_of_path
from dashboard.store import StoreError
from dashboard.web import notices
from dashboard.web.origin import origin_allowed

COOKIE = "poolwatch_session"
# Ours, of those that are left to programs: a page that hears it says that it is signed out.
SIGNED_OUT = 4401
_CHANGED = 1012
# So often it is looked whether a device with an open line is still signed in.
LOOK_EVERY_S = 2.0
_OPEN = ("/signin", "/healthz")
_OPEN_BELOW = "/signin/"
# Streamlit's own sign-in by a provider, which knows no accounts: it is ours that stands at the gate.
_AUTH, _CALLBACK = "/auth/", "/oauth2callback"
_HARMLESS = ("GET", "HEAD", "OPTIONS")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "SAMEORIGIN",
}
_FRAMES = "frame-ancestors 'self'"
_LOG = logging.getLogger(__name__)

Finder = Callable[[], Accounts | None]


class Gate:
    """Pure ASGI: a middleware of Starlette's own kind would let WebSockets pass."""

    def __init__(self, app: ASGIApp, accounts: Finder, open_paths: frozenset[str] = frozenset()) -> None:
        """`accounts` answers None until the program has started. `open_paths` are open as well."""
        self._app = app
        self._accounts = accounts
        self._open = frozenset(_OPEN) | open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] not in _HARMLESS and not own_page(headers):
            await notices.refused(403, "Only Poolwatch's own pages may do this.")(scope, receive, send)
            return
        try:
            refusal, account = await self._looked_at(scope, headers)
        except StoreError as error:
            _LOG.error("%s", error)
            refusal, account = notices.no_database(), NOBODY
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._app(_known_as(scope, account), receive, send)

    async def _looked_at(self, scope: Scope, headers: Headers) -> tuple[Response | None, Account]:
        """Why not, None for come in; and who it is."""
        path, method = str(scope["path"]), str(scope["method"])
        if path == _CALLBACK or (path + "/").startswith(_AUTH):
            return notices.refused(404, "Not Found"), NOBODY
        if path == "/healthz":
            return None, NOBODY
        accounts = self._accounts()
        if accounts is None:
            return notices.starting(), NOBODY
        if path == "/metrics" and _may_measure(scope, headers):
            return None, NOBODY
        if not await asyncio.to_thread(accounts.exist):
            return self._first_visit(scope, headers, path), NOBODY
        account = await signed_in(accounts, headers)
        if path in self._open or path.startswith(_OPEN_BELOW):
            return None, account or NOBODY
        if account is None:
            return _sign_in_first(headers, method, path, scope), NOBODY
        right = right_of_path(method, path)
        return None if account.may(right) else notices.refused(403, REFUSED[right]), account

    def _first_visit(self, scope: Scope, headers: Headers, path: str) -> Response | None:
        """Before there is an owner."""
        if not from_here(scope, headers):
            return notices.only_here(_address_here(scope))
        if path in _OPEN or path.startswith(_OPEN_BELOW):
            return None
        return (
            RedirectResponse("/signin", 303) if _is_page(headers) else notices.refused(401, "Sign in first.")
        )

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        accounts = self._accounts()
        if accounts is None or not origin_allowed(headers.get("origin"), headers.get("host")):
            await _hang_up(receive, send, 1013 if accounts is None else 1008)
            return
        try:
            account = await signed_in(accounts, headers)
        except StoreError as error:
            _LOG.error("%s", error)
            await _hang_up(receive, send, 1013)
            return
        if account is None:
            await _hang_up(receive, send, SIGNED_OUT, told=str(scope["path"]).startswith("/ws/"))
        elif not account.may(right_of_path("GET", str(scope["path"]))):
            await _hang_up(receive, send, 1008)
        else:
            line = _Line(accounts, account, cookie_of(headers), receive, send)
            await line.serve(self._app, _known_as(scope, account))


class _Line:
    """An open WebSocket: it ends when its device is signed out, and is made anew by its page when its account
    may do other things than before."""

    def __init__(
        self, accounts: Accounts, account: Account, token: str, receive: Receive, send: Send
    ) -> None:
        self._accounts = accounts
        self._account = account
        self._token = token
        self._receive = receive
        self._send = send
        self._over = asyncio.Event()
        self._began = False

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        watching = asyncio.create_task(self._watch())
        try:
            await app(scope, self._heard, self._said)
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                found = await _session(self._accounts, self._token)
            except StoreError:
                continue  # Whoever was let in hears the alarm.
            if found is None or found.role is not self._account.role:
                break
        code = SIGNED_OUT if found is None else _CHANGED
        self._over.set()
        if self._began:
            await self._send({"type": "websocket.close", "code": code, "reason": ""})

    async def _heard(self) -> Message:
        hearing = asyncio.ensure_future(self._receive())
        ending = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({hearing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if self._over.is_set():
                return {"type": "websocket.disconnect", "code": SIGNED_OUT}
            return hearing.result()
        finally:
            ending.cancel()
            if not hearing.done():
                hearing.cancel()

    async def _said(self, message: Message) -> None:
        if self._over.is_set():
            return  # What is said to a device that is signed out is not said.
        self._began = self._began or message["type"] == "websocket.accept"
        await self._send(message)


async def signed_in(accounts: Accounts, headers: Headers) -> Account | None:
    """Whose device sent these headers."""
    return await _session(accounts, cookie_of(headers))


async def _session(accounts: Accounts, token: str) -> Account | None:
    if not token:
        return None
    if (found := accounts.known(token)) is not None:
        return found.account
    return await asyncio.to_thread(accounts.session, token)


def cookie_of(headers: Mapping[str, str]) -> str:
    """What our cookie holds, "" without one."""
    text = headers.get("cookie", "")
    if COOKIE not in text:
        return ""
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def own_page(headers: Headers) -> bool:
    """Whether what changes something comes from a page of ours, or from a program."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return origin_allowed(headers.get("origin"), headers.get("host"))


def from_here(scope: Scope, headers: Headers) -> bool:
    """Whether it comes from this machine itself: not passed on by a proxy, and under this machine's own name,
    so that no page from elsewhere can have its browser ask for it."""
    if any(name in headers for name in _FORWARDED):
        return False
    name = headers.get("host", "").lower()
    name = name if name.endswith("]") else name.rpartition(":")[0] or name
    return is_loopback(scope) and name in _LOOPBACK_NAMES


def _address_here(scope: Scope) -> str:
    """Where this machine's own browser finds us: by the port at which the request came in."""
    port = (scope.get("server") or ("", None))[1]
    secure = scope.get("scheme") == "https"
    return f"{'https' if secure else 'http'}://localhost" + (f":{port}" if port else "")


def is_loopback(scope: Scope) -> bool:
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def address_of(scope: Scope) -> str:
    """Who is at the other end of the line. What a header says of that is not believed."""
    return str((scope.get("client") or ("", 0))[0]).removeprefix("::ffff:")


def _may_measure(scope: Scope, headers: Headers) -> bool:
    """/metrics is read by this machine, and with a token that the owner has set from elsewhere too."""
    token = os.environ.get("POOLWATCH_METRICS_TOKEN", "")
    given = headers.get("authorization", "").removeprefix("Bearer ").encode()
    return from_here(scope, headers) or (bool(token) and hmac.compare_digest(given, token.encode()))


def _is_page(headers: Headers) -> bool:
    mode = headers.get("sec-fetch-mode")
    return mode == "navigate" if mode else "text/html" in headers.get("accept", "")


def _sign_in_first(headers: Headers, method: str, path: str, scope: Scope) -> Response:
    if method == "GET" and _is_page(headers):
        asked = path + (f"?{scope['query_string'].decode('latin-1')}" if scope.get("query_string") else "")
        there = "" if asked == "/" else f"?next={quote(asked, safe='/')}"
        return RedirectResponse(f"/signin{there}", 303, {"cache-control": "no-store"})
    return PlainTextResponse("Sign in first.", 401, {"cache-control": "no-store"})


def _known_as(scope: Scope, account: Account) -> Scope:
    return {**scope, "state": {**scope.get("state", {}), "account": account}}


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if "content-security-policy" not in headers:
                headers["content-security-policy"] = _FRAMES
        await send(message)

    return sending


async def _hang_up(receive: Receive, send: Send, code: int, told: bool = False) -> None:
    """Refuses a WebSocket; `told`: so that a page of ours hears the code, which it does only of a line that
    was open."""
    await receive()
    if told:
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    await send({"type": "websocket.close", "code": code, "reason": ""})
