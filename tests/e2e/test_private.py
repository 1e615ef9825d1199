"""Private modules: their own route and credential, and nobody else hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import fill_world, vouch_for
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewMachine, StartMirror

pytestmark = pytest.mark.go

SECRET_MODULE = "corp.test/billing"
TOKEN = "a-made-up-token"
PROGRAM = """package main

import (
\t"example.com/Greet"
\t"corp.test/billing"
)

func main() { println(greet.Hello(), billing.Sum()) }
"""


@pytest.fixture
def private() -> Iterator[FakeUpstream]:
    with FakeUpstream(bearer=TOKEN) as upstream:
        files = {
            "go.mod": f"module {SECRET_MODULE}\n\ngo 1.20\n",
            "billing.go": "package billing\n\nfunc Sum() int { return 42 }\n",
        }
        upstream.add(SECRET_MODULE, "v0.1.0", files)
        yield upstream


def test_private_route_is_kept_from_the_public(
    upstream: FakeUpstream, private: FakeUpstream, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    fill_world(upstream)
    db = FakeSumdb(resolve=vouch_for(upstream.modules))
    with serve(db) as database:
        mirror = start_mirror(
            {
                "route": [
                    {"match": ["corp.test"], "from": [private.url], "sumdb": "off"},
                    {"match": ["*"], "from": [upstream.url], "sumdb": "verify"},
                ],
                "sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}],
                "credential": [{"url": private.url, "bearer_env": "BILLING_TOKEN"}],
            },
            environ={"BILLING_TOKEN": TOKEN},
        )
        go = new_machine(mirror.url, GOSUMDB=db.key, GONOSUMDB="corp.test")
        main = go.module("app", source=PROGRAM)
        go.run("mod", "tidy", cwd=main).must()
        assert "42" in go.run("run", ".", cwd=main).stderr
        assert not [seen.path for seen in upstream.log if "corp.test" in seen.path]
        assert not [path for path in database.requests if "corp.test" in path]
        assert not [seen.path for seen in private.log if "corp.test" not in seen.path]
        assert mirror.stop() == 0
        said = mirror.log + (mirror.directory / "stdout").read_text()
        assert TOKEN not in said


def test_checksum_database_is_not_asked_for_a_private_module_through_the_mirror(
    upstream: FakeUpstream, private: FakeUpstream, start_mirror: StartMirror
) -> None:
    db = FakeSumdb()
    with serve(db) as database:
        mirror = start_mirror(
            {
                "route": [
                    {"match": ["corp.test"], "from": [private.url], "sumdb": "off"},
                    {"match": ["*"], "from": [upstream.url], "sumdb": "verify"},
                ],
                "sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}],
            }
        )
        status, _, _ = mirror.get(f"sumdb/{db.name}/lookup/{SECRET_MODULE}@v0.1.0")
        assert status in (403, 404)
        assert not [path for path in database.requests if "corp.test" in path]
