"""Stories in the water, in supervised, at every frame rate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.rules.people import Identity
from dashboard.settings import RuleSettings
from dashboard.values import Event, Level, Mode, Observation
from tests.unit.rules_stage import (
    ADULT_PX,
    ALL_WATER,
    CAMERA,
    RATES,
    Actor,
    Played,
    adult,
    adult_pose,
    film,
    play,
    somebody,
    swimmer,
)

GUARD = adult(99, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))
SINKS_S = 10.0
LIMIT_S = 10.0


def supervised(actors: list[Actor], fps: float, until: float = 40, **more: object) -> Played:
    return play(film([GUARD, *actors], fps, until, **more), Mode.SUPERVISED)  # type: ignore[arg-type]


def levels(events: list[Event]) -> list[Level]:
    return [e.level for e in events]


@pytest.mark.parametrize("fps", RATES)
class TestSubmersion:
    def test_swimming_is_quiet(self, fps: float) -> None:
        played = supervised([swimmer(1, (0, 350, 400), (60, 650, 420))], fps, 60)
        assert played.kinds() == {"person_entered"}

    def test_sinking_counts_down_from_the_last_sight(self, fps: float) -> None:
        played = supervised([swimmer(1, (0, 400, 400), (SINKS_S, 450, 400))], fps)
        alert, emergency = played.of("submersion")
        assert (alert.level, emergency.level) == (Level.ALERT, Level.EMERGENCY)
        assert SINKS_S + LIMIT_S / 2 <= alert.t <= SINKS_S + LIMIT_S / 2 + 1 / fps
        assert SINKS_S + LIMIT_S <= emergency.t <= SINKS_S + LIMIT_S + 1 / fps
        assert emergency.person == 1
        assert emergency.zone == "pool"

    @pytest.mark.parametrize("limit_s", [5.0, 30.0])
    def test_limit_is_a_setting(self, fps: float, limit_s: float) -> None:
        actors = [GUARD, swimmer(1, (0, 400, 400), (SINKS_S, 450, 400))]
        settings = RuleSettings(submersion_limit_s=limit_s)
        played = play(film(actors, fps, 50), Mode.SUPERVISED, settings=settings)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t == pytest.approx(SINKS_S + limit_s, abs=1 / fps)

    def test_limit_of_a_known_person(self, fps: float) -> None:
        actors = [GUARD, swimmer(1, (0, 400, 400), (SINKS_S, 450, 400))]
        known = {(CAMERA, 1): Identity(name="Ada", limit_s=6.0)}
        played = play(film(actors, fps, 40), Mode.SUPERVISED, identities=known)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t == pytest.approx(SINKS_S + 6.0, abs=1 / fps)
        assert emergency.detail["name"] == "Ada"

    @pytest.mark.parametrize("track", [1, 7], ids=["same number", "new number"])
    def test_surfacing_within_reach_ends_it(self, fps: float, track: int) -> None:
        diver = swimmer(
            1, (0, 350, 400), (10, 350, 400), (17, 620, 440), (40, 650, 440), hidden=((10.0, 17.0),)
        )
        diver = replace(diver, tracks=((0.0, 1), (17.0, track)))
        played = supervised([diver], fps)
        assert levels(played.of("submersion")) == [Level.ALERT]
        assert len(played.of("surfaced")) == 1
        assert played.of("person_entered")[-1].person == 1
        assert len(played.of("person_entered")) == 2

    def test_climbing_out_under_a_new_number_ends_it(self, fps: float) -> None:
        diver = Actor(
            ((0.0, 400.0, 400.0), (10.0, 400.0, 400.0), (15.0, 400.0, 520.0), (40.0, 300.0, 530.0)),
            ((0.0, 1), (15.0, 7)),
            looks=adult_pose,
            swims=lambda t: t < 12,
            hidden=((10.0, 15.0),),
        )
        assert supervised([diver], fps).emergencies() == []

    def test_two_heads_never_explain_three_people(self, fps: float) -> None:
        hidden = ((10.0, 14.0),)
        three = [
            swimmer(1, (0, 380, 380), (10, 380, 380)),
            swimmer(2, (0, 480, 420), (40, 490, 430), hidden=hidden, tracks=((0.0, 2), (14.0, 7))),
            swimmer(3, (0, 600, 380), (40, 610, 400), hidden=hidden, tracks=((0.0, 3), (14.0, 8))),
        ]
        played = supervised(three, fps)
        (emergency,) = played.emergencies()
        assert emergency.kind == "submersion"
        assert emergency.t <= 10 + LIMIT_S + 1 / fps

    def test_somebody_who_walks_in_explains_nobody(self, fps: float) -> None:
        arrives = adult(7, (12, 20, 300), (15, 250, 300), (40, 260, 300))
        played = supervised([swimmer(1, (0, 320, 300), (10, 320, 300)), arrives], fps)
        assert levels(played.of("submersion")) == [Level.ALERT, Level.EMERGENCY]

    def test_glints_do_not_hold_it_up(self, fps: float) -> None:
        glints = [swimmer(20 + n, (12.0 + 3 * n, 460, 410), (12.0 + 3 * n + 0.2, 460, 410)) for n in range(3)]
        played = supervised([swimmer(1, (0, 400, 400), (10, 450, 400)), *glints], fps)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t <= 10 + LIMIT_S + 0.6 + 1 / fps

    def test_glints_under_the_same_number_do_not_hold_it_up(self, fps: float) -> None:
        path = ((0.0, 400.0, 400.0), (19.0, 450.0, 400.0))
        hidden = ((10.0, 13.0), (13.0 + 0.9 / fps, 16.0), (16.0 + 0.9 / fps, 18.9))
        (emergency,) = supervised([swimmer(1, *path, hidden=hidden)], fps).of("submersion", Level.EMERGENCY)
        assert emergency.t <= 10 + LIMIT_S + 0.6 + 1 / fps

    def test_flicker_is_quiet(self, fps: float) -> None:
        spans = tuple((a + 0.5 + 1 / fps, a + 1.9) for a in range(2, 50, 2))
        played = supervised([swimmer(1, (0, 350, 400), (60, 650, 420), hidden=spans)], fps, 60)
        assert played.of("submersion") == []

    def test_glint_alone_is_nobody(self, fps: float) -> None:
        glint = swimmer(1, (5.0, 500, 400), (5.9, 500, 400), hidden=((5.9, 99.0),))
        assert supervised([glint], fps).kinds() == {"person_entered"}

    def test_running_in_and_not_coming_up(self, fps: float) -> None:
        runner = somebody(1, (0, 450, 580), (5, 450, 560), (5.6, 450, 490), height=ADULT_PX * 0.6)
        played = supervised([runner], fps)
        assert Level.EMERGENCY in levels(played.of("submersion"))

    def test_occluded_on_deck_is_no_submersion(self, fps: float) -> None:
        hidden = ((10.0, 35.0),)
        other = adult(1, (0, 800, 300), (60, 800, 300), hidden=hidden, tracks=((0.0, 1), (35.0, 5)))
        played = supervised([other], fps, 60)
        assert played.kinds() == {"person_entered"}
        assert len(played.of("person_entered")) == 2

    def test_missing_on_deck_for_long_is_named(self, fps: float) -> None:
        other = adult(1, (0, 800, 300), (10, 800, 300))
        played = supervised([other], fps, 60)
        (missing,) = played.of("person_missing")
        assert (missing.level, missing.person) == (Level.ALERT, 1)
        assert 40 <= missing.t <= 40 + 1 + 1 / fps
        assert missing.detail["here"] == 2
        assert missing.detail["seen"] == 1
        assert played.of("submersion") == []

    def test_two_tracks_on_one_body_are_not_two_people(self, fps: float) -> None:
        """The second swimmer's track sticks to the first one's body as they pass, and the second swimmer
        is found again as somebody new, 5 s later: nobody is added, and the alert of half the limit is all."""
        first = swimmer(1, (0, 380, 400), (60, 390, 400))
        stuck = swimmer(2, (0, 620, 400), (8, 395, 402), (16, 395, 402))
        found = swimmer(5, (12, 500, 420), (60, 640, 420))
        played = supervised([first, stuck, found], fps, 60)
        assert levels(played.of("submersion")) in ([], [Level.ALERT])
        assert len(played.of("person_entered")) == 3

    def test_a_track_that_comes_to_another_body_is_no_longer_its_own_persons(self, fps: float) -> None:
        """The second swimmer sinks as the first passes; their track goes on with the first one's body."""
        first = swimmer(1, (0, 380, 400), (60, 390, 400))
        stuck = swimmer(2, (0, 620, 400), (8, 395, 402), (30, 395, 402))
        played = supervised([first, stuck], fps, 30)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.person == 2
        assert emergency.t <= 8 + LIMIT_S

    def test_who_was_only_glimpsed_is_not_missed(self, fps: float) -> None:
        played = supervised([somebody(1, (5, 800, 300), (6, 800, 300))], fps, 60)
        assert played.of("person_missing") == []
        assert len(played.of("person_left")) == len(played.of("person_entered")) - 1

    def test_nobody_is_missed_for_ever(self, fps: float) -> None:
        short = RuleSettings(missing_gone_s=60)
        actors = [GUARD, adult(1, (0, 800, 300), (10, 800, 300))]
        played = play(film(actors, fps, 80), Mode.SUPERVISED, settings=short)
        assert len(played.of("person_missing")) == 1
        assert [e.person for e in played.of("person_left")] == [1]

    def test_swapped_swimmers_are_both_there(self, fps: float) -> None:
        two = [
            swimmer(1, (0, 350, 400), (40, 350, 400), tracks=((0.0, 1), (10.0, 2))),
            swimmer(2, (0, 650, 400), (40, 650, 400), tracks=((0.0, 2), (10.0, 1))),
        ]
        played = supervised(two, fps)
        assert played.of("submersion") == []
        assert len(played.of("person_entered")) == 3


