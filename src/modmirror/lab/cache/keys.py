"""Module versions that a cache has hardly seen: old ones, drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, InvalidTarget
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.engine.port import Limit, Request
from modmirror.mod.path import check_path
from modmirror.mod.version import check_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.bundle import Lab

LOOK = "cache-look"
"""Measurement name of the lists that are asked for: they count for nothing."""
_LIST_BYTES = 4 << 20


async def draw_keys(lab: Lab, modules: Sequence[BenchModule], count: int) -> list[BenchModule]:
    """Return so many versions, drawn from the lists that the first target to answer has.

    Raises:
        ConfigError: there are not enough for one block.
    """
    found: list[BenchModule] = []
    for module in modules:
        found += await _versions(lab, module)
    lab.chance.shuffle(found)
    if not found:
        raise ConfigError(
            "MIRROR", "no list of versions could be fetched", hint="name files with --module PATH@VERSION"
        )
    return found[:count]


async def _versions(lab: Lab, module: BenchModule) -> list[BenchModule]:
    for target in lab.targets:
        request = Request(
            target, module.file("list"), connection="warm", keep="bytes", limit=Limit(size=_LIST_BYTES)
        )
        fetched = await lab.engine.fetch(request)
        lab.record(LOOK, "list", fetched)
        if fetched.ok:
            words = fetched.body.decode("utf-8", "replace").split()
            # What is asked for everywhere is in every cache.
            return [BenchModule(module.path, word) for word in words if _is_key(module, word)]
    return []


def _is_key(module: BenchModule, version: str) -> bool:
    try:
        check_version(check_path(module.path), version)
    except InvalidTarget:
        return False
    return version != module.version
