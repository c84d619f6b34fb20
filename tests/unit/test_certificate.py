"""HTTPS for a house: who believes the certificate, for which names, how long, and what a renewal keeps."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.__main__ import main
from dashboard.certificate.folder import AUTHORITY, PUBLIC, SERVER, Made, make, server_of, troubles
from dashboard.certificate.machine import own_names
from dashboard.certificate.making import (
    CertificateError,
    checked_name,
    covers,
    names_of,
    new_authority,
    new_server,
)
from dashboard.clock import SystemClock
from dashboard.commands.doctor import State, https
from dashboard.web.certificate import FILE, PAGE, certificate_routes

NAMES = ("pool", "pool.local", "localhost", "127.0.0.1", "::1", "192.168.1.20")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def made(folder: Path, *more: str, now: datetime = NOW, anew: bool = False) -> Made:
    return make(folder, NAMES, more, now, anew)


@contextmanager
def served(pem: Path) -> Iterator[int]:
    """The port of this machine where somebody with this certificate answers each caller with "hello"."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                    with line, context.wrap_socket(line, server_side=True) as secure:
                        secure.sendall(b"hello")
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        thread = threading.Thread(target=serve, name="tls", daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def asked(port: int, name: str, authority: Path | None) -> bytes:
    """What a device that trusts `authority` and calls this machine `name` hears."""
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if authority is not None:
        context.load_verify_locations(cadata=authority.read_bytes())
    with (
        socket.create_connection(("127.0.0.1", port), 10) as line,
        context.wrap_socket(line, server_hostname=name) as secure,
    ):
        return secure.recv(5)


@pytest.mark.parametrize("name", NAMES)
def test_a_device_that_trusts_the_authority_comes_in(tmp_path: Path, name: str) -> None:
    make(tmp_path, NAMES, (), SystemClock().utc())
    with served(tmp_path / SERVER) as port:
        assert asked(port, name, tmp_path / PUBLIC) == b"hello"


@pytest.mark.parametrize(
    ("name", "trusts"), [("localhost", False), ("bank.example", True), ("10.0.0.1", True)]
)
def test_nobody_else_does(tmp_path: Path, name: str, trusts: bool) -> None:
    make(tmp_path, NAMES, (), SystemClock().utc())
    with served(tmp_path / SERVER) as port, pytest.raises(ssl.SSLCertVerificationError):
        asked(port, name, tmp_path / PUBLIC if trusts else None)


def test_a_stolen_authority_is_believed_for_no_website(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock().utc()
    authority = new_authority("pool", NAMES, now)
    (tmp_path / PUBLIC).write_bytes(_der(authority.certificate))
    monkeypatch.setattr("dashboard.certificate.making.covers", lambda *_: True)
    (tmp_path / SERVER).write_bytes(new_server(authority, ["bank.example"], now).pem())
    with (
        served(tmp_path / SERVER) as port,
        pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"),
    ):
        asked(port, "bank.example", tmp_path / PUBLIC)


def test_how_long_each_is_good_and_what_it_may(tmp_path: Path) -> None:
    found = made(tmp_path)
    server, authority = found.server, found.authority
    assert server.not_valid_after_utc - server.not_valid_before_utc == 397 * DAY
    assert 3650 * DAY <= authority.not_valid_after_utc - authority.not_valid_before_utc <= 3653 * DAY
    limits = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical and limits.value.ca and limits.value.path_length == 0
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    made(tmp_path / "a")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "a").iterdir()}
    assert modes == {AUTHORITY: 0o600, PUBLIC: 0o600, SERVER: 0o600}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE" not in (tmp_path / "a" / PUBLIC).read_bytes()


def test_another_run_renews_the_certificate_and_keeps_the_authority(tmp_path: Path) -> None:
    first, later = made(tmp_path, "pool.home"), made(tmp_path, now=NOW + 300 * DAY)
    assert (first.fresh, later.fresh) == (True, False)
    assert later.authority == first.authority
    assert later.server.not_valid_after_utc - first.server.not_valid_after_utc == 300 * DAY
    assert later.server.public_key() != first.server.public_key()
    assert "pool.home" in names_of(later.server), "a name that was asked for once stays"
    later.server.verify_directly_issued_by(first.authority)


@pytest.mark.parametrize(("days", "fresh"), [(3600, False), (3630, True)])
def test_an_authority_that_ends_soon_is_made_anew(tmp_path: Path, days: int, fresh: bool) -> None:
    made(tmp_path)
    found = made(tmp_path, now=NOW + days * DAY)
    assert found.fresh is fresh
    assert found.server.not_valid_after_utc <= found.authority.not_valid_after_utc


