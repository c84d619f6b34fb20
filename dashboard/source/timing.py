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
