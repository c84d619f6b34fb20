"""What is known of every camera: its newest observation, its state, its numbers. No pixels are decoded
here, and no clock is read: every call brings the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from dashboard.monitor.codec import observation_from_json, observation_to_json
from dashboard.monitor.handle import CAMERA, REDACTED
from dashboard.monitor.pace import TOO_SLOW, Pace
from dashboard.monitor.statistics import Health, Statistics
from dashboard.monitor.trusted import check
from dashboard.values import CameraSpec, CameraState, Observation


@dataclass(frozen=True)
class Shown:
    """What viewers of one camera and view get; see CameraView in handle.py."""

    seq: int
    t: float
    observation: Mapping[str, Any]
    picture: int = 0
    jpeg: bytes | None = None


@dataclass
class Record:
    """One camera. `down` says why there is no worker at the moment, empty while there is one; `unkept` why
    what its view is like cannot be kept over a restart, empty while it can."""

    spec: CameraSpec
    since: float
    down: str = ""
    state: CameraState = CameraState.STARTING
    newest: Mapping[str, Any] | None = None
    frame_t: float | None = None
    statistics: Statistics = field(default_factory=Statistics)
    pace: Pace = field(default_factory=Pace)
    shown: dict[str, Shown] = field(default_factory=dict)
    restarts: int = 0
    unkept: str = ""


class Listener(Protocol):
    """Who judges what the cameras say."""

    def observed(self, observation: Observation) -> None:
        """A camera's word; also that it does not see."""
        ...

    def worker_new(self, camera: str) -> None:
        """What it says from now on has nothing to do with the numbers of its tracks before."""
        ...


class Judge:
    """All cameras. `first_seq` must be over every number of an earlier monitor."""

    def __init__(self, blind_after_s: float, first_seq: int, listener: Listener | None = None) -> None:
        self._blind_after_s = blind_after_s
        self._listener = listener
        self._seq = first_seq
        self._records: dict[str, Record] = {}

    def camera_there(self, spec: CameraSpec, now: float) -> None:
        """A camera is new, or changed: what was known of its old self is forgotten."""
        self._records[spec.id] = Record(spec, now)
        self._show(spec.id, now, _nothing(spec.id, now, ""))

    def camera_described(self, spec: CameraSpec) -> None:
        """Only its name or place in the order changed."""
        self._records[spec.id].spec = spec

    def camera_gone(self, camera: str) -> None:
        self._records.pop(camera, None)

    def observed(self, camera: str, now: float, observation: Mapping[str, Any], jpeg: bytes | None) -> None:
        """A worker's observation arrived; `jpeg` is the real picture when that was asked for. LookupError,
        TypeError or ValueError when it cannot be read or cannot be true."""
        record = self._records[camera]
        # First of all whether it can be believed: nothing is kept of what cannot.
        read = observation_from_json(observation)
        check(read, camera, now)
        record.newest = observation
        if observation["people"] is not None:
            record.frame_t = observation["t"]
            record.statistics.observed(now, observation["t"])
        self._show(camera, now, observation, jpeg)
        if self._listener is not None:
            self._listener.observed(read)

    def pictured(self, camera: str, jpeg: bytes) -> None:
        """A new learnt empty picture."""
        record = self._records[camera]
        self._seq += 1
        before = record.shown[REDACTED]
        record.shown[REDACTED] = Shown(self._seq, before.t, before.observation, self._seq, jpeg)

    def told(self, camera: str, now: float, health: Health) -> None:
        self._records[camera].statistics.told(now, health)

    def kept(self, camera: str, trouble: str) -> None:
        """Why its worker cannot keep what it learns; "" when it can again."""
        self._records[camera].unkept = trouble

    def worker_up(self, camera: str) -> None:
        self._records[camera].down = ""

    def worker_down(self, camera: str, now: float, reason: str) -> None:
        """There is no worker: nobody sees, until the next observation."""
        record = self._records[camera]
        record.down = reason
        record.restarts += 1
        record.unkept = ""
        record.newest = None
        record.statistics, record.pace = Statistics(), Pace()
        self._show(camera, now, _nothing(camera, now, reason))
        if self._listener is not None:
            self._listener.worker_new(camera)
            self._listener.observed(observation_from_json(_nothing(camera, now, reason)))

    def hide(self, camera: str) -> None:
        """Forgets the real picture of a camera: nobody looks any more, or nobody may."""
        if camera in self._records:
            self._records[camera].shown.pop(CAMERA, None)

    def unpicture(self, camera: str) -> None:
        """Forgets every picture of a camera: they show what nobody may see any more."""
        self.hide(camera)
        record = self._records.get(camera)
        if record is not None:
            self._seq += 1
            record.shown[REDACTED] = replace(record.shown[REDACTED], seq=self._seq, picture=0, jpeg=None)

    def turned(self, now: float) -> list[str]:
        """The cameras whose state is another one than at the last call: their viewers must be told, also
        where it is silence that changed it."""
        found = []
        for camera, record in self._records.items():
            was_slow = record.pace.too_slow
            record.pace.judged(now, record.statistics)
            state = state_of(record, now, self._blind_after_s)[0]
            if record.state is not state or record.pace.too_slow is not was_slow:
                record.state = state
                self._renumber(record)
                found.append(camera)
        return found

    def cameras(self) -> tuple[CameraSpec, ...]:
        return tuple(record.spec for record in self._records.values())

    def newest(self, camera: str) -> Observation | None:
        """The newest observation of a camera that is there; None while there is no worker's word."""
        found = self._records[camera].newest
        return None if found is None else observation_from_json(found)

    def shown(self, camera: str, view: str) -> Shown | None:
        """What a viewer should see now, None when there is no such camera or view. Where no real picture
        may be shown, that view has the observation alone."""
        record = self._records.get(camera)
        if record is None or view not in (REDACTED, CAMERA):
            return None
        if view == CAMERA and CAMERA not in record.shown:
            return replace(record.shown[REDACTED], picture=0, jpeg=None)
        return record.shown[view]

    def state(self, camera: str, now: float) -> tuple[CameraState, str]:
        """What the camera does, and why when it does not see."""
        return state_of(self._records[camera], now, self._blind_after_s)

    def stats(self, camera: str, now: float) -> dict[str, Any]:
        """The numbers of CameraView.stats."""
        record = self._records[camera]
        state, reason = state_of(record, now, self._blind_after_s)
        numbers = _numbers(record.statistics, now)
        return {**numbers, "state": state.value, "reason": reason, "unkept": record.unkept}

    def restarts(self, camera: str) -> int:
        """How often its worker ended without being told to."""
        return self._records[camera].restarts

    def _renumber(self, record: Record) -> None:
        for view, shown in record.shown.items():
            self._seq += 1
            record.shown[view] = replace(shown, seq=self._seq)

    def _show(
        self, camera: str, now: float, observation: Mapping[str, Any], jpeg: bytes | None = None
    ) -> None:
        record = self._records[camera]
        self._seq += 1
        t = record.frame_t if record.frame_t is not None else record.since
        redacted = record.shown.get(REDACTED, Shown(0, t, observation))
        record.shown[REDACTED] = Shown(self._seq, t, observation, redacted.picture, redacted.jpeg)
        real = record.shown.get(CAMERA)
        if jpeg is not None:
            record.shown[CAMERA] = Shown(self._seq, t, observation, self._seq, jpeg)
        elif real is not None and observation["people"] is None:
            # Blind: the last picture stays, with its own time, so that the page can stamp it old.
            record.shown[CAMERA] = Shown(self._seq, real.t, observation, real.picture, real.jpeg)


