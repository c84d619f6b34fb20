"""Late imports: loaded in a thread of their own, and not at all once the server stops."""

from __future__ import annotations

import sys
import threading

import pytest

from dashboard.web import warm as module
from dashboard.web.warm import warm
from tests.waiting import until


@pytest.mark.parametrize("stopped", [False, True])
def test_late_imports(monkeypatch: pytest.MonkeyPatch, stopped: bool) -> None:
    monkeypatch.setattr(module, "_AFTER_S", 0.01)
    monkeypatch.setattr(module, "_LATE", ("no_such_module_at_all", "this"))
    monkeypatch.delitem(sys.modules, "this", raising=False)
    stopping = threading.Event()
    if stopped:
        stopping.set()
    thread = warm(stopping)
    until(lambda: not thread.is_alive(), 10, "it ends")
    assert ("this" in sys.modules) is not stopped
