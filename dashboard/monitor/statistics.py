"""How fast one camera's observations come and how old they are when the judge has them. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 10.0


@dataclass(frozen=True)
class Health:
    """What a worker tells of itself: counts since it started (`dropped` is all that came and was not looked
    at), `cpu_s` used so far, memory now, how far its work is eased (0 = full)."""

    cpu_s: float
    rss_mb: float | None
    read: int
    dropped: int
    corrupt: int
    reconnects: int
    eased: int


class Statistics:
    """A sliding window over one worker's life. Times are the judge's, monotonic seconds."""

    def __init__(self) -> None:
        self._arrivals: deque[tuple[float, float]] = deque()
        self._healths: deque[tuple[float, Health]] = deque()

    def observed(self, now: float, captured: float) -> None:
        """An observation of a new picture arrived."""
        self._arrivals.append((now, now - captured))
        while self._arrivals[0][0] < now - WINDOW_S:
            self._arrivals.popleft()

    def told(self, now: float, health: Health) -> None:
        """The worker told how it is."""
        self._healths.append((now, health))
        while self._healths[0][0] < now - WINDOW_S:
            self._healths.popleft()

    def fps(self, now: float) -> float | None:
        """Observations a second, None before there are two."""
        times = [t for t, _ in self._arrivals if t >= now - WINDOW_S]
        if len(times) < 2:
            return None
        # The time since the last one counts too, or a camera that stopped would keep its rate.
        span = max(times[-1] - times[0], (now - times[0]) * (len(times) - 1) / len(times))
        return (len(times) - 1) / span if span > 0 else None

    def latency_ms(self, now: float, share: float) -> float | None:
        """The latency that `share` (0 to 1) of the observations stayed under, in milliseconds."""
        latencies = sorted(late for t, late in self._arrivals if t >= now - WINDOW_S)
        if not latencies:
            return None
        return 1000 * latencies[min(len(latencies) - 1, int(share * len(latencies)))]

    def cpu_percent(self) -> float | None:
        """Of one core, over the window."""
        used = self._a_second(lambda health: health.cpu_s)
        return None if used is None else 100 * used

    def left_out_fps(self) -> float | None:
        """Pictures a second that came and were not looked at, over the window."""
        return self._a_second(lambda health: health.dropped)

    def _a_second(self, count: Callable[[Health], float]) -> float | None:
        """How much a count grows a second, over the window; None before the worker has told it twice."""
        if len(self._healths) < 2:
            return None
        (t0, first), (t1, last) = self._healths[0], self._healths[-1]
        return (count(last) - count(first)) / (t1 - t0) if t1 > t0 else None

    @property
    def health(self) -> Health | None:
        """The newest that was told."""
        return self._healths[-1][1] if self._healths else None
