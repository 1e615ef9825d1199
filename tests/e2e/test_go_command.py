"""What developers type, through the mirror, over http and https; with checksum database switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.modules import BRANCH_VERSION, GREET, PROGRAM, WORDS, fill_world
from tests.fakes.faults import Fault
from tests.fakes.tls import write_ca, write_server_cert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.go import GoCommand
    from tests.e2e.mirror import MirrorProcess, Table
    from tests.fakes.upstream import FakeUpstream

pytestmark = pytest.mark.go


def one_route(upstream: FakeUpstream) -> list[Table]:
    return [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}]


@pytest.fixture(params=["http", "https"])
def mirror(
    request: pytest.FixtureRequest, upstream: FakeUpstream, start_mirror: StartMirror, tmp_path: Path
) -> MirrorProcess:
    fill_world(upstream)
    routes = one_route(upstream)
    if request.param == "http":
        return start_mirror({"route": routes})
    chain, key = write_server_cert(tmp_path)
    server = {"tls_cert": str(chain), "tls_key": str(key)}
    return start_mirror({"route": routes, "server": server}, ca_file=write_ca(tmp_path))


@pytest.fixture
def go(mirror: MirrorProcess, new_machine: NewMachine, tmp_path: Path) -> GoCommand:
    ca_file = tmp_path / "ca.pem"
    return new_machine(mirror.url, **({"SSL_CERT_FILE": str(ca_file)} if ca_file.exists() else {}))


@pytest.fixture
def another_machine(
    mirror: MirrorProcess, new_machine: NewMachine, go: GoCommand
) -> Callable[[], GoCommand]:
    return lambda: new_machine(mirror.url, **go.settings)


def test_mod_download_brings_module_and_dependencies(go: GoCommand) -> None:
    main = go.module("app", {GREET: "v1.2.0"}, PROGRAM)
    go.run("mod", "download", "all", cwd=main).must()
    assert (go.module_cache / "example.com/!greet@v1.2.0/greet.go").is_file()
    assert (go.module_cache / "example.com/words/v2@v2.1.0/words.go").is_file()


def test_program_builds_and_runs(go: GoCommand) -> None:
    main = go.module("app", {GREET: "v1.1.0"}, PROGRAM)
    go.run("build", "-o", "program", ".", cwd=main).must()
    assert go.run("run", ".", cwd=main).must() == "hello from words v2.1.0, greet v1.1.0\n"


def test_branch_becomes_its_pseudo_version(go: GoCommand) -> None:
    main = go.module("app", source=PROGRAM)
    go.run("get", f"{GREET}@main", cwd=main).must()
    assert f"{GREET} {BRANCH_VERSION}" in (main / "go.mod").read_text()


def test_unknown_branch_is_named_with_the_reason(go: GoCommand) -> None:
    main = go.module("app", source=PROGRAM)
    complaint = go.run("get", f"{GREET}@nowhere", cwd=main).must_fail()
    assert f"{GREET}@nowhere" in complaint
    assert "404 Not Found" in complaint


def test_versions_are_listed_without_pseudo_versions(go: GoCommand) -> None:
    listed = go.run("list", "-m", "-versions", GREET).must()
    assert listed == f"{GREET} v1.0.0 v1.1.0 v1.2.0\n"


def test_latest_is_the_highest_release(go: GoCommand) -> None:
    main = go.module("app", source=PROGRAM)
    go.run("get", f"{GREET}@latest", cwd=main).must()
    assert f"{GREET} v1.2.0" in (main / "go.mod").read_text()


def test_mod_tidy_finds_what_is_imported(go: GoCommand) -> None:
    main = go.module("app", source=PROGRAM)
    go.run("mod", "tidy", cwd=main).must()
    written = (main / "go.mod").read_text()
    assert f"{GREET} v1.2.0" in written
    assert f"{WORDS} v2.1.0 // indirect" in written


def test_second_machine_builds_with_upstream_gone(
    go: GoCommand, another_machine: Callable[[], GoCommand], upstream: FakeUpstream
) -> None:
    main = go.module("app", {GREET: "v1.2.0"}, PROGRAM)
    go.run("build", "-o", "program", ".", cwd=main).must()
    upstream.stop()
    other = another_machine()
    main = other.module("app", {GREET: "v1.2.0"}, PROGRAM)
    other.run("build", "-o", "program", ".", cwd=main).must()


def test_store_serves_as_a_file_proxy_while_the_mirror_is_down(
    go: GoCommand, mirror: MirrorProcess, new_machine: NewMachine
) -> None:
    main = go.module("app", {GREET: "v1.2.0"}, PROGRAM)
    go.run("build", "-o", "program", ".", cwd=main).must()
    assert mirror.stop() == 0
    other = new_machine(f"file://{mirror.store}")
    main = other.module("app", {GREET: "v1.2.0"}, PROGRAM)
    other.run("build", "-o", "program", ".", cwd=main).must()


def test_module_cache_is_a_store_and_an_upstream(
    upstream: FakeUpstream, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    fill_world(upstream)
    first = new_machine(upstream.url)
    main = first.module("app", {GREET: "v1.2.0"}, PROGRAM)
    first.run("mod", "download", "all", cwd=main).must()
    upstream.stop()
    cache = first.module_cache / "cache" / "download"
    as_upstream = start_mirror({"route": [{"match": ["*"], "from": [f"file://{cache}"], "sumdb": "off"}]})
    as_store = start_mirror({"route": one_route(upstream), "storage": {"path": str(cache)}})
    for mirror in (as_upstream, as_store):
        other = new_machine(mirror.url)
        main = other.module("app", {GREET: "v1.2.0"}, PROGRAM)
        other.run("build", "-o", "program", ".", cwd=main).must()


@pytest.mark.matrix("T137")
@pytest.mark.slow
def test_answer_after_seventy_seconds_is_waited_for(
    upstream: FakeUpstream, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    fill_world(upstream)
    upstream.fault("*/@v/v1.0.0.info", Fault(delay=70.0))
    patient = start_mirror({"route": one_route(upstream), "http": {"first_byte_timeout": 100.0}})
    listed = new_machine(patient.url).run("list", "-m", f"{GREET}@v1.0.0").must()
    assert listed == f"{GREET} v1.0.0\n"
