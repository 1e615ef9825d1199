"""The go command changes to another Go that it gets through the mirror (protocol.md E)."""

from __future__ import annotations

import hashlib
import platform
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import vouch_for
from tests.fakes.gomodules import big_zip
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.go import GoCommand
    from tests.e2e.mirror import MirrorProcess
    from tests.fakes.sumdb_server import ServedSumdb
    from tests.fakes.upstream import FakeUpstream

pytestmark = pytest.mark.go

GO = "1.99.0"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
PLATFORM = f"{platform.system().lower()}-{ARCHITECTURE}"
VERSION = f"v0.0.1-go{GO}.{PLATFORM}"
ZIP = f"golang.org/toolchain/@v/{VERSION}.zip"
MEMORY_OVER_IDLE = 64 << 20
"""Bytes. Less than the file is long: nobody holds it whole."""
FILES = {
    "bin/go": f'#!/bin/sh\necho "this is go{GO}, asked to: $*"\n',
    "bin/gofmt": "#!/bin/sh\n",
    "lib/placeholder": "\n",
    "pkg/tool/placeholder": "\n",
    "VERSION": f"go{GO}\n",
}


@pytest.fixture
def database(upstream: FakeUpstream) -> Iterator[ServedSumdb]:
    with serve(FakeSumdb(resolve=vouch_for(upstream.modules))) as served:
        yield served


@pytest.fixture
def mirror(upstream: FakeUpstream, database: ServedSumdb, start_mirror: StartMirror) -> MirrorProcess:
    """Its only route is private for modules; toolchains are verified even so."""
    return start_mirror(
        {
            "route": [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}],
            "sumdb": [{"name": database.db.name, "key": database.db.key, "from": [database.url]}],
        }
    )


@pytest.fixture
def go(mirror: MirrorProcess, database: ServedSumdb, new_machine: NewMachine) -> GoCommand:
    return new_machine(mirror.url, GOSUMDB=database.db.key, GOTOOLCHAIN="auto")


def project(go: GoCommand) -> Path:
    main = go.module("app")
    (main / "go.mod").write_text(f"module example.test/app\n\ngo 1.22\n\ntoolchain go{GO}\n")
    return main


@pytest.mark.matrix("T171")
@pytest.mark.matrix("T155")
def test_toolchain_switch_needs_the_zip_and_the_checksum_database_only(
    upstream: FakeUpstream, mirror: MirrorProcess, go: GoCommand
) -> None:
    upstream.toolchain(GO, PLATFORM, FILES)
    said = go.run("version", cwd=project(go), GONOSUMDB="*").must()
    assert said == f"this is go{GO}, asked to: version\n"
    assert mirror.stop() == 0
    asked = {str(entry["path"]) for entry in mirror.access} - {"/readyz"}
    modules = {path for path in asked if not path.startswith("/sumdb/")}
    assert modules == {f"/{ZIP}"}
    assert any(path.endswith(f"/lookup/golang.org/toolchain@{VERSION}") for path in asked - modules)


def test_toolchain_that_nobody_vouches_for_is_neither_used_nor_kept(
    upstream: FakeUpstream, database: ServedSumdb, mirror: MirrorProcess, go: GoCommand
) -> None:
    upstream.toolchain(GO, PLATFORM, FILES)
    database.db.resolve = None
    assert f"go{GO}" in go.run("version", cwd=project(go)).must_fail()
    assert mirror.get(ZIP)[0] != 200
    assert not list(mirror.store.rglob("*.zip"))


@pytest.mark.matrix("T172")
def test_missing_toolchain_is_said_to_be_missing(mirror: MirrorProcess, go: GoCommand) -> None:
    assert "toolchain not available" in go.run("version", cwd=project(go)).must_fail()
    assert mirror.get(ZIP)[0] == 404


@pytest.mark.matrix("T173")
def test_versions_of_go_are_read_from_the_list(upstream: FakeUpstream, go: GoCommand) -> None:
    for version in ("1.98.1", GO):
        upstream.toolchain(version, PLATFORM, FILES)
    assert go.run("list", "-m", "-versions", "go").must().split()[-2:] == ["1.98.1", GO]


@pytest.mark.matrix("T174")
@pytest.mark.slow
@pytest.mark.xdist_group("herd")
def test_twenty_clients_of_a_cold_toolchain_cost_one_fetch_and_little_memory(
    upstream: FakeUpstream, mirror: MirrorProcess
) -> None:
    packed = big_zip("golang.org/toolchain", VERSION, 80 << 20)
    upstream.add("golang.org/toolchain", VERSION, zip=packed, mod="module golang.org/toolchain\n")
    before = memory(mirror.pid, "VmRSS")
    with ThreadPoolExecutor(20) as pool:
        digests = set(pool.map(digest_of, [f"{mirror.url}/{ZIP}"] * 20))
    assert digests == {hashlib.sha256(packed).hexdigest()}
    assert upstream.count("*.zip") == 1
    assert memory(mirror.pid, "VmHWM") - before < MEMORY_OVER_IDLE


def digest_of(url: str) -> str:
    """SHA-256 of a file that is not kept."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - the address of our own mirror
        return hashlib.file_digest(answer, "sha256").hexdigest()


def memory(pid: int, field: str) -> int:
    """Resident bytes now (VmRSS) or at most so far (VmHWM)."""
    match = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match
    return int(match[1]) * 1024
