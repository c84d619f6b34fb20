"""What would have alarmed: a recorded track of observations judged again under other settings."""
