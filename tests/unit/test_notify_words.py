"""What contacts read, and what they are told of failures: plain, and without anything secret."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.notify.reasons import reason_of, redacted
from dashboard.notify.words import words

ADDRESS = "tgram://123456789:AbCdEf_hijk-lmn/998877/?token=t0p%2Dsecret"


def said(kind: str = "alarm", **more: Any) -> tuple[str, str]:
    facts: dict[str, Any] = {
        "title": "Mia has been under water in the pool for 12 s",
        "place": "pool",
        "camera": "Terrace",
        "since": "14:32:05",
        "who": "",
        "drill": False,
        "round": 0,
        "link": "https://pool.lan:8501",
    }
    return words(kind, **{**facts, **more})


def test_an_alarm_says_who_where_since_when_what_next_and_where_to_look() -> None:
    title, text = said()
    assert title == "EMERGENCY: Mia has been under water in the pool for 12 s"
    assert text.splitlines() == [
        "Mia has been under water in the pool for 12 s.",
        "Where: pool, camera Terrace.",
        "Since: 14:32:05.",
        "Nobody has answered yet. This message is sent again until somebody presses “I see it”.",
        "Open: https://pool.lan:8501",
    ]


@pytest.mark.parametrize("kind", ["alarm", "acknowledged", "all_clear", "test"])
def test_a_drill_is_marked_at_the_front_of_title_and_text_of_every_message(kind: str) -> None:
    title, text = said(kind, drill=True, who="Anna")
    assert title.startswith("DRILL. ") and text.startswith("DRILL. ")
    title, text = said(kind, who="Anna")
    assert "DRILL" not in title + text and "drill" not in text


@pytest.mark.parametrize(
    ("more", "there", "absent"),
    [
        ({"link": ""}, "Since", "Open"),
        ({"camera": "", "place": ""}, "Since", "Where"),
        ({"camera": "Terrace", "place": "Terrace"}, "Where: camera Terrace.", "Terrace, camera"),
        ({"round": 2}, "(Message 3)", "(Message 2)"),
    ],
)
def test_what_is_not_known_is_left_out(more: dict[str, Any], there: str, absent: str) -> None:
    text = said(**more)[1]
    assert there in text and absent not in text


def test_who_answered_and_who_ended_it_is_named() -> None:
    assert said("acknowledged", who="Tom")[1].startswith("Tom has seen it: Mia has been")
    title, text = said("all_clear", who="Tom")
    assert title.startswith("All clear: ") and text.startswith("Tom says that it is over: Mia")
    assert said("test", who="the daily self-test")[1].startswith("The daily self-test sent this at 14:32:05")
    assert said("test", who="Tom", drill=True)[1].splitlines()[0] == "DRILL. This is a test."


def test_a_kind_that_is_none_is_an_error() -> None:
    with pytest.raises(KeyError):
        said("nonsense")


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ([], "Telegram did not take the message and gives no reason"),
        (
            ["Failed to send: Internal Server Error, error=500."],
            "Telegram answered 500 (Internal Server Error)",
        ),
        (["Failed to send: error=401."], "Telegram does not accept the password or key (401)"),
        (["Failed, error=999."], "Telegram answered 999"),
        (["A Connection error occurred", "Socket Exception: Read timed out. (read timeout=4.0)"], "in time"),
        (["A Connection error occurred", "[Errno 111] Connection refused"], "Telegram refuses connections"),
        (["A Connection error occurred", "Temporary failure in name resolution"], "was not found"),
        (["A Connection error occurred sending to 998877."], "Telegram could not be reached"),
        (["There is no room 998877 here"], "Telegram says: There is no room *** here"),
    ],
)
def test_a_failure_is_told_in_plain_words(log: list[str], reason: str) -> None:
    assert reason in reason_of(log, "Telegram", ADDRESS)


@pytest.mark.parametrize("secret", ["123456789", "AbCdEf_hijk-lmn", "998877", "t0p%2Dsecret", "t0p-secret"])
def test_no_part_of_an_address_is_told(secret: str) -> None:
    told = [
        f"it said {secret.upper()} and {secret}",
        f"see https://api.example/bot{secret}/send or {ADDRESS}",
    ]
    for line in told:
        assert secret.lower() not in redacted(line, ADDRESS).lower()
        assert secret.lower() not in reason_of([line], "Telegram", ADDRESS).lower()


def test_a_long_story_is_cut() -> None:
    assert len(redacted("x" * 10_000, ADDRESS)) == 200
    assert redacted("", ADDRESS) == ""
