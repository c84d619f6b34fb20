"""What was, out of what was kept: a day or a week as spans, and the night in a few lines. Pure."""
