"""Which modules the clients of the outage bench ask for."""

from __future__ import annotations

WARM = 20
"""Modules that are asked for before the clock starts."""


def warm(number: int) -> str:
    """Return the path of a module that everybody has."""
    return f"endless.test/warm{number}"


def new(number: int) -> str:
    """Return the path of a module that nobody has asked for."""
    return f"endless.test/new{number}"
