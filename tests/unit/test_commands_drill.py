"""The drill: stories that can be played, and the line that sums up."""

from __future__ import annotations

import argparse

import pytest

from dashboard.commands import drill
from dashboard.commands.drilling.running import Outcome
from dashboard.commands.drilling.stories import safe_play, submersion


@pytest.mark.parametrize("seed", [1, 2])
def test_every_story_can_be_played_and_is_the_same_again(seed: int) -> None:
    for number in range(40):
        found = submersion(number, seed)
        assert found.victim in [p.name for p in found.story.people]
        assert found == submersion(number, seed)
        assert "sink" not in [s.action for p in safe_play(number, seed).story.people for s in p.steps]
    assert submersion(0, seed).story != submersion(1, seed).story


def test_nothing_found_is_summed_up() -> None:
    found = drill.summary([Outcome(0, True, None, ("submersion",), 8.0, 40.0)])
    assert (found["runs"], found["detected"], found["false_emergencies"]) == (1, 0, 1)
    assert found["delay_s"] == {"p50": None, "p95": None, "max": None}


def test_delays_and_safe_seconds_are_summed_up() -> None:
    runs = [Outcome(n, True, float(n), (), 5.0, 20.0) for n in range(5)]
    found = drill.summary([*runs, Outcome(0, False, None, ("child_alone", "submersion"), 40.0, 40.0)])
    assert found["delay_s"] == {"p50": 2.0, "p95": 3.8, "max": 4.0}
    assert (found["runs"], found["detected"], found["safe_video_s"]) == (5, 5, 65.0)
    assert found["false_by_kind"] == {"child_alone": 1, "submersion": 1}


@pytest.mark.parametrize("words", [["--runs", "0"], ["--jobs", "0"], ["--fps", "0"]])
def test_a_wrong_call_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    drill.add_arguments(parser)
    assert drill.run(parser.parse_args(words)) == 2
    assert "drill: " in capsys.readouterr().err
