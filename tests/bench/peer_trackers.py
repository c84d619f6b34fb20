"""A maintained tracking library on the same boxes, in a virtual environment of its own.

`trackers` (Roboflow, Apache-2.0) asks for `opencv-python`, which would overwrite the program's OpenCV; so
it is installed apart, once, into the data folder, and run as a program that reads and writes MOTChallenge
rows. This file is that program too: `python peer_trackers.py CLASS RATE IN OUT`.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

LIBRARY = "trackers==2.6.1"
TRACKERS = ("ByteTrackTracker", "SORTTracker", "OCSORTTracker")


class PeerError(Exception):
    """The library cannot be had; the message says why."""


def peer_python(folder: Path) -> Path:
    """The interpreter that has the library; installs it on the first call. PeerError when it cannot."""
    python = folder / "bench-peers" / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
    there = subprocess.run([python, "-c", "import trackers"], capture_output=True, check=False)
    if there.returncode == 0:
        return python
    command = [str(python), "-m", "pip", "install", "--quiet", LIBRARY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PeerError(f"{LIBRARY} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return python


def run_peer(python: Path, name: str, frames_per_s: float, boxes: Path, tracks: Path) -> None:
    """Track the MOTChallenge rows of `boxes` into `tracks` with the library's class `name`."""
    command = [str(python), __file__, name, str(frames_per_s), str(boxes), str(tracks)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PeerError(f"{name} failed: {done.stderr.strip().splitlines()[-1:]}")


def _main(name: str, frames_per_s: float, boxes: Path, tracks: Path) -> None:
    import numpy as np
    import supervision  # type: ignore[import-not-found]
    import trackers  # type: ignore[import-not-found]

    # Their buffer counts frames of 30 a second: 150 of them are the 5 s that ours keeps an identity.
    tracker = getattr(trackers, name)(lost_track_buffer=150, frame_rate=frames_per_s)
    rows = np.loadtxt(boxes, delimiter=",", ndmin=2)
    with tracks.open("w") as file:
        for frame in range(1, int(rows[:, 0].max()) + 1):
            own = rows[rows[:, 0] == frame]
            xyxy = np.concatenate([own[:, 2:4], own[:, 2:4] + own[:, 4:6]], axis=1).astype(np.float32)
            found = supervision.Detections(
                xyxy=xyxy, confidence=own[:, 6].astype(np.float32), class_id=np.zeros(len(own), dtype=int)
            )
            seen = tracker.update(found)
            for box, identity in zip(seen.xyxy, seen.tracker_id if len(seen) else (), strict=True):
                if identity >= 0:
                    width, height = box[2] - box[0], box[3] - box[1]
                    numbers = f"{box[0]:.2f},{box[1]:.2f},{width:.2f},{height:.2f}"
                    file.write(f"{frame},{identity},{numbers},1,-1,-1,-1\n")


if __name__ == "__main__":
    _main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
