"""Warm, then cut everything upstream: the go command builds on, and what cannot be had is said at once."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import FAILED, WRONG_INPUT, run
from tests.e2e.go import FLAGS
from tests.e2e.modules import GREET, PROGRAM, fill_world, vouch_for
from tests.fakes.gomodules import escape
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.mirror import Table, Tables
    from tests.fakes.upstream import FakeUpstream

LIMIT = 120.0
GREET_PATH = escape(GREET)


def one_route(upstream: FakeUpstream) -> list[Table]:
    return [{"match": ["*"], "from": [upstream.url], "sumdb": "off"}]


def modmirror(*arguments: str) -> tuple[int, str]:
    """Run a verb; return its exit code and what it printed. Only mirrors need processes of their own."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        return run(arguments), said.getvalue()


@pytest.fixture
def pinned(upstream: FakeUpstream, new_machine: NewMachine) -> Path:
    """A program whose go.sum was made elsewhere, straight from the public proxy."""
    fill_world(upstream)
    machine = new_machine(upstream.url)
    main = machine.module("app", {GREET: "v1.2.0"}, PROGRAM)
    machine.run("mod", "tidy", cwd=main).must()
    return main


@pytest.mark.go
def test_a_warm_mirror_builds_with_everything_upstream_cut(
    upstream: FakeUpstream, pinned: Path, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    mirror = start_mirror({"route": one_route(upstream)})
    go_sum = str(pinned / "go.sum")
    before = upstream.count()
    code, said = modmirror("covers", go_sum, "--url", mirror.url)
    assert (code, "files are not kept" in said) == (FAILED, True)
    assert upstream.count() == before, "the question made the mirror fetch"

    code, said = modmirror("warm", go_sum, "--url", mirror.url, "--json")
    assert (code, json.loads(said)["missing"]) == (0, [])
    upstream.stop()

    assert modmirror("covers", go_sum, "--url", mirror.url)[0] == 0
    assert modmirror("covers", go_sum, "--store", str(mirror.store))[0] == 0
    machine = new_machine(mirror.url, GOFLAGS=f"-mod=readonly {FLAGS}")
    machine.run("build", "-o", "app", cwd=pinned).must()
    machine.run("mod", "verify", cwd=pinned).must()


@pytest.mark.go
def test_an_offline_mirror_builds_lists_and_names_the_latest_of_what_it_has(
    upstream: FakeUpstream, pinned: Path, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    warm = start_mirror({"route": one_route(upstream)})
    assert modmirror("warm", str(pinned / "go.sum"), "--url", warm.url)[0] == 0
    assert warm.stop() == 0
    before = upstream.count()
    mirror = start_mirror(
        {
            "route": one_route(upstream),
            "fill": {"offline": True},
            "storage": {"path": str(warm.store)},
        }
    )
    machine = new_machine(mirror.url)
    machine.run("build", "-o", "app", cwd=pinned).must()
    assert machine.run("list", "-m", "-versions", GREET, cwd=pinned).must().split() == [GREET, "v1.2.0"]
    assert "v1.2.0" in machine.run("list", "-m", f"{GREET}@latest", cwd=pinned).must()
    said = machine.run("mod", "download", f"{GREET}@v1.0.0", cwd=pinned).must_fail()
    assert "this mirror is offline" in said
    assert upstream.count() == before
    assert '"level": "warning"' not in mirror.log


@pytest.mark.parametrize("whole_mirror", [True, False])
def test_a_lookup_without_its_network_is_replayed_or_refused_at_once(
    upstream: FakeUpstream, start_mirror: StartMirror, *, whole_mirror: bool
) -> None:
    fill_world(upstream)
    db = FakeSumdb(resolve=vouch_for(upstream.modules))
    route: Table = {"match": ["*"], "from": [upstream.url]}
    lookup = f"sumdb/{db.name}/lookup/{GREET_PATH}"
    with serve(db) as database:
        config: Tables = {"sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}]}
        warm = start_mirror({"route": [route], **config})
        assert warm.get(f"{GREET_PATH}/@v/v1.2.0.zip")[0] == 200
        assert warm.stop() == 0
        database.requests.clear()
        own: Tables = {"fill": {"offline": True}} if whole_mirror else {}
        offline = route if whole_mirror else route | {"offline": True}
        mirror = start_mirror({"route": [offline], "storage": {"path": str(warm.store)}, **own, **config})
        assert mirror.get(f"{lookup}@v1.2.0")[0] == 200
        status, said, _ = mirror.get(f"{lookup}@v1.0.0")
        assert (status, database.requests) == (404, [])
    assert said.decode().splitlines() == [
        f"not found: {GREET}@v1.0.0 in {db.name}: temporarily unavailable",
        "it is not in the store, and this mirror is offline for it",
    ]


def test_no_mirror_is_told_from_a_mirror_that_lacks_something(tmp_path: Path) -> None:
    file = tmp_path / "pinned.txt"
    file.write_text("example.com/a@v1.0.0\n")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    for verb in ("warm", "covers"):
        code, said = modmirror(verb, str(file), "--url", url)
        assert (code, "no mirror answers" in said) == (WRONG_INPUT, True)


# --- overload ---


@contextmanager
def black_hole() -> Iterator[str]:
    """Accept connections and never say anything."""
    taken: list[socket.socket] = []

    def accept(listener: socket.socket) -> None:
        try:
            while True:
                taken.append(listener.accept()[0])
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        thread = threading.Thread(target=accept, args=[listener])
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for each in taken:
        each.close()


def test_repositories_that_hang_do_not_delay_what_upstreams_have(
    upstream: FakeUpstream, start_mirror: StartMirror
) -> None:
    fill_world(upstream)
    with black_hole() as url:
        direct: Table = {
            "match": ["github.com"],
            "from": ["direct"],
            "sumdb": "off",
            "rewrite": [f"https://github.com/ -> {url}"],
            "insecure": ["github.com"],
            "private_networks": ["loopback"],
        }
        mirror = start_mirror(
            {
                "route": [direct, *one_route(upstream)],
                "fill": {"parallel": 2, "origin_parallel": 2, "queue_deadline": 1.0},
                "origin": {"timeout": 100.0},
            }
        )
        with ThreadPoolExecutor(6) as clients:
            asked = [clients.submit(mirror.get, f"github.com/u/r{n}/@v/v1.0.0.mod") for n in range(6)]
            deadline = time.monotonic() + LIMIT
            while sum(each.done() for each in asked) < len(asked) - 2:
                assert time.monotonic() < deadline, mirror.log
                time.sleep(0.02)
            assert mirror.get(f"{GREET_PATH}/@v/v1.2.0.zip")[0] == 200
            refused = [each.result() for each in asked if each.done()]
            mirror.kill()
    assert len(refused) == len(asked) - 2
    for status, body, headers in refused:
        assert (status, headers["retry-after"]) == (503, "1")
        assert body.startswith(b"overloaded: 2 origin fills are running")


@pytest.mark.go
def test_one_client_too_eager_gets_429_and_others_and_hits_none(
    upstream: FakeUpstream, start_mirror: StartMirror, new_machine: NewMachine, pinned: Path
) -> None:
    mirror = start_mirror(
        {"route": one_route(upstream), "server": {"client_fetches": 0.001, "client_burst": 1}}
    )
    path = f"{GREET_PATH}/@v/v1.2.0"
    assert mirror.get(f"{path}.mod")[0] == 200
    status, body, headers = mirror.get(f"{path}.zip")
    assert (status, int(headers["retry-after"]) > 0) == (429, True)
    assert body.startswith(b"too many requests: this client caused more than 1 fetches")
    assert mirror.get(f"{path}.mod")[0] == 200
    machine = new_machine(mirror.url)
    assert "429" in machine.run("mod", "download", cwd=pinned).must_fail()
