"""Processor time: what a measurement says on a machine that has other work."""

from __future__ import annotations

import resource


def cpu_s() -> float:
    """Seconds of processor time of this process until now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
