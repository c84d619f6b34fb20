"""Times of frames: recorded timestamps made whole, and thinning to a number of frames a second."""

from __future__ import annotations

SMALL_STEP_BACK_S = 1.0
LARGEST_GAP_S = 30.0


class Timeline:
    """Turns a recording's timestamps into seconds from its start that always grow.

    `nominal_s` is the usual distance of two frames. A missing timestamp counts as one nominal step;
    a small step back (jitter) is pressed flat; a jump back, or forward by more than `LARGEST_GAP_S`
    and ten nominal steps, is a broken clock and becomes one nominal step.
    """

    def __init__(self, nominal_s: float) -> None:
        self._nominal_s = nominal_s
        self._offset_s: float | None = None
        self._last_s: float | None = None

    def seconds(self, stamp_s: float | None) -> float:
        """The time of the next frame, whose own timestamp is `stamp_s` (None: it has none)."""
        if self._last_s is None:
            return self._first(stamp_s)
        after = self._last_s + self._nominal_s
        if stamp_s is None:
            t = after
        elif self._offset_s is None:
            self._offset_s, t = after - stamp_s, after
        else:
            t = self._placed(stamp_s, after)
        self._last_s = t
        return t

    def next_recording(self) -> None:
        """The next frame is the first of the recording again: time goes on by one nominal step."""
        self._offset_s = None

    def _first(self, stamp_s: float | None) -> float:
        self._offset_s = None if stamp_s is None else -stamp_s
        self._last_s = 0.0
        return 0.0

    def _placed(self, stamp_s: float, after: float) -> float:
        assert self._last_s is not None and self._offset_s is not None
        t = stamp_s + self._offset_s
        step = t - self._last_s
        if -SMALL_STEP_BACK_S < step <= 0:
            return self._last_s + min(0.001, self._nominal_s / 2)
        if step <= 0 or step > max(LARGEST_GAP_S, 10 * self._nominal_s):
            self._offset_s = after - stamp_s
            return after
        return t


class Thinner:
    """Says which frames to keep so that at most `max_fps` remain, evenly; None keeps all."""

    def __init__(self, max_fps: float | None) -> None:
        self._period_s = 1 / max_fps if max_fps else 0.0
        self._due_s: float | None = None

    def wanted(self, t: float) -> bool:
        """Whether the frame at `t` is kept; times must not go back."""
        if not self._period_s or self._due_s is None:
            self._due_s = t + self._period_s
            return True
        # A camera's own jitter must not cost every second frame: a frame a little early is on time.
        if t < self._due_s - 0.1 * self._period_s:
            return False
        following = self._due_s + self._period_s
        self._due_s = following if following > t else t + self._period_s
        return True


# A camera's clock may run this much faster or slower than ours without its pictures counting as late.
LARGEST_DRIFT = 0.01
# Late by more than this is a camera that set its clock, not a network that held pictures back.
LARGEST_LATENESS_S = 60.0
# As late for so long without catching up: the camera's clock was set, or the network's delay changed.
NEW_NORMAL_S = 3.0


SMALLEST_STEP_S = 0.001


class Arrivals:
    """When live frames came, and which of them had been held back so long that they are no longer live.

    A frame's lag is its arrival less its own timestamp; the smallest lag lately seen is the normal one,
    and a frame is late by what its lag exceeds that. Frames without a timestamp are never late.
    """

    def __init__(self, late_after_s: float) -> None:
        self._late_after_s = late_after_s
        self._normal_s: float | None = None
        self._came_at = 0.0
        self._late_since: tuple[float, float] | None = None
        self._waiting_for_key = False
        self._arrived: dict[float, float] = {}
        self._given = float("-inf")

    def came(self, stamp_s: float | None, now: float) -> None:
        """A packet stamped `stamp_s` (seconds of the camera's own clock) arrived at `now`."""
        if stamp_s is None:
            return
        lag = now - stamp_s
        if self._normal_s is None or abs(lag - self._normal_s) > LARGEST_LATENESS_S:
            self._normal_s = lag
        self._normal_s = min(lag, self._normal_s + LARGEST_DRIFT * max(0.0, now - self._came_at))
        self._came_at = now
        self._settle(lag, now)
        self._arrived[stamp_s] = now
        if len(self._arrived) > 64:
            del self._arrived[next(iter(self._arrived))]

    def worth_decoding(self, key_frame: bool) -> bool:
        """False from the packet that is late by three times the limit up to the next timely key frame."""
        lateness = self._late_since[0] if self._late_since else 0.0
        if lateness > 3 * self._late_after_s:
            self._waiting_for_key = True
        elif key_frame:
            self._waiting_for_key = False
        return not self._waiting_for_key

    def fresh_time(self, stamp_s: float | None, now: float) -> float | None:
        """The arrival of the frame stamped `stamp_s`, or None when it was held back too long.
        Times grow by a millisecond at least, though a burst arrives as one."""
        arrived = now
        if stamp_s is not None and self._normal_s is not None:
            if now - stamp_s - self._normal_s > self._late_after_s:
                return None
            arrived = self._arrived.get(stamp_s, now)
        self._given = max(arrived, self._given + SMALLEST_STEP_S)
        return self._given

    def _settle(self, lag: float, now: float) -> None:
        assert self._normal_s is not None
        lateness = lag - self._normal_s
        if lateness <= self._late_after_s:
            self._late_since = None
        elif self._late_since is None or lateness < self._late_since[0] - 0.1:
            self._late_since = (lateness, now)
        elif now - self._late_since[1] > NEW_NORMAL_S:
            self._normal_s, self._late_since = lag, None
