"""The server's own routes next to Streamlit's: `/ws/live` for the live page, `/ws/site` for every page,
`/healthz` and `/metrics` for machines."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.accounts.roles import Right
from dashboard.web import service
from dashboard.web.certificate import certificate_routes
from dashboard.web.clips import clip_routes
from dashboard.web.guarded import account_of
from dashboard.web.health import health_of
from dashboard.web.live import BodyCache, TabFeed
from dashboard.web.metrics import CONTENT_TYPE, as_text, figures_of
from dashboard.web.origin import origin_allowed
from dashboard.web.protocol import ProtocolError, Pull, parse_pull
from dashboard.web.service import Service
from dashboard.web.signin import signin_routes
from dashboard.web.site import CommandError, Encoded, SiteLine, SiteNews
from dashboard.web.zones import zone_routes

POLICY_VIOLATION = 1008
UNSUPPORTED_DATA = 1003
TRY_AGAIN_LATER = 1013
# A command waits for the monitor in a thread: somebody's "I see it" never waits behind a slow page's turn.
COMMAND_THREADS = 16


def routes() -> list[BaseRoute]:
    """To hand to `st.App`; all tabs share one cache of encoded messages."""
    bodies = BodyCache()
    encoded = Encoded()
    desk = ThreadPoolExecutor(COMMAND_THREADS, thread_name_prefix="command")

    async def live(socket: WebSocket) -> None:
        await live_socket(socket, bodies)

    async def site(socket: WebSocket) -> None:
        await site_socket(socket, encoded, desk)

    return [
        WebSocketRoute("/ws/live", live),
        WebSocketRoute("/ws/site", site),
        Route("/healthz", healthz, methods=["GET"]),
        *zone_routes(),
        *signin_routes(),
        *certificate_routes(),
        *clip_routes(),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def live_socket(socket: WebSocket, bodies: BodyCache) -> None:
    """One tab's line: a pull comes in, its answer goes out, until the tab leaves."""
    found = await _admitted(socket)
    if found is None:
        return
    viewer = socket.client.host if socket.client is not None else ""
    account = account_of(socket)
    seen_by = f"{viewer}, {account.name}" if account.name else viewer
    line = _Line(socket, TabFeed(found, bodies, seen_by, account.may(Right.OWN)))
    try:
        await line.serve()
    except ProtocolError as error:
        await socket.close(UNSUPPORTED_DATA, str(error)[:120])
    except WebSocketDisconnect:
        return
    finally:
        line.end()


async def site_socket(socket: WebSocket, encoded: Encoded, desk: ThreadPoolExecutor) -> None:
    """One tab's line to the judge, until the tab leaves."""
    found = await _admitted(socket)
    if found is None:
        return
    try:
        account = account_of(socket)
        news = SiteNews(found, encoded, account)
        await SiteLine(socket, found, news, desk, account).serve()
    except CommandError as error:
        await socket.close(UNSUPPORTED_DATA, str(error)[:120])
    except WebSocketDisconnect:
        return


async def _admitted(socket: WebSocket) -> Service | None:
    """Accepts a page of ours and answers with the process's service; closes for anyone else."""
    found = service.current_or_none()
    if found is None or not origin_allowed(socket.headers.get("origin"), socket.headers.get("host")):
        await socket.close(TRY_AGAIN_LATER if found is None else POLICY_VIOLATION)
        return None
    await socket.accept()
    return found


class _Line:
    """One tab's WebSocket. It listens while it answers: a tab that leaves, or a server that stops, ends
    an answer that is still waiting for a picture at once."""

    def __init__(self, socket: WebSocket, feed: TabFeed) -> None:
        self._socket = socket
        self._feed = feed
        self._hearing: asyncio.Task[Message] | None = None

    async def serve(self) -> None:
        """Pull by pull until the tab leaves (WebSocketDisconnect) or says what is no pull."""
        while True:
            await self._answer(parse_pull(_text(await self._heard())))

    def end(self) -> None:
        if self._hearing is not None:
            self._hearing.cancel()

    def _listen(self) -> asyncio.Task[Message]:
        if self._hearing is None:
            self._hearing = asyncio.ensure_future(self._socket.receive())
        return self._hearing

    async def _heard(self) -> Message:
        message = await self._listen()
        self._hearing = None
        return message

    async def _answer(self, pull: Pull) -> None:
        sending = asyncio.ensure_future(self._send(pull))
        try:
            await asyncio.wait({sending, self._listen()}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                # It spoke before it was answered: it left, or it is no page of ours.
                _text(await self._heard())
                raise ProtocolError("the answer to a pull comes before the next pull")
        finally:
            sending.cancel()
        await sending

    async def _send(self, pull: Pull) -> None:
        async for message in self._feed.answer(pull):
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_text(message)


def _text(message: Message) -> str:
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    if text is None:
        raise ProtocolError("a pull is text")
    return str(text)


async def healthz(_request: Request) -> JSONResponse:
    """200 while the watch is whole, 503 naming what is not; tells nothing private."""
    health = health_of(service.current_or_none())
    return JSONResponse(health.as_json(), status_code=200 if health.whole else 503)


async def metrics(_request: Request) -> Response:
    """How the watch is, in figures, as Prometheus reads them."""
    figures = await asyncio.to_thread(figures_of, service.current_or_none())
    return Response(as_text(figures), media_type=CONTENT_TYPE)
