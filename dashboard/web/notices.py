"""What the gate answers instead of a page: one sentence, as quiet as the sign-in page."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse, PlainTextResponse, Response

HERE = Path(__file__).parent
STYLE = (HERE / "signin.css").read_text(encoding="utf-8")
CACHE = {"cache-control": "no-store"}
# Nothing but our own style and icon; forms go to us alone.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(title: str, body: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One of the quiet pages; `body` is HTML, made of escaped text."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · Poolwatch</title>"
        '<link rel="icon" href="/signin/icon.png"><link rel="stylesheet" href="/signin/style.css"></head>'
        '<body><main><p class="brand"><img src="/signin/icon.png" alt="" width="36" height="36">Poolwatch</p>'
        f"{body}</main></body></html>"
    )
    return HTMLResponse(text, status, {**CACHE, "content-security-policy": POLICY, **(headers or {})})


def refused(status: int, sentence: str) -> Response:
    return PlainTextResponse(sentence, status, dict(CACHE))


def notice(status: int, title: str, *sentences: str) -> Response:
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return page(title, f"<h1>{escape(title)}</h1>{text}", status)


def only_here(address: str) -> Response:
    """To another device before there is an account; `address` is ours on this machine. The style's address is
    closed to it as well: this page carries what it needs."""
    return PlainTextResponse(
        f"Poolwatch is not set up yet. Open it on the machine that it runs on, at {address}, and make your "
        "account there. Without a screen there, this command makes it: "
        ".venv/bin/python -m dashboard account create NAME\n",
        403,
        dict(CACHE),
    )


def starting() -> Response:
    return notice(503, "Poolwatch is starting", "Load this page again in a moment.")


def no_database() -> Response:
    return notice(
        503,
        "Poolwatch cannot read its database",
        "Nobody can sign in until it can. Devices that are signed in go on hearing alarms.",
        "On the machine that it runs on, <code>python -m dashboard doctor</code> says more.",
    )
