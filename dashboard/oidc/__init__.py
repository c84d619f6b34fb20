"""Signing in through a provider by OpenID Connect: what is configured, the way there and back, ID tokens."""
