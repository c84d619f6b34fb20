"""Signing in, made by the server and without scripts: the first visit, the sign-in, an invitation, one's own
account. Password managers know their way around plain forms."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.accounts.book import Accounts
from dashboard.accounts.members import AccountError
from dashboard.accounts.roles import NOBODY, Account, Right
from dashboard.monitor.handle import MonitorError
from dashboard.monitor.pin import PinError, checked
from dashboard.store import StoreError
from dashboard.web import forms_html as form
from dashboard.web import notices, service
from dashboard.web.gate import COOKIE, address_of
from dashboard.web.oidc import buttons, oidc_routes
from dashboard.web.service import Service
from dashboard.web.visits import device, next_of, with_cookie

MAX_BODY_BYTES = 16_384
_ICON = (notices.HERE.parents[1] / "components" / "frame" / "icon.png").read_bytes()

Fields = dict[str, str]


class FormError(ValueError):
    """What was sent is no form of ours; the text says why."""


def signin_routes() -> list[BaseRoute]:
    """To be put next to the server's other routes."""
    return [
        Route("/signin", shown, methods=["GET"]),
        Route("/signin", sent, methods=["POST"]),
        Route("/signin/style.css", style, methods=["GET"]),
        Route("/signin/icon.png", icon, methods=["GET"]),
        Route("/signout", signed_out, methods=["POST"]),
        Route("/account", account_shown, methods=["GET"]),
        Route("/account", account_sent, methods=["POST"]),
        *oidc_routes(),
    ]


async def style(_request: Request) -> Response:
    return Response(notices.STYLE, media_type="text/css", headers={"cache-control": "no-cache"})


async def icon(_request: Request) -> Response:
    return Response(_ICON, media_type="image/png", headers={"cache-control": "max-age=86400"})


async def shown(request: Request) -> Response:
    """The first visit while there is no account, an invitation, or the sign-in."""
    found, accounts = _here()
    if not await asyncio.to_thread(accounts.exist):
        has_seal = await asyncio.to_thread(_seal_is_set, found)
        body = form.first_visit({"seal": "1"}, "", _pin_is_set(found), has_seal)
        return notices.page("First visit", body)
    if code := request.query_params.get("invitation", ""):
        return await asyncio.to_thread(_invitation, accounts, code, "")
    if _account(request) is not NOBODY:
        return RedirectResponse(next_of(request.query_params.get("next")), 303)
    return _signin(request.query_params.get("next", ""))


async def sent(request: Request) -> Response:
    """One of the three forms; what it did not take it shows again with the reason."""
    found, accounts = _here()
    try:
        fields = await _fields(request)
    except FormError as error:
        return notices.notice(413, "That is too much", str(error))
    doing = {"first": _first, "invitation": _accepted}.get(fields.get("act", ""), _sign_in)
    try:
        return await asyncio.to_thread(doing, request, found, accounts, fields)
    except StoreError as error:
        return notices.notice(503, "Not now", form.text(str(error)))


async def signed_out(request: Request) -> Response:
    _, accounts = _here()
    account = _account(request)
    await asyncio.to_thread(accounts.sign_out, account, _origin(request))
    return _without_cookie()


async def account_shown(request: Request) -> Response:
    return await asyncio.to_thread(_account_page, _here()[1], _account(request), "", "")


async def account_sent(request: Request) -> Response:
    """A new password, or every device signed out."""
    _, accounts = _here()
    try:
        fields = await _fields(request)
    except FormError as error:
        return notices.notice(413, "That is too much", str(error))
    doing = _everywhere if fields.get("act") == "everywhere" else _new_password
    return await asyncio.to_thread(doing, request, accounts, fields)


def _signin(there: str, name: str = "", error: str = "", status: int = 200) -> Response:
    onward = next_of(there)
    return notices.page("Sign in", form.sign_in(name, onward, error, buttons(onward)), status)


def _sign_in(request: Request, _found: Service, accounts: Accounts, fields: Fields) -> Response:
    name, there = fields.get("name", ""), fields.get("next", "")
    try:
        token = accounts.sign_in(name, fields.get("password", ""), address_of(request.scope), device(request))
    except AccountError as error:
        status = 429 if str(error).startswith("Too many") else 401
        return _signin(there, name[:60], str(error), status)
    return with_cookie(RedirectResponse(next_of(there), 303), request, token)


