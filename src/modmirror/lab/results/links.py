"""What the self-test of an emulated link measured, before anything is measured through it."""

from __future__ import annotations

from msgspec import Struct


class LinkCheck(Struct, frozen=True):
    """What a self-test measured on an emulated link, against what was asked for."""

    region: str
    backend: str
    asked: dict[str, float]
    measured: dict[str, float]
    good: bool
    note: str = ""
