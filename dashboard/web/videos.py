"""Videos that somebody wants to have watched: one at a time, in a process of its own of lowest priority, so
that the watch never waits for it. What stays is the track of observations; the video is deleted.

The process runs `python -m dashboard replay`: the same source, models and tracks as the live watch.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.clock import Clock
from dashboard.monitor.folder import make_private
from dashboard.monitor.launch import child_environment
from dashboard.monitor.lock import FolderLock
from dashboard.web.text import one_line

# An upload is held in memory until it is on the disk.
MOST_MB = 300
# What is judged again while somebody waits: 20 minutes take some seconds.
MOST_S = 1200.0
FPS = 10.0
MOST_KEPT = 5
# Below this the clips of the watch begin to be deleted.
_FREE_BYTES = 1 << 30
_STEM = "video"
_ID = re.compile(r"[0-9a-f]{16}")
_ENDING = re.compile(r"\.[a-z0-9]{1,5}")
_LOG = logging.getLogger(__name__)


class VideoError(Exception):
    """Why a video is not watched, in one sentence."""


@dataclass(frozen=True)
class Job:
    """A video that is watched, or was: `state` is `running`, `done`, `failed` or `cancelled`. `of_s` is the
    length that the video claims, 0 while it is not known; `why` what is to be said of its end."""

    id: str
    name: str
    camera: str
    state: str = "running"
    done_s: float = 0.0
    of_s: float = 0.0
    why: str = ""

    @property
    def share(self) -> float:
        """How much of what will be watched is done, 0 to 1."""
        length_s = min(self.of_s, MOST_S) or MOST_S
        return min(self.done_s / length_s, 1.0)


@dataclass(frozen=True)
class Watched:
    """A video whose track is there."""

    id: str
    name: str
    camera: str
    at: datetime
    why: str
    track: Path


class Videos:
    """The videos of one data folder. Every method may be called from any thread."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._clock = clock
        self._folder = data / "replays"
        self._lock = FolderLock(self._folder / "lock")
        self._guard = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._job: Job | None = None

    @property
    def job(self) -> Job | None:
        """The newest video of this server, None before the first."""
        return self._job

    def start(
        self,
        name: str,
        size: int,
        put: Callable[[Path], object],
        camera: str = "",
        zones: Sequence[Mapping[str, Any]] = (),
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """Begins to watch a video of `size` bytes that `put` writes to a path (or links there), by the zones
        and settings of `camera`, whole without any. VideoError says why not; nothing is left then."""
        with self._guard:
            if self._running():
                raise VideoError("Another video is being watched. Wait for it, or cancel it.")
            folder = self._begun(name, size, put, zones)
            self._job = Job(folder.name, one_line(name), camera)
            words = self._command(folder, values or {})
            ready = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(folder, words, ready), name="replay", daemon=True
            )
            self._thread.start()
        ready.wait(10)

    def cancel(self) -> None:
        """Ends the video that is watched; nothing of it is left."""
        with self._guard:
            if self._running() and self._job is not None:
                self._job = replace(self._job, state="cancelled")
            self._kill()
        self._joined()

    def stop(self) -> None:
        """The server ends."""
        self.cancel()

    def watched(self) -> list[Watched]:
        """What can be judged again, the newest first."""
        found = []
        for folder in self._folders():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
                at = datetime.fromisoformat(about["at"])
                kept = (str(about["name"]), str(about["camera"]), at, str(about["why"]))
                found.append(Watched(folder.name, *kept, folder / f"{_STEM}.track.gz"))
        return sorted(found, key=lambda one: one.at, reverse=True)

    def forget(self, identity: str) -> None:
        """Deletes what was seen in a video."""
        if _ID.fullmatch(identity):
            shutil.rmtree(self._folder / identity, ignore_errors=True)

    # How it is done

    def _running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()

    def _joined(self) -> None:
        if self._thread is not None:
            self._thread.join(10)

    def _folders(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if _ID.fullmatch(path.name) and path.is_dir()]
        except OSError:
            return []

    def _begun(
        self, name: str, size: int, put: Callable[[Path], object], zones: Sequence[Mapping[str, Any]]
    ) -> Path:
        """The job's folder with the video and its zones in it. Holds the lock, so that a second server on
        this folder does not start another one."""
        folder = self._folder / secrets.token_hex(8)
        try:
            make_private(self._folder)
            if not self._lock.acquire(0.2):
                raise VideoError("Another video is being watched. Wait for it, or cancel it.")
            self._sweep()
            free = shutil.disk_usage(self._folder).free
            if free < size + _FREE_BYTES:
                gb, most = free / 1e9, (size + _FREE_BYTES) / 1e9
                raise VideoError(
                    f"The disk has too little room: {gb:.1f} GB are free, {most:.1f} GB are needed."
                )
            folder.mkdir(mode=0o700)
            put(folder / f"{_STEM}{_ending(name)}")
            entries = [{**zone, "camera": _STEM} for zone in zones]
            (folder / "zones.json").write_text(json.dumps(entries), encoding="utf-8")
        except OSError as error:
            self._given_up(folder)
            raise VideoError(f"The video cannot be kept while it is watched: {error.strerror}.") from None
        except VideoError:
            self._given_up(folder)
            raise
        return folder

    def _given_up(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._lock.release()

    def _sweep(self) -> None:
        """Removes what a server that was killed left behind, and the oldest of what was watched."""
        kept = {one.id for one in self.watched()[: MOST_KEPT - 1]}
        for folder in self._folders():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _command(self, folder: Path, values: Mapping[str, Any]) -> list[str]:
        video = next(path for path in folder.iterdir() if path.stem == _STEM)
        words = [sys.executable, "-m", "dashboard", "replay", video.name, "--zones", "zones.json"]
        words += ["--observations", f"{_STEM}.track.gz", "--progress", "--background", str(os.getpid())]
        words += ["--seconds", f"{MOST_S:g}", "--fps", f"{FPS:g}"]
        for key, value in values.items():
            words += ["--set", f"{key}={value}"]
        return words

    def _run(self, folder: Path, words: Sequence[str], ready: threading.Event) -> None:
        """The job's thread. It stays while the process runs: the process ends with the thread that started
        it."""
        try:
            with (folder / "errors.txt").open("w+", encoding="utf-8", errors="replace") as errors:
                self._process = subprocess.Popen(
                    words,
                    cwd=folder,
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    text=True,
                    start_new_session=True,
                )
                ready.set()
                with self._process as process:
                    self._listen(process)
                    code = process.wait()
                errors.seek(0)
                self._ended(folder, code, errors.read(20_000))
        except OSError as error:
            self._finish("failed", f"It cannot be watched: {error.strerror}.")
        except Exception:
            _LOG.exception("a video could not be watched")
            self._finish("failed", "It cannot be watched; the log says more.")
        finally:
            ready.set()
            self._process = None
            self._tidy(folder)
            self._lock.release()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                told = json.loads(line)
                if self._job is not None and "done_s" in told:
                    self._job = replace(self._job, done_s=float(told["done_s"]), of_s=float(told["of_s"]))

    def _ended(self, folder: Path, code: int, errors: str) -> None:
        job = self._job
        if job is None or job.state != "running":
            return
        if code != 0:
            self._finish("failed", reason(errors, code))
            return
        why = remark(errors)
        about = {"name": job.name, "camera": job.camera, "at": self._clock.utc().isoformat(), "why": why}
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
        self._finish("done", why)

    def _finish(self, state: str, why: str) -> None:
        if self._job is not None and self._job.state == "running":
            self._job = replace(self._job, state=state, why=why)

    def _tidy(self, folder: Path) -> None:
        """The video is deleted whatever became of it; of what failed nothing stays."""
        if self._job is None or self._job.state != "done":
            shutil.rmtree(folder, ignore_errors=True)
            return
        for path in folder.iterdir():
            if path.name not in ("about.json", f"{_STEM}.track.gz"):
                path.unlink(missing_ok=True)


def reason(errors: str, code: int) -> str:
    """Why the process failed: its own last line, without the names of our files."""
    said = [line for line in errors.splitlines() if line.startswith("replay: ")]
    if not said:
        killed = " (it was ended from outside)" if code < 0 else ""
        return f"The video could not be watched to its end{killed}."
    words = re.sub(rf"^replay: (\S*{_STEM}\S*: )?", "", said[-1])
    words = re.sub(rf"\S*/{_STEM}\.\w+", "the file", words)
    return f"The video cannot be watched: {one_line(words, 300).rstrip('.')}."


def remark(errors: str) -> str:
    """What is to be said of a video that was watched: that it broke off, or was too long."""
    said = [line.partition("warning: ")[2] for line in errors.splitlines() if "warning: " in line]
    found = [line.removeprefix(f"{_STEM}: ") for line in said]
    if any(line.startswith("stopped after") for line in found):
        return f"Only its first {MOST_S / 60:.0f} minutes were watched: cut out what you want to know about."
    return one_line("; ".join(found), 300).capitalize()


def _ending(name: str) -> str:
    """The name's ending where it is a plain one: nothing that somebody typed becomes part of a path."""
    found = Path(one_line(name, 200)).suffix.lower()
    return found if _ENDING.fullmatch(found) else ".bin"


def _environment() -> dict[str, str]:
    """Ours; where the weights lie is said whole, since the process works in another folder."""
    found = child_environment()
    if found.get("POOLWATCH_MODELS"):
        found["POOLWATCH_MODELS"] = str(Path(found["POOLWATCH_MODELS"]).absolute())
    return found


_open: dict[Path, Videos] = {}


def videos_of(data: Path, clock: Clock) -> Videos:
    """The process's one desk for a data folder."""
    return _open.setdefault(data.absolute(), Videos(data.absolute(), clock))


def stop_all() -> None:
    """At the end of the server."""
    for desk in _open.values():
        desk.stop()
    _open.clear()
