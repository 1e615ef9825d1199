"""Five mirrors in three regions, each with its own fault, that nobody ever asked."""

from __future__ import annotations

import math

from modmirror.lab.report.facts import TargetFacts
from modmirror.lab.results.estimates import Estimate, Share

GOOD, STALE, SLOW, PARTIAL, CORRUPT = "harbour-cn", "meadow-cn", "summit-us", "delta-hk", "quarry-us"
TARGETS = (
    TargetFacts(GOOD, "https://harbour.test/goproxy", "cn-east-north", "Harbour"),
    TargetFacts(STALE, "https://meadow.test", "cn-east-north", "Meadow"),
    TargetFacts(PARTIAL, "https://delta.test/go", "cn-hongkong", "Delta"),
    TargetFacts(SLOW, "https://summit.test", "cn-useast", "Summit"),
    TargetFacts(CORRUPT, "https://quarry.test", "cn-useast", "Quarry"),
)
BASES = {GOOD: 0.031, STALE: 0.032, PARTIAL: 0.047, SLOW: 0.236, CORRUPT: 0.055}
RATES = {GOOD: 21e6, STALE: 19e6, PARTIAL: 11e6, SLOW: 2.4e6, CORRUPT: 8e6}
CASES = {"info/warm": 1.0, "info/cold": 3.2, "list/warm": 1.15, "zip-small/warm": 2.1}
STRATA = (
    "popular",
    "random 2019-2022",
    "random 2023-2026",
    "fresh",
    "large zips",
    "upper-case",
    "toolchain",
)
FEATURES = (
    ("list", "version list", True), ("info", ".info", True), ("mod", ".mod", True), ("zip", ".zip", True),
    ("latest", "@latest", False), ("branch", "branch in .info", False),
    ("escapes", "upper-case paths", True),
    ("range", "Range", False), ("conditional", "If-None-Match", False),
    ("gone", "404 or 410 for absent", True),
    ("sumdb", "checksum database", False), ("toolchain", "toolchain modules", False),
    ("h2", "HTTP/2", False), ("auth", "no authentication", True),
)  # fmt: skip


def around(value: float, spread: float, n: int) -> Estimate:
    """Return an estimate with an interval of so much on both sides, as a share."""
    return Estimate(value, value * (1 - spread), value * (1 + spread), n)


def share(ok: int, n: int) -> Share:
    """Return counts as a share with an interval."""
    z, rate = 1.96, ok / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Share(ok, n, max(0.0, middle - half), min(1.0, middle + half))
