"""The `mediapipe` back end: PoseLandmarker of mediapipe 1.2 on the same two models, for whole pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
import numpy as np

from dashboard.values import Floats, Image, Pose
from dashboard.vision.bundle import PARTS, pose_bundle
from dashboard.vision.layouts import BLAZEPOSE, coco_from_blazepose
from dashboard.vision.runtime import VisionError


class MediaPipePose:
    """PoseLandmarker in its image mode. It reports no score of its own: the mean of the points' is given."""

    def __init__(self, files: Mapping[str, Path], people: int = 10) -> None:
        missing = [source for source, _, _ in PARTS.values() if source not in files]
        if missing:
            raise VisionError(f"the model file {missing[0]} is not installed")
        vision = mp.tasks.vision
        options = vision.PoseLandmarkerOptions(
            base_options=mp.tasks.BaseOptions(model_asset_buffer=pose_bundle(files)),
            running_mode=vision.RunningMode.IMAGE,
            num_poses=people,
        )
        self._landmarker = vision.PoseLandmarker.create_from_options(options)

    def estimate(self, image: Image) -> list[Pose]:
        """People in a BGR picture."""
        shown = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        answer = self._landmarker.detect(shown)
        size = (image.shape[1], image.shape[0])
        return [_pose(landmarks, size) for landmarks in answer.pose_landmarks]

    def close(self) -> None:
        """Frees the graph."""
        self._landmarker.close()


def _pose(landmarks: Any, size_wh: tuple[int, int]) -> Pose:
    width, height = size_wh
    points: Floats = np.array(
        [[p.x * width, p.y * height, p.z * width, p.visibility * p.presence] for p in landmarks], np.float32
    )
    keypoints = coco_from_blazepose(points[:, [0, 1, 3]])
    return Pose(keypoints, float(keypoints[:, 2].mean()), BLAZEPOSE, points)
