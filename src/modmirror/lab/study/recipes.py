"""From the tables of a study to its steps: the table of measurements, in the order of their making."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from modmirror.errors import ConfigError
from modmirror.lab.analysis.freshness import BORN
from modmirror.lab.bench.cases import parse_modules, popular
from modmirror.lab.bench.measure import LOOK, Bench, BenchPlan
from modmirror.lab.bench.readings import least_blocks
from modmirror.lab.cache.measure import Cache, CachePlan
from modmirror.lab.corpus.entries import public_corpus, read_corpus, read_pinned
from modmirror.lab.coverage.measure import Coverage, CoveragePlan
from modmirror.lab.coverage.records import PUBLIC, parse_database
from modmirror.lab.fault.measure import Rehearsals
from modmirror.lab.fault.rehearsal import Rehearsal
from modmirror.lab.fault.scenario import find_scenario, shipped
from modmirror.lab.freshness.births import read_births
from modmirror.lab.freshness.measure import Freshness, FreshnessPlan
from modmirror.lab.freshness.sources import Index, Listed
from modmirror.lab.load.measure import Load, LoadPlan
from modmirror.lab.politeness import require_free
from modmirror.lab.probe.measure import Probe, ProbePlan
from modmirror.lab.protocol.asking import Subject
from modmirror.lab.protocol.measure import Protocol
from modmirror.lab.replay.build import read_build
from modmirror.lab.replay.go import GoDownload, find_go
from modmirror.lab.replay.measure import Replay, ReplayPlan
from modmirror.lab.report.requiring import METRICS
from modmirror.lab.study.steps import Step
from modmirror.lab.target import parse_target
from modmirror.lab.thresholds import parse_thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.freshness.sources import Source
    from modmirror.lab.results.events import Event
    from modmirror.lab.study.config import StudyConfig
    from modmirror.lab.thresholds import Threshold

T = TypeVar("T")

ALL = "all"
_BARS = "study.require"


def steps_of(config: StudyConfig, born: Collection[str]) -> tuple[Step, ...]:
    """Return the steps of a study.

    Args:
        config: What was asked for.
        born: Versions that an earlier session looks for already (:func:`born_in`).

    Raises:
        ConfigError: something in a table cannot be.
    """
    made = [recipe(config) for name, recipe in _RECIPES.items() if getattr(config.tables, name) is not None]
    if config.tables.freshness is not None:
        made.append(_freshness(config, born))
    if not made:
        raise ConfigError(
            "CONFIG", f"{config.file} measures nothing", hint="add a table, as in [bench] or [coverage]"
        )
    return tuple(made)


def bars_of(config: StudyConfig) -> tuple[Threshold, ...]:
    """Return the bars that are set for the report of a study. Raises ConfigError."""
    return parse_thresholds(config.tables.study.require, METRICS, _BARS)


def _probe(config: StudyConfig) -> Step:
    table = _there(config.tables.probe)
    module = _module("probe.module", table.module) if table.module else popular()[0]
    plan = ProbePlan(module, table.cold, table.warm, table.timeout)
    return Step("probe", Probe(plan), "a first look at every mirror", frozenset({"probe"}))


def _protocol(config: StudyConfig) -> Step:
    table = _there(config.tables.protocol)
    plain = Subject()
    module = _module("protocol.module", table.module) if table.module else plain.module
    subject = Subject(
        module=module,
        branch=table.branch,
        upper=_module("protocol.upper", table.upper) if table.upper else plain.upper,
        toolchain=_module("protocol.toolchain", f"golang.org/toolchain@{table.toolchain}")
        if table.toolchain
        else plain.toolchain,
        # A name of one's own is told to no public database.
        recorded=module if table.sumdb else plain.recorded,
        database=parse_database(table.sumdb or PUBLIC),
    )
    return Step("protocol", Protocol(subject), "which parts of the protocol", frozenset({"protocol"}))


def _coverage(config: StudyConfig) -> Step:
    table = _there(config.tables.coverage)
    if table.corpus and table.from_:
        raise ConfigError("coverage.from", "there is a corpus already", hint="give one of the two")
    own = table.corpus or table.from_
    if table.from_:
        entries = read_pinned(config.beside(table.from_))
    else:
        entries = read_corpus(config.beside(table.corpus)) if table.corpus else public_corpus()
    plan = CoveragePlan(
        entries=entries,
        infos=_at_least("coverage.infos", table.infos, 1),
        zips=_at_least("coverage.zips", table.zips, 0),
        large=table.large,
        # Names that may be private are told to no public database.
        database=parse_database(table.sumdb or PUBLIC) if table.sumdb or not own else None,
    )
    return Step("coverage", Coverage(plan), "which modules, and rightly?", frozenset({"coverage"}))


def _bench(config: StudyConfig) -> Step:
    table = _there(config.tables.bench)
    blocks = _at_least("bench.blocks", table.blocks, 1)
    plan = BenchPlan(
        blocks=blocks,
        zips=_at_least("bench.zips", table.zips, 0),
        modules=_modules("bench.modules", table.modules),
        early_stop=table.early_stop,
        least_blocks=least_blocks(bars_of(config), blocks, _BARS, "write blocks = {} under [bench]"),
    )
    return Step("bench", Bench(plan), "who is fast?", frozenset({"bench", LOOK}))


def _replay(config: StudyConfig) -> Step:
    table = _there(config.tables.replay)
    files = [config.beside(name) for name in table.from_]
    build = read_build(files, "" if table.sumdb == "off" else table.sumdb)
    go = GoDownload(find_go(), build.versions, time.monotonic) if table.go else None
    plan = ReplayPlan(build, _at_least("replay.repeats", table.repeats, 1))
    return Step("replay", Replay(plan, go), "what does a whole build cost?", frozenset({"replay"}))


def _cache(config: StudyConfig) -> Step:
    table = _there(config.tables.cache)
    plan = CachePlan(
        keys=_at_least("cache.keys", table.keys, 1),
        together=_at_least("cache.together", table.together, 2),
        requests=_at_least("cache.requests", table.requests, 0),
        modules=_modules("cache.modules", table.modules),
        exact=bool(table.modules),
    )
    return Step("cache", Cache(plan), "what do caches save?", frozenset({"cache"}))


def _load(config: StudyConfig) -> Step:
    table = _there(config.tables.load)
    found = [target for target in config.targets if target.name == table.target]
    if not found:
        names = ", ".join(target.name for target in config.targets)
        raise ConfigError("load.target", f'no target is called "{table.target}"', hint=f"one of {names}")
    require_free(found[0])
    if table.most is not None and table.most <= 0:
        raise ConfigError("load.most", f"{table.most:g} is not above 0")
    plan = LoadPlan(
        modules=_modules("load.modules", table.modules),
        seconds=table.seconds,
        most=table.most,
        workers=_at_least("load.workers", table.workers, 1),
    )
    return Step("load", Load(plan), f"how much can {table.target} take?", frozenset({"load"}), (found[0],))


def _fault(config: StudyConfig) -> Step:
    table = _there(config.tables.fault)
    names = table.scenarios
    chosen = shipped() if names == (ALL,) else tuple(map(find_scenario, names))
    if not chosen:
        raise ConfigError("fault.scenarios", "names none", hint="modmirror lab fault list shows them")
    if table.time_scale <= 0:
        raise ConfigError("fault.time_scale", f"{table.time_scale:g} is not above 0")
    rehearsals = tuple(
        Rehearsal(scenario=each, scale=table.time_scale, second=table.second) for each in chosen
    )
    repeats = _at_least("fault.repeats", table.repeats, 1)
    return Step("fault", Rehearsals(rehearsals, repeats), "what if the upstream is sick?", targets=())


def _freshness(config: StudyConfig, born: Collection[str]) -> Step:
    table = _there(config.tables.freshness)
    if table.minutes <= 0:
        raise ConfigError("freshness.minutes", f"{table.minutes:g} is not above 0")
    source: Source
    if table.versions:
        births = read_births(config.beside(table.versions))
        source = Listed([birth for birth in births if birth.name not in born])
    else:
        left = max(0, _at_least("freshness.count", table.count, 1) - len(born))
        taken = [name.partition("@")[0] for name in born]
        index = parse_target(table.index, key="freshness.index")
        source = Index(index, left, taken) if left else Listed(())
    measure = Freshness(source, time.time, FreshnessPlan(table.ask, table.minutes * 60))
    # It takes longest and goes on by itself: last, and nothing of it is set aside.
    return Step("freshness", measure, "how soon are new versions there?")


_RECIPES: dict[str, Callable[[StudyConfig], Step]] = {
    "probe": _probe,
    "protocol": _protocol,
    "coverage": _coverage,
    "bench": _bench,
    "replay": _replay,
    "cache": _cache,
    "load": _load,
    "fault": _fault,
}
"""Cheap ones first; the freshness, which depends on what was seen already, comes last."""


def born_in(events: Iterable[Event]) -> tuple[str, ...]:
    """Return the versions that a run looks for already."""
    return tuple(event.text for event in events if event.name == BORN)


def _there(table: T | None) -> T:
    assert table is not None  # noqa: S101 - a recipe is only followed for a table that is there
    return table


def _at_least(key: str, number: int, least: int) -> int:
    if number < least:
        raise ConfigError(key, f"{number} is below {least}")
    return number


def _module(key: str, word: str) -> BenchModule:
    return _modules(key, (word,))[0]


def _modules(key: str, words: tuple[str, ...]) -> tuple[BenchModule, ...]:
    try:
        return parse_modules(words) if words else popular()
    except ConfigError as error:
        raise ConfigError(key, error.reason, hint=error.hint) from error
