"""The two certificates. Times are arguments; keys are of P-256, which every phone understands.

The authority vouches for no other authority (path length 0), and only for names and addresses of a house:
whoever steals its key cannot pretend to be a bank (name constraints, RFC 5280 section 4.2.1.10)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Browsers refuse what is valid for longer than 398 days (CA/Browser Forum's baseline requirements, 6.3.2).
SERVER_DAYS = 397
AUTHORITY_DAYS = 3652
# Phones whose clock is behind believe it as well.
_BEFORE = timedelta(days=1)
_HOUSE_NAMES = ("localhost", "local", "lan", "home", "internal", "home.arpa", "fritz.box")
_HOUSE_NETWORKS = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CertificateError(ValueError):
    """Why there is no certificate, in a plain sentence."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Both, the key first: one file, so that no half of a pair is ever left."""
        kind, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key = self.key.private_bytes(serialization.Encoding.PEM, kind, secret)
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)


def checked_name(typed: str) -> str:
    """A host's name or an address, as it stands in a certificate."""
    found = typed.strip().rstrip(".").casefold()
    if (address := address_or_none(found)) is not None:
        return str(address)
    if len(found) > 253 or not all(_LABEL.fullmatch(part) for part in found.split(".")):
        raise CertificateError(f"{typed[:80]!r} is no name of a machine, like pool.local, and no address.")
    return found


def address_or_none(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def is_private(address: Address) -> bool:
    """Whether it is one that a house uses."""
    return any(address in network for network in map(ipaddress.ip_network, _HOUSE_NETWORKS))


def new_authority(machine: str, names: Iterable[str], now: datetime) -> Pair:
    """Vouches for `names` and what a house uses. `machine`: so that people know it in their settings."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(f"Poolwatch on {machine[:28]}, {now:%d %B %Y}")
    usage = _usage(key_cert_sign=True, crl_sign=True)
    built = (
        _began(subject, subject, key, now, now - _BEFORE + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=True)
    )
    return Pair(built.sign(key, hashes.SHA256()), key)


def new_server(authority: Pair, names: Sequence[str], now: datetime) -> Pair:
    """This machine's certificate; CertificateError for a name that the authority may not vouch for."""
    for name in names:
        if not covers(authority.certificate, name):
            raise CertificateError(
                f"The authority that your devices trust may not vouch for {name}. With --new-authority a new "
                "one is made, which every device has to trust anew."
            )
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate.subject
    until = min(now - _BEFORE + timedelta(days=SERVER_DAYS), authority.certificate.not_valid_after_utc)
    built = (
        _began(_named("Poolwatch"), issuer, key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    )
    return Pair(built.sign(authority.key, hashes.SHA256()), key)


def covers(authority: x509.Certificate, name: str) -> bool:
    """Whether the authority may vouch for a name."""
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if (address := address_or_none(name)) is not None:
        networks = [ipaddress.ip_network(str(one.value)) for one in limits if isinstance(one, x509.IPAddress)]
        return any(address in network for network in networks)
    allowed = [one.value for one in limits if isinstance(one, x509.DNSName)]
    return any(name == one or name.endswith(f".{one}") for one in allowed)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names and addresses that a server's certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*found.get_values_for_type(x509.DNSName), *map(str, addresses))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as devices show it: pairs of hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex(" ").upper()


def _permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    networks: list[Network] = [ipaddress.ip_network(one) for one in _HOUSE_NETWORKS]
    domains = list(_HOUSE_NAMES)
    for name in names:
        address = address_or_none(name)
        if address is None:
            domains.append(name)
        elif not is_private(address):
            networks.append(ipaddress.ip_network(address))
    return [*map(x509.DNSName, dict.fromkeys(domains)), *map(x509.IPAddress, dict.fromkeys(networks))]


def _general(name: str) -> x509.GeneralName:
    address = address_or_none(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _began(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(
    digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
