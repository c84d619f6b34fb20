"""HTTPS for a house: an authority of one's own, and this machine's certificate that it signs."""
