"""The certificates in the data folder. Private keys are this user's alone; a file is whole or not there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dashboard.certificate.making import (
    CertificateError,
    Pair,
    address_or_none,
    covers,
    names_of,
    new_authority,
    new_server,
)

AUTHORITY, SERVER, PUBLIC = "authority.pem", "server.pem", "poolwatch-ca.crt"
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Made:
    """What a run has left in the folder. `fresh`: the authority is new, devices have to trust it. `left_out`:
    names of this machine that the authority may not vouch for."""

    authority: x509.Certificate
    server: x509.Certificate
    fresh: bool
    left_out: tuple[str, ...] = ()


def certificate_folder(data: Path) -> Path:
    """Where they lie in a data folder."""
    return data / "certificate"


def make(folder: Path, own: Sequence[str], asked: Sequence[str], now: datetime, anew: bool = False) -> Made:
    """A server's certificate for this machine's `own` names, of which the first names the authority, those
    `asked` for, and those of the one before; the authority stays, unless it is wished `anew` or ends soon.
    CertificateError, for an asked name that the authority may not vouch for too."""
    _prepare(folder)
    kept = None if anew else _authority(folder)
    if kept is not None and kept.certificate.not_valid_after_utc - now < SOON:
        kept = None
    wanted = tuple(dict.fromkeys((*own, *asked, *_before(folder))))
    authority = kept or new_authority(own[0], wanted, now)
    left_out = tuple(one for one in own if one not in asked and not covers(authority.certificate, one))
    server = new_server(authority, [one for one in wanted if one not in left_out], now)
    public = authority.certificate.public_bytes(serialization.Encoding.DER)
    _write(folder, {AUTHORITY: authority.pem(), PUBLIC: public, SERVER: server.pem()})
    return Made(authority.certificate, server.certificate, kept is None, left_out)


def authority_of(folder: Path) -> x509.Certificate | None:
    """What devices are to trust; None before one is made or where it cannot be read."""
    try:
        return x509.load_der_x509_certificate((folder / PUBLIC).read_bytes())
    except (OSError, ValueError):
        return None


def server_of(file: Path) -> x509.Certificate | None:
    """The certificate in a PEM file, None where there is none; CertificateError where it cannot be read."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CertificateError(f"{file} {_why(error)}. Run: make certificate") from None


def troubles(server: x509.Certificate, addresses: Sequence[str], now: datetime) -> tuple[str, ...]:
    """A sentence for each reason why browsers do not believe a certificate, or soon will not."""
    end, found = server.not_valid_after_utc, []
    if end <= now:
        found.append(f"The certificate ended on {end:%d %B %Y}: browsers warn.")
    elif end - now < SOON:
        found.append(f"The certificate ends on {end:%d %B %Y}.")
    there = names_of(server)
    missing = [one for one in addresses if one not in there]
    if missing:
        found.append(f"The certificate is not for this machine's present address {' and '.join(missing)}.")
    return tuple(f"{one} Run make certificate, then start Poolwatch again." for one in found)


def readable_by_others(folder: Path) -> tuple[Path, ...]:
    """Files with a private key that not only their owner can read."""
    there = [path for path in (folder / AUTHORITY, folder / SERVER) if path.exists()]
    return tuple(path for path in there if path.stat().st_mode & 0o077)


def _before(folder: Path) -> tuple[str, ...]:
    """Names that were asked for once stay; addresses of the house come and go."""
    try:
        found = server_of(folder / SERVER)
    except CertificateError:
        return ()  # It is made anew anyway.
    return () if found is None else tuple(one for one in names_of(found) if address_or_none(one) is None)


def _authority(folder: Path) -> Pair | None:
    path = folder / AUTHORITY
    try:
        pem = path.read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
        certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise CertificateError(
            f"{path} {_why(error)}. With --new-authority a new one is made, which every device has to trust "
            "anew."
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise CertificateError(f"{path} holds a key and a certificate that do not belong together.")
    return Pair(certificate, key)


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise CertificateError(f"{folder} cannot be made ({error.strerror}).") from None


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """All of them or none: nothing is put in its place before everything is on the disk."""
    fresh = {name: folder / f"{name}.new" for name in files}
    try:
        for name, content in files.items():
            fresh[name].unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(fresh[name], flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for name, path in fresh.items():
            path.replace(folder / name)
    except OSError as error:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise CertificateError(
            f"{folder} cannot be written ({error.strerror}): there is no new certificate."
        ) from None


def _why(error: Exception) -> str:
    return f"cannot be read ({error.strerror})" if isinstance(error, OSError) else "is damaged"
