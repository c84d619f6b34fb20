"""The page of clips' own routes: lists, one clip, what is said of it, and its files.

Files are found by number alone and sent in parts. The real picture is asked of the monitor piece by piece,
and only while it is opened there: no plain file of it exists, and no key is in this process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.monitor.handle import MonitorError
from dashboard.settings import data_folder
from dashboard.values import Level
from dashboard.web import service
from dashboard.web.asking import NOT_STARTED, BodyError, admitted, answer, name_of, object_of, refused
from dashboard.web.clip_files import clip_file, file_name, is_clip_id
from dashboard.web.guarded import handle_of
from dashboard.web.history import KINDS, LEVELS, kind_words
from dashboard.web.ranges import PIECE_BYTES, Source, sent
from dashboard.web.service import Handle

MAX_BODY_BYTES = 16 * 1024
LONGEST_FILTER = 100
LABELS = {
    "false_alarm": "False alarm",
    "pet": "Pet",
    "wildlife": "Wildlife",
    "person": "Person",
    "toy": "Toy",
    "drill": "Drill",
}
_TYPES = {"video": "video/mp4", "thumb": "image/jpeg", "track": "application/x-ndjson"}
_PRIVATE = {"Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}
# A clip's files never change once it is ready; it may be deleted, so a browser asks again after a while.
_KEPT = {**_PRIVATE, "Cache-Control": "private, max-age=600"}
_NO_CLIP = "There is no such clip (any more)."
_MANY = ("kinds", "levels", "labels")
_ONE = ("camera", "person", "since", "until", "text", "before")
# What a page may do to a clip, and the fields that it says for it.
_DEEDS: dict[str, tuple[str, ...]] = {
    "label": ("label",),
    "keep": ("kept",),
    "note": ("note",),
    "delete": (),
    "open": ("secret", "reason"),
    "close": (),
}


def clip_routes() -> list[BaseRoute]:
    """To be put next to the server's other routes."""
    return [
        Route("/api/clips", listed, methods=["GET"]),
        Route("/api/clips/night", night, methods=["GET"]),
        Route("/api/clips/words", words, methods=["GET"]),
        Route("/api/clips/{clip}", one, methods=["GET"]),
        Route("/api/clips/{clip}/{deed}", changed, methods=["POST"]),
        Route("/clips/{clip}/download", download, methods=["GET"]),
        Route("/clips/{clip}/real", real, methods=["GET"]),
        Route("/clips/{clip}/{what}", file, methods=["GET"]),
    ]


# What there is


async def listed(request: Request) -> Response:
    """The newest clips that are asked for, and a mark from which the older ones begin."""
    return await _told(request, lambda handle: _list(handle, request))


async def night(request: Request) -> Response:
    """What came by in the last night, and how full the disk is."""
    return await _told(request, _night)


async def words(request: Request) -> Response:
    """What there is to ask for, with the words for it."""
    return await _told(request, _words)


async def one(request: Request) -> Response:
    """One clip, and its neighbours among those that are asked for."""
    clip = request.path_params["clip"]
    if not is_clip_id(clip):
        return refused(404, _NO_CLIP)
    return await _told(request, lambda handle: _one(handle, clip, request))


def asked_for(request: Request) -> dict[str, Any]:
    """The filters of a request, as the monitor takes them; MonitorError for what cannot be."""
    query = request.query_params
    found: dict[str, Any] = {key: list(query.getlist(key)) for key in _MANY if query.get(key)}
    found |= {key: query[key] for key in _ONE if query.get(key)}
    for value in found.values():
        pieces = value if isinstance(value, list) else [value]
        if len(pieces) > 50 or any(len(piece) > LONGEST_FILTER for piece in pieces):
            raise MonitorError("That is more than can be asked for.")
    return found | ({"kept": True} if query.get("kept") == "1" else {})


def _list(handle: Handle, request: Request) -> dict[str, Any]:
    limit = request.query_params.get("limit", "")
    args = asked_for(request)
    if limit.isascii() and limit.isdecimal() and len(limit) < 4:
        args["limit"] = int(limit)
    found = handle.request("clips.list", **args).result
    return {"clips": [_shown(clip) for clip in found["clips"]], "before": found.get("before")}


def _one(handle: Handle, clip: str, request: Request) -> dict[str, Any]:
    found = handle.request("clips.one", id=clip, **asked_for(request)).result
    return {**found, "clip": _shown(found["clip"])}


def _night(handle: Handle) -> dict[str, Any]:
    found = handle.request("clips.night").result
    counts = [{"kind": kind, "what": kind_words(kind), "count": n} for kind, n in found["counts"].items()]
    disk = handle.request("clips.disk").result
    return {**found, "clips": [_shown(clip) for clip in found["clips"]], "counts": counts, "disk": dict(disk)}


def _words(handle: Handle) -> dict[str, Any]:
    there = handle.request("clips.occurring").result
    return {
        "kinds": [{"id": kind, "words": kind_words(kind)} for kind in there["kinds"]],
        "levels": [
            {"id": level.value, "mark": mark, "words": word} for level, (mark, word) in LEVELS.items()
        ],
        "labels": [{"id": label, "words": word} for label, word in LABELS.items()],
        "cameras": list(there["cameras"]),
        "people": list(there["people"]),
    }


