"""Judging: pure functions over observations. No logs, threads, disk, clock or randomness."""
