"""Work that the pages start: it comes last, and ends with whoever started it."""

from __future__ import annotations

import os

from dashboard.monitor.worker import die_with_parent

LAST = 19


def go_behind(parent: int) -> None:
    """Lowest priority; the kernel ends this process with the thread of `parent` that started it."""
    die_with_parent(parent)
    os.nice(LAST)
