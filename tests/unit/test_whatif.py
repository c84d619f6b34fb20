"""A recorded track judged again: what would have alarmed under other settings, and what cannot be told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.monitor.codec import observation_to_json
from dashboard.settings import RuleSettings, Settings
from dashboard.values import Level, Mode, Observation, PoseDanger
from dashboard.whatif.comparing import rows
from dashboard.whatif.judging import Judged, Variant, compared, judged
from dashboard.whatif.tally import Tally
from dashboard.whatif.tally import words as words_of
from dashboard.whatif.telling import (
    cell,
    clock,
    headline,
    picture_html,
    table_html,
    variants_of,
)
from dashboard.whatif.track import About, Recorded, TrackError, TrackWriter, about_to_json, read_track
from tests.unit.rules_stage import CAMERA, GARDEN, SIZE, Actor, adult, film, play, swimmer

LIMIT = "rules.submersion_limit_s"
GUARD = adult(99, (0.0, 200.0, 520.0), (120.0, 200.0, 520.0))
NAMES = {CAMERA: "Back yard"}
ABOUT = About(CAMERA, SIZE, GARDEN, Mode.SUPERVISED, Settings())


def recorded(actors: Sequence[Actor] = (), until: float = 24.0, about: About = ABOUT) -> Recorded:
    """The guard and these on a track at 10 frames a second."""
    return Recorded(about, tuple(film([GUARD, *actors], 10.0, until)))


# Goes under after 6 s and does not come up.
SINKS = (swimmer(1, (0, 400, 400), (6.0, 450, 400)),)


def tried(track: Recorded, *changes: dict[str, object], mode: Mode | None = None) -> tuple[Judged, ...]:
    return compared(track, Settings(), variants_of(changes, mode))


def cells(judgements: Sequence[Judged], number: int) -> list[str]:
    return [cell(row, number, judgements) for row in rows(judgements)]


def test_what_if_i_set_8_seconds() -> None:
    shown = tried(recorded(SINKS), {LIMIT: 8.0})
    alert, emergency = rows(shown)
    assert (alert.some.level, emergency.some.level) == (Level.ALERT, Level.EMERGENCY)
    assert emergency.shift_s(1) == pytest.approx(-2.0, abs=0.11)
    assert cells(shown, 1) == ["0:10.0, 1.0 s earlier", "0:14.0, 2.0 s earlier"]
    assert headline(rows(shown), 1, shown) == (
        "With Longest time under water 8 s: the siren 2.0 s earlier; the warning 1.0 s earlier."
    )


def test_the_present_settings_give_what_the_live_judge_gives() -> None:
    track = recorded(SINKS, 40.0)
    live = play(track.observations, Mode.SUPERVISED, settings=RuleSettings(), ticking_s=0.2)
    again = judged(track, Settings(), Variant("Now", {}))
    assert [(e.t, e.kind, e.level, e.person) for e in again.events] == [
        (e.t, e.kind, e.level, e.person) for e in live.events
    ]
    assert again.events == judged(track, Settings(), Variant("Now", {})).events


@pytest.mark.parametrize("mode", [Mode.WATCH, Mode.SUPERVISED])
def test_what_poses_said_is_kept_in_the_track_and_judged_as_live(tmp_path: Path, mode: Mode) -> None:
    def worded(seen: Observation) -> Observation:
        fresh = round(seen.t * 10) % 3 == 0
        word = PoseDanger(0.95, ("upright",), 0.0 if fresh else 0.1)
        said = tuple(replace(p, danger=word) if p.id == 1 else p for p in seen.people or ())
        return replace(seen, people=said)

    bather = swimmer(1, (0, 400, 400), (60, 400, 400))
    seen = [worded(one) for one in film([GUARD, bather], 10.0, 20)]
    writer = TrackWriter(tmp_path / "one.track.gz", replace(ABOUT, mode=mode))
    for one in seen:
        writer.write(one)
    writer.close()
    again = judged(read_track(tmp_path / "one.track.gz"), Settings(), Variant("Now", {}))
    live = play(seen, mode, settings=RuleSettings(), ticking_s=0.2)
    told = [(e.t, e.level, e.detail["score"]) for e in again.events if e.kind == "danger_pose"]
    assert told == [(e.t, e.level, e.detail["score"]) for e in live.of("danger_pose")]
    assert [level for _, level, _ in told] == [Level.ALERT, Level.EMERGENCY]


def test_a_dive_that_ends_before_a_longer_limit_is_never() -> None:
    diver = swimmer(1, (0, 350, 400), (6, 350, 400), (18, 360, 400), (30, 380, 400), hidden=((6.0, 18.0),))
    shown = tried(recorded((diver,), 30.0), {LIMIT: 15.0})
    assert cells(shown, 1)[-1] == "never"
    assert "the siren would not have come" in headline(rows(shown), 1, shown)


def test_a_recording_that_ends_first_does_not_say_never() -> None:
    """It begins 10 s before and ends 10 s after: a longer limit is not reached in it."""
    shown = tried(recorded(SINKS, 22.0), {LIMIT: 20.0})
    (last,) = [c for c in cells(shown, 1) if "recording ends" in c]
    assert last == "not yet when the recording ends: due 4.0 s later"
    assert "the siren not yet when the recording ends" in headline(rows(shown), 1, shown)
    assert len(shown[1].running) == 1


def test_a_shorter_limit_alarms_where_none_came() -> None:
    diver = swimmer(1, (0, 350, 400), (6, 350, 400), (13, 360, 400), (30, 380, 400), hidden=((6.0, 13.0),))
    shown = tried(recorded((diver,), 30.0), {LIMIT: 6.0})
    (row,) = [r for r in rows(shown) if r.some.level is Level.EMERGENCY]
    assert row.events[0] is None and cell(row, 0, shown) == "never"
    assert cell(row, 1, shown) == "0:11.9, only with this"
    assert "one more siren than now" in headline(rows(shown), 1, shown)


def test_three_ways_side_by_side() -> None:
    shown = tried(recorded(SINKS, 30.0), {LIMIT: 8.0}, {LIMIT: 12.0})
    emergency = rows(shown)[-1]
    assert [emergency.shift_s(n) for n in (1, 2)] == pytest.approx([-2.0, 2.0], abs=0.11)


@pytest.mark.parametrize(
    ("limit_s", "until", "said"),
    [
        (10.0, 30.0, "Of the 2 alarms in them each would have come as early."),
        (12.0, 30.0, "Of the 2 alarms in them: 2 alarms later, by up to 2.0 s."),
        (
            25.0,
            22.0,
            "Of the 2 alarms in them: 1 alarm not before the clip ends, 1 alarm later, by up to 7.5 s.",
        ),
        (8.0, 15.0, "Of the 1 alarm in them: 1 alarm more than now."),
    ],
)
def test_many_recordings_in_one_sentence(limit_s: float, until: float, said: str) -> None:
    found = Tally().add("a", *tried(recorded(SINKS, until), {LIMIT: limit_s}))
    assert words_of(found) == said
    nothing = Tally().add("b", *tried(recorded(), {LIMIT: limit_s}))
    assert words_of(nothing) == "None of them holds an alarm, either way." and words_of(Tally()) == ""
    both = found.add("b", *tried(recorded(), {LIMIT: limit_s}))
    assert both.recordings == 2 and set(both.losing) == ({"a"} if limit_s > 10 else set())


def test_a_dive_that_ends_before_the_other_limit_is_lost() -> None:
    diver = swimmer(1, (0, 350, 400), (6, 350, 400), (18, 360, 400), (30, 380, 400), hidden=((6.0, 18.0),))
    found = Tally().add("a", *tried(recorded((diver,), 30.0), {LIMIT: 25.0}))
    assert found.lost >= 1 and "would not have come" in words_of(found) and found.losing == ("a",)


def test_two_people_are_told_apart() -> None:
    second = swimmer(2, (0, 600, 450), (8.0, 600, 450))
    shown = tried(recorded((*SINKS, second), 24.0), {LIMIT: 8.0})
    loud = [r for r in rows(shown) if r.some.level is Level.EMERGENCY]
    assert len({r.some.person for r in loud}) == 2
    assert all(r.shift_s(1) == pytest.approx(-2.0, abs=0.11) for r in loud)
    table = table_html(rows(shown), shown, NAMES)
    assert "Person 1 has been under water" in table and "Person 2 has been under water" in table


def test_nothing_on_it_and_nothing_different_are_said() -> None:
    empty = tried(recorded((), 5.0), {LIMIT: 8.0})
    assert headline(rows(empty), 1, empty).endswith("no alarm either.")
    same = tried(recorded(SINKS), {"rules.lying_s": 30.0})
    assert headline(rows(same), 1, same).endswith("nothing would have been different.")
    blank = tried(Recorded(ABOUT, ()), {LIMIT: 8.0})
    assert rows(blank) == [] and picture_html(blank)


def test_another_mode_is_another_judgement() -> None:
    shown = tried(recorded(SINKS), mode=Mode.WATCH)
    assert "person_in_water" in {e.kind for e in shown[0].alarms}
    paused = replace(recorded(SINKS), about=replace(ABOUT, mode=Mode.PAUSED))
    assert judged(paused, Settings(), Variant("Now", {})).alarms, "a pause judges nothing: as in watch"


def test_hostile_names_are_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    zones = tuple(replace(zone, name=evil if zone.name == "pool" else zone.name) for zone in GARDEN)
    shown = tried(recorded(SINKS, about=replace(ABOUT, zones=zones)), {LIMIT: 8.0})
    named = [replace(one, variant=replace(one.variant, name=evil * 1000)) for one in shown]
    for html in (table_html(rows(named), named, NAMES), picture_html(named)):
        assert "<img" not in html and len(html) < 20_000


@pytest.mark.parametrize(
    ("t", "words"), [(0.0, "0:00.0"), (59.96, "1:00.0"), (67.44, "1:07.4"), (3600.0, "60:00.0")]
)
def test_clock(t: float, words: str) -> None:
    assert clock(t) == words


# The file


def written(path: Path, track: Recorded) -> Path:
    writer = TrackWriter(path, track.about)
    for one in track.observations:
        writer.write(one)
    writer.close()
    return path


def test_a_track_is_written_and_read(tmp_path: Path) -> None:
    track = recorded(SINKS)
    found = read_track(written(tmp_path / "a.track.gz", track))
    assert found.about == track.about
    assert [observation_to_json(o) for o in found.observations] == [
        observation_to_json(o) for o in track.observations
    ]
    assert judged(found, Settings(), Variant("Now", {})).events == tried(found)[0].events


def test_a_track_that_broke_off_gives_what_there_is(tmp_path: Path) -> None:
    path = written(tmp_path / "a.track.gz", recorded(SINKS))
    path.write_bytes(path.read_bytes()[:-2000])
    found = read_track(path)
    assert 10 < len(found.observations) < 240


HEAD = about_to_json(ABOUT)
GOOD = observation_to_json(next(iter(film([GUARD], 10.0, 1.0))))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param([], "empty", id="empty"),
        pytest.param(["x"], "Line 1 of the track is no JSON", id="no json"),
        pytest.param(["[]"], "Line 1 of the track is no object", id="a list"),
        pytest.param([json.dumps({**HEAD, "mode": "x"})], "not what a track begins with", id="mode"),
        pytest.param([json.dumps({**HEAD, "size": 3})], "not what a track begins with", id="size"),
        pytest.param(
            [json.dumps({**HEAD, "settings": {LIMIT: 900}})], "settings cannot be read", id="settings"
        ),
        pytest.param([json.dumps(HEAD), "{}"], "Line 2 of the track is no observation", id="observation"),
        pytest.param([json.dumps(HEAD) + " " * (2 << 20)], "too long", id="a line without end"),
    ],
)
def test_what_is_no_track_is_refused_in_words(tmp_path: Path, lines: list[str], why: str) -> None:
    path = tmp_path / "a.track.gz"
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    with pytest.raises(TrackError, match=why):
        read_track(path)


def test_an_observation_that_came_late_is_left_out(tmp_path: Path) -> None:
    lines = [HEAD, {**GOOD, "t": 1.0}, {**GOOD, "t": 0.5}, {**GOOD, "t": 1.0}, {**GOOD, "t": 2.0}]
    path = tmp_path / "a.track.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    assert [one.t for one in read_track(path).observations] == [1.0, 1.0, 2.0]


def test_a_file_that_is_no_gzip_and_one_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"not gzip at all")
    with pytest.raises(TrackError, match="cannot be read"):
        read_track(tmp_path / "a")
    with pytest.raises(TrackError, match="no track of this recording"):
        read_track(tmp_path / "b")


def test_settings_of_another_version_do_not_make_a_track_unreadable(tmp_path: Path) -> None:
    head = {**HEAD, "settings": {LIMIT: 8.0, "rules.of_tomorrow": 1}}
    path = tmp_path / "a.track.gz"
    path.write_bytes(gzip.compress((json.dumps(head) + "\n").encode()))
    assert read_track(path).about.settings.rules.submersion_limit_s == 8.0
