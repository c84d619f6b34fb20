"""What the first visit of a page would wait for is loaded while nobody does: a second of imports."""

from __future__ import annotations

import importlib
import logging
import threading

# After the first page of a new server, which needs the processor more.
_AFTER_S = 4.0
# What streamlit_webrtc is made of: that itself may only be loaded by a page.
_LATE = ("pandas", "plotly.graph_objects", "aiortc")
_LOG = logging.getLogger(__name__)


def warm(stopping: threading.Event) -> threading.Thread:
    """Loads in a thread of its own, once, unless the server stops before."""
    thread = threading.Thread(target=_load, args=(stopping,), name="warm", daemon=True)
    thread.start()
    return thread


def _load(stopping: threading.Event) -> None:
    if stopping.wait(_AFTER_S):
        return
    for name in _LATE:
        try:
            importlib.import_module(name)
        except Exception:  # its page says what is wrong with it
            _LOG.exception("%s cannot be loaded", name)
