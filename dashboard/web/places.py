"""Where the pages can be opened, as the server says it at its start. Asks nobody in the internet."""

from __future__ import annotations

import socket

# An address that exists nowhere (RFC 5737): "connecting" a datagram socket sends nothing, but picks the
# network card that faces the world.
_NOWHERE = ("192.0.2.1", 9)


_THIS_MACHINE_ONLY = ("localhost", "127.", "::1")


def where(port: int, secure: bool = False, bound_to: str = "") -> list[str]:
    """One line for this machine, one for others in the house when there is a network and the server listens
    there: `bound_to` is the address that it is bound to, "" for all."""
    scheme = "https" if secure else "http"
    lines = [f"Poolwatch: {scheme}://localhost:{port}"]
    address = None if bound_to.startswith(_THIS_MACHINE_ONLY) else network_address()
    return [*lines, f"From a phone or another computer: {scheme}://{address}:{port}"] if address else lines


def link(port: int, secure: bool = False, bound_to: str = "") -> str:
    """Where a phone in the house opens the pages; "" when none can. As `where`."""
    address = None if bound_to.startswith(_THIS_MACHINE_ONLY) else network_address()
    return f"{'https' if secure else 'http'}://{address}:{port}" if address else ""


def network_address() -> str | None:
    """This machine's address in its network, None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if found.startswith("127.") else found
