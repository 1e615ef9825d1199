"""A rich run that nobody measured: five mirrors in three regions, each with its own fault.

Reports are tested and looked at with it. All numbers follow from the seed.
"""

from __future__ import annotations

import math
from random import Random
from statistics import mean, median
from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab import results
from modmirror.lab.analysis.hours import Hour, HoursResult
from modmirror.lab.report.facts import (
    Elsewhere,
    Flag,
    Report,
    RunFacts,
    State,
    TargetFacts,
)
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Environment, Manifest
from modmirror.lab.run.manifest import Flag as ManifestFlag
from modmirror.lab.target import TargetEntry
from modmirror.measure.sample import Sample, Timing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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


def rich_report(seed: int = 7, *, state: State = "complete", flags: tuple[Flag, ...] = ()) -> Report:
    """Return a report with every part in it."""
    chance = Random(seed)
    run = RunFacts(
        command="modmirror lab study harbour.toml --seed 7",
        version="0.1.0",
        seed=seed,
        state=state,
        started="2026-11-20T08:00:00+08:00",
        ended="2026-11-20T09:12:30+08:00",
        region="cn-east",
        corpus="sha256:7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a",
        targets=TARGETS,
        flags=flags,
        environment={"kernel": "Linux 6.18", "cores": "4", "python": "3.11.7", "congestion control": "bbr"},
        requests=8120,
        failed=61,
        received=191_000_000,
    )
    bench, downloads = _bench(chance)
    return Report(
        run=run,
        ranking=_ranking(),
        setting=_setting(),
        protocol=_protocol(),
        coverage=_coverage(chance),
        freshness=_freshness(),
        probe=_probe(),
        bench=bench,
        load=(_load(),),
        cache=_cache(),
        faults=(_faults(chance),),
        links=_links(),
        replay=_replay(),
        downloads=downloads,
        hours=_hours(chance),
        arch={GOOD: 0.07, STALE: 0.61, SLOW: 0.52, PARTIAL: 0.11},
        elsewhere=(_elsewhere(),),
        differences=(
            results.Difference(SLOW, "info/warm", 0.198, 0.236, 0.0004, worse=True),
            results.Difference(PARTIAL, "speed", 8.2e6, 1.1e7, 0.0011, worse=False),
        ),
    )


