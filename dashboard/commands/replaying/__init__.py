"""The parts of the `replay` command: recordings in step, the site that watches them, and what it writes."""
