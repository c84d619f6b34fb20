"""The zones page's own routes: what is drawn, the learnt empty picture, saving with a revision.

A save with an old revision is answered 409 with what is there now, so that the page can offer both.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.accounts.roles import Right
from dashboard.monitor.handle import REDACTED, CameraView, MonitorError
from dashboard.web import service
from dashboard.web.asking import NOT_STARTED, BodyError, admitted, answer, body_of, name_of, refused
from dashboard.web.guarded import account_of
from dashboard.web.service import Handle

# Escaped for the monitor it may grow sixfold, and a message there has at most 1 MiB.
MAX_BODY_BYTES = 160_000
# A camera's worker encodes its picture when somebody looks: the first look waits for it.
PICTURE_WAIT_S = 1.5
_NEEDED = frozenset({"zones", "revision"})
_FIELDS = _NEEDED | {"who", "pin"}


def zone_routes() -> list[BaseRoute]:
    """To be put next to the server's other routes."""
    return [
        Route("/api/zones", listed, methods=["GET"]),
        Route("/api/zones/read", read, methods=["POST"]),
        Route("/api/zones/{camera}", saved, methods=["PUT"]),
        Route("/api/zones/{camera}/picture", picture, methods=["GET"]),
    ]


async def listed(request: Request) -> Response:
    """Cameras in the owner's order, every camera's zones with their revision, templates, limits; whether who
    asks may save."""
    found = service.current_or_none()
    if found is None:
        return refused(503, NOT_STARTED)
    try:
        may_save = account_of(request).may(Right.OWN)
        return answer({**await asyncio.to_thread(_everything, found.handle), "may_save": may_save})
    except MonitorError as error:
        return refused(503, str(error))


async def picture(request: Request) -> Response:
    """One camera's newest learnt picture when it is another than `after`, why there is none, and the
    revision of its zones."""
    found = service.current_or_none()
    if found is None:
        return refused(503, NOT_STARTED)
    camera, after = request.path_params["camera"], request.query_params.get("after", "")
    row = next((c for c in found.handle.cameras() if c["id"] == camera), None)
    if row is None:
        return refused(404, "There is no such camera (any more).")
    view = await _look(found.handle, camera)
    try:
        zones = await asyncio.to_thread(_zones_of, found.handle, camera)
    except MonitorError as error:
        return answer({"why": str(error), **_shown(view, after)})
    news = {"revision": zones.get("revision", 0), "by": zones.get("by", ""), "why": _why(row, view)}
    return answer({**news, **_shown(view, after)})


async def saved(request: Request) -> Response:
    """Sets one camera's zones: 200 with the new revision; 409 with what is there when that is newer; 422 with
    the reason when they cannot be."""
    found, refusal = admitted(request)
    if found is None:
        return refusal
    camera = request.path_params["camera"]
    try:
        body = json.loads(await body_of(request, MAX_BODY_BYTES))
        if not isinstance(body, dict) or not _NEEDED <= body.keys() <= _FIELDS:
            raise BodyError("A save has zones and revision, and may say who and a PIN.")
        body = {**body, "who": name_of(request) or body.get("who")}
        return await asyncio.to_thread(_save, found.handle, camera, body)
    except (ValueError, RecursionError) as error:
        return refused(422, str(error) if isinstance(error, BodyError) else "That is no JSON.")


async def read(request: Request) -> Response:
    """The zones in an uploaded zones.json, or what is wrong with it."""
    found, refusal = admitted(request)
    if found is None:
        return refusal
    try:
        text = (await body_of(request, MAX_BODY_BYTES)).decode("utf-8-sig")
        reply = await asyncio.to_thread(found.handle.request, "zones.read", text=text)
        return answer(dict(reply.result))
    except UnicodeDecodeError:
        return refused(422, "The file is no text (UTF-8 is expected).")
    except (BodyError, MonitorError) as error:
        return refused(422, str(error))


def _everything(handle: Handle) -> dict[str, Any]:
    rows = handle.request("cameras.list").result["cameras"]
    shown = ("id", "name", "kind", "enabled", "state", "reason")
    cameras = [{key: row.get(key) for key in shown} for row in rows]
    pin = bool((handle.site() or {}).get("pin"))
    return {**handle.request("zones.list").result, "cameras": cameras, "pin": pin}


def _zones_of(handle: Handle, camera: str) -> Mapping[str, Any]:
    return dict(handle.request("zones.list").result["zones"].get(camera, {}))


def _save(handle: Handle, camera: str, body: Mapping[str, Any]) -> Response:
    args = {"zones": body["zones"], "revision": body["revision"], "who": body.get("who") or None}
    args |= {"pin": body["pin"]} if "pin" in body else {}
    try:
        return answer(dict(handle.request("zones.set", camera=camera, **args).result))
    except MonitorError as error:
        refusal = str(error)
    if not handle.connected:
        return refused(503, refusal)
    try:
        there = _zones_of(handle, camera)
    except MonitorError as error:
        return refused(503, str(error))
    if there and there["revision"] != body["revision"]:
        return answer({"error": refusal, "theirs": there}, 409)
    return refused(422, refusal)


async def _look(handle: Handle, camera: str) -> CameraView | None:
    """The newest view of a camera; a first look waits a little for its picture."""
    handle.touch(camera, REDACTED)
    view = handle.latest(camera, REDACTED)
    if view is None and handle.connected:
        await handle.wait_newer(camera, -1, PICTURE_WAIT_S, REDACTED)
        view = handle.latest(camera, REDACTED)
    return view


def _shown(view: CameraView | None, after: str) -> dict[str, Any]:
    if view is None:
        return {}
    found: dict[str, Any] = {"picture": str(view.picture), "size": list(view.observation.get("size") or ())}
    if view.jpeg is not None and found["picture"] != after:
        found["jpeg"] = base64.b64encode(view.jpeg).decode()
    return found


def _why(row: Mapping[str, Any], view: CameraView | None) -> str:
    """Why the picture is not of now, "" when it is."""
    if not row.get("enabled", True):
        return "This camera is switched off."
    state, reason = ("starting", "") if view is None else (view.stats.get("state"), view.stats.get("reason"))
    if state == "live":
        return ""
    if state in (None, "starting"):
        return "This camera is starting."
    return f"This camera does not answer: {reason}" if reason else "This camera does not answer."
