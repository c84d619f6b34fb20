"""What leaves the house when there is an alarm: messages to contacts, the siren, the sign of life."""
