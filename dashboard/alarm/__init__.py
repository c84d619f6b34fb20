"""Alarms: ladder, latch, acknowledgement, escalation. Pure: state and events in, state and orders out."""
