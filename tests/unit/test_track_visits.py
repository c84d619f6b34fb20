"""Which findings of animals are of one visit, and how the animal looked in it."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.track.visits import GAP_S, Visits
from dashboard.values import Detection, Label


def found(x: float, label: Label = Label.CAT, look: tuple[float, ...] | None = (1.0, 0.0)) -> Detection:
    vector = None if look is None else np.array(look, np.float32)
    return Detection((x, 100.0, x + 60, 140.0), 0.8, label, "yolox", appearance=vector)


def test_nothing_is_no_visit() -> None:
    assert Visits().step(0.0, ()) == () and Visits().all() == ()


def test_a_cat_that_walks_is_one_visit_whatever_the_detector_calls_it() -> None:
    visits = Visits()
    for n in range(10):
        (seen,) = visits.step(n * 0.5, [found(40.0 * n, Label.DOG if n in (2, 5) else Label.CAT)])
    assert (seen.label, seen.since, seen.t, seen.looked) == ("cat", 0.0, 4.5, 10)
    assert seen.look == pytest.approx([1.0, 0.0])


def test_a_recogniser_names_what_was_told_by_its_movement() -> None:
    visits = Visits()
    for n in range(10):
        (seen,) = visits.step(n * 0.5, [found(40.0 * n, Label.CAT if n == 5 else Label.ANIMAL)])
        assert seen.label == ("animal" if n < 5 else "cat")


def test_two_are_told_apart_by_their_place_and_a_long_gap_ends_a_visit() -> None:
    visits = Visits()
    for n in range(4):
        visits.step(n * 0.5, [found(100.0 + n), found(700.0, look=(0.0, 1.0))])
    assert sorted(tuple(visit.look.round(1)) for visit in visits.all()) == [(0.0, 1.0), (1.0, 0.0)]  # type: ignore[union-attr]
    (again,) = visits.step(1.5 + GAP_S + 0.1, [found(100.0)])
    assert again.looked == 1 and len(visits.ended()) == 2 and visits.ended() == ()


def test_looks_are_joined_and_findings_without_one_only_go_on() -> None:
    visits = Visits()
    for n, look in enumerate(((1.0, 0.0), None, (0.0, 1.0))):
        (seen,) = visits.step(float(n), [found(100.0, look=look)])
    assert seen.looked == 2 and seen.look == pytest.approx([0.7071, 0.7071], abs=1e-3)
    (blank,) = Visits().step(0.0, [found(0.0, look=None)])
    assert blank.look is None
