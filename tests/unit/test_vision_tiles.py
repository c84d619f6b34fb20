from __future__ import annotations

import numpy as np
import pytest

from dashboard.vision.background import Background, Foreground
from dashboard.vision.tiles import Rota, interest, layout, spread, tile_box

PARTS = (0.0, 0.6, 0.35)


@pytest.mark.parametrize(
    ("length", "side", "count"), [(100, 200, 1), (100, 100, 1), (100, 60, 3), (100, 20, 8)]
)
def test_spread_covers_with_overlap(length: float, side: float, count: int) -> None:
    centres = spread(length, side, 0.35)
    assert len(centres) == count
    if count > 1:
        assert centres[0] == side / 2
        assert centres[-1] == pytest.approx(length - side / 2)
        assert max(np.diff(centres)) <= side * 0.65 + 1e-9


@pytest.mark.parametrize("size_wh", [(768, 576), (1280, 720), (360, 640), (320, 240)])
def test_every_pixel_lies_in_a_tile_of_every_size(size_wh: tuple[int, int]) -> None:
    for part in PARTS:
        covered = np.zeros((size_wh[1], size_wh[0]), bool)
        for tile in layout(size_wh, (part,), 0.35):
            left, top, right, bottom = (round(side) for side in tile_box(tile, size_wh))
            covered[top:bottom, left:right] = True
        assert covered.all()


@pytest.mark.parametrize("unsure", [(), ((600.0, 300.0, 700.0, 420.0),)], ids=["nobody", "somebody"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_tile_is_searched_within_the_bound_even_while_others_are_busy(
    count: int, unsure: tuple[tuple[float, float, float, float], ...]
) -> None:
    rota = Rota(layout((1280, 720), PARTS, 0.35), (1280, 720))
    busy = np.ones(len(rota.tiles), np.float32)
    busy[7] = 0  # all others move all the time
    waited, longest = 0, 0
    for _ in range(6 * rota.bound(count)):
        chosen = rota.choose(count, busy, unsure)
        assert len(set(chosen)) == count
        rota.done(chosen)
        waited = 0 if 7 in chosen else waited + 1
        longest = max(longest, waited)
    assert 0 < longest <= rota.bound(count)


def test_a_busy_tile_comes_before_dull_ones_of_its_age() -> None:
    rota = Rota(layout((768, 576), PARTS, 0.35), (768, 576))
    busy = np.zeros(len(rota.tiles), np.float32)
    busy[11] = 1
    rota.done([])
    assert rota.choose(1, busy) == [11]
    assert rota.choose(0, busy) == []


def test_where_somebody_may_be_is_searched_again_at_once_and_each_time_in_another_tile() -> None:
    rota = Rota(layout((1280, 720), PARTS, 0.35), (1280, 720))
    dull, maybe = np.zeros(len(rota.tiles), np.float32), (950.0, 380.0, 1050.0, 470.0)
    seen = []
    for _ in range(4):
        chosen = rota.choose(2, dull, [maybe])
        left, top, right, bottom = tile_box(rota.tiles[chosen[0]], rota.size_wh)
        assert left < 1000 < right
        assert top < 425 < bottom
        seen.append(chosen[0])
        rota.done(chosen)
    assert len(set(seen)) > 1
    singles = []
    for _ in range(2):
        singles.append(rota.choose(1, dull, [maybe]) == rota.choose(1, dull))
        rota.done([])
    assert sorted(singles) == [False, True], "a single search takes turns"
    assert len(rota.choose(2, dull, [(0.0, 0.0, 1280.0, 720.0), (5.0, 5.0, 6.0, 6.0)])) == 2


def test_interest_is_where_the_background_does_not_explain() -> None:
    rota = Rota(layout((320, 240), (0.5,), 0.0), (320, 240))
    background = Background((320, 240))
    mask = np.zeros((240, 320), bool)
    assert interest(rota, background, Foreground(mask, (), 0, False)).max() == 0
    mask[10:40, 10:30] = True
    wanted = interest(rota, background, Foreground(mask, (), 0, False))
    assert wanted[0] > 0.5
    assert wanted[-1] == 0
