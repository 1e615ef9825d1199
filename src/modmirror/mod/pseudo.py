"""Pseudo-versions: names for commits that carry no version tag (protocol.md A.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from modmirror.errors import InvalidTarget
from modmirror.mod import semver

_PSEUDO_VERSION = re.compile(
    r"v[0-9]+\.(?:0\.0-|[0-9]+\.[0-9]+-(?:[^+]*\.)?0\.)[0-9]{14}-[A-Za-z0-9]+"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_STAMP_DIGITS = 14


@dataclass(frozen=True, slots=True)
class _Parts:
    base: str
    """``vX.0.0``, ``vX.Y.(Z+1)-0`` or ``vX.Y.Z-pre.0``: all before the time."""
    stamp: str
    revision: str


def is_pseudo_version(version: str) -> bool:
    """Say whether ``version`` has the shape of a pseudo-version. Its time may still be no real time."""
    return (
        version.count("-") > 1
        and _PSEUDO_VERSION.fullmatch(version) is not None
        and semver.is_valid(version)
    )


def pseudo_version(major: str, older: str, time: datetime, revision: str) -> str:
    """Name the commit ``revision`` made at ``time`` (with a time zone).

    ``major`` is ``v2`` for a path that ends in ``/v2`` and may be empty; ``older`` is the newest version
    tag before the commit, or empty.
    """
    segment = f"{time.astimezone(UTC).strftime('%Y%m%d%H%M%S').zfill(_STAMP_DIGITS)}-{revision}"
    build = semver.build(older)
    base = semver.canonical(older)
    if not base:
        return f"{major or 'v0'}.0.0-{segment}"
    if semver.prerelease(base):
        return f"{base}.0.{segment}{build}"
    head, _, patch = base.rpartition(".")
    return f"{head}.{_increment(patch)}-0.{segment}{build}"


def pseudo_version_time(version: str) -> datetime:
    """Return the commit time, in UTC.

    Raises:
        InvalidTarget: not a pseudo-version, or its 14 digits are no real time.
    """
    stamp = _parse(version).stamp
    fields = (stamp[:4], stamp[4:6], stamp[6:8], stamp[8:10], stamp[10:12], stamp[12:])
    year, month, day, hour, minute, second = map(int, fields)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise InvalidTarget(f"pseudo-version {version}: {stamp} is not a time: {error}") from error


def pseudo_version_revision(version: str) -> str:
    """Return the short commit id.

    Raises:
        InvalidTarget: not a pseudo-version.
    """
    return _parse(version).revision


def pseudo_version_base(version: str) -> str:
    """Return the version that the pseudo-version comes after, without build metadata; empty when none.

    Raises:
        InvalidTarget: not a pseudo-version, or it would come after a negative patch number.
    """
    base = _parse(version).base
    prerelease = semver.prerelease(base)
    if not prerelease:
        return ""
    if prerelease != "-0":
        return base.removesuffix(".0")
    head, _, patch = base.removesuffix("-0").rpartition(".")
    if patch == "0":
        raise InvalidTarget(
            f"pseudo-version {version}: the version before it would have a negative patch number"
        )
    return f"{head}.{_decrement(patch)}"


def _parse(version: str) -> _Parts:
    if not is_pseudo_version(version):
        raise InvalidTarget(f'"{version}" is not a pseudo-version')
    rest, _, revision = version.removesuffix(semver.build(version)).rpartition("-")
    return _Parts(base=rest[: -_STAMP_DIGITS - 1], stamp=rest[-_STAMP_DIGITS:], revision=revision)


# Decimal arithmetic on text, because int() has a limit and versions have none.


def _increment(digits: str) -> str:
    kept = digits.rstrip("9")
    zeros = "0" * (len(digits) - len(kept))
    if not kept:
        return "1" + zeros
    return f"{kept[:-1]}{int(kept[-1]) + 1}{zeros}"


def _decrement(digits: str) -> str:
    """Subtract one from a number that is not zero."""
    kept = digits.rstrip("0")
    nines = "9" * (len(digits) - len(kept))
    lowered = f"{kept[:-1]}{int(kept[-1]) - 1}{nines}"
    return lowered.lstrip("0") or "0"
