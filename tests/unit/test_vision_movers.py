"""What moves like an animal, told by boxes alone: walkers are, ripples, leaves, people and cars are not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from dashboard.values import Detection, Label
from dashboard.vision.movers import Movers

Box = tuple[float, float, float, float]
SIZE = (1280, 720)


def box(x: float, y: float, width: float = 60.0, height: float = 36.0) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def watched(
    at: Callable[[float], list[Box]],
    seconds: float = 12.0,
    fps: float = 10.0,
    people: Callable[[float], list[Box]] = lambda t: [],
) -> list[tuple[float, Detection]]:
    movers = Movers(SIZE)
    times = [n / fps for n in range(round(seconds * fps))]
    return [(t, found) for t in times for found in movers.step(t, at(t), people(t))]


@pytest.mark.parametrize("fps", (2.0, 5.0, 30.0))
@pytest.mark.parametrize("speed", (18.0, 60.0, 150.0))
def test_what_walks_is_an_animal(speed: float, fps: float) -> None:
    found = watched(lambda t: [box(100 + speed * t, 400)], 12.0, fps)
    assert {one.label for _, one in found} == {Label.ANIMAL}
    first, last = found[0], found[-1]
    assert first[0] <= max(2.5, 2.2 * 46 / speed + 0.6)
    assert last[1].xyxy == pytest.approx(box(100 + speed * last[0], 400))


def test_it_stays_one_while_it_rests_and_comes_out_from_behind_a_bush() -> None:
    def cat(t: float) -> list[Box]:
        return [] if 4 <= t < 6 else [box(100 + 60 * min(t, 4.0), 400)]

    times = [t for t, _ in watched(cat)]
    assert times[-1] > 11.8 and 4.0 not in times and 6.0 in times


def test_who_comes_and_goes_in_another_time_is_new() -> None:
    movers = Movers(SIZE)
    for n in range(60):
        found = movers.step(100 + n / 10, [box(100 + 6 * n, 400)], ())
    assert found
    assert movers.step(3.0, [box(460, 400)], ()) == ()


@pytest.mark.parametrize("seed", range(5))
def test_ripples_are_none(seed: int) -> None:
    dice = random.Random(seed)

    def ripples(t: float) -> list[Box]:
        del t
        some = range(dice.randrange(5))
        return [
            box(dice.uniform(300, 900), dice.uniform(300, 600), dice.uniform(20, 90), dice.uniform(10, 40))
            for _ in some
        ]

    assert watched(ripples, 60.0) == []


def test_a_branch_in_the_wind_is_none() -> None:
    away = [0, 40, 90, 130, 90, 30]
    assert watched(lambda t: [box(400 + away[int(t * 2) % 6], 300)], 30.0) == []


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("who walks upright", lambda t: [box(100 + 60 * t, 400, 40, 90)]),
        ("as large as a car", lambda t: [box(100 + 90 * t, 400, 260, 140)]),
        ("comes near quickly", lambda t: [box(400, 200 + 40 * t, 30 + 25 * t, 24 + 18 * t)]),
        ("jumps", lambda t: [box(100 + 300 * int(t), 400)]),
        ("stands", lambda t: [box(400, 400)]),
        ("seen now and then", lambda t: [box(100 + 60 * t, 400)] if int(t * 10) % 3 == 0 else []),
    ],
)
def test_is_none(name: str, at: Callable[[float], list[Box]]) -> None:
    assert watched(at) == [], name


def test_a_shadow_beside_somebody_is_none() -> None:
    found = watched(lambda t: [box(160 + 60 * t, 460)], people=lambda t: [box(100 + 60 * t, 400, 60, 160)])
    assert found == []


def test_it_goes_on_when_it_is_taken_for_somebody_until_it_stands_up() -> None:
    def seen(t: float) -> list[Box]:
        return [box(100 + 40 * t, 400) if t < 9 else box(100 + 40 * t, 382, 50, 80)]

    times = [t for t, _ in watched(seen, 14.0, people=lambda t: seen(t) if t >= 5 else [])]
    assert 5.0 in times and 8.9 in times and max(times) < 9.0
