"""``modmirror lab replay``: what a whole build costs from each mirror."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Options, Require
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from modmirror.lab.replay.go import GoDownload

TEACH = """\
Examples:

  modmirror lab replay go.sum http://127.0.0.1:8080
  modmirror lab replay go.sum http://127.0.0.1:8080 goproxy.cn \\
      --require "seconds<20"
  modmirror lab replay go.mod http://127.0.0.1:8080 --go

Every mirror is asked for what go mod download fetches: first the go.mod files
of the graph, then .info and .zip of each version, ten at once, over new
connections. Every file is hashed, and held against go.sum. A mirror that is not
yours is asked one request at a time, and the time computed as if ten were under
way. With --go, mirrors of your own are asked by the real go command as well,
with an empty module cache each time.
Metrics for --require: seconds, go_seconds, failed.

重放一次完整构建的下载过程，比较各镜像的总耗时；可用真实的 go 命令验证。"""

app = App(name="replay", help_epilogue=TEACH)
_MOST_BYTES = 120_000
"""Of one command line, which the kernel limits."""


@app.default
def replay(
    *words: Annotated[str, Parameter(name="FILE", help="go.sum or go.mod, then URLs or names of mirrors.")],
    repeats: Annotated[int, Parameter(help="Builds from each mirror; 6 give an interval.")] = 6,
    go: Annotated[bool, Parameter(help="Use the real go command too.", negative=())] = False,
    sumdb: Annotated[
        str, Parameter(help='Checksum database to look up what has no hash; "off": none.', metavar="NAME")
    ] = "sum.golang.org",
    require: Require = (),
    options: Options = NO_OPTIONS,
) -> int:
    """Fetch all that a build needs from each mirror, and time it."""
    from modmirror.cli.lab.replaytable import replay_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.replay.analysis import NAME, replay_result
    from modmirror.lab.replay.build import read_build
    from modmirror.lab.replay.measure import Replay, ReplayPlan
    from modmirror.lab.replay.readings import METRICS, readings
    from modmirror.lab.thresholds import parse_thresholds, unmet

    if repeats < 1:
        raise ConfigError("--repeats", f"{repeats} is below 1")
    bars = parse_thresholds(require, METRICS)
    files, mirrors = split(words)
    build = read_build(files, "" if sumdb == "off" else sumdb)
    plan = ReplayPlan(build, repeats)
    task = Task(
        NAME,
        Replay(plan, _go(build.versions) if go else None),
        lambda result, _: replay_text(result),
        lambda result: unmet(bars, readings(result)),
        lambda run: replay_result(run.samples(NAME), run.events()),
    )
    return perform(task, options, chosen_targets(options, mirrors))


def split(words: tuple[str, ...]) -> tuple[list[Path], list[str]]:
    """Tell files from mirrors. Raises ConfigError when there is no file, or no mirror."""
    files = [Path(word) for word in words if "://" not in word and Path(word).is_file()]
    mirrors = [word for word in words if "://" in word or not Path(word).is_file()]
    if not files:
        named = [word for word in mirrors if "://" not in word]
        text = f"{named[0]} is no file" if named else "is missing"
        raise ConfigError("FILE", text, hint="name a go.sum, then the mirrors")
    if not mirrors:
        raise ConfigError("MIRROR", "is missing", hint="name the mirrors to fetch the build from")
    return files, mirrors


def _go(versions: tuple[str, ...]) -> GoDownload:
    from modmirror.lab.replay.go import GoDownload, command_line, find_go

    if command_line(versions) > _MOST_BYTES:
        raise ConfigError("--go", f"{len(versions)} versions are too many for one command line")
    return GoDownload(find_go(), versions, time.monotonic)