@pytest.mark.parametrize("fps", RATES)
class TestWaterAtTheEdge:
    """The picture shows water alone, as from straight above."""

    def test_swimming_through_alone_is_no_emergency(self, fps: float) -> None:
        lane = swimmer(1, (3.0, 10, 300), (11.0, 990, 300))
        played = play(film([lane], fps, 40), Mode.SUPERVISED, ALL_WATER)
        assert played.emergencies() == []
        assert [e.detail["how"] for e in played.of("person_left")] == ["edge of the picture"]

    def test_vanishing_in_the_middle_counts_down(self, fps: float) -> None:
        lane = swimmer(1, (3.0, 10, 300), (7.0, 500, 300))
        played = play(film([lane], fps, 40), Mode.SUPERVISED, ALL_WATER)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t <= 7 + LIMIT_S + 1 / fps

    def test_vanishing_at_the_edge_at_rest_counts_down(self, fps: float) -> None:
        rests = swimmer(1, (3.0, 500, 300), (8.0, 940, 300), (14.0, 960, 300))
        played = play(film([rests], fps, 40), Mode.SUPERVISED, ALL_WATER)
        assert len(played.of("submersion", Level.EMERGENCY)) == 1

    def test_empty_water_is_quiet(self, fps: float) -> None:
        assert play(film([], fps, 40), Mode.SUPERVISED, ALL_WATER).events == []


