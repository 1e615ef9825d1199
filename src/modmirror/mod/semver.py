"""Semantic versions as Go writes them (protocol.md A.4).

``v1`` and ``v1.2`` are short for ``v1.0.0`` and ``v1.2.0``. Numbers may have any number of digits and are
never converted to int: Python refuses that beyond 4300 digits.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

_Number: TypeAlias = tuple[int, str]
"""Length, then digits: without leading zeros this is numeric order."""
_Identifier: TypeAlias = tuple[bool, int, str]
"""Not numeric, length of a number, text: numbers sort before words, words by ASCII."""

_BELOW_ALL: _Number = (-1, "")

SortKey: TypeAlias = tuple[_Number, _Number, _Number, bool, tuple[_Identifier, ...], str]
"""Precedence, then the version itself to make the order total."""

_NUMBER = r"(?:0|[1-9][0-9]*)"
# Possessive quantifiers: a hostile version is refused in one pass.
_PRE_PART = r"(?:(?:0|[1-9][0-9]*+)(?![0-9A-Za-z-])|[0-9]*+[A-Za-z-][0-9A-Za-z-]*+)"
_VERSION = re.compile(
    rf"(?P<major>v{_NUMBER})"
    rf"(?:(?P<minor>\.{_NUMBER})"
    rf"(?:(?P<patch>\.{_NUMBER})"
    rf"(?P<pre>-{_PRE_PART}(?:\.{_PRE_PART})*+)?"
    r"(?P<build>\+[0-9A-Za-z-]++(?:\.[0-9A-Za-z-]++)*+)?"
    r")?)?"
)


def is_valid(version: str) -> bool:
    """Say whether ``version`` is a semantic version, short forms included."""
    return _match(version) is not None


def canonical(version: str) -> str:
    """Fill up short forms and drop build metadata; empty when ``version`` is not valid."""
    match = _match(version)
    if match is None:
        return ""
    return f"{match['major']}{match['minor'] or '.0'}{match['patch'] or '.0'}{match['pre'] or ''}"


def major(version: str) -> str:
    """Return ``v1`` of ``v1.2.3``; empty when ``version`` is not valid."""
    match = _match(version)
    return match["major"] if match else ""


def major_minor(version: str) -> str:
    """Return ``v1.2`` of ``v1.2.3``; empty when ``version`` is not valid."""
    match = _match(version)
    return match["major"] + (match["minor"] or ".0") if match else ""


def prerelease(version: str) -> str:
    """Return ``-rc.1`` of ``v1.2.3-rc.1+meta``; empty when there is none."""
    match = _match(version)
    return (match["pre"] or "") if match else ""


def build(version: str) -> str:
    """Return ``+meta`` of ``v1.2.3-rc.1+meta``; empty when there is none."""
    match = _match(version)
    return (match["build"] or "") if match else ""


def compare(left: str, right: str) -> int:
    """Return -1, 0 or 1 by precedence. Build metadata does not count; anything invalid comes first."""
    a, b = sort_key(left)[:-1], sort_key(right)[:-1]
    return (a > b) - (a < b)


def sort_key(version: str) -> SortKey:
    """Return a key for ``sorted``: precedence first, then plain string order."""
    match = _match(version)
    if match is None:
        return (_BELOW_ALL, _BELOW_ALL, _BELOW_ALL, False, (), version)
    pre = match["pre"]
    return (
        _number(match["major"][1:]),
        _number((match["minor"] or ".0")[1:]),
        _number((match["patch"] or ".0")[1:]),
        pre is None,
        tuple(_identifier(part) for part in pre[1:].split(".")) if pre else (),
        version,
    )


@lru_cache(maxsize=16_384)
def _match(version: str) -> re.Match[str] | None:
    # One version is looked at from several sides, and long lists in several rounds: parse each once.
    return _VERSION.fullmatch(version)


def _number(digits: str) -> _Number:
    return len(digits), digits


def _identifier(part: str) -> _Identifier:
    return (False, len(part), part) if part.isdigit() else (True, 0, part)
