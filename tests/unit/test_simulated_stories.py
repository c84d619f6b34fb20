"""Stories: what is written, what is refused and with which words, and who is where when."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.source.simulated import StoryError, load_story, story_names
from dashboard.source.simulated.beings import Cast
from dashboard.source.simulated.site import in_pool
from dashboard.source.simulated.timeline import build_timeline
from tests.unit.simulated_scenes import person, scene, still

GOOD: dict[str, Any] = {
    "title": "x",
    "duration_s": 30,
    "seed": 1,
    "people": [
        {
            "name": "A",
            "kind": "adult",
            "at": [1, 5],
            "look": {"top": "shirt", "top_colour": "#ff8000"},
            "steps": [{"walk": {"to": [3, 5]}}, {"climb_in": {"to": [3, 3]}}, {"tread": {}}],
        }
    ],
    "objects": [{"name": "b", "type": "ball", "at": [2, 2], "steps": [{"rest": {}}]}],
    "animals": [{"name": "c", "species": "cat", "at": [1, 6], "steps": [{"stay": {"for": 3}}]}],
    "faults": [{"kind": "black", "from_s": 1, "to_s": 2}],
    "light": [{"t": 0, "daylight": 1}],
    "weather": {"rain": 0.2},
}


def written(folder: Path, content: object) -> Path:
    path = folder / "tale.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    """GOOD with one entry replaced (or taken out, for ...)."""
    content = copy.deepcopy(GOOD)
    inner: Any = content
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return content


STEPS: list[Any] = ["people", 0, "steps"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("", "tale.yaml: the story: expected keys and values, got nothing", id="empty"),
        pytest.param("a: [", "the story is no YAML", id="no YAML"),
        pytest.param("- 1", "expected keys and values, got [1]", id="a list"),
        pytest.param(changed(["seed"], ...), "seed: is missing", id="no seed"),
        pytest.param(
            changed(["duration_s"], "long"), "duration_s: expected a number, got 'long'", id="words"
        ),
        pytest.param(changed(["duration_s"], True), "duration_s: expected a number, got True", id="true"),
        pytest.param(changed(["duration_s"], float("nan")), "duration_s: nan is not between", id="nan"),
        pytest.param(changed(["duration_s"], 0), "duration_s: 0 is not between 1 and 7200", id="no time"),
        pytest.param(changed(["colour"], 1), "colour: is not known here; known are title", id="unknown key"),
        pytest.param(
            changed(["people", 0, "kind"], "giant"), "people[0].kind: 'giant' is not one of adult", id="kind"
        ),
        pytest.param(
            changed(["people", 0, "at"], [1]), "people[0].at: expected a place [x, y]", id="half a place"
        ),
        pytest.param(changed(["people", 0, "at"], [1, 99]), "people[0].at: 99 is not between", id="far away"),
        pytest.param(
            changed(["people", 0, "look", "top_colour"], "mauvish"),
            "look.top_colour: 'mauvish' is no colour",
            id="colour",
        ),
        pytest.param(
            changed(["people", 0, "height_m"], 3), "people[0].height_m: 3 is not between", id="giant"
        ),
        pytest.param(changed(STEPS, []), "people[0].steps: expected at least one step", id="no steps"),
        pytest.param(changed(STEPS, {"walk": 1}), "people[0].steps: expected a list", id="steps no list"),
        pytest.param(
            changed([*STEPS, 0], {"fly": {}}), "steps[0].fly: is not known here; known are walk", id="action"
        ),
        pytest.param(
            changed([*STEPS, 0], {"walk": {}}), "steps[0].walk: needs 'to' or 'path'", id="walk nowhere"
        ),
        pytest.param(
            changed([*STEPS, 0], {"walk": {"to": [3, 5], "for": 4}}),
            "steps[0].walk.for: a way takes as long",
            id="walk for",
        ),
        pytest.param(
            changed([*STEPS, 0], {"walk": {"to": [3, 2]}}),
            "leads into the water at [1.7, 4.0]",
            id="walks on water",
        ),
        pytest.param(
            changed([*STEPS, 1], {"swim": {"to": [3, 3]}}),
            "steps[1].swim: happens in the water, but [3.0, 5.0]",
            id="swims dry",
        ),
        pytest.param(
            changed([*STEPS, 2], {"stand": {}}),
            "steps[2].stand: happens on the deck, but [3.0, 3.0] is in the pool",
            id="stands",
        ),
        pytest.param(
            changed([*STEPS, 2], {"swim": {"to": [3, 7]}}), "leaves the water at [3.0,", id="swims ashore"
        ),
        pytest.param(
            changed([*STEPS, 1], {"climb_in": {}}), "steps[1].climb_in: needs 'to'", id="climbs where"
        ),
        pytest.param(
            changed([*STEPS, 1], {"climb_in": {"to": [3, 6]}}),
            "ends at [3.0, 6.0], which is not in the pool",
            id="climbs dry",
        ),
        pytest.param(changed([*STEPS, 0], {"stand": {}}), "steps[1]: can never begin", id="after for ever"),
        pytest.param(
            changed([*STEPS, 0], {"stand": {"for": 1}, "walk": {"to": [3, 5]}}),
            "steps[0]: expected one action",
            id="two",
        ),
        pytest.param(
            changed(["people", 0, "repeat"], 1),
            "each step of a repeated actor must end",
            id="repeat for ever",
        ),
        pytest.param(
            changed(["people", 0], person("A", "adult", [1, 5], {"walk": {"to": [2, 5]}}, repeat=1)),
            "must end where it began: at [1.0, 5.0], not at [2.0, 5.0]",
            id="repeat elsewhere",
        ),
        pytest.param(
            changed(
                ["people", 0],
                person(
                    "A",
                    "adult",
                    [-2, 5],
                    {"walk": {"path": [[10, 5], [-2, 5]]}},
                    {"stand": {"for": 1}},
                    repeat=5,
                ),
            ),
            "the ways alone take",
            id="repeat too long",
        ),
        pytest.param(
            changed(["objects", 0, "type"], "sofa"), "objects[0].type: 'sofa' is not one of ball", id="toy"
        ),
        pytest.param(
            changed(["objects", 0, "steps", 0], {"carried": {"by": "Z"}}),
            "there is nobody named 'Z'",
            id="carried by nobody",
        ),
        pytest.param(changed(["objects", 0, "name"], "A"), "the name 'A' is used twice", id="twice"),
        pytest.param(changed(["animals", 0, "species"], "yeti"), "animals[0].species: 'yeti'", id="species"),
        pytest.param(
            changed(["faults", 0, "to_s"], 1), "faults[0].to_s: 1 is not after from_s (1)", id="fault"
        ),
        pytest.param(
            changed(["faults", 0, "view"], "attic"), "faults[0].view: 'attic' is not one of", id="view"
        ),
        pytest.param(changed(["light"], []), "light: expected at least one entry", id="no light"),
        pytest.param(
            changed(["light"], [{"t": 5, "daylight": 1}, {"t": 5, "daylight": 0}]),
            "light[1].t: must be later",
            id="light",
        ),
        pytest.param(changed(["weather", "rain"], 2), "weather.rain: 2 is not between 0 and 1", id="rain"),
    ],
)
def test_a_bad_story_is_refused_naming_file_key_and_reason(
    tmp_path: Path, content: object, said: str
) -> None:
    with pytest.raises(StoryError) as error:
        load_story(written(tmp_path, content))
    assert said in str(error.value)
    assert str(error.value).startswith("tale.yaml: ")


def test_the_good_story_is_read_whole(tmp_path: Path) -> None:
    story = load_story(written(tmp_path, GOOD))
    assert (story.name, story.duration_s, story.views) == ("tale", 30, ("overview", "entrance"))
    assert story.people[0].look.top_colour == (0, 128, 255)
    assert [s.action for s in story.people[0].steps] == ["walk", "climb_in", "tread"]
    assert story.faults[0].applies("entrance", 1.5) and not story.faults[0].applies("entrance", 2.0)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert load_story(path).seed == 1
    path.write_text(yaml.safe_dump(changed(["seed"], 9)) + "\n# longer\n")
    assert load_story(path).seed == 9


@pytest.mark.parametrize("name", ["nowhere", "../stories/garden_pool", ""])
def test_an_unknown_story_is_named_with_those_that_there_are(name: str) -> None:
    with pytest.raises(StoryError, match=r"there is no story named .*garden_pool"):
        load_story(name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match=r"gone\.yaml: the story cannot be read: No such file"):
        load_story(tmp_path / "gone.yaml")


NEEDED = {
    *("garden_pool", "empty_day", "submersion", "child_alone", "night_visitors", "toys", "camera_faults"),
    "rain_dusk",
}


def test_all_promised_stories_are_there() -> None:
    assert set(story_names()) >= NEEDED


@pytest.mark.parametrize("name", story_names())
def test_every_story_is_good_and_nobody_jumps(name: str) -> None:
    """No person moves faster than a fall from one tenth of a second to the next."""
    story = load_story(name)
    cast = Cast(story, story.seed)
    before: dict[int, Any] = {}
    for n in range(int(story.duration_s * 10)):
        people, _, _ = cast.at(n / 10)
        for being in people:
            if being.id in before:
                step = float(abs(being.place - before[being.id]).max())
                assert step < 0.65, f"{being.actor.name} jumps {step:.2f} m at {n / 10} s ({being.doing})"
        before = {b.id: b.place for b in people}


@pytest.mark.parametrize("name", [n for n in story_names() if any(p.repeat for p in load_story(n).people)])
def test_a_repeated_story_ends_as_it_begins(name: str) -> None:
    story = load_story(name)
    cast = Cast(story, story.seed)
    first, last = cast.at(0.0)[0], cast.at(story.duration_s - 1e-6)[0]
    assert [p.id for p in first] == [p.id for p in last]
    for a, b in zip(first, last, strict=True):
        assert float(abs(a.place - b.place).max()) < 0.02


def test_repeated_steps_fill_the_story_exactly() -> None:
    actor = scene(
        person(
            "A",
            "adult",
            [1, 5],
            {"walk": {"to": [3, 5]}},
            {"stand": {"for": 2}},
            {"walk": {"to": [1, 5]}},
            repeat=2,
        )
    ).people[0]
    timeline = build_timeline(actor, 60)
    assert timeline.segments[-1].end == pytest.approx(30)
    ways = [s for s in timeline.segments if s.step.action == "walk"]
    assert all(s.end - s.start == pytest.approx(2 / 1.1) for s in ways), "speeds are not stretched"


def test_who_has_no_end_stays_and_who_has_walked_off_is_gone() -> None:
    story = scene(
        person("stays", "adult", [1, 5], still()), person("goes", "adult", [1, 6], {"walk": {"to": [3, 6]}})
    )
    cast = Cast(story, 1)
    assert [b.actor.name for b in cast.at(1.0)[0]] == ["stays", "goes"]
    assert [b.actor.name for b in cast.at(59.9)[0]] == ["stays"]


def test_a_thrown_ball_is_carried_first_and_then_floats() -> None:
    story = load_story("toys")
    cast = Cast(story, story.seed)
    held = cast.at(3.0)[2][0]
    afloat = next(b for b in cast.at(20.0)[2] if b.actor.name == "ball")
    assert held.doing == "carried" and float(held.place[2]) > 0.2
    assert in_pool(float(afloat.place[0]), float(afloat.place[1])) and afloat.wet
