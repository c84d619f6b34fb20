"""Drills: random submersions and random safe play in the simulated site, judged as live."""
