"""The section `[auth]`: as st.login has it, and each way in which it can be wrong."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from dashboard.commands import doctor
from dashboard.commands.doctor import State
from dashboard.oidc.config import BACK, parsed, read
from dashboard.oidc.desk import Desk
from tests.issuer import running, secrets_toml
from tests.unit.fake_monitor import HandClock

ONE = {
    "client_id": "poolwatch",
    "client_secret": "a-very-secret-word",
    "server_metadata_url": "https://accounts.google.com/.well-known/openid-configuration",
}
SHARED = {"redirect_uri": f"https://pool.example.org{BACK}", "cookie_secret": "sixteen letters."}


def test_nothing_is_configured_and_nothing_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    assert read([file], 8501).troubles == ()
    file.write_text('[weather]\nkey = "x"\n', encoding="utf-8")
    found = read([file], 8501)
    assert (found.providers, found.troubles) == ((), ())


def test_one_in_the_section_itself_and_one_with_a_name() -> None:
    found = parsed({**SHARED, **ONE, "my_house": {**ONE, "client_kwargs": {"prompt": "login"}}}, 8501)
    assert found.troubles == ()
    assert [(one.name, one.label, one.prompt) for one in found.providers] == [
        ("default", "accounts.google.com", "select_account"),
        ("my_house", "My house", "login"),
    ]
    assert "a-very-secret-word" not in repr(found) and "sixteen" not in repr(found)


def test_the_port_is_filled_in_and_a_later_file_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    section = "".join(f'{key} = "{value}"\n' for key, value in {**SHARED, **ONE}.items())
    first.write_text("[auth]\n" + section, encoding="utf-8")
    there = f"http://localhost:{{port}}{BACK}"
    second.write_text("[auth]\n" + section.replace(SHARED["redirect_uri"], there), encoding="utf-8")
    assert read([first, second], 8600).redirect_uri == f"http://localhost:8600{BACK}"


WRONG: list[Any] = [
    pytest.param({"redirect_uri": None}, "redirect_uri is missing", id="no way back"),
    pytest.param(
        {"redirect_uri": "https://pool.example.org/oauth2callback"}, BACK, id="Streamlit's way back"
    ),
    pytest.param({"redirect_uri": f"http://pool.lan{BACK}"}, "https://", id="an unencrypted way back"),
    pytest.param({"redirect_uri": "pool"}, "is no address", id="no address"),
    pytest.param({"redirect_uri": 7}, "redirect_uri is missing", id="a number"),
    pytest.param({"cookie_secret": None}, "cookie_secret is missing", id="no secret of the cookie"),
    pytest.param({"cookie_secret": "xxx"}, "shorter than 16", id="a short one"),
    pytest.param({"client_id": None}, "client_id is missing", id="no client"),
    pytest.param({"client_secret": " "}, "client_secret is missing", id="an empty secret"),
    pytest.param({"client_secret": "a\nb"}, "client_secret cannot be right", id="two lines"),
    pytest.param({"server_metadata_url": None}, "server_metadata_url is missing", id="no metadata"),
    pytest.param({"server_metadata_url": "http://a.example/x"}, "https://", id="unencrypted metadata"),
    pytest.param({"server_metadata_url": "https://u:p@a.example"}, "is no address", id="with a password"),
    pytest.param({"server_metadata_url": "https://[::1"}, "is no address", id="half an address"),
    pytest.param({"client_kwargs": "x"}, "must be a table", id="kwargs that are none"),
    pytest.param({"client_kwargs": {"verify": "false"}}, "verify is not known", id="no TLS check"),
    pytest.param({"client_kwargs": {"scope": "openid"}}, "openid and email", id="no e-mail asked for"),
    pytest.param({"client_kwargs": {"code_challenge_method": "plain"}}, "only be S256", id="plain PKCE"),
    pytest.param({"client_kwargs": {"token_endpoint_auth_method": "x"}}, "auth_method", id="unknown method"),
    pytest.param({"secret": "x"}, "secret is not known", id="a word that nobody knows"),
    pytest.param({"back": ONE}, "cannot be named 'back'", id="our own name"),
    pytest.param({"a b": ONE}, "cannot be named 'a b'", id="a name with a blank"),
    pytest.param({"other": {**ONE, "id": "x"}}, "[auth.other] id is not known", id="another's word"),
]


@pytest.mark.parametrize(("changed", "says"), WRONG)
def test_what_is_wrong_is_said_without_a_secret(changed: dict[str, Any], says: str) -> None:
    section = {key: value for key, value in {**SHARED, **ONE, **changed}.items() if value is not None}
    found = parsed(section, 8501)
    assert any(says in sentence for sentence in found.troubles), found.troubles
    assert not any("a-very-secret-word" in sentence for sentence in found.troubles)


def test_one_that_is_wrong_leaves_the_other_whole() -> None:
    found = parsed({**SHARED, "good": ONE, "bad": {}}, 8501)
    assert [one.name for one in found.providers] == ["good"]
    assert found.troubles == ("[auth.bad] server_metadata_url is missing.",)


def test_a_section_without_a_provider_is_said() -> None:
    assert "names no provider" in parsed(SHARED, 8501).troubles[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"[auth]\nclient_secret = hush\n", "is no TOML (at line 2", id="no TOML"),
        pytest.param(b"\xff\xfe", "is no TOML", id="no text"),
        pytest.param(b'auth = "x"', "must be a section", id="no section"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "secrets.toml"
    file.write_bytes(content)
    (sentence,) = read([file], 8501).troubles
    assert says in sentence and "hush" not in sentence


def test_a_changed_file_is_read_anew_and_what_is_wrong_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "secrets.toml"
    desk = Desk([file], 8501, HandClock())
    assert desk.config().providers == ()
    file.write_text('[auth]\nredirect_uri = "x"\n', encoding="utf-8")
    assert desk.config().troubles and "redirect_uri is no address" in caplog.text
    before = caplog.text
    desk.config()
    assert caplog.text == before
    with running() as issuer:
        file.write_text(secrets_toml(issuer, SHARED["redirect_uri"]), encoding="utf-8")
    assert [one.label for one in desk.config().providers] == ["House"]


def test_the_doctor_asks_each_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    file = home / ".streamlit" / "secrets.toml"
    file.parent.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "CHECKS", (("sign-in through a provider", doctor.providers),))
    assert doctor.run(argparse.Namespace()) == 0 and "provider" not in capsys.readouterr().out
    with running() as issuer:
        file.write_text(secrets_toml(issuer, SHARED["redirect_uri"]), encoding="utf-8")
        file.chmod(0o644)
        assert [(one.state, one.text[:20]) for one in doctor.providers()] == [
            (State.WRONG, "others on this machi"),
            (State.OK, "House answers"),
        ]
        file.chmod(0o600)
    (away,) = doctor.providers()
    assert away.state is State.NOTE and "ConnectionError" in away.text
    file.write_text("[auth]\n", encoding="utf-8")
    assert doctor.run(argparse.Namespace()) == 1
    assert "WRONG  sign-in through a provider: [auth] redirect_uri is missing." in capsys.readouterr().out
    assert os.environ["HOME"] == str(home)
