"""What ``lab coverage`` found: availability and integrity over a stratified corpus."""

from __future__ import annotations

from msgspec import Struct

from modmirror.lab.results.estimates import Share  # noqa: TC001 - msgspec reads the annotations


class Mismatch(Struct, frozen=True):
    """A file whose ``h1:`` is not what it should be."""

    path: str
    got: str
    want: str
    authority: str
    """Who says so: the name of a checksum database, or ``majority``."""


class TargetCoverage(Struct, frozen=True):
    """What one mirror had of the corpus."""

    overall: Share
    strata: dict[str, Share]
    mismatches: tuple[Mismatch, ...] = ()
    repacked: int = 0
    """Files with other bytes than elsewhere but the same ``h1:``."""
    missing: tuple[str, ...] = ()
    """The first paths that it did not have, with the reason."""


class CoverageResult(Struct, frozen=True):
    """Availability and integrity over a stratified corpus."""

    corpus: str
    """Digest of the corpus that was asked for."""
    strata: tuple[str, ...]
    targets: dict[str, TargetCoverage]
