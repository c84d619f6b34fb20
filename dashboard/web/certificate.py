"""What a device needs in order to trust this machine, before it does: open to everybody. An authority's
certificate is no secret; its key never leaves the data folder."""

from __future__ import annotations

import asyncio
from html import escape

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dashboard.certificate.folder import PUBLIC, authority_of, certificate_folder
from dashboard.certificate.making import fingerprint
from dashboard.certificate.words import STEPS, WHY
from dashboard.settings import data_folder
from dashboard.web import notices

PAGE, FILE = "/certificate", f"/certificate/{PUBLIC}"
OPEN_PATHS = frozenset({PAGE, FILE})


def certificate_routes() -> list[BaseRoute]:
    """To be put next to the server's other routes."""
    return [Route(PAGE, shown, methods=["GET"]), Route(FILE, file, methods=["GET"])]


async def shown(_request: Request) -> Response:
    found = await _found()
    return _none() if found is None else notices.page("Trust this Poolwatch", told(found))


async def file(_request: Request) -> Response:
    found = await _found()
    if found is None:
        return _none()
    headers = {**notices.CACHE, "content-disposition": f'attachment; filename="{PUBLIC}"'}
    return Response(found.public_bytes(Encoding.DER), 200, headers, "application/x-x509-ca-cert")


def told(authority: Certificate) -> str:
    """The page, as HTML."""
    devices = "".join(
        f"<h2>{escape(device)}</h2><ol>{''.join(f'<li>{escape(step)}</li>' for step in steps)}</ol>"
        for device, steps in STEPS
    )
    return (
        "<h1>Trust this Poolwatch</h1>"
        "<p>Once on each device. Then its browser no longer warns, and it may use its camera here.</p>"
        f'<p><a class="go" href="{FILE}" download>Get the file</a></p>{devices}'
        f"<h2>Is it the right one?</h2><p>{escape(WHY)}</p><p>Fingerprint (SHA-256):</p>"
        f'<pre class="print">{escape(fingerprint(authority))}</pre><p><a href="/">Go to Poolwatch</a></p>'
    )


async def _found() -> Certificate | None:
    return await asyncio.to_thread(lambda: authority_of(certificate_folder(data_folder())))


def _none() -> Response:
    return notices.notice(
        404,
        "There is no certificate yet",
        "On the machine that Poolwatch runs on, <code>make certificate</code> makes one.",
    )
