"""Mirrors looked at round after round, for as long as somebody wants to know."""
