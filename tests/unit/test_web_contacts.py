"""Addresses made from a few fields: Apprise itself reads each of them as it was meant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from apprise import Apprise

from dashboard.monitor.messengers import hidden, problem_of, service_of
from dashboard.web.contacts import SERVICES, FieldError, address_of, called, outcome_words, reached_by

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
RIGHT = [
    pytest.param("ntfy", {"topic": "our-pool"}, {"topics": ["our-pool"], "priority": "max"}, id="ntfy"),
    pytest.param(
        "ntfy",
        {"topic": "pool", "server": "http://10.0.0.2:8080", "token": "tk_a/b"},
        {"host": "10.0.0.2", "port": 8080, "topics": ["pool"], "token": "tk_a/b", "secure": False},
        id="ntfy of one's own",
    ),
    pytest.param(
        "telegram",
        {"token": TOKEN, "chat": "-10012345"},
        {"bot_token": TOKEN, "targets": [(-10012345, None)]},
        id="telegram",
    ),
    pytest.param(
        "email",
        {"from": "an+na@gmail.com", "password": "p@ss:w/rd?#%"},
        {"user": "an+na@gmail.com", "password": "p@ss:w/rd?#%", "smtp_host": "smtp.gmail.com"},
        id="e-mail of a known provider",
    ),
    pytest.param(
        "email",
        {"from": "a@example.org", "password": "x", "to": "b@example.net", "smtp": "mail.example.org:587"},
        {
            "user": "a@example.org",
            "smtp_host": "mail.example.org",
            "port": 587,
            "targets": [(False, "b@example.net")],
        },
        id="e-mail by a server",
    ),
    pytest.param(
        "pushover",
        {"user": "u" * 30, "token": "t" * 30},
        {"user_key": "u" * 30, "token": "t" * 30},
        id="pushover",
    ),
    pytest.param(
        "signal",
        {"server": "192.168.1.5:8080", "from": "+41 79 123-45-67", "to": "+41797654321"},
        {"host": "192.168.1.5", "port": 8080, "source": "+41791234567", "targets": ["+41797654321"]},
        id="signal",
    ),
    pytest.param(
        "home_assistant",
        {"server": "https://ha.example.org", "token": "eyJ0.eXAi.OiJK"},
        {"host": "ha.example.org", "accesstoken": "eyJ0.eXAi.OiJK", "secure": True},
        id="home assistant",
    ),
    pytest.param("other", {"address": " json://127.0.0.1:9/x "}, {"host": "127.0.0.1"}, id="any other"),
]


@pytest.mark.parametrize(("service", "typed", "meant"), RIGHT)
def test_apprise_reads_what_was_meant(service: str, typed: dict[str, str], meant: dict[str, object]) -> None:
    address = address_of(service, typed)
    assert problem_of(address) == ""
    made = Apprise.instantiate(address)
    assert {key: getattr(made, key) for key in meant} == meant


WRONG = [
    pytest.param("ntfy", {}, "Topic: this is missing", id="nothing typed"),
    pytest.param("ntfy", {"topic": "a/b"}, "no blanks", id="a topic with a slash"),
    pytest.param("ntfy", {"topic": "p", "server": "http://h/x"}, "name and port", id="a path"),
    pytest.param("ntfy", {"topic": "p", "server": "http://h:x"}, "no number", id="a port of letters"),
    pytest.param("ntfy", {"topic": "p", "server": "ftp://h"}, "A server looks like", id="no web server"),
    pytest.param("email", {"from": "anna", "password": "x"}, "name@example.org", id="no e-mail"),
    pytest.param(
        "signal", {"server": "h", "from": "079 123"}, "begins with + and the country", id="no country"
    ),
    pytest.param("telegram", {"token": "x" * 501, "chat": "1"}, "501 characters; at most 500", id="long"),
    pytest.param("telegram", {"token": "a\x00b", "chat": "1"}, "control character", id="control"),
    pytest.param("other", {"address": "x" * 3000}, "at most 2000", id="a long address"),
]


@pytest.mark.parametrize(("service", "typed", "why"), WRONG)
def test_a_wrong_field_is_named(service: str, typed: dict[str, str], why: str) -> None:
    with pytest.raises(FieldError, match=why.replace("+", "\\+")) as refused:
        address_of(service, typed)
    assert refused.value.key in [field.key for field in SERVICES[service].fields]


REFUSED = [
    pytest.param("", "must look like service://", id="empty"),
    pytest.param("anna", "must look like service://", id="no address"),
    pytest.param("json://a b", "must look like service://", id="a blank"),
    pytest.param("tgram://***a1b2c3", "must look like service://", id="a hidden one"),
    pytest.param("geheim123://x", "no service named 'geheim123'", id="no such service"),
    pytest.param("tgram://geheim123/42", "no whole Telegram address", id="no token"),
    pytest.param("pover://geheim123", "invalid Pushover User Key", id="no key"),
    pytest.param("twilio://geheim123:secret456@+4912/", "invalid Twilio Account SID", id="twilio"),
    pytest.param("ntfy://?x=geheim123", "names no topic", id="ntfy without a topic"),
    pytest.param("json://" + "x" * 2000, "at most 2000 fit", id="long"),
]


@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_apprises_own_reason_is_told_without_the_address(address: str, why: str) -> None:
    problem = problem_of(address)
    assert why in problem
    assert "geheim123" not in problem.replace("named 'geheim123'", "") and "secret456" not in problem


_LOUD = """
import logging
logging.basicConfig(level=logging.DEBUG)
from dashboard.monitor.messengers import problem_of
for address in ("tgram://geheim123/42", "twilio://geheim123:secret456@+4912/", "json://a:geheim123@h"):
    print(problem_of(address))
"""


def test_no_log_holds_an_address() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOUD], capture_output=True, text=True, cwd=ROOT, timeout=120, check=True
    )
    assert "Telegram" in done.stdout
    assert "geheim123" not in done.stdout + done.stderr and "secret456" not in done.stdout + done.stderr


def test_an_address_is_hidden_but_told_apart() -> None:
    one, other = hidden(f"tgram://{TOKEN}/1"), hidden(f"tgram://{TOKEN}/2")
    assert one != other and "AAHdq" not in one and one.startswith("tgram://***")
    assert service_of(one) == "Telegram" and service_of("moon://***1") == "moon"


def test_who_is_called_and_how_is_one_phrase() -> None:
    def contact(name: str, enabled: bool = True) -> dict[str, object]:
        return {"name": name, "enabled": enabled, "urls": ["json://***1"]}

    assert called([]) == "" == called([contact("Anna", False)])
    assert called([contact("Anna")]) == "Anna"
    assert called([contact("Anna"), contact("Tom"), contact("Li\nsa")]) == "Anna, Tom and Li sa"
    assert reached_by(["ntfy", "Telegram", "ntfy"]) == "ntfy (2 addresses) and Telegram"


@pytest.mark.parametrize(
    ("state", "attempts", "error", "words"),
    [
        ("waiting", 0, "", "on its way"),
        ("waiting", 1, "no answer", "not sent yet, it is tried again: no answer"),
        ("done", 1, "", "sent"),
        ("failed", 2, "refused", "not sent: refused"),
        ("failed", 2, "", "not sent: no reason was given"),
        ("dropped", 0, "", "not sent: it was taken back"),
    ],
)
def test_an_outcome_is_told_in_words(state: str, attempts: int, error: str, words: str) -> None:
    assert outcome_words({"state": state, "attempts": attempts, "error": error}) == words
