"""The real go command believes the emulated mirror and its checksum database, or finds it out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import CATALOGUE, TOOLCHAIN, ModuleSet

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine

pytestmark = pytest.mark.go

# A toolchain is fetched by its own rules, and only where the running one is too old.
MODULES = [f"{spec.path}@{spec.versions[-1]}" for spec in CATALOGUE if spec.path != TOOLCHAIN]


async def test_every_module_is_downloaded_and_verified(new_machine: NewMachine) -> None:
    mirror = EmulatedMirror(ModuleSet.generate(1))
    async with mirror.serve() as url:
        database = f"{mirror.world.sumdb.key} {url}/sumdb/{mirror.world.sumdb.name}"
        go = new_machine(url, GOSUMDB=database, GONOSUMDB="", GONOSUMCHECK="")
        (await asyncio.to_thread(go.run, "mod", "download", *MODULES)).must()
    assert any("/lookup/" in path for path in mirror.counts)
    assert any("/tile/" in path for path in mirror.counts)


async def test_a_corrupting_mirror_is_found_out(new_machine: NewMachine) -> None:
    mirror = EmulatedMirror(ModuleSet.generate(1), Behaviour(corrupt=1.0))
    async with mirror.serve() as url:
        database = f"{mirror.world.sumdb.key} {url}/sumdb/{mirror.world.sumdb.name}"
        go = new_machine(url, GOSUMDB=database, GONOSUMDB="", GONOSUMCHECK="")
        said = (await asyncio.to_thread(go.run, "mod", "download", MODULES[0])).must_fail()
    assert "checksum mismatch" in said
