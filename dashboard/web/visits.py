"""Who visits and where they go on: the cookie of a device that is signed in, its name, the page asked for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dashboard.web.gate import COOKIE

# As long as browsers keep a cookie at most; the server forgets a device sooner when it does not come.
_COOKIE_S = 400 * 24 * 3600
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def with_cookie(response: Response, request: Request, token: str) -> Response:
    secure = request.scope.get("scheme") == "https"
    response.set_cookie(COOKIE, token, _COOKIE_S, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def next_of(there: str | None) -> str:
    """Where to go after the sign-in: a place of ours, whatever the address says."""
    found = there or "/"
    plain = found.isascii() and found.isprintable() and len(found) <= 500
    ours = found.startswith("/") and not found.startswith(("//", "/\\", "/signin", "/signout"))
    return found if plain and ours and "\\" not in found else "/"


def device(request: Request) -> str:
    """In words: which browser on which system, as far as it says."""
    agent = request.headers.get("user-agent", "")
    system = next((one for one in _SYSTEMS if one in agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    return " on ".join(part for part in (browser, system.replace("Macintosh", "Mac")) if part) or "a program"
