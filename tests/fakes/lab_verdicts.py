"""What might follow from those findings: ranking, setting, times of day, another place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab.analysis.hours import Hour, HoursResult
from modmirror.lab.report.facts import Elsewhere
from modmirror.lab.results.ranking import Gate, Ranked, Ranking
from modmirror.lab.results.setting import Reason, Setting
from tests.fakes.lab_mirrors import BASES, CORRUPT, GOOD, PARTIAL, SLOW, STALE, TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random


def ranking() -> Ranking:
    """Return all mirrors in order."""
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
    return Ranking(weights, ranked, GOOD, f"{GOOD} is best")


def _ranked(
    place: int, name: str, parts: dict[str, float], weights: dict[str, float], chances: Sequence[float]
) -> Ranked:
    whole = name != CORRUPT
    complete = name != PARTIAL
    gates = (
        Gate(
            "integrity", whole, *(("", "") if whole else ("2 files with a wrong h1:", "2 个文件的 h1 错误"))
        ),
        Gate("availability", passed=True, text="99.4 % at least", zh="至少 99.4 %"),
        Gate(
            "coverage",
            complete,
            "" if complete else "86 % of popular modules, 98 % are needed",
            "" if complete else "86 % 的常用模块；要求 98 %",
        ),
    )
    passed = whole and complete
    score = math.prod(value ** weights[key] for key, value in parts.items()) if passed else None
    return Ranked(name, place + 1, "abcde"[place] if passed else "", score, parts, gates, tuple(chances))


def hours(chance: Random) -> HoursResult:
    """Return a day and a night."""
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


def elsewhere() -> Elsewhere:
    """Return what another place found."""
    here = ranking()
    places = {GOOD: 2, STALE: 3, SLOW: 1}
    ranked = tuple(replace(each, rank=places.get(each.target, each.rank)) for each in here.targets)
    return Elsewhere("us-east", "2026-11-20T12:00:00+00:00", replace(here, targets=ranked, winner=None))


def setting() -> Setting:
    """Return the lines to copy."""
    return Setting(
        goproxy=f"{TARGETS[0].url}|{TARGETS[1].url},direct",
        gosumdb="sum.golang.org",
        toml=(
            f'[[route]]\nmatch = ["*"]\nfrom = ["{TARGETS[0].url}", "{TARGETS[1].url}", "direct"]\n'
            'sumdb = "sum.golang.org"\n'
        ),
        reasons=(
            Reason(
                TARGETS[0].url, "Best score, and it passed every condition.", "得分最高，且满足全部条件。"
            ),
            Reason(
                "|", "Both have the same modules: fall over on any error.", "两者覆盖相同：任何错误都切换。"
            ),
            Reason(
                "sum.golang.org", "The first mirror serves this database.", "首选镜像代理了该校验和数据库。"
            ),
        ),
        warnings=(Reason("direct", "direct needs git.", "direct 需要安装 git。"),),
    )
