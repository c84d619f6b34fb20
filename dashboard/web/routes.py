"""The server's own routes next to Streamlit's: `/ws/live` for the live page, `/healthz` for machines."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.web import service
from dashboard.web.health import health_of
from dashboard.web.live import BodyCache, TabFeed
from dashboard.web.origin import origin_allowed
from dashboard.web.protocol import ProtocolError, parse_pull

POLICY_VIOLATION = 1008
UNSUPPORTED_DATA = 1003
TRY_AGAIN_LATER = 1013


def routes() -> list[BaseRoute]:
    """To hand to `st.App`; all tabs share one cache of encoded messages."""
    bodies = BodyCache()

    async def live(socket: WebSocket) -> None:
        await live_socket(socket, bodies)

    return [WebSocketRoute("/ws/live", live), Route("/healthz", healthz, methods=["GET"])]


async def live_socket(socket: WebSocket, bodies: BodyCache) -> None:
    """One tab's line: a pull comes in, its answer goes out, until the tab leaves."""
    found = service.current_or_none()
    if found is None or not origin_allowed(socket.headers.get("origin"), socket.headers.get("host")):
        await socket.close(TRY_AGAIN_LATER if found is None else POLICY_VIOLATION)
        return
    await socket.accept()
    feed = TabFeed(found, bodies)
    try:
        while True:
            await _answer(socket, feed, await _text(socket))
    except ProtocolError as error:
        await socket.close(UNSUPPORTED_DATA, str(error)[:120])
    except WebSocketDisconnect:
        return


async def _text(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    if text is None:
        raise ProtocolError("a pull is text")
    return str(text)


async def _answer(socket: WebSocket, feed: TabFeed, text: str) -> None:
    async for message in feed.answer(parse_pull(text)):
        if isinstance(message, bytes):
            await socket.send_bytes(message)
        else:
            await socket.send_text(message)


async def healthz(_request: Request) -> JSONResponse:
    """200 while the watch is whole, 503 naming what is not; tells nothing private."""
    health = health_of(service.current_or_none())
    return JSONResponse(health.as_json(), status_code=200 if health.whole else 503)
