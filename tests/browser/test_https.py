"""The server with a certificate of our own making: https alone, believed by who trusts the authority."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from dashboard.__main__ import main
from dashboard.web.certificate import FILE, PAGE
from tests.browser.server import PASSWORD, Server


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    data = tmp_path / "data"
    assert main(["certificate", "--data", str(data)]) == 0
    pem = str(data / "certificate" / "server.pem")
    monkeypatch.setenv("STREAMLIT_SERVER_SSL_CERT_FILE", pem)
    monkeypatch.setenv("STREAMLIT_SERVER_SSL_KEY_FILE", pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(_as_pem(data / "certificate" / "poolwatch-ca.crt")))
    found = Server(data)
    found.url = f"https://127.0.0.1:{found.port}"
    found.start()
    yield found
    found.stop()


def test_the_server_answers_over_https(secure: Server) -> None:
    with urllib.request.urlopen(f"{secure.url}{FILE}", timeout=10) as got:
        assert got.read() == (secure.data / "certificate" / "poolwatch-ca.crt").read_bytes()
    with urllib.request.urlopen(f"{secure.url}{PAGE}", timeout=10) as got:
        assert b"iPhone" in got.read()
    told = _signed_in(secure)["set-cookie"].lower()
    assert "; secure" in told and "httponly" in told
    with pytest.raises((urllib.error.URLError, OSError)):
        urllib.request.urlopen(f"http://127.0.0.1:{secure.port}/healthz", timeout=10)
    # Whoever does not trust the authority hears nothing.
    stranger = f"import urllib.request; urllib.request.urlopen({secure.url + PAGE!r}, timeout=10)"
    assert "CERTIFICATE_VERIFY_FAILED" in _told_without_trust(stranger)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _signed_in(server: Server) -> Message:
    body = f"name=Tom&password={PASSWORD.replace(' ', '+')}".encode()
    try:
        urllib.request.build_opener(_Stay).open(f"{server.url}/signin", body, timeout=30)
    except urllib.error.HTTPError as answer:
        assert answer.code == 303
        answer.close()
        return answer.headers
    raise AssertionError("no redirect")


def _told_without_trust(program: str) -> str:
    import os
    import subprocess
    import sys

    env = {key: value for key, value in os.environ.items() if key != "SSL_CERT_FILE"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
    )
    return done.stderr


def _as_pem(der: Path) -> Path:
    import ssl

    found = der.with_suffix(".trusted")
    found.write_text(ssl.DER_cert_to_PEM_cert(der.read_bytes()))
    return found
