"""``modmirror lab watch``: look at mirrors round after round, and export what is seen."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from prometheus_client import start_http_server

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options
from modmirror.errors import ConfigError, StorageError
from modmirror.lab.clock import SystemClock, today
from modmirror.lab.engine.http1 import Http1Engine
from modmirror.lab.render.text import clean
from modmirror.lab.report.numbers import seconds
from modmirror.lab.run.environment import environment
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Manifest
from modmirror.lab.watch.gauges import WatchMetrics
from modmirror.lab.watch.labs import Labs
from modmirror.lab.watch.rounds import Look, Patience
from modmirror.lab.watch.watching import Pace, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.target import Target

TEACH = """\
Examples:

  modmirror lab watch https://goproxy.cn https://proxy.golang.org
  modmirror lab watch --targets mirrors.toml --every 60 --port 9470
  modmirror lab watch http://127.0.0.1:8080 --rounds 3 --json

Each round asks every mirror for one .info, cold and warm, and for one version
list. Metrics are at http://HOST:PORT/metrics, in the names that the mirror uses
for its upstreams. Ctrl-C ends it.

持续观察镜像并导出 Prometheus 指标：各阶段耗时、可用性、版本列表滞后。"""

app = App(name="watch", help_epilogue=TEACH)

LEAST_PAUSE, LEAST_OWN = 10.0, 0.1
"""Seconds between two rounds: against mirrors of others, and against one's own."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFlags:
    """How often, how long, and where the metrics are."""

    every: Annotated[float, Parameter(help="Seconds from round to round.", metavar="S")] = 60.0
    rounds: Annotated[int | None, Parameter(help="Stop after so many; else never.", metavar="N")] = None
    host: Annotated[str, Parameter(help="Address for the metrics.", metavar="ADDRESS")] = "127.0.0.1"
    port: Annotated[int, Parameter(help="Port for the metrics; 0 picks one.", metavar="N")] = 9470
    module: Annotated[str, Parameter(help="Module version that is asked for.", metavar="PATH@VERSION")] = ""


NO_FLAGS = WatchFlags()


@app.default
def watch(*mirrors: Mirror, flags: WatchFlags = NO_FLAGS, options: Options = NO_OPTIONS) -> int:
    """Look at mirrors round after round, and export Prometheus metrics."""
    from modmirror.cli.lab.session import chosen_targets
    from modmirror.lab.bench.cases import parse_modules, popular

    targets = chosen_targets(options, mirrors)
    check(flags, targets)
    module = parse_modules((flags.module,))[0] if flags.module else popular()[0]
    manifest = made_manifest(options, targets)
    kept = RunFolder.create(options.save, manifest, today) if options.save else None
    metrics = WatchMetrics()
    chance = Random(manifest.seed)  # noqa: S311 - a seed is there to be repeated
    labs = Labs(targets, manifest, chance, kept)
    told = tell_json if options.json_ else tell_text
    watching = Watch(labs.opened, module, Patience(time.time), metrics, told)
    with exporting(metrics, flags), keeping(kept):
        asyncio.run(until_stopped(watching, Pace(flags.every, flags.rounds)))
    return 0


def check(flags: WatchFlags, targets: tuple[Target, ...]) -> None:
    """Raise ConfigError for a pace that is impossible, or too fast for mirrors of others."""
    least = LEAST_OWN if all(target.free for target in targets) else LEAST_PAUSE
    if not flags.every >= least:
        raise ConfigError(
            "--every", f"{flags.every:g} s is too often", hint=f"at least {least:g} s for these mirrors"
        )
    if flags.rounds is not None and flags.rounds < 1:
        raise ConfigError("--rounds", f"{flags.rounds} rounds are none", hint="leave it out, or name 1")


def made_manifest(options: Options, targets: tuple[Target, ...]) -> Manifest:
    """Return the manifest of a watch that begins now."""
    return Manifest(
        verb="watch",
        seed=secrets.randbelow(1 << 32) if options.seed is None else options.seed,
        started=today(),
        targets=tuple(target.entry() for target in targets),
        command=("modmirror", *sys.argv[1:]),
        region=options.region,
        environment=environment(Http1Engine.name),
    )


@contextmanager
def keeping(run: RunFolder | None) -> Iterator[None]:
    """Write the end of a run that is kept, however the block ends."""
    if run is None:
        yield
        return
    try:
        yield
    except BaseException:
        # Where the disk is full this fails, too; what was the matter first is what the user must read.
        with suppress(StorageError):
            run.finish("interrupted")
        raise
    run.finish("complete")


@contextmanager
def exporting(metrics: WatchMetrics, flags: WatchFlags) -> Iterator[None]:
    """Serve the metrics while the block runs. Raises ConfigError when the port is taken."""
    try:
        server, thread = start_http_server(flags.port, flags.host, metrics.registry)
    except (OSError, OverflowError) as error:
        # The number of a system's error says nothing to a reader.
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            "--port", f"{flags.host}:{flags.port}: {why}", hint="name another, or 0 for any"
        ) from error
    print(f"metrics: http://{flags.host}:{server.server_port}/metrics", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def until_stopped(watching: Watch, pace: Pace) -> None:
    """Watch until there were enough rounds, Ctrl-C or SIGTERM: for a watch, that is a good end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await watching.run(pace, SystemClock(), stop)


def tell_text(look: Look, lag: float | None) -> None:
    """Print one mirror of one round as a line."""
    answers = "  ".join(
        f"{kind} {connection} {seconds(each.timing.total) if each.ok else each.reason or each.outcome}"
        for kind, connection, each in look.answers
    )
    behind = "" if lag is None else f"  lag {seconds(lag) if lag else 'none'}"
    print(clean(f"{today()}  {look.target}  {answers}{behind}"), flush=True)


def tell_json(look: Look, lag: float | None) -> None:
    """Print one mirror of one round as a line of JSON."""
    answers = [
        {"kind": kind, "conn": connection, "outcome": each.outcome, "seconds": each.timing.total}
        for kind, connection, each in look.answers
    ]
    line = {"at": today(), "target": look.target, "answers": answers, "lag_seconds": lag}
    print(json.dumps(line, ensure_ascii=False), flush=True)
