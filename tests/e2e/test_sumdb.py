"""Builds that believe nobody: GOSUMDB on, the database reached through the mirror, which checks it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import GREET, PROGRAM, WORDS, fill_world, greet_files, vouch_for
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.go import GoCommand
    from tests.e2e.mirror import MirrorProcess
    from tests.fakes.sumdb_server import ServedSumdb

pytestmark = pytest.mark.go

NONE = "example.com/none"


@pytest.fixture
def database(upstream: FakeUpstream) -> Iterator[ServedSumdb]:
    """A database that has seen the right modules, whatever the upstream serves later."""
    fill_world(upstream)
    db = FakeSumdb(resolve=vouch_for(upstream.modules))
    for number in range(300):
        db.add(f"example.org/filler{number}", "v1.0.0", "h1:" + "A" * 43 + "=", "h1:" + "A" * 43 + "=")
    with serve(db) as served:
        yield served


@dataclass
class World:
    mirror: MirrorProcess
    go: GoCommand
    key: str


@pytest.fixture
def world(
    upstream: FakeUpstream, database: ServedSumdb, start_mirror: StartMirror, new_machine: NewMachine
) -> World:
    name, key = database.db.name, database.db.key
    mirror = start_mirror(
        {
            "route": [{"match": ["*"], "from": [upstream.url], "sumdb": "verify", "sumdb_down": "closed"}],
            "sumdb": [{"name": name, "key": key, "from": [database.url]}],
        }
    )
    # The key without an address: the go command has to reach the database through its GOPROXY.
    return World(mirror, new_machine(mirror.url, GOSUMDB=key), key)


def test_build_is_verified_through_the_mirror(world: World, database: ServedSumdb) -> None:
    main = world.go.module("app", {GREET: "v1.2.0"}, PROGRAM)
    world.go.run("build", "-o", "program", ".", cwd=main).must()
    assert f"{WORDS} v2.1.0 h1:" in (main / "go.sum").read_text()
    asked = [entry["path"] for entry in _access(world)]
    assert f"/sumdb/{database.db.name}/supported" in asked
    assert any("/lookup/" in path for path in asked)


def test_second_machine_needs_neither_database_nor_upstream(
    world: World, database: ServedSumdb, upstream: FakeUpstream, new_machine: NewMachine
) -> None:
    main = world.go.module("app", {GREET: "v1.2.0"}, PROGRAM)
    world.go.run("build", "-o", "program", ".", cwd=main).must()
    upstream.stop()
    before = len(database.requests)
    database.gate.clear()
    other = new_machine(world.mirror.url, GOSUMDB=world.key)
    main = other.module("app", {GREET: "v1.2.0"}, PROGRAM)
    other.run("build", "-o", "program", ".", cwd=main).must()
    assert len(database.requests) == before


def test_tampered_zip_never_reaches_a_machine_that_checks_nothing(
    world: World, database: ServedSumdb, upstream: FakeUpstream, new_machine: NewMachine
) -> None:
    database.db.resolve = None
    truth = vouch_for(upstream.modules)
    for module, version in ((GREET, "v1.2.0"), (WORDS, "v2.1.0")):
        sums = truth(module, version)
        assert sums is not None
        database.db.add(module, version, *sums)
    evil = greet_files("v1.2.0") | {"evil.go": "package greet\n\nfunc init() { panic(0) }\n"}
    upstream.add(GREET, "v1.2.0", evil)
    trusting = new_machine(world.mirror.url, GOSUMDB="off")
    main = trusting.module("app", {GREET: "v1.2.0"}, PROGRAM)
    trusting.run("build", "-o", "program", ".", cwd=main).must_fail()
    assert not list(world.mirror.store.rglob("example.com/!greet/@v/v1.2.0.zip"))


def test_what_one_url_of_a_database_lacks_comes_from_the_next(
    upstream: FakeUpstream, database: ServedSumdb, start_mirror: StartMirror
) -> None:
    db = database.db
    with FakeUpstream() as empty:
        mirror = start_mirror(
            {
                "route": [{"match": ["*"], "from": [upstream.url]}],
                "sumdb": [{"name": db.name, "key": db.key, "from": [empty.url, database.url]}],
            }
        )
        lookup = f"sumdb/{db.name}/lookup"
        assert mirror.get(f"{lookup}/{WORDS}@v2.1.0")[0] == 200
        assert mirror.get(f"{lookup}/{NONE}@v1.0.0")[0] == 404
        assert [empty.count(f"lookup/{each}") for each in (f"{WORDS}@v2.1.0", f"{NONE}@v1.0.0")] == [1, 1]
    status, said, _ = mirror.get(f"{lookup}/{NONE}@v1.0.1")
    assert status == 503, "one says that there is nothing, the other one cannot be asked"
    assert said.startswith(b"checksum database unavailable: ")
    assert all(url.encode() in said for url in (empty.url, database.url))


def _access(world: World) -> list[dict[str, str]]:
    """The whole access log: it is flushed at the end."""
    assert world.mirror.stop() == 0
    return world.mirror.access
