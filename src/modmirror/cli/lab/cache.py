"""``modmirror lab cache``: what a cache is worth, from outside or by its access log."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab, Measurement
    from modmirror.lab.cache.measure import CachePlan
    from modmirror.lab.results.cache import CacheResult

TEACH = """\
Examples:

  modmirror lab cache http://127.0.0.1:8080
  modmirror lab cache http://127.0.0.1:8080 --keys 60 --together 50
  modmirror lab cache --log access.jsonl

Cold files are old versions, drawn at random from the lists of popular modules;
with --module, those and no others. What a mirror says of its cache is read from
X-Modmirror-Cache, X-Cache, CF-Cache-Status and Age. Upstream requests are
counted by the mirror's own /metrics, by --upstream-metrics, or else inferred,
which the result says. With --log, nobody is asked: hits by temperature, what a
hit saves and the hottest files come from the access log of a mirror.

测量缓存的价值：冷热等待之比、并发合并、按热度的命中率，以及最热的资源。"""

app = App(name="cache", help_epilogue=TEACH)
LOG = "access log"
_TOP = 50


@app.default
def cache(  # noqa: PLR0913 - each is a flag of its own on the command line
    *mirrors: Mirror,
    keys: Annotated[int, Parameter(help="Cold files to ask for.")] = 30,
    together: Annotated[int, Parameter(help="Requests at once for one cold file.")] = 20,
    requests: Annotated[int, Parameter(help="Further requests, mostly for few of the files.")] = 200,
    module: Annotated[
        tuple[str, ...],
        Parameter(help="Cold file, instead of drawn ones.", metavar="PATH@VERSION", negative=()),
    ] = (),
    upstream_metrics: Annotated[
        str, Parameter(help="Page that counts the mirror's upstream requests.", metavar="URL")
    ] = "",
    log: Annotated[Path | None, Parameter(help="Access log to read instead.", metavar="FILE")] = None,
    options: Options = NO_OPTIONS,
) -> int:
    """Tell what a cache saves, and whether it fetches once for many."""
    from modmirror.cli.lab.cachetable import cache_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.cache.analysis import NAME, cache_result
    from modmirror.lab.cache.measure import Cache

    if log is not None:
        if mirrors:
            raise ConfigError("--log", "reads a file and asks no mirror", hint="leave the mirrors out")
        return perform(Task(NAME, _of_log(log), lambda result, _: cache_text(result)), options, ())
    plan = _plan(keys, together, requests, module, upstream_metrics)
    task = Task(
        NAME,
        Cache(plan),
        lambda result, _: cache_text(result),
        so_far=lambda run: cache_result(run.samples(NAME), run.events()),
    )
    return perform(task, options, chosen_targets(options, mirrors))


def _plan(keys: int, together: int, requests: int, words: tuple[str, ...], page: str) -> CachePlan:
    from modmirror.lab.bench.cases import parse_modules, popular
    from modmirror.lab.cache.measure import CachePlan
    from modmirror.lab.cache.upstream import KEY
    from modmirror.lab.metricspage import page_at

    if keys < 1 or together < 2 or requests < 0:  # noqa: PLR2004 - one alone is not together
        raise ConfigError("--keys", "there must be one at least, and two at least --together")
    if page:
        page_at(page, KEY)
    return CachePlan(
        keys=keys,
        together=together,
        requests=requests,
        modules=parse_modules(words) if words else popular(),
        exact=bool(words),
        page=page,
    )


def _of_log(file: Path) -> Measurement[CacheResult]:
    from modmirror.lab.cache.log import hottest, log_cache, read_log
    from modmirror.lab.results.cache import CacheResult

    lines = read_log(file)

    async def measure(lab: Lab) -> CacheResult:
        del lab  # nobody is asked
        return CacheResult({LOG: log_cache(lines)}, hottest(lines, _TOP))

    return measure