def test_a_name_that_the_authority_may_not_vouch_for_is_refused(tmp_path: Path) -> None:
    first = made(tmp_path)
    with pytest.raises(CertificateError, match=r"pool\.example\.org.*--new-authority"):
        made(tmp_path, "pool.example.org")
    assert server_of(tmp_path / SERVER) == first.server
    assert covers(made(tmp_path, "pool.example.org", anew=True).authority, "pool.example.org")


def test_an_address_that_came_later_is_left_out_and_said(tmp_path: Path) -> None:
    """Outside of a house's own networks the authority vouches for the addresses that it was made with."""
    first = make(tmp_path, (*NAMES, "192.0.2.2"), (), NOW)
    assert "192.0.2.2" in names_of(first.server)
    found = make(tmp_path, (*NAMES, "192.0.2.3"), (), NOW)
    assert found.left_out == ("192.0.2.3",) and "192.0.2.3" not in names_of(found.server)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Pool.Local.", "pool.local"),
        (" 192.168.1.20 ", "192.168.1.20"),
        ("FD00::0001", "fd00::1"),
        ("", None),
        ("*.local", None),
        ("a_b", None),
        ("-a", None),
        ("a..b", None),
        ("x" * 64, None),
        ("pool\x00.local", None),
        ("p\u00f6ol", None),
        ("a." * 200 + "a", None),
    ],
)
def test_names_are_checked(typed: str, name: str | None) -> None:
    if name is None:
        with pytest.raises(CertificateError, match="no name of a machine"):
            checked_name(typed)
    else:
        assert checked_name(typed) == name


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_damaged_authority_is_said_and_left_alone(tmp_path: Path, damage: bytes) -> None:
    made(tmp_path)
    (tmp_path / AUTHORITY).write_bytes(damage)
    with pytest.raises(CertificateError, match=r"authority\.pem is damaged.*--new-authority"):
        made(tmp_path)
    assert (tmp_path / AUTHORITY).read_bytes() == damage
    assert made(tmp_path, anew=True).fresh


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    wrote: list[int] = []

    def full(file: int) -> None:
        wrote.append(file)
        if len(wrote) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CertificateError, match=r"No space left on device.*no new certificate"):
        made(tmp_path, anew=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("a file")
    assert main(["certificate", "--data", str(tmp_path / "data")]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "cannot be made" in told


def test_the_command_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["certificate", "--data", str(tmp_path), "--name", "pool.lan"]
    assert main(call) == 0
    told = capsys.readouterr().out
    for word in ("iPhone", "Android", "Windows", "pool.lan", "localhost", PUBLIC, "fingerprint"):
        assert word in told
    assert main(call) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_this_machine_knows_its_names() -> None:
    found = own_names()
    assert {"localhost", "127.0.0.1"} <= set(found)
    assert len(set(found)) == len(found)
    assert [checked_name(name) for name in found] == list(found)


@pytest.mark.parametrize(
    ("days", "addresses", "told"),
    [
        (0, (), ""),
        (365, (), ""),
        (367, (), "The certificate ends on 29 December 2027"),
        (400, (), "ended on 29 December 2027: browsers warn"),
        (0, ("192.168.1.20",), ""),
        (0, ("192.168.1.21",), "not for this machine's present address 192.168.1.21"),
    ],
)
def test_what_is_wrong_with_a_certificate(
    tmp_path: Path, days: int, addresses: tuple[str, ...], told: str
) -> None:
    found = troubles(made(tmp_path).server, addresses, NOW + days * DAY)
    assert len(found) == bool(told)
    assert all(told in one and "make certificate" in one for one in found)


def test_the_doctor_looks_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOLWATCH_DATA", str(tmp_path))
    assert [one.state for one in https()] == [State.NOTE]
    assert main(["certificate"]) == 0
    assert [one.state for one in https()] == [State.OK]
    (tmp_path / "certificate" / SERVER).chmod(0o644)
    assert any(one.state is State.WRONG and "chmod 600" in one.text for one in https())


def test_a_phone_gets_the_authority_and_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOLWATCH_DATA", str(tmp_path))
    phone = TestClient(Starlette(routes=certificate_routes()))
    assert [phone.get(path).status_code for path in (PAGE, FILE)] == [404, 404]
    authority = made(tmp_path / "certificate").authority
    page, file = phone.get(PAGE), phone.get(FILE)
    assert "iPhone" in page.text and FILE in page.text
    assert file.headers["content-type"] == "application/x-x509-ca-cert"
    assert file.content == _der(authority)


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)
