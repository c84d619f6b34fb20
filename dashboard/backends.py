"""The pose back ends that can be chosen: their names, what they are, which weights they need."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BackendEntry:
    """`weights` are the registry's names of what it needs, `helped_by` of what it uses where it is there."""

    name: str
    label: str
    way: str
    weights: tuple[str, ...]
    helped_by: tuple[str, ...] = ()


_BOTTOM_UP = "bottom-up: key point maps, affinity fields, parsing"
_CROPS = ("mediapipe-pose",)  # our own searchers find the people for it

ENTRIES: dict[str, BackendEntry] = {
    entry.name: entry
    for entry in (
        BackendEntry(
            "poolwatch",
            "Poolwatch's own",
            "two searchers, then landmarks in each person's crop",
            ("mediapipe-pose",),
            ("yolox-nano", "openpose-omz"),
        ),
        BackendEntry("mediapipe", "MediaPipe", "PoseLandmarker on the whole picture", ("mediapipe-pose",)),
        BackendEntry("openpose-omz", "OpenPose, Open Model Zoo", _BOTTOM_UP, ("openpose-omz",)),
        BackendEntry("openpose-tf", "OpenPose, tf-pose-estimation", _BOTTOM_UP, ("openpose-tf",)),
        BackendEntry("openpose-own", "OpenPose, your own network", _BOTTOM_UP, ("openpose-own",)),
        BackendEntry(
            "simple-baseline",
            "Simple baseline",
            "top-down: a box a person, then heat maps",
            (*_CROPS, "simple-baseline"),
            ("yolox-nano",),
        ),
        BackendEntry(
            "simcc",
            "SimCC (RTMPose)",
            "top-down: a box a person, then a vector along x and one along y for each point",
            (*_CROPS, "simcc"),
            ("yolox-nano",),
        ),
    )
}
BACKENDS: tuple[str, ...] = tuple(ENTRIES)
DEFAULT = BACKENDS[0]
