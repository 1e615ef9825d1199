"""``modmirror lab bench``: which mirror is faster, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options, Require
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.lab.bench.measure import BenchPlan

TEACH = """\
Examples:

  modmirror lab bench goproxy.cn aliyun tencent
  modmirror lab bench http://127.0.0.1:8080 --module corp.example/billing@v1.2.0
  modmirror lab bench goproxy.cn --require "info/warm p95<200ms" \\
      --require "speed>2MB/s"

Every block asks every mirror for everything once, in random order, one request
at a time. It ends early, after a quarter or half of the blocks, when nothing is
open. P95 needs 72 answers and P99 needs 368: with fewer, no number is shown,
and where --require asks for one it does not end before. First blocks in which
a mirror was still warming up are left out, and named.
Metrics for --require: mean, median, p95, p99, jitter, failed, speed.

用随机化区组比较镜像的延迟与下载速度；差异不显著的镜像并列。"""

app = App(name="bench", help_epilogue=TEACH)


@app.default
def bench(
    *mirrors: Mirror,
    blocks: Annotated[int, Parameter(help="Rounds in which each mirror is asked for all.")] = 100,
    zips: Annotated[int, Parameter(help="Rounds that fetch zips too.")] = 20,
    module: Annotated[
        tuple[str, ...],
        Parameter(
            help="Module version to ask for, instead of popular ones.", metavar="PATH@VERSION", negative=()
        ),
    ] = (),
    require: Require = (),
    options: Options = NO_OPTIONS,
) -> int:
    """Compare mirrors by latency and speed, with ties shown as ties."""
    from modmirror.cli.lab.benchtable import bench_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.bench.measure import Bench
    from modmirror.lab.bench.readings import METRICS, least_blocks, readings
    from modmirror.lab.thresholds import KEY, parse_thresholds, unmet

    bars = parse_thresholds(require, METRICS)
    least = least_blocks(bars, blocks, KEY, "add --blocks {}")
    plan = replace(_plan(blocks, zips, module), least_blocks=least)
    targets = chosen_targets(options, mirrors)
    measure = Bench(plan)
    task = Task(
        "bench",
        measure,
        lambda result, _: bench_text(result),
        lambda result: unmet(bars, readings(result)),
        measure.so_far,
    )
    return perform(task, options, targets)


def _plan(blocks: int, zips: int, words: tuple[str, ...]) -> BenchPlan:
    from modmirror.lab.bench.cases import parse_modules, popular
    from modmirror.lab.bench.measure import BenchPlan

    if blocks < 1 or zips < 0:
        raise ConfigError("--blocks", "there must be one block at least, and no fewer than 0 with zips")
    return BenchPlan(blocks=blocks, zips=zips, modules=parse_modules(words) if words else popular())
