"""The real go command builds programs from modules that the mirror makes from their repositories."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import vouch_for
from tests.e2e.origins import (
    BILLING,
    GREET,
    ROOT,
    TOOL,
    VERSION,
    module_files,
    places_of_secrets,
)
from tests.fakes.gomodules import GoModules
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve
from tests.fakes.tls import write_ca, write_server_cert

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.origins import Origins

pytestmark = pytest.mark.go

PROGRAM = f"""package main

import (
\t"{GREET}"
\t"{BILLING}"
\t"{TOOL}"
\t"{ROOT}"
)

func main() {{ println(greet.Word(), billing.Word(), tool.Word(), root.Word()) }}
"""


def vouching() -> FakeSumdb:
    """A database that knows the public module, from its files and not from the mirror."""
    modules = GoModules()
    modules.add(GREET, VERSION, module_files(GREET, "hello"))
    return FakeSumdb(resolve=vouch_for(modules))


def test_a_program_of_public_and_private_repositories(
    world: Origins, start_mirror: StartMirror, new_machine: NewMachine, tmp_path: Path
) -> None:
    db = vouching()
    chain, key = write_server_cert(tmp_path)
    config = world.config()
    routes = config["route"]
    assert isinstance(routes, list)
    routes[1]["sumdb"] = "verify"
    config["server"] = {"tls_cert": str(chain), "tls_key": str(key)}
    with serve(db) as database:
        config["sumdb"] = [{"name": db.name, "key": db.key, "from": [database.url]}]
        mirror = start_mirror(config, environ=world.environ(), ca_file=write_ca(tmp_path))
        assert mirror.url.startswith("https://")
        go = new_machine(
            mirror.url,
            GOSUMDB=db.key,
            GONOSUMDB="corp.test",
            SSL_CERT_FILE=str(write_ca(tmp_path)),
        )
        main = go.module("app", source=PROGRAM)
        go.run("mod", "tidy", cwd=main).must()
        assert "hello paid drill served" in go.run("run", ".", cwd=main).stderr
        go.run("mod", "verify", cwd=main).must()
        assert [path for path in database.requests if GREET in path]
        assert not [path for path in database.requests if "corp.test" in path]
        sums = (main / "go.sum").read_text()
        assert all(f"{module} {VERSION} h1:" in sums for module in (GREET, BILLING, TOOL, ROOT))
        assert mirror.stop() == 0
    assert places_of_secrets(world, mirror) == []


def test_branches_commits_and_lists_as_the_go_command_asks_for_them(
    world: Origins, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    history = world.publish(world.private, "team/fresh", module_files("corp.test/fresh", "new"))
    world.sites.go_import("corp.test/fresh", f"corp.test/fresh git {world.git}/team/fresh")
    mirror = start_mirror(world.config(), environ=world.environ())
    go = new_machine(mirror.url)
    listed = go.run("list", "-m", "-versions", BILLING).must()
    assert listed.split() == [BILLING, VERSION]
    latest = go.run("list", "-m", "-f", "{{.Version}}", "corp.test/fresh@latest").must().strip()
    assert re.fullmatch(r"v0\.0\.0-20200101000000-[0-9a-f]{12}", latest)
    branch = go.run("list", "-m", "-f", "{{.Version}}", f"corp.test/fresh@{history.head}").must().strip()
    commit = go.run("list", "-m", "-f", "{{.Version}}", f"corp.test/fresh@{latest[-12:]}").must().strip()
    assert branch == commit == latest


def test_a_private_path_goes_to_its_own_hosts_only(
    world: Origins, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    mirror = start_mirror(world.config(), environ=world.environ())
    go = new_machine(mirror.url)
    for module in (BILLING, TOOL, ROOT, GREET):
        go.run("mod", "download", f"{module}@{VERSION}").must()
    assert {one.host for one in world.sites.asked if "corp.test/" in one.host + one.target} <= {
        "corp.test",
        "proxy.corp.test",
    }
    assert not [one for one in world.sites.asked if one.authorization]
    assert not [one for one in world.public.requests if one[2] or "team" in one[1]]
    assert world.lookalike.requests == []
