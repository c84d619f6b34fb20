"""Real recordings through `replay`: what is said about them, and what must not be."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dashboard.commands import replay
from tests.material import material
from tests.unit.vision_models import model_files

WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]


def judged(clip: str, folder: Path, *words: str, water: bool = False) -> list[dict[str, object]]:
    """The events of a clip at a camera's usual pace, by whatever is installed: the embedded default at least.
    `water`: the whole picture is water."""
    path = material(clip)
    model_files(detector=False)
    zones = folder / "zones.json"
    zone = {"camera": path.stem, "name": "pool", "kind": "water", "polygon": WHOLE}
    zones.write_text(json.dumps([zone] if water else []))
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    events = folder / "events.jsonl"
    args = [str(path), "--zones", str(zones), "--events", str(events), "--fps", "10", *words]
    assert replay.run(parser.parse_args(args)) == 0
    return [json.loads(line) for line in events.read_text().splitlines()]


def of(events: list[dict[str, object]], kind: str) -> list[dict[str, object]]:
    return [event for event in events if event["kind"] == kind]


def emergencies(events: list[dict[str, object]]) -> list[dict[str, object]]:
    return [event for event in events if event["level"] == "emergency"]


def test_lane_swimmer_alone_is_no_emergency(tmp_path: Path) -> None:
    clip = "pool/lane_overhead_swimmer.mp4"
    events = judged(clip, tmp_path, "--mode", "supervised", water=True)
    assert emergencies(events) == []
    assert len(of(events, "person_entered")) == 1
    assert len(of(events, "person_left")) == 1


def test_child_at_the_edge_is_an_emergency_within_3_s(tmp_path: Path) -> None:
    events = judged("pool/child_at_pool_edge.mp4", tmp_path)
    first = emergencies(events)[0]
    assert first["kind"] == "child_alone"
    # The child is in the picture from the first frame on.
    assert float(str(first["t"])) <= 3.0


def test_six_visits_are_six_comings_and_six_goings(tmp_path: Path) -> None:
    events = judged("static_camera/six_visits_room.mp4", tmp_path)
    assert len(of(events, "person_entered")) == 6
    assert len(of(events, "person_left")) == 6


def test_cars_and_trees_are_nobody(tmp_path: Path) -> None:
    events = judged("static_camera/highway_trees_shadows.avi", tmp_path)
    # Where no detector knows cars, one may be taken for an animal that goes its way: no more than a notice.
    assert [event for event in events if (event["kind"], event["level"]) != ("animal", "notice")] == []


def test_who_fell_and_lies_is_told(tmp_path: Path) -> None:
    # The recording ends within a second of lying down: the waiting time is cut to its least.
    events = judged(
        "fall/corridor_fall.mp4",
        tmp_path,
        "--set",
        "rules.lying_s=0.5",
        "--set",
        "rules.lying_emergency_s=5",
    )
    assert [event["level"] for event in of(events, "motionless")][:1] == ["alert"]
