"""What a study might have found at those mirrors. All numbers follow from chance, and so from a seed."""

from __future__ import annotations

import math
from statistics import mean, median
from typing import TYPE_CHECKING

from modmirror.lab.results.bench import BenchResult, Comparison, Distribution, Speed
from modmirror.lab.results.cache import CacheResult, HotResource, TargetCache
from modmirror.lab.results.coverage import CoverageResult, Mismatch, TargetCoverage
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.events import Event
from modmirror.lab.results.faults import FaultPoint, FaultResult, FaultRun
from modmirror.lab.results.freshness import CurvePoint, FreshnessResult, Lag
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.results.load import LoadResult, LoadStep
from modmirror.lab.results.probe import ProbeResult, ProbeTarget, Side
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult
from modmirror.lab.results.replay import ReplayCost, ReplayResult
from tests.fakes.lab_mirrors import (
    BASES,
    CASES,
    CORRUPT,
    FEATURES,
    GOOD,
    PARTIAL,
    RATES,
    SLOW,
    STALE,
    STRATA,
    TARGETS,
    around,
    share,
)

if TYPE_CHECKING:
    from random import Random


def probe() -> ProbeResult:
    """Return a first look at each mirror."""
    return ProbeResult(
        "golang.org/x/text/@v/v0.14.0.info",
        {
            name: ProbeTarget(
                target.url,
                Side(3, 0, base * 3, {"dns": base / 4, "connect": base, "tls": base, "wait": base}),
                Side(5, 0, base, {"wait": base}),
                status=200,
                address="192.0.2.7",
                http="1.1",
                tls="TLSv1.3 TLS_AES_128_GCM_SHA256",
                headers={"age": "31", "x-cache": "HIT"},
                reason="",
            )
            for target in TARGETS
            for name, base in ((target.name, BASES[target.name]),)
        },
    )


def bench(chance: Random) -> tuple[BenchResult, dict[str, tuple[float, ...]]]:
    """Return a comparison of speed, and the rates of every download."""
    targets = {
        name: {case: _distribution(chance, BASES[name] * factor, case) for case, factor in CASES.items()}
        for name in BASES
    }
    downloads = {
        name: tuple(rate * math.exp(chance.gauss(0, 0.16)) for _ in range(20))
        for name, rate in RATES.items()
    }
    speeds = {
        name: Speed(around(median(got), 0.08, 20), around(median(got) * 0.8, 0.09, 20), 0.11, 0.2)
        for name, got in downloads.items()
    }
    result = BenchResult(
        cases=tuple(CASES),
        targets=targets,
        speeds=speeds,
        comparisons=tuple(_comparisons(targets)),
        groups={case: {GOOD: "a", STALE: "a", PARTIAL: "b", CORRUPT: "b", SLOW: "c"} for case in CASES},
        blocks=100,
        stopped="every pair is settled",
        stopped_zh="所有差异均已明确",
    )
    return result, downloads


def _distribution(chance: Random, base: float, case: str) -> Distribution:
    cold = case.endswith("cold")
    times = sorted(
        base * math.exp(chance.gauss(0, 0.22)) * (4 if chance.random() < 0.03 else 1) for _ in range(100)
    )
    middle = median(times)
    phases = {"send": 0.0002, "wait": base * (0.3 if cold else 0.9), "receive": base * 0.06}
    if cold:
        phases = {"dns": base * 0.12, "connect": base * 0.24, "tls": base * 0.28, **phases}
    return Distribution(
        n=100,
        failed=1 if chance.random() < 0.2 else 0,
        mean=mean(times),
        median=Estimate(middle, times[40], times[60], 100),
        p95=Estimate(times[94], times[90], times[99], 100),
        p99=Estimate(n=100),
        jitter=median(abs(each - middle) for each in times) / middle,
        ecdf=tuple((each, (place + 1) / 100) for place, each in enumerate(times)),
        phases=phases,
    )


def _comparisons(
    targets: dict[str, dict[str, Distribution]],
) -> list[Comparison]:
    names = list(targets)
    return [
        _comparison(case, first, second, targets)
        for case in CASES
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    ]


