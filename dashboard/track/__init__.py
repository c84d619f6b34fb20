"""Identity over time inside one camera. Pure: no I/O, no clock; time comes with each sighting."""

from dashboard.track.tracker import Tracker

__all__ = ["Tracker"]
