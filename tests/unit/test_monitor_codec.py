"""Observations, cameras and settings over a link and back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dashboard.monitor.codec import (
    camera_from_json,
    camera_to_json,
    observation_from_json,
    observation_to_json,
    settings_from_json,
    settings_to_json,
)
from dashboard.settings import MonitorSettings, SettingError, Settings
from dashboard.values import (
    CameraFault,
    CameraSpec,
    Change,
    Detection,
    FaultKind,
    Label,
    Observation,
    Pose,
    PoseDanger,
    SourceKind,
    Thing,
    Track,
    TrackState,
)

KEYPOINTS = np.column_stack((np.arange(17) * 10.04, np.arange(17) * 3.06, np.linspace(0, 1, 17)))
POSE = Pose(KEYPOINTS.astype(np.float32), 0.9)
TRACK = Track(7, (1.04, 2.0, 30.5, 40.0), (1.5, -2.25), 0.87, TrackState.CONFIRMED, 5.0, 6.5, POSE, 6.5)
OBJECT = Thing(7, Change.REMOVED, (1, 2, 3, 4), 0.5, 1.0, 1.5, True, ((1.5, 2), (3, 2), (3, 4)))
THING = Detection((0.0, 0.0, 5.0, 5.0), 0.5, Label.DOG, "yolox")


@pytest.mark.parametrize(
    "observation",
    [
        pytest.param(Observation("a", 1.5, 3, (640, 480), ()), id="nobody"),
        pytest.param(Observation("a", 1.5, 3, (640, 480), (), objects=(OBJECT,)), id="an object"),
        pytest.param(
            Observation("a", 1.5, 3, (640, 480), (), fault=CameraFault(FaultKind.MOVED, 0.5)), id="a fault"
        ),
        pytest.param(Observation("a", 1.5, 3, (0, 0), None, blind_reason="no picture"), id="blind"),
        pytest.param(Observation("a", 1.5, 3, (640, 480), (TRACK,), (THING,), ((1, 2, 3, 4),)), id="people"),
        pytest.param(
            Observation("a", 1.5, 3, (640, 480), (replace(TRACK, head=(4.0, 5.0, 9.0, 10.5), face=-1.25),)),
            id="a head",
        ),
        pytest.param(
            Observation("a", 1.5, 3, (640, 480), (replace(TRACK, pose=None, pose_t=None),)), id="no pose"
        ),
    ],
)
def test_an_observation_survives_the_link(observation: Observation) -> None:
    told = json.loads(json.dumps(observation_to_json(observation), allow_nan=False))
    back = observation_from_json(told)
    assert observation_to_json(back) == told
    assert (back.camera, back.t, back.index, back.size_wh) == ("a", 1.5, 3, observation.size_wh)
    assert (back.people is None) == (observation.people is None)
    assert (back.blind_reason, back.fault) == (observation.blind_reason, observation.fault)


@pytest.mark.parametrize(
    "danger", [None, PoseDanger(None), PoseDanger(0.875, ("upright", "no travel"), 0.2)], ids=str
)
def test_the_word_on_a_pose_survives_the_link(danger: PoseDanger | None) -> None:
    told = observation_to_json(Observation("a", 0.0, 0, (9, 9), (replace(TRACK, danger=danger),)))
    back = observation_from_json(json.loads(json.dumps(told)))
    assert back.people is not None and back.people[0].danger == danger


def test_blind_is_not_nobody() -> None:
    blind = observation_to_json(Observation("a", 0.0, 0, (1, 1), None))
    nobody = observation_to_json(Observation("a", 0.0, 0, (1, 1), ()))
    assert blind["people"] is None
    assert nobody["people"] == []


def test_pixels_keep_a_tenth_and_scores_a_thousandth() -> None:
    told = observation_to_json(Observation("a", 0.0, 0, (9, 9), (TRACK,), (THING,)))
    back = observation_from_json(json.loads(json.dumps(told)))
    assert back.people is not None and back.people[0].pose is not None
    points = back.people[0].pose.keypoints
    assert points.dtype == np.float32 and points.shape == (17, 3)
    assert np.abs(points[:, :2] - KEYPOINTS[:, :2]).max() <= 0.051
    assert np.abs(points[:, 2] - KEYPOINTS[:, 2]).max() <= 0.00051
    assert back.people[0].state is TrackState.CONFIRMED
    assert back.things[0].label is Label.DOG


def test_a_rounded_number_is_written_short() -> None:
    told = observation_to_json(Observation("a", 0.0, 0, (9, 9), (TRACK,)))
    assert told["people"][0]["keypoints"][1][:2] == [10.0, 3.1]


@pytest.mark.parametrize("missing", ["people", "size", "t"])
def test_half_an_observation_is_refused(missing: str) -> None:
    told = observation_to_json(Observation("a", 0.0, 0, (9, 9), ()))
    del told[missing]
    with pytest.raises(KeyError):
        observation_from_json(told)


def test_a_camera_survives_the_link() -> None:
    spec = CameraSpec("id", "Pool", SourceKind.RTSP, "rtsp://u:p@h/x", max_fps=7.5, enabled=False)
    assert camera_from_json(json.loads(json.dumps(camera_to_json(spec)))) == spec


def test_settings_survive_the_link() -> None:
    settings = Settings(monitor=MonitorSettings(stall_s=3.5, preview_width=320))
    assert settings_from_json(json.loads(json.dumps(settings_to_json(settings)))) == settings


def test_strange_settings_are_refused() -> None:
    with pytest.raises(SettingError, match=r"monitor\.nonsense"):
        settings_from_json({"monitor.nonsense": 1})