@pytest.mark.parametrize("fps", RATES)
class TestBlindness:
    def test_running_countdown_is_shortened(self, fps: float) -> None:
        blind = ((14.0, 60.0, "dark"),)
        played = supervised([swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 40, blind=blind)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t == pytest.approx(14 + 3, abs=1 / fps)
        assert emergency.detail["blind"] is True

    def test_bathers_are_not_taken_for_gone_nor_for_safe(self, fps: float) -> None:
        blind = ((10.0, 60.0, "dark"),)
        played = supervised([swimmer(1, (0, 400, 400), (60, 450, 400))], fps, 40, blind=blind)
        assert played.of("person_left") == []
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t == pytest.approx(10 + LIMIT_S, abs=2 / fps)
        (told,) = played.of("camera_blind")
        assert told.level is Level.ALERT
        assert told.t <= 20

    def test_short_blindness_is_quiet(self, fps: float) -> None:
        blind = ((10.0, 13.0, "no new picture"),)
        played = supervised([swimmer(1, (0, 400, 400), (60, 450, 400))], fps, 40, blind=blind)
        assert played.kinds() == {"person_entered"}

    def test_short_gap_is_quiet(self, fps: float) -> None:
        gaps = ((10.0, 13.9),)
        actors = [GUARD, swimmer(1, (0, 400, 400), (60, 450, 400))]
        played = play(film(actors, fps, 40, gaps=gaps), Mode.SUPERVISED, ticking_s=0.25)
        assert played.kinds() == {"person_entered"}

    def test_long_silence_counts_down_and_is_told(self, fps: float) -> None:
        actors = [GUARD, swimmer(1, (0, 400, 400), (60, 450, 400))]
        played = play(film(actors, fps, 40, gaps=((10.0, 30.0),)), Mode.SUPERVISED, ticking_s=0.25)
        (emergency,) = played.of("submersion", Level.EMERGENCY)
        assert emergency.t == pytest.approx(10 + LIMIT_S, abs=0.3 + 1 / fps)
        assert len(played.of("camera_offline")) == 1
        assert len(played.of("camera_back")) == 1
        assert played.of("person_left") == []

    def test_leaving_while_blind_is_not_assumed(self, fps: float) -> None:
        blind = ((10.0, 20.0, "covered"),)
        other = adult(1, (0, 800, 300), (60, 800, 300))
        played = supervised([other], fps, 40, blind=blind)
        assert played.of("person_left") == []
        assert len(played.of("person_entered")) == 2


@pytest.mark.parametrize("fps", RATES)
class TestMotionless:
    def test_floating_still_in_water(self, fps: float) -> None:
        played = supervised([swimmer(1, (0, 400, 400), (60, 430, 400), moves=False)], fps, 60)
        said = played.of("motionless")
        assert levels(said) == [Level.ALERT, Level.EMERGENCY]
        assert 10 <= said[0].t <= 13
        assert 20 <= said[1].t <= 23

    def test_treading_water_is_moving(self, fps: float) -> None:
        played = supervised([swimmer(1, (0, 400, 400), (60, 402, 400))], fps, 60)
        assert played.of("motionless") == []

    def test_fall_on_deck(self, fps: float) -> None:
        falls = adult(1, (0, 800, 300), (60, 800, 300), lies=lambda t: t >= 10)
        said = supervised([falls], fps, 60).of("motionless")
        assert levels(said) == [Level.ALERT, Level.EMERGENCY]
        assert 30 <= said[0].t <= 31 + 1 / fps
        assert 40 <= said[1].t <= 41 + 1 / fps
        assert said[1].detail["fell"] is True

    def test_getting_up_in_time_is_quiet(self, fps: float) -> None:
        falls = adult(1, (0, 800, 300), (60, 800, 300), lies=lambda t: 10 <= t < 25)
        assert supervised([falls], fps, 60).of("motionless") == []

    def test_one_upright_frame_is_not_getting_up(self, fps: float) -> None:
        flickers = adult(
            1, (0, 800, 300), (60, 800, 300), lies=lambda t: t >= 10 and not 20 <= t < 20 + 0.9 / fps
        )
        assert levels(supervised([flickers], fps, 60).of("motionless")) == [Level.ALERT, Level.EMERGENCY]

    def test_standing_still_is_quiet(self, fps: float) -> None:
        assert supervised([adult(1, (0, 800, 300), (60, 800, 300))], fps, 60).of("motionless") == []


@pytest.mark.parametrize("fps", RATES)
def test_late_frames_change_nothing(fps: float) -> None:
    seen = list(film([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 40))
    late: list[Observation] = []
    for i, observation in enumerate(seen):
        late.append(observation)
        if i >= 3:
            late.append(seen[i - 2])
    assert play(late, Mode.SUPERVISED).events == play(seen, Mode.SUPERVISED).events


@pytest.mark.parametrize("fps", RATES)
def test_judging_is_repeatable(fps: float) -> None:
    seen = list(film([GUARD, swimmer(1, (0, 400, 400), (10, 450, 400))], fps, 25))
    assert play(seen).events == play(seen).events
