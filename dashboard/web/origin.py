"""Who may open our WebSocket: only pages that we served. Browsers send Origin with each WebSocket and
do not apply the same-origin rule to it, so the server must."""

from __future__ import annotations

from urllib.parse import urlsplit


def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Whether a WebSocket from a page at `origin` may connect to us at `host`. No Origin is a
    program, not a page of another site: allowed."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc.lower() == str(host).lower()
