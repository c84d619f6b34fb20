"""What routes that speak JSON share: who may ask, the body as it comes, answers and refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from dashboard.web import service
from dashboard.web.origin import origin_allowed

NOT_STARTED = "Poolwatch was not started by its own door."
_FOREIGN = "Only Poolwatch's own pages may do this."


class BodyError(ValueError):
    """What was sent is no JSON object, or too large; the text says which."""


def admitted(request: Request) -> tuple[service.Service | None, Response]:
    """The process's service for a page of ours; else why not."""
    if not origin_allowed(request.headers.get("origin"), request.headers.get("host")):
        return None, refused(403, _FOREIGN)
    return service.current_or_none(), refused(503, NOT_STARTED)


async def body_of(request: Request, most_bytes: int) -> bytes:
    """The whole body; BodyError when it is larger, or broke off."""
    whole = bytearray()
    try:
        async for piece in request.stream():
            whole += piece
            if len(whole) > most_bytes:
                raise BodyError(f"That is larger than {most_bytes // 1024} kB.")
    except ClientDisconnect:
        raise BodyError("The upload broke off.") from None
    return bytes(whole)


async def object_of(request: Request, most_bytes: int) -> dict[str, Any]:
    """The body as a JSON object; BodyError for anything else."""
    try:
        found = json.loads(await body_of(request, most_bytes))
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, BodyError) else BodyError("That is no JSON.") from None
    if not isinstance(found, dict):
        raise BodyError("A JSON object is expected.")
    return found


def answer(content: Mapping[str, Any], status: int = 200) -> Response:
    return JSONResponse(dict(content), status, {"Cache-Control": "no-store"})


def refused(status: int, sentence: str) -> Response:
    return answer({"error": sentence}, status)


def name_of(request: Request) -> str:
    """The name of who is signed in, as the gate has found it out; "" where no gate stands in front."""
    account = request.scope.get("state", {}).get("account")
    return str(account.name) if account is not None else ""
