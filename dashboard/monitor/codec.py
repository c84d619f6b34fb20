"""Observations and work orders as JSON, for the links between processes.

Pixels keep a tenth and scores a thousandth: far below what a model's answer means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from dashboard.settings import Settings
from dashboard.values import (
    CameraFault,
    CameraSpec,
    Change,
    Detection,
    FaultKind,
    Label,
    Observation,
    Pace,
    Patch,
    Pose,
    PoseDanger,
    SourceKind,
    Thing,
    Track,
    TrackState,
    Zone,
    ZoneKind,
)

_Box = tuple[float, float, float, float]


def observation_to_json(observation: Observation) -> dict[str, Any]:
    """The form that the pages get, too; `people` stays None while the camera is blind."""
    people = observation.people
    return {
        "camera": observation.camera,
        "t": observation.t,
        "index": observation.index,
        "size": list(observation.size_wh),
        "people": None if people is None else [_track_to_json(track) for track in people],
        "things": [_thing_to_json(thing) for thing in observation.things],
        "foreground": [_box_to_json(box) for box in observation.foreground],
        "patches": [[_box_to_json(patch.xyxy), _clear_to_json(patch.clear)] for patch in observation.patches],
        "objects": [_object_to_json(thing) for thing in observation.objects],
        "searched": [_box_to_json(box) for box in observation.searched],
        "blind_reason": observation.blind_reason,
        "fault": None if observation.fault is None else _fault_to_json(observation.fault),
    }


def observation_from_json(data: Mapping[str, Any]) -> Observation:
    """What `observation_to_json` wrote; KeyError, TypeError or ValueError when it is something else."""
    people = data["people"]
    width, height = data["size"]
    return Observation(
        camera=data["camera"],
        t=data["t"],
        index=data["index"],
        size_wh=(width, height),
        people=None if people is None else tuple(_track_from_json(track) for track in people),
        things=things_from_json(data["things"]),
        foreground=tuple(_box_from_json(box) for box in data["foreground"]),
        objects=tuple(_object_from_json(thing) for thing in data.get("objects", ())),
        patches=tuple(Patch(_box_from_json(box), clear) for box, clear in data["patches"]),
        searched=tuple(_box_from_json(box) for box in data["searched"]),
        blind_reason=data["blind_reason"],
        fault=None if data.get("fault") is None else _fault_from_json(data["fault"]),
    )


def camera_to_json(spec: CameraSpec) -> dict[str, Any]:
    """With its address as it is: for the camera's own worker only."""
    return asdict(spec)


def camera_from_json(data: Mapping[str, Any]) -> CameraSpec:
    return CameraSpec(**{**data, "kind": SourceKind(data["kind"]), "pace": Pace(data["pace"])})


def zones_to_json(zones: Sequence[Zone]) -> list[dict[str, Any]]:
    return [asdict(zone) for zone in zones]


def zones_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Zone, ...]:
    """What `zones_to_json` wrote; KeyError, TypeError or ValueError when it is something else."""
    return tuple(
        Zone(
            camera=zone["camera"],
            name=zone["name"],
            kind=ZoneKind(zone["kind"]),
            polygon=tuple((float(x), float(y)) for x, y in zone["polygon"]),
            to=zone["to"],
            size_m=None if zone.get("size_m") is None else (zone["size_m"][0], zone["size_m"][1]),
            template=zone.get("template"),
        )
        for zone in data
    )


def settings_to_json(settings: Settings) -> dict[str, Any]:
    """`{"section.field": value}` of every setting."""
    return {
        f"{section.name}.{name}": value
        for section in fields(settings)
        for name, value in asdict(getattr(settings, section.name)).items()
    }


def settings_from_json(data: Mapping[str, Any]) -> Settings:
    return Settings().with_values(data)


def _track_to_json(track: Track) -> dict[str, Any]:
    return {
        "id": track.id,
        "box": _box_to_json(track.xyxy),
        "velocity": [round(float(part), 2) for part in track.velocity],
        "keypoints": None if track.pose is None else _points_to_json(track.pose.keypoints),
        "pose_score": None if track.pose is None else round(float(track.pose.score), 3),
        "pose_t": track.pose_t,
        "score": round(float(track.score), 3),
        "state": track.state.value,
        "first_t": track.first_t,
        "seen_t": track.seen_t,
        "clear": _clear_to_json(track.clear),
        "head": None if track.head is None else _box_to_json(track.head),
        "face": None if track.face is None else round(float(track.face), 2),
        "danger": None if track.danger is None else _danger_to_json(track.danger),
    }


