"""How surely a part is a thing: rows of traits as they are seen at the simulated pool, and of what only looks
like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.vision.thing_score import SURE, WEIGHTS, Traits, thing_score

BALL = Traits(
    size=-2.9,
    fill=0.72,
    edge=1.3,
    strength=1.4,
    apart=1.7,
    shade=-0.1,
    tint=0.11,
    calm=0.2,
    gaps=0.02,
    same=0.96,
)


@pytest.mark.parametrize(
    ("what", "traits", "sure"),
    [
        ("a ball", BALL, True),
        ("an air bed that turns", replace(BALL, size=-1.6, fill=0.6, same=0.85, calm=-0.9), True),
        (
            "ripples",
            replace(BALL, size=-3.5, edge=0.4, strength=0.4, apart=0.5, tint=0.03, gaps=0.2, same=0.65),
            False,
        ),
        ("a glint", replace(BALL, size=-4.0, edge=0.7, strength=0.6, shade=0.3, tint=0.02, gaps=0.4), False),
        ("what was uncovered", replace(BALL, edge=-0.6, apart=-1.0), False),
        ("a soft shadow", replace(BALL, size=-1.2, edge=0.0, strength=0.3, apart=0.3, tint=0.01), False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_thing_is_told_from_what_only_looks_like_one(what: str, traits: Traits, sure: bool) -> None:
    assert (thing_score(traits) > SURE) is sure, what


@pytest.mark.parametrize("name", sorted(WEIGHTS))
def test_no_trait_counts_beyond_its_bounds(name: str) -> None:
    least, most, _ = WEIGHTS[name]
    for far, bound in ((least - 1e6, least), (most + 1e6, most)):
        assert thing_score(replace(BALL, **{name: far})) == thing_score(replace(BALL, **{name: bound}))
