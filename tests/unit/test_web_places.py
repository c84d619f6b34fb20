"""Where the pages can be opened, as the terminal says it."""

from __future__ import annotations

import pytest

from dashboard.web import places

HERE, THERE = "Poolwatch: {}://localhost:8501", "From a phone or another computer: {}://192.168.1.7:8501"


@pytest.mark.parametrize(
    ("address", "secure", "bound_to", "lines"),
    [
        pytest.param(None, False, "", [HERE.format("http")], id="no network"),
        pytest.param("192.168.1.7", False, "", [HERE.format("http"), THERE.format("http")], id="network"),
        pytest.param("192.168.1.7", True, "", [HERE.format("https"), THERE.format("https")], id="https"),
        pytest.param("192.168.1.7", False, "0.0.0.0", [HERE.format("http"), THERE.format("http")], id="all"),
        pytest.param("192.168.1.7", False, "127.0.0.1", [HERE.format("http")], id="this machine"),
        pytest.param("192.168.1.7", False, "localhost", [HERE.format("http")], id="this machine by name"),
    ],
)
def test_where(
    monkeypatch: pytest.MonkeyPatch, address: str | None, secure: bool, bound_to: str, lines: list[str]
) -> None:
    monkeypatch.setattr(places, "network_address", lambda: address)
    assert places.where(8501, secure, bound_to) == lines


@pytest.mark.parametrize(
    ("address", "secure", "bound_to", "link"),
    [
        pytest.param(None, False, "", "", id="no network"),
        pytest.param("192.168.1.7", False, "", "http://192.168.1.7:8501", id="network"),
        pytest.param("192.168.1.7", True, "", "https://192.168.1.7:8501", id="https"),
        pytest.param("192.168.1.7", True, "127.0.0.1", "", id="this machine"),
    ],
)
def test_what_messages_tell_phones_to_open(
    monkeypatch: pytest.MonkeyPatch, address: str | None, secure: bool, bound_to: str, link: str
) -> None:
    monkeypatch.setattr(places, "network_address", lambda: address)
    assert places.link(8501, secure, bound_to) == link
