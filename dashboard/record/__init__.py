"""Clips: encoded once as the camera goes, kept for some seconds, written when something was detected."""
