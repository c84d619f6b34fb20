"""What the judge keeps, as text and back."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from dashboard.alarm.book import Book, raise_events
from dashboard.monitor.memory import RecallError, recalled, remembered
from dashboard.rules.judge import RULES
from dashboard.rules.people import Ledger
from dashboard.values import Mode
from tests.unit.rules_stage import RATES, adult, child, film, play, swimmer


@dataclass(frozen=True)
class _Box:
    number: float
    words: tuple[str, ...] = ()
    pair: tuple[str, int] | None = None
    by: dict[tuple[str, int], Mode] = field(default_factory=dict)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(_Box(0.0), id="empty"),
        pytest.param(_Box(float("inf"), ("a",), ("x", 1), {("a", 1): Mode.WATCH}), id="full"),
        pytest.param(_Box(1), id="a whole number where a float may be"),
    ],
)
def test_a_value_comes_back(value: _Box) -> None:
    assert recalled(_Box, remembered(value)) == value


@pytest.mark.parametrize("fps", RATES)
def test_everything_that_the_rules_know_comes_back(fps: float) -> None:
    actors = (
        adult(1, (0, 50, 330), (3, 400, 350), (9, 400, 350)),
        child(3, (1, 200, 330), (9, 250, 330)),
        swimmer(2, (0, 500, 400), (5, 500, 400)),
    )
    played = play(film(actors, fps, 12), mode=Mode.SUPERVISED)
    text = remembered(played.state.ledger)
    assert remembered(recalled(Ledger, text)) == text
    for rule in RULES:
        text = remembered(played.state.rules[rule.name])
        assert remembered(recalled(type(rule.first), text)) == text
    book = raise_events(Book(), played.events).book
    assert book.alarms
    assert remembered(recalled(Book, remembered(book))) == remembered(book)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="cut off"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="nothing in it"),
        pytest.param('{"number":"1","words":[],"pair":null,"by":[]}', id="a text for a number"),
        pytest.param('{"number":1,"words":[],"pair":["a"],"by":[]}', id="half a pair"),
        pytest.param('{"number":1,"words":[],"pair":null,"by":[[["a",1],"nap"]]}', id="no such mode"),
    ],
)
def test_what_is_something_else_is_refused(text: str) -> None:
    with pytest.raises(RecallError):
        recalled(_Box, text)
