"""``modmirror lab freshness``: how long a new version stays invisible."""

from __future__ import annotations

import time
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options, Require
from modmirror.errors import ConfigError
from modmirror.lab.freshness.looks import Ways  # noqa: TC001 - cyclopts reads the annotations

if TYPE_CHECKING:
    from modmirror.cli.lab.session import Resumed
    from modmirror.lab.freshness.sources import Source
    from modmirror.lab.results.freshness import FreshnessResult

TEACH = """\
Examples:

  modmirror lab freshness goproxy.cn aliyun --save fresh
  modmirror lab freshness goproxy.cn --watch --save fresh
  modmirror lab freshness --resume fresh
  modmirror lab freshness http://127.0.0.1:8080 --versions tags.jsonl --ask both

New versions come from an index (--index), or from a file of your own tags with
lines as an index has them:
  {"Path":"a.test/b","Version":"v1.0.1","Timestamp":"2026-01-02T03:04:05Z"}
Each is looked for at 5, 10, 20, 40 … seconds of age, never before it exists.
Asking for a version by name makes a mirror fetch it: so every other version is
asked for by name only, and the rest is looked for in list and @latest only.
Metrics for --require: median, within_60, within_300, within_1800, never; cases
info, list, latest.

测量新版本发布后多久可见：按名称、列表与 latest 三种延迟，避免观测本身触发缓存。"""

INDEX = "https://index.golang.org"

app = App(name="freshness", help_epilogue=TEACH)


@app.default
def freshness(  # noqa: PLR0913 - each is a flag of its own on the command line
    *mirrors: Mirror,
    index: Annotated[str, Parameter(help="Index of new versions.", metavar="URL")] = INDEX,
    versions: Annotated[
        Path | None, Parameter(help="Own versions with their times.", metavar="FILE")
    ] = None,
    count: Annotated[int, Parameter(help="Versions to take from the index.")] = 50,
    ask: Annotated[Ways, Parameter(help="What each version is asked for by.")] = "split",
    minutes: Annotated[float, Parameter(help="Age at which looking for a version ends.")] = 45.0,
    watch: Annotated[bool, Parameter(help="Go on until Ctrl-C.", negative=())] = False,
    resume: Annotated[Path | None, Parameter(help="Go on with a run.", metavar="DIR")] = None,
    require: Require = (),
    options: Options = NO_OPTIONS,
) -> int:
    """Measure how soon mirrors show new versions."""
    from modmirror.cli.lab.lagtable import lag_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.freshness.measure import Freshness, FreshnessPlan
    from modmirror.lab.freshness.readings import METRICS, readings
    from modmirror.lab.thresholds import parse_thresholds, unmet

    if minutes <= 0 or count < 1:
        raise ConfigError("--minutes", "there must be some time, and one version at least")
    bars = parse_thresholds(require, METRICS)
    resumed = _resumed(resume, options) if resume else None
    words = mirrors or _mirrors_of(resumed)
    targets = chosen_targets(options, words)
    source = _source(versions, index, None if watch else count, resumed)
    measure = Freshness(source, time.time, FreshnessPlan(ask, minutes * 60))

    def failures(result: FreshnessResult) -> list[str]:
        return unmet(bars, readings(result))

    task = Task("freshness", measure, lambda result, _: lag_text(result), failures, measure.so_far)
    return perform(task, options, targets, resumed)


def _source(versions: Path | None, index: str, count: int | None, resumed: Resumed | None) -> Source:
    from modmirror.lab.analysis.freshness import BORN
    from modmirror.lab.freshness.births import read_births
    from modmirror.lab.freshness.sources import Index, Listed
    from modmirror.lab.target import parse_target

    known = [event.text for event in resumed.run.events() if event.name == BORN] if resumed else []
    if versions is not None:
        births = read_births(versions)
        return Listed([birth for birth in births if birth.name not in known])
    if resumed and any(word.startswith("--versions") for word in resumed.run.manifest.command):
        return Listed(())  # it never asked an index: it is not to begin now
    left = None if count is None else max(0, count - len(known))
    taken = [name.partition("@")[0] for name in known]
    return Index(parse_target(index, key="--index"), left, taken) if left != 0 else Listed(())


def _resumed(folder: Path, options: Options) -> Resumed:
    """Open a run. What it was begun with stays as it was."""
    from datetime import UTC, datetime

    from modmirror.cli.lab.session import Resumed
    from modmirror.lab.clock import today
    from modmirror.lab.run.folder import RunFolder

    if options.save is not None or options.seed is not None:
        raise ConfigError(
            "--resume", "the run has its place and its seed", hint="leave --save and --seed out"
        )
    run = RunFolder.open(folder, today)
    if run.manifest.verb != "freshness":
        raise ConfigError(
            "--resume", f"{folder} is a run of {run.manifest.verb}", hint="name one of freshness"
        )
    began = datetime.fromisoformat(run.manifest.started)
    return Resumed(run, max(0.0, (datetime.now(UTC) - began).total_seconds()))


def _mirrors_of(resumed: Resumed | None) -> tuple[str, ...]:
    from modmirror.lab.registry import known

    if resumed is None:
        return ()
    names = {target.name for target in known()}
    return tuple(entry.name if entry.name in names else entry.url for entry in resumed.run.manifest.targets)