def _first(request: Request, found: Service, accounts: Accounts, fields: Fields) -> Response:
    name, password, pin = (fields.get(key, "") for key in ("name", "password", "pin"))
    try:
        if password != fields.get("again", ""):
            raise AccountError("The two passwords are not the same.")
        if pin:
            checked(pin)
        accounts.create_owner(name, password, _origin(request))
    except (AccountError, PinError) as error:
        typed = {"name": name[:60], "seal": fields.get("seal", "")}
        page = form.first_visit(typed, str(error), _pin_is_set(found), _seal_is_set(found))
        return notices.page("First visit", page, 422)
    token = accounts.sign_in(name, password, address_of(request.scope), device(request))
    origin = _origin(request)[:100]
    tried = [_set_pin(found, name, pin, origin)]
    if fields.get("seal"):
        tried.append(_set_seal(found, name, password, origin))
    missing = [why for why in tried if why]
    done = RedirectResponse("/", 303) if not missing else notices.page("Signed in", form.made(missing))
    return with_cookie(done, request, token)


def _set_pin(found: Service, name: str, pin: str, origin: str) -> str:
    """Why it is not set, "" when it is or none was wished."""
    if not pin:
        return ""
    try:
        found.handle.request("pin.set", new=pin, who=name, where=origin)
    except MonitorError as error:
        return f"The PIN is not set: {error} Set it on the page People."
    return ""


def _set_seal(found: Service, name: str, password: str, origin: str) -> str:
    """As `_set_pin`, for the passphrase of sealed video."""
    try:
        found.handle.request("seal.set", passphrase=password, who=name, where=origin)
    except MonitorError as error:
        return (
            f"No real picture is kept yet: {error} Set a passphrase on the page People, under Sealed video."
        )
    return ""


def _invitation(accounts: Accounts, code: str, error: str) -> Response:
    row = accounts.invited(code)
    if row is None:
        return notices.notice(
            410, "This invitation is over", "It was used, or it is too old. Ask the owner for a new one."
        )
    return notices.page("Welcome", form.invitation(row.name, code, error), 422 if error else 200)


def _accepted(request: Request, _found: Service, accounts: Accounts, fields: Fields) -> Response:
    code, password = fields.get("invitation", ""), fields.get("password", "")
    try:
        if password != fields.get("again", ""):
            raise AccountError("The two passwords are not the same.")
        token = accounts.accept(code, password, address_of(request.scope), device(request))
    except AccountError as error:
        return _invitation(accounts, code, str(error))
    return with_cookie(RedirectResponse("/", 303), request, token)


def _account_page(accounts: Accounts, account: Account, error: str, done: str) -> Response:
    devices = accounts.devices(account)
    return notices.page("Your account", form.account(account, devices, error, done), 422 if error else 200)


def _new_password(request: Request, accounts: Accounts, fields: Fields) -> Response:
    account, old, new = _account(request), fields.get("old", ""), fields.get("password", "")
    try:
        if new != fields.get("again", ""):
            raise AccountError("The two new passwords are not the same.")
        token = accounts.change_password(account, old, new, address_of(request.scope), device(request))
    except AccountError as error:
        return _account_page(accounts, account, str(error), "")
    page = notices.page("Your account", form.changed(account.may(Right.OWN)))
    return with_cookie(page, request, token)


def _everywhere(request: Request, accounts: Accounts, _fields: Fields) -> Response:
    accounts.sign_out_everywhere(_account(request), _origin(request))
    return _without_cookie()


def _without_cookie() -> Response:
    response = RedirectResponse("/signin", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


def _origin(request: Request) -> str:
    return f"{device(request)} at {address_of(request.scope)}"


def _account(request: Request) -> Account:
    found: Account = request.scope.get("state", {}).get("account", NOBODY)
    return found


def _pin_is_set(found: Service) -> bool:
    return bool((found.handle.site() or {}).get("pin", False))


def _seal_is_set(found: Service) -> bool:
    """Whether real pictures are sealed already; False where the monitor does not say: then setting tells."""
    try:
        return bool(found.handle.request("seal.state").result.get("set", False))
    except MonitorError:
        return False


def _here() -> tuple[Service, Accounts]:
    found = service.current_or_none()
    if found is None or found.accounts is None:
        raise RuntimeError("the gate lets nobody through before there are accounts")
    return found, found.accounts


async def _fields(request: Request) -> Fields:
    """The form's fields, each once; FormError for what is too large."""
    whole = bytearray()
    try:
        async for piece in request.stream():
            whole += piece
            if len(whole) > MAX_BODY_BYTES:
                raise FormError(f"A form here has at most {MAX_BODY_BYTES // 1024} kB.")
    except ClientDisconnect:
        raise FormError("The form broke off on its way.") from None
    try:
        found = parse_qs(whole.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise FormError("A form here has at most 20 fields.") from None
    return {key: values[0] for key, values in found.items()}


def link_of(base: str, code: str) -> str:
    """The address by which an invitation is opened."""
    return f"{base.rstrip('/')}/signin?{urlencode({'invitation': code}, quote_via=quote)}"