def _comparison(
    case: str, first: str, second: str, targets: dict[str, dict[str, Distribution]]
) -> Comparison:
    one, other = targets[first][case].median.value, targets[second][case].median.value
    assert one is not None
    assert other is not None
    tie = {first, second} == {GOOD, STALE} or {first, second} == {PARTIAL, CORRUPT}
    ratio = (0.98 if first in {GOOD, PARTIAL} else 1.02) if tie else one / other
    return Comparison(case, first, second, around(ratio, 0.06, 100), 0.41 if tie else 0.0004, tie=tie)


def coverage(chance: Random) -> CoverageResult:
    """Return what each mirror has of each stratum, and two files that differ."""
    shares = {GOOD: 1.0, STALE: 0.995, PARTIAL: 0.86, SLOW: 0.99, CORRUPT: 0.985}
    targets = {}
    for name, rate in shares.items():
        strata = {stratum: share(sum(chance.random() < rate for _ in range(40)), 40) for stratum in STRATA}
        if name == PARTIAL:
            strata["toolchain"] = share(0, 40)
        ok = sum(each.ok for each in strata.values())
        targets[name] = TargetCoverage(
            overall=share(ok, 280),
            strata=strata,
            mismatches=_mismatches() if name == CORRUPT else (),
            repacked=2 if name == SLOW else 0,
            missing=("golang.org/toolchain/@v/v0.0.1-go1.22.0.linux-amd64.zip: 404",)
            if name == PARTIAL
            else (),
        )
    return CoverageResult("sha256:7d1a54127b222502", STRATA, targets)


def _mismatches() -> tuple[Mismatch, ...]:
    got, want = (
        "h1:2cLrQUbcfT8p0g1RzqU2vY1S1z4yVhWZ5Yd8n4E0G9s=",
        "h1:XkYt0rjH2bQf7d1vWm3oC5pL8aZr6uNnTgEeIsKqJcA=",
    )
    return (
        Mismatch("example.com/lib/@v/v1.4.0.zip", got, want, "sum.golang.org"),
        Mismatch("example.com/tool/@v/v0.9.1.zip", want, got, "majority"),
    )


def freshness() -> FreshnessResult:
    """Return how late each mirror is."""
    medians = {GOOD: 20.0, STALE: 2400.0, PARTIAL: 65.0, SLOW: 95.0, CORRUPT: 40.0}
    places = {"info": 0.1, "list": 1.0, "latest": 1.2}
    return FreshnessResult(
        {
            name: {place: _lag(middle * factor) for place, factor in places.items()}
            for name, middle in medians.items()
        },
        "Passive and active lags were measured with different versions.",
        "两类延迟使用不同的版本测量。",
    )


def _lag(middle: float) -> Lag:
    def seen(after: float) -> float:
        return 1 - math.exp(-math.log(2) * after / middle)

    ticks = (1, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800)
    return Lag(
        median=around(middle, 0.3, 50) if middle <= 1800 else Estimate(n=50),
        curve=tuple(
            CurvePoint(float(t), seen(t), max(0.0, seen(t) - 0.09), min(1.0, seen(t) + 0.09)) for t in ticks
        ),
        within={str(limit): share(round(50 * seen(limit)), 50) for limit in (60, 300, 1800)},
        versions=50,
        never=round(50 * (1 - seen(1800))),
    )


def protocol() -> ProtocolResult:
    """Return what each mirror can do."""
    missing = {
        (PARTIAL, "toolchain"), (PARTIAL, "sumdb"), (SLOW, "range"), (SLOW, "h2"), (CORRUPT, "sumdb"),
        (CORRUPT, "gone"), (STALE, "conditional"),
    }  # fmt: skip
    return ProtocolResult(
        tuple(BASES),
        tuple(Feature(key, title, needed, "B.2") for key, title, needed in FEATURES),
        {
            name: {
                key: Cell(
                    "no"
                    if (name, key) in missing
                    else "partly"
                    if (name, key) == (SLOW, "branch")
                    else "yes",
                    f"GET …/{key} → {404 if (name, key) in missing else 200}",
                )
                for key, _, _ in FEATURES
            }
            for name in BASES
        },
    )


