"""By which names and addresses others find this machine. Asks nobody in the network."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

from dashboard.certificate.making import Address, CertificateError, checked_name, is_private

# Linux's netdevice(7): the address of a network card.
_SIOCGIFADDR = 0x8915


def own_names() -> tuple[str, ...]:
    """Names first: this machine's own, as phones find it (.local), and localhost; then addresses."""
    return tuple(dict.fromkeys((*_host_names(), "localhost", "127.0.0.1", "::1", *own_addresses())))


def own_addresses() -> tuple[str, ...]:
    """Those at which others in its network find it: no loopback, and of IPv6 none that changes by the day."""
    found = [*_ip4(), *(address for address in _ip6() if is_private(address))]
    return tuple(str(one) for one in found if not one.is_loopback and not one.is_link_local)


def _host_names() -> tuple[str, ...]:
    try:
        whole = checked_name(socket.gethostname())
    except CertificateError:
        return ()  # A machine may have a name that no address can have.
    short = whole.split(".")[0]
    return tuple(dict.fromkeys((whole, short, f"{short}.local")))


def _ip4() -> list[Address]:
    found: list[Address] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, card in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asked, _SIOCGIFADDR, struct.pack("256s", card.encode()[:15]))
            except OSError:
                continue  # A card without an address.
            found.append(ipaddress.IPv4Address(answer[20:24]))
    return found


def _ip6() -> list[Address]:
    try:
        lines = Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    return [ipaddress.IPv6Address(int(line.split()[0], 16)) for line in lines]
