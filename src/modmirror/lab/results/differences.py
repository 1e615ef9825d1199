"""What is not as it was in an earlier run."""

from __future__ import annotations

from msgspec import Struct


class Difference(Struct, frozen=True):
    """A number that changed since an earlier run, beyond chance."""

    target: str
    what: str
    before: float
    after: float
    p: float | None
    """None: a fact, in which chance has no part."""
    worse: bool
