"""The go command changes to another Go that it gets through the mirror (protocol.md E)."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import vouch_for
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve

if TYPE_CHECKING:
    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.fakes.upstream import FakeUpstream

pytestmark = pytest.mark.go

GO = "1.99.0"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
PLATFORM = f"{platform.system().lower()}-{ARCHITECTURE}"
FILES = {
    "bin/go": f'#!/bin/sh\necho "this is go{GO}, asked to: $*"\n',
    "pkg/tool/placeholder": "\n",
    "VERSION": f"go{GO}\n",
}


@pytest.mark.parametrize("vouched", [True, False])
def test_toolchain_switch_needs_the_checksum_database(
    upstream: FakeUpstream, start_mirror: StartMirror, new_machine: NewMachine, *, vouched: bool
) -> None:
    upstream.toolchain(GO, PLATFORM, FILES)
    db = FakeSumdb(resolve=vouch_for(upstream.modules) if vouched else None)
    with serve(db) as database:
        mirror = start_mirror(
            {
                # Even a route that is private for modules has its toolchains verified.
                "route": [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}],
                "sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}],
            }
        )
        go = new_machine(mirror.url, GOSUMDB=db.key, GOTOOLCHAIN="auto")
        main = go.module("app")
        (main / "go.mod").write_text(f"module example.test/app\n\ngo 1.22\n\ntoolchain go{GO}\n")
        result = go.run("version", cwd=main)
        if vouched:
            assert result.must() == f"this is go{GO}, asked to: version\n"
        else:
            assert f"go{GO}" in result.must_fail()
            assert not list(mirror.store.rglob("*.zip"))
