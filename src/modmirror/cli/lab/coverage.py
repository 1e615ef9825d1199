"""``modmirror lab coverage``: which modules a mirror has, and whether they are the right ones."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options, Require
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.lab.corpus.entries import Entry
    from modmirror.lab.coverage.records import Database

TEACH = """\
Examples:

  modmirror lab coverage goproxy.cn aliyun tencent
  modmirror lab coverage http://127.0.0.1:8080 --from go.sum
  modmirror lab coverage goproxy.cn --require "popular coverage>=98%"

The corpus that is built in was chosen by us: well-known modules of every kind,
and some that do not exist. A file of your own has a [[stratum]] for each kind,
with name = "…" and modules = ["PATH@VERSION", …]. The hashes of zips and go.mod
files are compared with records of the checksum database that were proven with
its key, else between the mirrors. With --from, the hashes in the file decide
and nothing is looked up; with --corpus, only where --sumdb is given. One wrong
file fails a mirror: exit code 1.
Metrics for --require: coverage, mismatches, repacked.

按类别抽样检查镜像的覆盖率与完整性，并与校验和数据库比对 h1 哈希。"""

app = App(name="coverage", help_epilogue=TEACH)


@app.default
def coverage(  # noqa: PLR0913 - each is a flag of its own on the command line
    *mirrors: Mirror,
    corpus: Annotated[Path | None, Parameter(help="Corpus of one's own, TOML.", metavar="FILE")] = None,
    from_: Annotated[
        Path | None, Parameter(name="--from", help="Ask for what a go.sum pins.", metavar="GO.SUM")
    ] = None,
    infos: Annotated[int, Parameter(help="Module versions to ask for, drawn from all kinds.")] = 300,
    zips: Annotated[int, Parameter(help="So many of them with zip and go.mod.")] = 30,
    large: Annotated[bool, Parameter(help="Fetch zips of tens of megabytes too.", negative=())] = False,
    sumdb: Annotated[
        str | None,
        Parameter(help='As in GOSUMDB, or "off". Default: sum.golang.org.', metavar='"NAME+KEY [URL]"'),
    ] = None,
    require: Require = (),
    options: Options = NO_OPTIONS,
) -> int:
    """Ask mirrors for a corpus, and check what they deliver."""
    from modmirror.cli.lab.coveragetable import coverage_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.coverage.measure import Coverage, CoveragePlan
    from modmirror.lab.coverage.readings import METRICS, readings, wrong
    from modmirror.lab.thresholds import parse_thresholds, unmet

    if infos < 1 or zips < 0:
        raise ConfigError("--infos", "there must be one at least, and no fewer than 0 with zips")
    bars = parse_thresholds(require, METRICS)
    plan = CoveragePlan(
        entries=_entries(corpus, from_),
        infos=infos,
        zips=zips,
        large=large,
        database=_database(sumdb, public=corpus is None and from_ is None),
    )
    targets = chosen_targets(options, mirrors)
    measure = Coverage(plan)
    task = Task(
        "coverage",
        measure,
        lambda result, _: coverage_text(result),
        lambda result: [*wrong(result), *unmet(bars, readings(result))],
        measure.so_far,
    )
    return perform(task, options, targets)


def _entries(corpus: Path | None, pinned: Path | None) -> tuple[Entry, ...]:
    from modmirror.lab.corpus.entries import public_corpus, read_corpus, read_pinned

    if corpus and pinned:
        raise ConfigError("--from", "there is a --corpus already", hint="give one of the two")
    if pinned:
        return read_pinned(pinned)
    return read_corpus(corpus) if corpus else public_corpus()


def _database(text: str | None, *, public: bool) -> Database | None:
    """Return the database to ask. Names that may be private are told to nobody unasked."""
    from modmirror.lab.coverage.records import PUBLIC, parse_database

    if text is None and not public:
        return None
    return parse_database(PUBLIC if text is None else text)
