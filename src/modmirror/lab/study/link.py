"""The ``[net]`` table: all mirrors of a study behind one emulated line, as a region would have it.

What measures mirrors as clients see them goes through the line. What is about a server itself does not:
load, faults, and the database and index that mirrors are compared with.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from modmirror.errors import ConfigError
from modmirror.lab.net.process import linked
from modmirror.lab.net.profile import Link, Topology, find_profile, load_topology
from modmirror.lab.net.selftest import LINKS
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.study.steps import finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from modmirror.lab.bundle import Progress
    from modmirror.lab.net.process import Ready
    from modmirror.lab.net.profile import NetProfile
    from modmirror.lab.run.port import Run
    from modmirror.lab.study.config import NetTable, StudyConfig
    from modmirror.lab.study.steps import Step
    from modmirror.lab.target import Target


def line_of(config: StudyConfig) -> Topology | None:
    """Return the line to each target, in order; None without a ``[net]`` table. Raises ConfigError."""
    table = config.tables.net
    if table is None:
        return None
    if bool(table.profile) == bool(table.topology):
        raise ConfigError("net", "names no line, or two", hint="give profile or topology, one of the two")
    pinned = [target.name for target in config.targets if target.family]
    if pinned:
        raise ConfigError("net", f"the family of {pinned[0]} cannot be kept over an emulated line")
    if config.tables.replay is not None and config.tables.replay.go:
        raise ConfigError("replay.go", "the go command goes past an emulated line", hint="leave out [net]")
    region, profile = _named(table) if table.profile else _of_file(config, table)
    return Topology(
        tuple(
            Link(region=region, host=each.host, port=each.port, profile=profile) for each in config.targets
        )
    )


def moved(config: StudyConfig, region: str) -> StudyConfig:
    """Return the same study, measured from another region of its topology. Raises ConfigError."""
    net = config.tables.net
    if net is None or not net.topology:
        hint = 'topology = "net.toml" under [net]'
        raise ConfigError("--region", f"{config.file} names no topology to choose it from", hint=hint)
    tables = structs.replace(
        config.tables,
        net=structs.replace(net, region=region),
        study=structs.replace(config.tables.study, region=region),
    )
    return replace(config, tables=tables)


def region_of(config: StudyConfig) -> str:
    """Return where the study is measured from, as reports say it. Raises ConfigError."""
    line = line_of(config)
    own = config.tables.study.region
    return own if own or line is None else line.links[0].region


@asynccontextmanager
async def reached(
    config: StudyConfig, run: Run, steps: Sequence[Step], progress: Progress
) -> AsyncIterator[tuple[Target, ...]]:
    """Give the targets as they are reached while the block runs: through their line, which was measured.

    Raises:
        ConfigError: there cannot be such a line.
        LinksOff, ChildGone: there is none that is as it was asked for.
    """
    line, done = line_of(config), finished(run.events())
    # A step with targets of its own, as load, goes past the line.
    if line is None or all(step.name in done or step.targets is not None for step in steps):
        yield config.targets
        return
    progress.note(f"setting up the line to {line.links[0].region}, and measuring it")
    async with linked(line, run.manifest.seed) as ready:
        targets = behind(config.targets, ready)
        describe(run, targets, ready)
        yield targets


def behind(targets: tuple[Target, ...], ready: Ready) -> tuple[Target, ...]:
    """Return the targets as they are reached through their links."""
    return tuple(
        replace(target, via=(end.host, end.port), connect_delay=end.connect_delay)
        for target, end in zip(targets, ready.endpoints, strict=True)
    )


def describe(run: Run, targets: tuple[Target, ...], ready: Ready) -> None:
    """Write into a run what its line is, beside what it was when the run was interrupted."""
    run.describe(targets=tuple(target.entry() for target in targets))
    before = run.result(LINKS, tuple[LinkCheck, ...]) or ()
    run.put_result(LINKS, (*before, *ready.checks))


def _named(table: NetTable) -> tuple[str, NetProfile]:
    if table.region:
        raise ConfigError("net.region", "belongs to a topology", hint="region of [study] names the place")
    try:
        return table.profile, find_profile(table.profile)
    except ConfigError as error:
        raise ConfigError("net.profile", error.reason, hint=error.hint) from error


def _of_file(config: StudyConfig, table: NetTable) -> tuple[str, NetProfile]:
    try:
        regions = load_topology(config.beside(table.topology)).profiles
    except ConfigError as error:
        raise ConfigError(f"net.topology: {error.key}", error.reason, hint=error.hint) from error
    if not table.region and len(regions) == 1:
        return next(iter(regions.items()))
    if table.region not in regions:
        what = f'there is no region "{table.region}"' if table.region else "several regions are there"
        raise ConfigError("net.region", what, hint=f"one of {', '.join(regions)}")
    return table.region, regions[table.region]
