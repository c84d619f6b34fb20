"""Danger in a pose: the last second of somebody's key points, judged by a learnt classifier."""
