"""The way to a provider and back. It runs by threads of its own: however slowly a provider answers, nobody
who signs in with a password waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import TypeVar
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.accounts.book import Accounts
from dashboard.accounts.members import AccountError
from dashboard.oidc.config import BACK
from dashboard.oidc.desk import Desk
from dashboard.oidc.errors import OidcError, ProviderError
from dashboard.oidc.flow import LASTS_S
from dashboard.store import StoreError
from dashboard.web import notices, service
from dashboard.web.gate import address_of
from dashboard.web.visits import device, next_of, with_cookie

START = "/signin/oidc/"
COOKIE = "poolwatch_oidc"
# At the provider's pace: more at once than a household has are told to wait.
THREADS, AT_ONCE = 4, 8
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class BusyError(OidcError):
    """Too many at once."""


class Pool:
    """See the module's line."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="oidc")
        self._doing = 0

    async def do(self, work: Callable[[], T]) -> T:
        """BusyError when there is too much to do already."""
        if self._doing >= AT_ONCE:
            raise BusyError("Too many are signing in through a provider. Try again in a moment.")
        self._doing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._doing -= 1


def oidc_routes() -> list[BaseRoute]:
    """To be put next to the server's other routes."""
    pool = Pool()

    async def back(request: Request) -> Response:
        return await _back(request, pool)

    async def start(request: Request) -> Response:
        return await _start(request, pool)

    return [
        Route(BACK, back, methods=["GET"]),
        Route(START + "{name:str}", start, methods=["GET"]),
    ]


def buttons(there: str) -> tuple[tuple[str, str], ...]:
    """(label, address) of each provider that is whole, for the sign-in page."""
    found = service.current_or_none()
    desk = found.oidc if found is not None else None
    onward = "" if there == "/" else f"?next={quote(there, safe='/')}"
    return tuple((one.label, f"{START}{one.name}{onward}") for one in desk.config().providers) if desk else ()


async def _start(request: Request, pool: Pool) -> Response:
    found = service.current_or_none()
    if found is None or found.oidc is None or found.accounts is None:
        return _not_here()
    desk, name = found.oidc, request.path_params["name"]
    there = next_of(request.query_params.get("next"))
    config = await asyncio.to_thread(desk.config)
    if config.provider(name) is None:
        return _not_here()
    if (elsewhere := _elsewhere(request, config.redirect_uri, name, there)) is not None:
        return elsewhere
    try:
        address, cookie = await pool.do(lambda: desk.begin(name, there))
    except OidcError as error:
        return _failed(error)
    response = RedirectResponse(address, 303, dict(notices.CACHE))
    secure = request.scope.get("scheme") == "https"
    response.set_cookie(COOKIE, cookie, LASTS_S, path=START, secure=secure, httponly=True, samesite="lax")
    return response


def _elsewhere(request: Request, redirect_uri: str, name: str, there: str) -> Response | None:
    """The provider sends people to the one address that it was told: the cookie must lie there too."""
    home = urlsplit(redirect_uri)
    if request.headers.get("host", "").lower() == home.netloc.lower():
        return None
    if request.query_params.get("at") == "home":
        return notices.notice(
            421,
            "Not from this address",
            f"Signing in so works only at {escape(home.scheme)}://{escape(home.netloc)}.",
        )
    onward = f"{home.scheme}://{home.netloc}{START}{name}?at=home&next={quote(there, safe='/')}"
    return RedirectResponse(onward, 303, dict(notices.CACHE))


async def _back(request: Request, pool: Pool) -> Response:
    found = service.current_or_none()
    if found is None or found.oidc is None or found.accounts is None:
        return _not_here()
    desk, accounts = found.oidc, found.accounts
    try:
        response = await pool.do(lambda: _come(request, desk, accounts))
    except (OidcError, AccountError) as error:
        response = _failed(error)
    except StoreError as error:
        response = notices.notice(503, "Not now", escape(str(error)))
    response.delete_cookie(COOKIE, path=START)
    return response


def _come(request: Request, desk: Desk, accounts: Accounts) -> Response:
    """Signed in, or OidcError, AccountError, StoreError."""
    asked: list[str] = []

    def verified() -> tuple[str, str]:
        flow = desk.flow(request.cookies.get(COOKIE, ""))
        asked.append(next_of(flow.there))
        return desk.email(flow, dict(request.query_params)), flow.provider

    token = accounts.sign_in_by(verified, address_of(request.scope), device(request))
    return with_cookie(RedirectResponse(asked[0], 303, dict(notices.CACHE)), request, token)


def _failed(error: ValueError) -> Response:
    status = 401
    if isinstance(error, ProviderError):
        _LOG.warning("sign-in through a provider: %s", error.reason)
        status = 502
    elif isinstance(error, BusyError):
        status = 503
    elif str(error).startswith("Too many"):
        status = 429
    return notices.page(
        "Not signed in",
        f'<h1>Not signed in</h1><p class="wrong" role="alert">{escape(str(error))}</p>'
        '<p><a class="go" href="/signin">Back to the sign-in</a></p>',
        status,
    )


def _not_here() -> Response:
    return notices.notice(404, "No such provider", '<a href="/signin">Back to the sign-in</a>')
