"""Clips without cameras: a folder with real small recordings, and a monitor that answers from memory."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from dashboard.clock import SystemClock
from dashboard.monitor.handle import MonitorError, Reply
from dashboard.values import Image
from tests.clips import write_clip
from tests.unit.fake_monitor import FakeHandle

RATE = 10
SECONDS = 6
SIZE_WH = (640, 360)
PASSPHRASE = "correct horse"
# A Friday evening.
NEWEST = datetime(2023, 11, 17, 17, 0, tzinfo=UTC)
STORIES: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("submersion", "emergency", ("Guest 2",), "Guest 2 is under water in the pool"),
    ("person_entered", "alert", ("Anna",), "Anna came"),
    ("animal", "notice", (), "A cat came by"),
    ("child_alone", "emergency", ("Ben",), "Ben is alone in the pool"),
    ("object_appeared", "prompt", (), "Something new lies in the pool"),
)


def number(n: int) -> str:
    """The n-th clip's id."""
    return f"{n + 1:032x}"


def scene(n: int, warmth: int = 0) -> Image:
    """A drawn pool with somebody who walks; the picture says which one it is by where he is."""
    width, height = SIZE_WH
    image = np.full((height, width, 3), (70 + warmth, 82, 78), np.uint8)
    cv2.fillPoly(
        image, [np.array([(150, 90), (490, 90), (600, 330), (60, 330)], np.int32)], (140 + warmth, 120, 40)
    )
    x = 120 + 6 * n
    cv2.line(image, (x, 200), (x, 130), (120, 220, 80), 4)
    cv2.circle(image, (x, 112), 16, (120, 220, 80), 3)
    return image


def track_lines(camera: str, name: str) -> bytes:
    """A track as the recorder writes it: a head, then one line a frame."""
    head: dict[str, Any] = {
        "camera": camera,
        "size": list(SIZE_WH),
        "zones": [],
        "mode": "watch",
        "settings": {},
    }
    lines = [head]
    for n in range(RATE * SECONDS):
        x = 120 + 6 * n
        points = [[x, 112 + 8 * i, 0.9] for i in range(17)]
        seen = {
            "id": 7,
            "box": [x - 30, 90, x + 30, 210],
            "velocity": [60.0, 0.0],
            "keypoints": points,
            "pose_score": 0.9,
            "pose_t": n / RATE,
            "score": 0.9,
            "state": "confirmed",
            "first_t": 0.0,
            "seen_t": n / RATE,
            "clear": None,
        }
        line: dict[str, Any] = {
            "camera": camera,
            "t": n / RATE,
            "index": n,
            "size": list(SIZE_WH),
            "people": [seen],
        }
        line |= {"things": [], "foreground": [], "patches": [], "searched": [], "blind_reason": None}
        if n % RATE == 0:
            line["site"] = [person(camera, name, n / RATE)]
        lines.append(line)
    return gzip.compress("\n".join(json.dumps(line) for line in lines).encode())


def person(camera: str, name: str, t: float) -> dict[str, Any]:
    """Somebody whom the judge knows, and whose head is not seen from the third second on."""
    unseen_s = max(0.0, t - 2.0)
    return {
        "id": 7,
        "name": name,
        "known": False,
        "camera": camera,
        "track": 7,
        "tracks": [[camera, 7]],
        "age": "unknown",
        "place": "water",
        "zone": "pool",
        "spot": [(120 + 60 * min(t, 2.0)) / SIZE_WH[0], 112 / SIZE_WH[1]],
        "head_seen_s": unseen_s,
        "limit_s": 10.0,
        "countdown_s": 10.0 - unseen_s if unseen_s else None,
    }


def write_files(data: Path, clip: str, began: datetime, source: Path | None = None) -> None:
    """The files of one clip; `source` is a video to be linked instead of a new one."""
    day = data / "clips" / f"{began:%Y-%m-%d}"
    day.mkdir(parents=True, exist_ok=True)
    video = day / f"{clip}.mp4"
    if source is None:
        write_clip(
            video,
            [scene(n) for n in range(RATE * SECONDS)],
            rate=RATE,
            gop=RATE,
            muxer={"movflags": "faststart"},
        )
    else:
        video.hardlink_to(source)
    ok, jpeg = cv2.imencode(".jpg", scene(30))
    assert ok
    (day / f"{clip}.jpg").write_bytes(jpeg.tobytes())
    (day / f"{clip}.track.gz").write_bytes(track_lines("c1", "Guest 2"))


def entry(n: int, **more: Any) -> dict[str, Any]:
    """The n-th newest clip as the monitor tells it; two hours between them."""
    kind, level, people, text = STORIES[n % len(STORIES)]
    began = NEWEST - timedelta(hours=2 * n)
    event: dict[str, Any] = {
        "kind": kind,
        "level": level,
        "utc": (began + timedelta(seconds=2)).isoformat(),
        "text": text,
    }
    event |= {"person": 7 if people else None, "zone": "pool", "detail": {}, "alarm": None, "at_s": 2.0}
    found: dict[str, Any] = {
        "id": number(n),
        "camera": f"c{n % 2 + 1}",
        "camera_name": ("Overview", "Entrance")[n % 2],
        "began_utc": began.isoformat(),
        "ended_utc": (began + timedelta(seconds=SECONDS)).isoformat(),
        "kind": kind,
        "level": level,
        "people": list(people),
        "events": [event],
        "drill": False,
        "label": None,
        "note": "",
        "kept": False,
        "state": "ready",
        "bytes": 40_000,
        "width": SIZE_WH[0],
        "height": SIZE_WH[1],
        "sealed": kind != "animal",
        "open": kind == "animal",
        "opened_until_utc": None,
    }
    return {**found, **more}