def _track_from_json(data: Mapping[str, Any]) -> Track:
    x, y = data["velocity"]
    pose = None
    if data["keypoints"] is not None:
        pose = Pose(np.array(data["keypoints"], np.float32).reshape(17, 3), data["pose_score"])
    return Track(
        id=data["id"],
        xyxy=_box_from_json(data["box"]),
        velocity=(x, y),
        score=data["score"],
        state=TrackState(data["state"]),
        first_t=data["first_t"],
        seen_t=data["seen_t"],
        pose=pose,
        pose_t=data["pose_t"],
        clear=data["clear"],
        head=None if data.get("head") is None else _box_from_json(data["head"]),
        face=data.get("face"),
        danger=None if data.get("danger") is None else _danger_from_json(data["danger"]),
    )


def _fault_to_json(fault: CameraFault) -> dict[str, Any]:
    return {"kind": fault.kind.value, "since_t": fault.since_t}


def _fault_from_json(data: Mapping[str, Any]) -> CameraFault:
    return CameraFault(FaultKind(data["kind"]), data["since_t"])


def _danger_to_json(danger: PoseDanger) -> dict[str, Any]:
    score = None if danger.score is None else round(float(danger.score), 3)
    return {"score": score, "why": list(danger.why), "age_s": round(danger.age_s, 3)}


def _danger_from_json(data: Mapping[str, Any]) -> PoseDanger:
    return PoseDanger(data["score"], tuple(data["why"]), data["age_s"])


def _clear_to_json(clear: float | None) -> float | None:
    return None if clear is None else round(clear, 1)


def _thing_to_json(thing: Detection) -> dict[str, Any]:
    look = thing.appearance
    return {
        "box": _box_to_json(thing.xyxy),
        "label": thing.label.value,
        "score": round(float(thing.score), 3),
        "finder": thing.finder,
        # Of animals, now and then: how they look, to be known again; no picture can be made of it.
        **({} if look is None else {"look": [round(float(part), 4) for part in look]}),
    }


def things_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Detection, ...]:
    """The things of an observation as it was written; KeyError, TypeError or ValueError as above."""
    return tuple(_thing_from_json(thing) for thing in data)


def _thing_from_json(data: Mapping[str, Any]) -> Detection:
    look = None if data.get("look") is None else np.array(data["look"], np.float32).reshape(-1)
    box = _box_from_json(data["box"])
    return Detection(box, data["score"], Label(data["label"]), data["finder"], appearance=look)


def _object_to_json(thing: Thing) -> dict[str, Any]:
    return {
        "id": thing.id,
        "change": thing.change.value,
        "box": _box_to_json(thing.xyxy),
        "first_t": thing.first_t,
        "rest_t": thing.rest_t,
        "seen_t": thing.seen_t,
        "known": thing.known,
        "outline": [list(point) for point in thing.outline],
    }


def _object_from_json(data: Mapping[str, Any]) -> Thing:
    return Thing(
        id=data["id"],
        change=Change(data["change"]),
        xyxy=_box_from_json(data["box"]),
        first_t=data["first_t"],
        rest_t=data["rest_t"],
        seen_t=data["seen_t"],
        known=data["known"],
        outline=tuple((x, y) for x, y in data["outline"]),
    )


def _points_to_json(points: np.ndarray[Any, np.dtype[np.float32]]) -> list[list[float]]:
    # In double precision, else a rounded 0.1 is written as 0.10000000149.
    exact = np.asarray(points, np.float64)
    exact = np.column_stack((exact[:, :2].round(1), exact[:, 2:3].round(3)))
    found: list[list[float]] = exact.tolist()
    return found


def _box_to_json(box: Sequence[float]) -> list[float]:
    return [round(float(side), 1) for side in box]


def _box_from_json(data: Sequence[float]) -> _Box:
    left, top, right, bottom = data
    return left, top, right, bottom
