"""How hot a file was when it was asked for, and whether the cache had it. Pure.

The definition is in docs/explanation/temperature.md: by how often the same file was asked for in the hour
before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from modmirror.lab.analysis.estimates import share_of
from modmirror.measure.window import SLOTS, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modmirror.lab.results.estimates import Share

Temperature: TypeAlias = Literal["hot", "warm", "cold"]
Said: TypeAlias = Literal["hit", "miss", "coalesced", ""]
"""What an answer says of the cache; empty: nothing."""

HOT = 10
"""Requests for a file within the hour before that make it hot."""
TEMPERATURES: tuple[Temperature, ...] = ("hot", "warm", "cold")

_HITS = {"hit", "revalidating", "stale"}
_BEST_FIRST: tuple[Said, ...] = ("hit", "coalesced", "miss")
_HEADERS = ("x-modmirror-cache", "x-cache", "cf-cache-status", "age")
"""In the order of their worth: what is said before what can only be inferred."""


class Asked(NamedTuple):
    """One request."""

    at: float
    """Seconds on any clock that only goes forward."""
    path: str
    said: Said


def temperature(before: int) -> Temperature:
    """Return how hot a file is that was asked for so often in the hour before."""
    if before >= HOT:
        return "hot"
    return "warm" if before else "cold"


def hits_by_temperature(requests: Iterable[Asked]) -> dict[str, Share]:
    """Return hits of requests by temperature; requests in order of time.

    Answers that say nothing count for the temperature of later ones, and for no share.
    """
    windows: dict[str, Window] = {}
    counts = {name: [0, 0] for name in TEMPERATURES}
    for request in requests:
        window = windows.setdefault(request.path, Window())
        found = counts[temperature(window.last_minutes(SLOTS, request.at))]
        window.add(1, request.at)
        if request.said:
            found[0] += request.said == "hit"
            found[1] += 1
    return {name: share_of(ok, n) for name, (ok, n) in counts.items() if n}


def said_in_log(word: str) -> Said:
    """Read the word of an access log, or of ``X-Modmirror-Cache``."""
    word = word.lower()
    if word in _HITS:
        return "hit"
    if word == "coalesced":
        return "coalesced"
    return "miss" if word in {"miss", "expired", "bypass", "dynamic"} else ""


def said_in_headers(headers: Mapping[str, str]) -> Said:
    """Return what an answer betrays of the cache. Names of headers are in lower case."""
    for name in _HEADERS:
        if name in headers and (found := _said(name, headers[name].strip())):
            return found
    return ""


def _said(name: str, value: str) -> Said:
    if name == "age":
        # A first answer may be 0 seconds old from a cache as well: only what is older says something.
        return "hit" if value.isdecimal() and int(value) > 0 else ""
    # "TCP_MEM_HIT", "Hit from edge", "MISS, HIT": of several caches, one that had it is enough.
    found = {said_in_log(word) for word in re.split("[^a-z]+", value.lower())}
    return next((said for said in _BEST_FIRST if said in found), "")