def _probe() -> results.ProbeResult:
    return results.ProbeResult(
        "golang.org/x/text/@v/v0.14.0.info",
        {
            name: results.ProbeTarget(
                target.url,
                results.Side(3, 0, base * 3, {"dns": base / 4, "connect": base, "tls": base, "wait": base}),
                results.Side(5, 0, base, {"wait": base}),
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


def around(value: float, spread: float, n: int) -> results.Estimate:
    """Return an estimate with an interval of so much on both sides, as a share."""
    return results.Estimate(value, value * (1 - spread), value * (1 + spread), n)


def _share(ok: int, n: int) -> results.Share:
    z, rate = 1.96, ok / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return results.Share(ok, n, max(0.0, middle - half), min(1.0, middle + half))


def _bench(chance: Random) -> tuple[results.BenchResult, dict[str, tuple[float, ...]]]:
    targets = {
        name: {case: _distribution(chance, BASES[name] * factor, case) for case, factor in CASES.items()}
        for name in BASES
    }
    downloads = {
        name: tuple(rate * math.exp(chance.gauss(0, 0.16)) for _ in range(20))
        for name, rate in RATES.items()
    }
    speeds = {
        name: results.Speed(around(median(got), 0.08, 20), around(median(got) * 0.8, 0.09, 20), 0.11, 0.2)
        for name, got in downloads.items()
    }
    result = results.BenchResult(
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


def _distribution(chance: Random, base: float, case: str) -> results.Distribution:
    cold = case.endswith("cold")
    times = sorted(
        base * math.exp(chance.gauss(0, 0.22)) * (4 if chance.random() < 0.03 else 1) for _ in range(100)
    )
    middle = median(times)
    phases = {"send": 0.0002, "wait": base * (0.3 if cold else 0.9), "receive": base * 0.06}
    if cold:
        phases = {"dns": base * 0.12, "connect": base * 0.24, "tls": base * 0.28, **phases}
    return results.Distribution(
        n=100,
        failed=1 if chance.random() < 0.2 else 0,
        mean=mean(times),
        median=results.Estimate(middle, times[40], times[60], 100),
        p95=results.Estimate(times[94], times[90], times[99], 100),
        p99=results.Estimate(n=100),
        jitter=median(abs(each - middle) for each in times) / middle,
        ecdf=tuple((each, (place + 1) / 100) for place, each in enumerate(times)),
        phases=phases,
    )


def _comparisons(
    targets: dict[str, dict[str, results.Distribution]],
) -> list[results.Comparison]:
    names = list(targets)
    return [
        _comparison(case, first, second, targets)
        for case in CASES
        for place, first in enumerate(names)
        for second in names[place + 1 :]
    ]


def _comparison(
    case: str, first: str, second: str, targets: dict[str, dict[str, results.Distribution]]
) -> results.Comparison:
    one, other = targets[first][case].median.value, targets[second][case].median.value
    assert one is not None
    assert other is not None
    tie = {first, second} == {GOOD, STALE} or {first, second} == {PARTIAL, CORRUPT}
    ratio = (0.98 if first in {GOOD, PARTIAL} else 1.02) if tie else one / other
    return results.Comparison(
        case, first, second, around(ratio, 0.06, 100), 0.41 if tie else 0.0004, tie=tie
    )


def _coverage(chance: Random) -> results.CoverageResult:
    shares = {GOOD: 1.0, STALE: 0.995, PARTIAL: 0.86, SLOW: 0.99, CORRUPT: 0.985}
    targets = {}
    for name, rate in shares.items():
        strata = {stratum: _share(sum(chance.random() < rate for _ in range(40)), 40) for stratum in STRATA}
        if name == PARTIAL:
            strata["toolchain"] = _share(0, 40)
        ok = sum(each.ok for each in strata.values())
        targets[name] = results.TargetCoverage(
            overall=_share(ok, 280),
            strata=strata,
            mismatches=_mismatches() if name == CORRUPT else (),
            repacked=2 if name == SLOW else 0,
            missing=("golang.org/toolchain/@v/v0.0.1-go1.22.0.linux-amd64.zip: 404",)
            if name == PARTIAL
            else (),
        )
    return results.CoverageResult("sha256:7d1a54127b222502", STRATA, targets)


def _mismatches() -> tuple[results.Mismatch, ...]:
    got, want = (
        "h1:2cLrQUbcfT8p0g1RzqU2vY1S1z4yVhWZ5Yd8n4E0G9s=",
        "h1:XkYt0rjH2bQf7d1vWm3oC5pL8aZr6uNnTgEeIsKqJcA=",
    )
    return (
        results.Mismatch("example.com/lib/@v/v1.4.0.zip", got, want, "sum.golang.org"),
        results.Mismatch("example.com/tool/@v/v0.9.1.zip", want, got, "majority"),
    )


def _freshness() -> results.FreshnessResult:
    medians = {GOOD: 20.0, STALE: 2400.0, PARTIAL: 65.0, SLOW: 95.0, CORRUPT: 40.0}
    places = {"info": 0.1, "list": 1.0, "latest": 1.2}
    return results.FreshnessResult(
        {
            name: {place: _lag(middle * factor) for place, factor in places.items()}
            for name, middle in medians.items()
        },
        "Passive and active lags were measured with different versions.",
        "两类延迟使用不同的版本测量。",
    )


def _lag(middle: float) -> results.Lag:
    def seen(after: float) -> float:
        return 1 - math.exp(-math.log(2) * after / middle)

    ticks = (1, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800)
    return results.Lag(
        median=around(middle, 0.3, 50) if middle <= 1800 else results.Estimate(n=50),
        curve=tuple(
            results.CurvePoint(float(t), seen(t), max(0.0, seen(t) - 0.09), min(1.0, seen(t) + 0.09))
            for t in ticks
        ),
        within={str(limit): _share(round(50 * seen(limit)), 50) for limit in (60, 300, 1800)},
        versions=50,
        never=round(50 * (1 - seen(1800))),
    )


def _protocol() -> results.ProtocolResult:
    missing = {
        (PARTIAL, "toolchain"), (PARTIAL, "sumdb"), (SLOW, "range"), (SLOW, "h2"), (CORRUPT, "sumdb"),
        (CORRUPT, "gone"), (STALE, "conditional"),
    }  # fmt: skip
    return results.ProtocolResult(
        tuple(BASES),
        tuple(results.Feature(key, title, needed, "B.2") for key, title, needed in FEATURES),
        {
            name: {
                key: results.Cell(
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


def _load() -> results.LoadResult:
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
            results.LoadStep(
                offered, offered * (0.9 if late else 1), 80 if late else 0, times, service,
                {"timeout": 12} if late else {}, 0.3,
                min(1.0, offered / 5200), 95_000_000 + place * 1_000_000,
                failed="P99 above 250 ms" if late else "",
            )
        )  # fmt: skip
    return results.LoadResult(GOOD, "poisson", tuple(steps), 4656.6, "P99 above 250 ms", 6100.0)


def _cache() -> results.CacheResult:
    return results.CacheResult(
        {
            GOOD: results.TargetCache(
                around(0.61, 0.1, 30), around(0.03, 0.1, 90), around(20.3, 0.12, 30), 1.0, 20,
                {"hot": _share(100, 100), "warm": _share(92, 100), "cold": _share(3, 100)}, 0.58,
            ),
            SLOW: results.TargetCache(
                around(1.9, 0.2, 30), around(0.24, 0.1, 90), around(7.9, 0.2, 30), 6.0, 20,
                {"hot": _share(97, 100), "warm": _share(70, 100), "cold": _share(0, 100)}, 1.66,
            ),
        },
        (
            results.HotResource("golang.org/x/text/@v/list", 412, 3),
            results.HotResource("github.com/rs/zerolog/@latest", 230, 5),
        ),
    )  # fmt: skip


def _faults(chance: Random) -> results.FaultResult:
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
    return results.FaultResult("modmirror", scenarios)


def _fault(chance: Random, name: str, *, stale: bool) -> results.FaultRun:
    points = []
    for tick in range(120):
        at = tick * 0.5
        ill = 20 <= at < 40
        fails = ill and at < 20 + chance.random() * 3
        seconds = 0.012 * math.exp(chance.gauss(0, 0.3)) * (30 if fails else 6 if ill and not stale else 1)
        points.append(
            results.FaultPoint(at, not fails, stale and ill and not fails and tick % 2 == 0, seconds)
        )
    return results.FaultRun(
        points=tuple(points),
        events=(
            results.Event(20.0, "fault", f"{name} between mirror and upstream", 40.0),
            results.Event(20.0, "cut" if name == "cut" else "behave"),
            results.Event(40.0, "healed"),
        ),
        detect=0.8 + chance.random(),
        gap=1.5 + chance.random() * 2,
        stale=sum(point.stale for point in points),
        recover=0.9 + chance.random() * 3,
        overshoot=4,
        backoff="yes",
    )


def _links() -> tuple[results.LinkCheck, ...]:
    return tuple(
        results.LinkCheck(
            region, "tun", {"rtt_ms": rtt, "loss": 0.3}, {"rtt_ms": rtt * 1.02, "loss": 0.29}, good=True
        )
        for region, rtt in (("cn-east-north", 30.0), ("cn-hongkong", 45.0), ("cn-useast", 230.0))
    )


def _replay() -> results.ReplayResult:
    return results.ReplayResult(
        "go.sum of a service with 140 modules",
        {
            name: results.ReplayCost(
                around(140 * base * 0.4, 0.1, 5), 421, 96_000_000, 12 if name == PARTIAL else 0,
                around(140 * base * 0.5, 0.1, 5),
            )
            for name, base in BASES.items()
        },
    )  # fmt: skip


def _ranking() -> results.Ranking:
    weights = {
        "availability": 0.2, "coverage": 0.2, "freshness": 0.15, "latency": 0.15, "speed": 0.15,
        "tail": 0.1, "protocol": 0.05,
    }  # fmt: skip
    parts = {
        GOOD: (1.0, 1.0, 0.97, 0.94, 0.96, 0.9, 1.0),
        STALE: (1.0, 0.99, 0.3, 0.93, 0.93, 0.88, 0.96),
        SLOW: (0.99, 0.98, 0.8, 0.35, 0.3, 0.4, 0.9),
        PARTIAL: (0.98, 0.6, 0.85, 0.84, 0.72, 0.8, 0.8),
        CORRUPT: (1.0, 0.0, 0.9, 0.8, 0.6, 0.75, 0.8),
    }
    chances = {GOOD: (0.97, 0.03, 0.0), STALE: (0.03, 0.95, 0.02), SLOW: (0.0, 0.02, 0.98)}
    ranked = tuple(
        _ranked(place, name, dict(zip(weights, values, strict=True)), weights, chances.get(name, ()))
        for place, (name, values) in enumerate(parts.items())
    )
    return results.Ranking(weights, ranked, GOOD, f"{GOOD} is best")


def _ranked(
    place: int, name: str, parts: dict[str, float], weights: dict[str, float], chances: Sequence[float]
) -> results.Ranked:
    whole = name != CORRUPT
    complete = name != PARTIAL
    gates = (
        results.Gate(
            "integrity", whole, *(("", "") if whole else ("2 files with a wrong h1:", "2 个文件的 h1 错误"))
        ),
        results.Gate("availability", passed=True, text="99.4 % at least", zh="至少 99.4 %"),
        results.Gate(
            "coverage",
            complete,
            "" if complete else "86 % of popular modules, 98 % are needed",
            "" if complete else "86 % 的常用模块；要求 98 %",
        ),
    )
    passed = whole and complete
    score = math.prod(value ** weights[key] for key, value in parts.items()) if passed else None
    return results.Ranked(
        name, place + 1, "abcde"[place] if passed else "", score, parts, gates, tuple(chances)
    )


def _hours(chance: Random) -> HoursResult:
    names = tuple(f"{hour:02}" for hour in range(8, 20))
    return HoursResult(
        "+0800",
        "info/warm",
        names,
        {
            name: {
                hour: Hour(40, int(chance.random() < 0.05), base * (1 + (place % 7) * chance.random() / 6))
                for place, hour in enumerate(names)
            }
            for name, base in BASES.items()
        },
    )


def _elsewhere() -> Elsewhere:
    here = _ranking()
    places = {GOOD: 2, STALE: 3, SLOW: 1}
    ranked = tuple(replace(each, rank=places.get(each.target, each.rank)) for each in here.targets)
    return Elsewhere("us-east", "2026-11-20T12:00:00+00:00", replace(here, targets=ranked, winner=None))


def _setting() -> results.Setting:
    return results.Setting(
        goproxy=f"{TARGETS[0].url}|{TARGETS[1].url},direct",
        gosumdb="sum.golang.org",
        toml=(
            f'[[route]]\nmatch = ["*"]\nfrom = ["{TARGETS[0].url}", "{TARGETS[1].url}", "direct"]\n'
            'sumdb = "sum.golang.org"\n'
        ),
        reasons=(
            results.Reason(
                TARGETS[0].url, "Best score, and it passed every condition.", "得分最高，且满足全部条件。"
            ),
            results.Reason(
                "|", "Both have the same modules: fall over on any error.", "两者覆盖相同：任何错误都切换。"
            ),
            results.Reason(
                "sum.golang.org", "The first mirror serves this database.", "首选镜像代理了该校验和数据库。"
            ),
        ),
        warnings=(results.Reason("direct", "direct needs git.", "direct 需要安装 git。"),),
    )


def store_run(path: Path, report: Report) -> Path:
    """Store what a report shows as the folder of a run, with a few samples, and return the folder."""
    run = RunFolder.create(path, _manifest(report), lambda: report.run.ended)
    for number, (target, rates) in enumerate(report.downloads.items()):
        for block, rate in enumerate(rates):
            timing = Timing(wait=0.03, receive=2e6 / rate, total=0.03 + 2e6 / rate)
            at = float(block * 10 + number)
            path_ = "x/@v/v1.0.0.zip"
            sample = Sample(
                "bench", target, "zip-large", path_, block, at, at, timing, "ok", size=2_000_000
            )
            run.append(sample)
    found = {
        "ranking": report.ranking, "protocol": report.protocol, "coverage": report.coverage,
        "probe": report.probe,
        "freshness": report.freshness, "bench": report.bench, "load": report.load[0], "cache": report.cache,
        "fault": report.faults[0], "replay": report.replay,
    }  # fmt: skip
    for name, result in found.items():
        if result is not None:
            run.put_result(name, result)
    for flag in report.run.flags:
        run.flag(ManifestFlag(flag.name, flag.text))  # type: ignore[arg-type]  # a report may show any name
    if report.run.state != "running":
        run.finish(report.run.state)
    return path


def _manifest(report: Report) -> Manifest:
    facts = report.run
    return Manifest(
        verb="study",
        seed=facts.seed,
        started=facts.started,
        targets=tuple(
            TargetEntry(each.name, each.url, region=each.region, operator=each.operator)
            for each in facts.targets
        ),
        command=tuple(facts.command.split()),
        region=facts.region,
        corpus=facts.corpus,
        environment=Environment(version=facts.version, kernel="Linux 6.18", cores=4, congestion="bbr"),
        floor={"connect": 0.00004, "wait": 0.0001},
    )
