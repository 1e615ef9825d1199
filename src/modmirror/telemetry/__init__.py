"""Metrics, events and the access log: what the mirror says of itself."""
