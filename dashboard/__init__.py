"""Poolwatch: watches a pool, or any boundary, and raises the alarm. See README.md beside this file."""