def load() -> LoadResult:
    """Return a sweep to a knee."""
    steps = []
    for place in range(12):
        offered = 500 * 1.25**place
        slow = 1 + (offered / 4800) ** 6
        times: dict[str, float | None] = {
            "p50": 0.0011 * slow, "p95": 0.0024 * slow, "p99": 0.0041 * slow * slow,
            "p999": 0.009 * slow * slow, "max": 0.02 * slow * slow,
        }  # fmt: skip
        service = {key: value * 0.7 if value else None for key, value in times.items()}
        late = offered > 5000
        steps.append(
            LoadStep(
                offered, offered * (0.9 if late else 1), 80 if late else 0, times, service,
                {"timeout": 12} if late else {}, 0.3,
                min(1.0, offered / 5200), 95_000_000 + place * 1_000_000, 20 * place, 0.004 * place,
                failed="P99 above 250 ms" if late else "",
            )
        )  # fmt: skip
    return LoadResult(GOOD, "poisson", tuple(steps), 4656.6, "P99 above 250 ms", 6100.0)


def cache() -> CacheResult:
    """Return what a cache saves."""
    return CacheResult(
        {
            GOOD: TargetCache(
                around(0.61, 0.1, 30), around(0.03, 0.1, 90), around(20.3, 0.12, 30), 1.0, 20,
                {"hot": share(100, 100), "warm": share(92, 100), "cold": share(3, 100)}, 0.58,
            ),
            SLOW: TargetCache(
                around(1.9, 0.2, 30), around(0.24, 0.1, 90), around(7.9, 0.2, 30), 6.0, 20,
                {"hot": share(97, 100), "warm": share(70, 100), "cold": share(0, 100)}, 1.66,
            ),
        },
        (
            HotResource("golang.org/x/text/@v/list", 412, 3),
            HotResource("github.com/rs/zerolog/@latest", 230, 5),
        ),
    )  # fmt: skip


def faults(chance: Random) -> FaultResult:
    """Return what faults did."""
    scenarios = {
        name: tuple(_fault(chance, name, stale=stale) for _ in range(3))
        for name, stale in {
            "cut": True,
            "reset": True,
            "slow": False,
            "garbled": False,
            "flapping": True,
        }.items()
    }
    return FaultResult("modmirror", scenarios)


def _fault(chance: Random, name: str, *, stale: bool) -> FaultRun:
    points = []
    for tick in range(120):
        at = tick * 0.5
        ill = 20 <= at < 40
        fails = ill and at < 20 + chance.random() * 3
        seconds = 0.012 * math.exp(chance.gauss(0, 0.3)) * (30 if fails else 6 if ill and not stale else 1)
        points.append(FaultPoint(at, not fails, stale and ill and not fails and tick % 2 == 0, seconds))
    return FaultRun(
        points=tuple(points),
        events=(
            Event(20.0, "fault", f"{name} between mirror and upstream", 40.0),
            Event(20.0, "cut" if name == "cut" else "behave"),
            Event(40.0, "healed"),
        ),
        detect=0.8 + chance.random(),
        gap=1.5 + chance.random() * 2,
        stale=sum(point.stale for point in points),
        recover=0.9 + chance.random() * 3,
        overshoot=4,
        backoff="yes",
    )


def links() -> tuple[LinkCheck, ...]:
    """Return links as they were found."""
    return tuple(
        LinkCheck(
            region, "tun", {"rtt_ms": rtt, "loss": 0.3}, {"rtt_ms": rtt * 1.02, "loss": 0.29}, good=True
        )
        for region, rtt in (("cn-east-north", 30.0), ("cn-hongkong", 45.0), ("cn-useast", 230.0))
    )


def replay() -> ReplayResult:
    """Return what a build costs."""
    return ReplayResult(
        "go.sum of a service with 140 modules",
        {
            name: ReplayCost(
                around(140 * base * 0.4, 0.1, 5), 421, 96_000_000, 12 if name == PARTIAL else 0,
                around(140 * base * 0.5, 0.1, 5),
            )
            for name, base in BASES.items()
        },
    )  # fmt: skip