def _shown(clip: Mapping[str, Any]) -> dict[str, Any]:
    """With words for its kind and level, and for those of the events in it."""
    events = [{**event, **_worded(event)} for event in clip.get("events", ())]
    return {**clip, **_worded(clip), "events": events}


def _worded(row: Mapping[str, Any]) -> dict[str, str]:
    kind = str(row["kind"])
    mark, word = LEVELS[Level(row["level"])]
    text = str(row.get("text") or "") or KINDS.get(kind, kind_words(kind))
    return {"what": kind_words(kind), "mark": mark, "level_words": word, "text": text}


# What is said of a clip


async def changed(request: Request) -> Response:
    """Labels, keeps, notes, deletes, opens or closes a clip: 200 with the monitor's answer, 404 for what is
    no clip or deed, 422 with the reason when it is refused."""
    clip, deed = request.path_params["clip"], request.path_params["deed"]
    if not is_clip_id(clip) or deed not in _DEEDS:
        return refused(404, _NO_CLIP)
    found, refusal = admitted(request)
    if found is None:
        return refusal
    try:
        said = await object_of(request, MAX_BODY_BYTES)
        args = _args(_DEEDS[deed], said)
    except BodyError as error:
        return refused(422, str(error))
    where = _where(request)
    who = name_of(request) or str(said.get("who") or "")[:60] or "somebody"
    return await _told(
        request,
        lambda handle: handle.request(f"clips.{deed}", id=clip, who=who, where=where, **args).result,
        422,
    )


def _args(fields: tuple[str, ...], said: Mapping[str, Any]) -> dict[str, Any]:
    missing = [field for field in fields if field not in said]
    extra = set(said) - {*fields, "who"}
    if missing or extra:
        raise BodyError(f"Expected: {', '.join(fields) or 'nothing'} (and who).")
    return {field: said[field] for field in fields}


# Files


async def file(request: Request) -> Response:
    """The redacted video, its thumbnail, or its track of skeletons."""
    clip, what = request.path_params["clip"], request.path_params["what"]
    if not is_clip_id(clip) or what not in _TYPES:
        return refused(404, _NO_CLIP)
    found = await asyncio.to_thread(clip_file, data_folder(), clip, what)
    if found is None:
        return refused(404, _NO_CLIP)
    packed = {"Content-Encoding": "gzip"} if what == "track" else {}
    return sent(request, found, _TYPES[what], {**_KEPT, **packed})


async def download(request: Request) -> Response:
    """The redacted video as a file to keep, with a name that says camera and local time. That somebody takes
    it away is written down by the monitor before."""
    clip = request.path_params["clip"]
    found = await asyncio.to_thread(clip_file, data_folder(), clip, "video")
    here = service.current_or_none()
    if found is None or here is None:
        return refused(404, _NO_CLIP)
    where = _where(request)
    who = name_of(request) or request.query_params.get("who", "")[:60] or "somebody"
    try:
        handle = handle_of(request, here)
        known = (await asyncio.to_thread(handle.request, "clips.one", id=clip)).result["clip"]
        if request.method == "GET":
            await asyncio.to_thread(handle.request, "clips.exported", id=clip, who=who, where=where)
    except MonitorError as error:
        return refused(503 if not here.handle.connected else 422, str(error))
    name = file_name(
        str(known["camera_name"]), str(known["began_utc"]), request.query_params.get("tz", "")[:60]
    )
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return sent(request, found, _TYPES["video"], {**_KEPT, "Content-Disposition": disposition})


async def real(request: Request) -> Response:
    """The real video, while it is opened; 403 with the reason when it is not. Nothing of it is kept by the
    browser."""
    clip, here = request.path_params["clip"], service.current_or_none()
    if not is_clip_id(clip):
        return refused(404, _NO_CLIP)
    if here is None:
        return refused(503, NOT_STARTED)
    handle = handle_of(request, here)
    try:
        first = await asyncio.to_thread(handle.request, "clips.real", id=clip, offset=0, length=0)
        if _begins(request):
            await asyncio.to_thread(
                handle.request, "clips.watched", id=clip, who="somebody", where=_where(request)
            )
    except MonitorError as error:
        return refused(403 if handle.connected else 503, str(error))

    def read(start: int, length: int) -> bytes:
        try:
            return handle.request(
                "clips.real", id=clip, offset=start, length=min(length, PIECE_BYTES)
            ).payload
        except MonitorError:
            return b""  # It was closed meanwhile.

    source = Source(int(first.result["size"]), "", read)
    return sent(request, source, _TYPES["video"], {**_PRIVATE, "Cache-Control": "no-store"})


def _begins(request: Request) -> bool:
    """Whether somebody begins to look: a browser asks for the later parts while it plays."""
    asked = request.headers.get("range", "bytes=0-").replace(" ", "")
    return request.method == "GET" and asked.startswith("bytes=0-")


def _where(request: Request) -> str:
    """From where something is done, for the audit."""
    return f"Clips at {request.client.host}" if request.client else "Clips"


async def _told(
    request: Request, ask: Callable[[Handle], Mapping[str, Any]], refused_as: int = 422
) -> Response:
    """What the monitor answers, 503 when it does not."""
    here = service.current_or_none()
    if here is None:
        return refused(503, NOT_STARTED)
    try:
        return answer(await asyncio.to_thread(ask, handle_of(request, here)))
    except MonitorError as error:
        return refused(422 if here.handle.connected else 503, str(error))