class ClipsHandle(FakeHandle):
    """`clips`, the newest first; `opened` says until when the real picture of a clip is open."""

    def __init__(self, data: Path, count: int = 0) -> None:
        super().__init__()
        self.clips: list[dict[str, Any]] = []
        self.exported: list[tuple[str, str]] = []
        self.watched: list[str] = []
        self.real = b""
        first: Path | None = None
        for n in range(count):
            clip = entry(n)
            began = datetime.fromisoformat(clip["began_utc"])
            write_files(data, clip["id"], began, first)
            first = first or data / "clips" / f"{began:%Y-%m-%d}" / f"{clip['id']}.mp4"
            self.clips.append(clip)

    def _found(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        return [clip for clip in self.clips if _fits(clip, asked)]

    def _at(self, clip: str) -> dict[str, Any]:
        for one in self.clips:
            if one["id"] == clip:
                return one
        raise MonitorError("There is no such clip (any more).")

    def _clips_list(self, limit: int = 60, before: str | None = None, **asked: Any) -> Reply:
        found = self._found(asked)
        if before is not None:
            found = [clip for clip in found if clip["began_utc"] < before]
        mark = found[limit - 1]["began_utc"] if len(found) > limit else None
        return Reply({"clips": found[:limit], "before": mark})

    def _clips_one(self, id: str, **asked: Any) -> Reply:
        self._at(id)
        ids = [clip["id"] for clip in self._found(asked)]
        place = ids.index(id) if id in ids else -1
        newer = ids[place - 1] if place > 0 else None
        older = ids[place + 1] if 0 <= place < len(ids) - 1 else None
        return Reply({"clip": dict(self._at(id)), "newer": newer, "older": older})

    def _clips_night(self) -> Reply:
        counts: dict[str, int] = {}
        for clip in self.clips[:8]:
            counts[clip["kind"]] = counts.get(clip["kind"], 0) + 1
        since, until = "2023-11-16T16:00:00+00:00", "2023-11-17T07:00:00+00:00"
        shown = self.clips[:8]
        return Reply({"since": since, "until": until, "clips": shown, "counts": counts, "more": False})

    def _clips_disk(self) -> Reply:
        return Reply({"free_bytes": 5 << 30, "bytes": 3 << 20, "low": False})

    def _clips_occurring(self) -> Reply:
        cameras = {clip["camera"]: clip["camera_name"] for clip in self.clips}
        people = sorted({name for clip in self.clips for name in clip["people"]})
        kinds = sorted({clip["kind"] for clip in self.clips})
        shown = [{"id": key, "name": name} for key, name in cameras.items()]
        return Reply({"kinds": kinds, "cameras": shown, "people": people})

    def _clips_label(self, id: str, label: str | None, who: str, where: str) -> Reply:
        self._at(id)["label"] = label
        return Reply({"clip": dict(self._at(id))})

    def _clips_keep(self, id: str, kept: bool, who: str, where: str) -> Reply:
        self._at(id)["kept"] = kept
        return Reply({"clip": dict(self._at(id))})

    def _clips_note(self, id: str, note: str, who: str, where: str) -> Reply:
        self._at(id)["note"] = note
        return Reply({"clip": dict(self._at(id))})

    def _clips_delete(self, id: str, who: str, where: str) -> Reply:
        self.clips.remove(self._at(id))
        return Reply()

    def _clips_open(self, id: str, secret: str, reason: str, who: str, where: str) -> Reply:
        if secret != PASSPHRASE:
            raise MonitorError("That is not the passphrase.")
        until = (SystemClock().utc() + timedelta(minutes=10)).isoformat()
        self._at(id)["opened_until_utc"] = until
        return Reply({"until_utc": until})

    def _clips_close(self, id: str, who: str, where: str) -> Reply:
        self._at(id)["opened_until_utc"] = None
        return Reply()

    def _clips_exported(self, id: str, who: str, where: str) -> Reply:
        self.exported.append((id, who))
        return Reply()

    def _clips_watched(self, id: str, who: str, where: str) -> Reply:
        self.watched.append(id)
        return Reply()

    def _clips_real(self, id: str, offset: int, length: int) -> Reply:
        if not self._at(id)["opened_until_utc"]:
            raise MonitorError("The real picture of this clip is sealed.")
        return Reply({"size": len(self.real)}, self.real[offset : offset + length])


def _fits(clip: dict[str, Any], asked: dict[str, Any]) -> bool:
    words = " ".join(
        [clip["camera_name"], clip["note"], *clip["people"], clip["events"][0]["text"]]
    ).casefold()
    return (
        (not asked.get("kinds") or clip["kind"] in asked["kinds"])
        and (not asked.get("levels") or clip["level"] in asked["levels"])
        and (not asked.get("labels") or clip["label"] in asked["labels"])
        and (not asked.get("camera") or clip["camera"] == asked["camera"])
        and (not asked.get("person") or asked["person"] in clip["people"])
        and (not asked.get("since") or clip["began_utc"] >= asked["since"])
        and (not asked.get("until") or clip["began_utc"] < asked["until"])
        and (not asked.get("kept") or clip["kept"])
        and str(asked.get("text", "")).casefold() in words
    )
