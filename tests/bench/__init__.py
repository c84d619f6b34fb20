"""Measurements against ground truth and peers: `python -m dashboard bench NAME`."""
