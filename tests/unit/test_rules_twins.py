"""Stories of one body found twice, and of a head that may be several people's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.values import Level, Mode
from tests.unit.rules_stage import RATES, Actor, Played, adult, child, film, play, swimmer

GUARD = adult(99, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))
LIMIT_S = 10.0


def supervised(*actors: Actor, fps: float, until: float = 40) -> Played:
    return play(film([GUARD, *actors], fps, until), Mode.SUPERVISED)


@pytest.mark.parametrize("fps", RATES)
class TestTwins:
    def test_two_who_were_seen_side_by_side_are_two(self, fps: float) -> None:
        sinks = swimmer(1, (0, 400, 400), (13, 400, 400))
        stays = swimmer(7, (10.0, 400, 460), (40, 405, 460))
        (emergency,) = supervised(sinks, stays, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= 13 + LIMIT_S + 1 / fps

    def test_who_came_in_from_the_deck_beside_a_swimmer_is_somebody(self, fps: float) -> None:
        """All the time at the swimmer's side; then their track goes on with the swimmer's body."""
        bather = swimmer(1, (0, 440, 262), (40, 445, 262))
        way = ((0, 400, 234), (6, 400, 234), (6.5, 535, 262), (8, 535, 262), (9, 440, 263), (11, 440, 263))
        falls = replace(child(3, *way), swims=lambda t: t > 6.2)
        played = supervised(bather, falls, fps=fps)
        assert [e.person for e in played.of("submersion", Level.EMERGENCY)] == [3]

    @pytest.mark.parametrize("headed", [True, False], ids=["an arm is taken for a head", "no head is seen"])
    def test_a_track_that_begins_on_a_swimmer_goes_on_with_them(self, fps: float, headed: bool) -> None:
        """Their own track ends, and later they are elsewhere: there never were two."""
        bather = swimmer(1, (0, 400, 400), (14, 440, 400), headed=headed)
        second = swimmer(5, (8, 468, 402), (14, 485, 402), (24, 600, 420), (40, 420, 440), headed=headed)
        played = supervised(bather, second, fps=fps)
        assert played.of("submersion") == []
        assert len(played.of("person_entered")) == 2

    @pytest.mark.parametrize("headed", [True, False], ids=["an arm is taken for a head", "no head is seen"])
    def test_a_swimmer_with_two_tracks_who_goes_under_is_missed_once(self, fps: float, headed: bool) -> None:
        bather = swimmer(1, (0, 400, 400), (14, 440, 400), headed=headed)
        second = swimmer(5, (8, 468, 402), (14, 485, 402), headed=headed)
        (emergency,) = supervised(bather, second, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= 14 + LIMIT_S + 1 / fps

    @pytest.mark.parametrize(("face", "missed"), [(0.5, [5]), (-2.0, [])], ids=["like a head", "an arm"])
    def test_who_was_found_late_beside_a_swimmer_is_missed_when_their_head_was_plain(
        self, fps: float, face: float, missed: list[int]
    ) -> None:
        """The two never part; what one of them goes under from is known to be a head by how it looks."""
        bather = swimmer(1, (0, 400, 400), (40, 405, 400), headed=True, face=0.8)
        other = swimmer(5, (8, 448, 402), (20, 450, 402), headed=True, face=face)
        played = supervised(bather, other, fps=fps)
        assert [e.person for e in played.of("submersion", Level.EMERGENCY)] == missed
        assert all(e.t <= 20 + LIMIT_S + 1 / fps for e in played.of("submersion", Level.EMERGENCY))

    def test_who_parts_from_the_swimmer_they_were_first_found_on_is_somebody(self, fps: float) -> None:
        bather = swimmer(1, (0, 400, 400), (40, 405, 400), headed=True)
        other = swimmer(5, (8, 450, 402), (12, 450, 402), (14, 560, 420), (20, 560, 420), headed=True)
        (emergency,) = supervised(bather, other, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 5
        assert emergency.t <= 20 + LIMIT_S + 1 / fps


@pytest.mark.parametrize("fps", RATES)
class TestWhoComesUp:
    @pytest.mark.parametrize("number", [1, 2, 8], ids=["who sank", "who dived", "somebody new"])
    def test_of_two_who_are_under_the_longer_countdown_goes_on(self, fps: float, number: int) -> None:
        """One sinks, another dives near there; one head comes up: nobody knows whose it is."""
        sinks = swimmer(1, (0, 400, 400), (10, 400, 400))
        dives = swimmer(2, (0, 500, 420), (14, 500, 420))
        head = swimmer(number, (17, 450, 410), (40, 460, 410))
        played = supervised(sinks, dives, head, fps=fps)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t <= 10 + LIMIT_S + 1 / fps

    @pytest.mark.parametrize("headed", [True, False], ids=["the own head is seen", "one body it may be"])
    def test_who_comes_up_at_anothers_side_is_there_once_the_own_head_is_seen(
        self, fps: float, headed: bool
    ) -> None:
        """One dives and comes up with arms over the neighbour: their boxes are nearly one, the heads two."""
        stays = swimmer(2, (0, 500, 420), (40, 500, 420), headed=headed)
        dives = swimmer(1, (0, 400, 400), (10, 400, 400), headed=headed)
        up = swimmer(8, (14, 534, 420), (40, 534, 420), headed=headed)
        played = supervised(dives, stays, up, fps=fps)
        assert len(played.of("submersion", Level.EMERGENCY)) == (0 if headed else 1)

    @pytest.mark.parametrize("until", [14.7, 15.8, 17.4], ids=["for a moment", "for a while", "for seconds"])
    def test_an_arm_that_is_taken_for_a_head_is_nobody_who_comes_up(self, fps: float, until: float) -> None:
        """One is under; for less than four seconds the neighbour seems to have a second head."""
        stays = swimmer(2, (0, 500, 420), (40, 500, 420), headed=True)
        sinks = swimmer(1, (0, 400, 400), (10, 400, 400), headed=True)
        arm = swimmer(8, (14, 548, 420), (until, 548, 420), headed=True)
        (emergency,) = supervised(sinks, stays, arm, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= 10 + LIMIT_S + 1 / fps

    @pytest.mark.parametrize("headed", [True, False], ids=["the own head is seen", "one body it may be"])
    def test_who_parts_from_a_swimmer_they_touched_is_there_again(self, fps: float, headed: bool) -> None:
        """They meet until their boxes are one, then tread water at arm's length; the number stays."""
        stays = swimmer(2, (0, 500, 420), (40, 505, 420), headed=headed)
        way = ((0, 400, 420), (6, 400, 420), (8, 496, 420), (9, 496, 420), (10, 555, 422), (40, 555, 422))
        played = supervised(stays, swimmer(1, *way, headed=headed), fps=fps)
        assert len(played.of("submersion", Level.EMERGENCY)) == (0 if headed else 1)

    def test_of_one_who_floats_the_feet_are_no_second_head(self, fps: float) -> None:
        """A second track of one body says the head is at the other end; another is under meanwhile."""
        floats = swimmer(2, (0, 500, 420), (40, 505, 420), headed=True)
        turned = replace(swimmer(8, (12, 512, 420), (40, 517, 420), headed=True), head_at=40.0)
        sinks = swimmer(1, (0, 420, 420), (10, 420, 420), headed=True)
        (emergency,) = supervised(floats, sinks, turned, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1 and emergency.t <= 10 + LIMIT_S + 1

    def test_a_number_that_comes_back_on_anothers_body_is_nobody(self, fps: float) -> None:
        floats = swimmer(2, (0, 500, 420), (40, 505, 420))
        sinks = swimmer(
            1, (0, 400, 400), (10, 400, 400), (14, 510, 424), (15.4, 508, 424), hidden=((10, 14),)
        )
        (emergency,) = supervised(sinks, floats, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.t <= 10 + LIMIT_S + 1 / fps

    def test_who_was_on_deck_is_seen_there_again_and_nobody_has_climbed_out(self, fps: float) -> None:
        stands = adult(5, (0, 400, 232), (40, 400, 232), hidden=((8.0, 13.0),), tracks=((0.0, 5), (13.0, 6)))
        sinks = swimmer(1, (0, 400, 290), (10, 400, 290))
        (emergency,) = supervised(sinks, stands, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= 10 + LIMIT_S + 1 / fps

    def test_whose_head_is_anothers_has_not_come_up(self, fps: float) -> None:
        """One is under; a second finding of the neighbour's legs ends at the neighbour's head."""
        stays = swimmer(2, (0, 500, 420), (40, 500, 420), headed=True)
        sinks = swimmer(1, (0, 400, 400), (10, 400, 400), headed=True)
        legs = replace(swimmer(8, (12, 545, 420), (40, 545, 420), headed=True), head_at=-45.0)
        (emergency,) = supervised(sinks, stays, legs, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= 10 + LIMIT_S + 1 / fps

    def test_who_stands_on_deck_and_is_found_late_has_not_climbed_out(self, fps: float) -> None:
        sinks = swimmer(1, (0, 400, 400), (10, 400, 400))
        stands = adult(5, (17, 420, 520), (40, 420, 520))
        (emergency,) = supervised(sinks, stands, fps=fps).of("submersion", Level.EMERGENCY)
        assert emergency.person == 1
        assert emergency.t <= 10 + LIMIT_S + 1 / fps
