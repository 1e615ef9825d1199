"""A mirror between clients and upstreams that misbehave: one faulty, one sound, one behind TLS."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.client import Got, fetch
from tests.e2e.mirror import MirrorProcess
from tests.e2e.modules import vouch_for
from tests.fakes.gomodules import plain_zip
from tests.fakes.store_tree import leftovers, lists_out_of_step, module_files
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve
from tests.fakes.tls import write_ca
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.mirror import Table, Tables
    from tests.fakes.sumdb_server import ServedSumdb

VERSION = "v1.0.0"
SHORT = {"connect_timeout": 1.5, "first_byte_timeout": 1.5, "stall_timeout": 0.5}
"""Limits that a stalling upstream runs into, in seconds."""
LANDING_LIMIT = 10.0
"""Seconds until a zip whose last byte has been sent is stored."""
DEAD = "http://127.0.0.1:1"
"""Nobody listens there."""


@dataclass
class World:
    """Modules below ``alone.test`` come from the faulty upstream only, below ``comma.test`` and
    ``pipe.test`` from the sound one after it, below ``secure.test`` from the one behind TLS."""

    faulty: FakeUpstream
    sound: FakeUpstream
    secure: FakeUpstream
    database: ServedSumdb
    mirror: MirrorProcess

    def add(self, module: str, size: int = 30_000) -> bytes:
        """Let every upstream have a module; return its zip."""
        packed = zip_of(module, size)
        for upstream in (self.faulty, self.sound, self.secure):
            upstream.add(module, VERSION, zip=packed)
        return packed

    def get(self, module: str, what: str = f"@v/{VERSION}.zip") -> Got:
        """Ask the mirror for a file of a module."""
        return fetch(self.mirror.url, f"{module}/{what}")

    def stored(self, module: str) -> dict[str, bytes]:
        """What the store has of a module, once no fill is running; the whole store must be in order."""
        deadline = time.monotonic() + LANDING_LIMIT
        while leftovers(self.mirror.store) and time.monotonic() < deadline:
            time.sleep(0.005)  # the last byte of a zip leaves before it is stored
        assert leftovers(self.mirror.store) == []
        assert lists_out_of_step(self.mirror.store) == []
        files = module_files(self.mirror.store)
        return {path: content for path, content in files.items() if path.startswith(f"{module}/@v/")}


def zip_of(module: str, size: int, seed: int = 0) -> bytes:
    """A module zip of about ``size`` bytes; another seed gives another one of the very same length."""
    data = random.Random(f"{module} {seed}").randbytes(size)
    return plain_zip(module, VERSION, {"go.mod": f"module {module}\n", "data.bin": data})


@contextmanager
def running_world(directory: Path) -> Iterator[World]:
    """Start everything; all zips and go.mod files are verified against a database that knows the truth."""
    with FakeUpstream() as faulty, FakeUpstream() as sound, FakeUpstream(tls=True) as secure:
        db = FakeSumdb(resolve=vouch_for(faulty.modules))
        chains = {
            "alone.test": faulty.url,
            "comma.test": f"{faulty.url},{sound.url}",
            "pipe.test": f"{faulty.url}|{sound.url}",
            "secure.test": secure.url,
            "dead.test": DEAD,
            "revived.test": f"{DEAD}|{sound.url}",
        }
        routes: list[Table] = [
            {"match": [match], "from": chain, "choose": "ordered", "sumdb_down": "closed"}
            for match, chain in chains.items()
        ]
        with serve(db) as database:
            config: Tables = {
                "route": routes,
                "sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}],
                "http": SHORT | {"ca_file": str(write_ca(directory))},
                "routing": {"breakers": False},  # each case is about one answer, not about those before it
            }
            with MirrorProcess(directory, config) as mirror:
                yield World(faulty, sound, secure, database, mirror)


def assert_refused(got: Got, status: int) -> str:
    """See that an answer is one that the go command shows to a person; return its text."""
    assert (got.status, got.whole) == (status, True), got
    assert got.headers is not None
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    text = got.body.decode()
    assert text.endswith("\n")
    assert text.isprintable() or text.replace("\n", "").isprintable()
    lines = text.splitlines()
    assert 1 <= len(lines) <= 8
    assert all(lines)
    assert len(got.body) < 648
    return text