def state_of(record: Record, now: float, blind_after_s: float) -> tuple[CameraState, str]:
    """Judged from outside the worker: by what arrived, and by how old it is. A live camera has a reason when
    its view is wrong, or when the machine does not look at it often enough."""
    if not record.spec.enabled:
        return CameraState.STOPPED, "switched off"
    if record.down:
        return CameraState.BLIND, record.down
    if record.newest is None:
        return CameraState.STARTING, ""
    if record.newest["people"] is None:
        return CameraState.BLIND, str(record.newest["blind_reason"])
    age_s = now - record.newest["t"]
    if age_s > blind_after_s:
        return CameraState.BLIND, f"no new picture for {age_s:.0f} s"
    return CameraState.LIVE, str(record.newest["blind_reason"]) or (TOO_SLOW if record.pace.too_slow else "")


def _nothing(camera: str, now: float, reason: str) -> dict[str, Any]:
    return observation_to_json(Observation(camera, now, 0, (0, 0), None, blind_reason=reason))


def _numbers(statistics: Statistics, now: float) -> dict[str, Any]:
    health = statistics.health
    return {
        "fps": _rounded(statistics.fps(now)),
        "latency_ms_p50": _rounded(statistics.latency_ms(now, 0.5)),
        "latency_ms_p95": _rounded(statistics.latency_ms(now, 0.95)),
        "dropped": health.dropped if health else None,
        "corrupt": health.corrupt if health else None,
        "reconnects": health.reconnects if health else None,
        "cpu": _rounded(statistics.cpu_percent()),
        "rss_mb": _rounded(health.rss_mb) if health else None,
        "eased": health.eased if health else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
