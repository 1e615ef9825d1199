"""Private repositories of hg, svn and fossil: what opens them, and who does not get to see a secret."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.e2e.others import SECRET, USER, Others, greet, others
from tests.fakes.git_http import basic
from tests.fakes.ssh_server import SshServer, find_sshd, ssh_server
from tests.fakes.tunnels import tls_front

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import MirrorProcess, Table

SECRETS = (SECRET, basic(USER, SECRET).removeprefix("Basic "))
VERSION = "v1.0.0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "world"
    made.mkdir()
    return made


def over_https(world: Others, vcs: str, stack: ExitStack) -> str:
    """Publish a module whose page names a repository over https; return its base URL."""
    world.publish(greet(f"{vcs}.test/greet"), vcs)
    port = int(world.servers[vcs].rpartition(":")[2])
    url = f"https://{vcs}.test:{stack.enter_context(tls_front(port, f'{vcs}.test'))}"
    world.sites.go_import(f"{vcs}.test/greet", f"{vcs}.test/greet {vcs} {url}/greet")
    return url


def password(url: str, **changes: str) -> Table:
    return {
        "name": "corp",
        "kind": "password",
        "username": USER,
        "secret_env": "CORP_SECRET",
        "url": url,
        **changes,
    }


def places_of_secrets(mirror: MirrorProcess) -> list[Path]:
    """Return the files that a mirror wrote and a secret stands in."""
    files = [path for path in mirror.directory.rglob("*") if path.is_file()]
    return [path for path in files if any(secret.encode() in path.read_bytes() for secret in SECRETS)]


def test_a_password_opens_hg_over_https(folder: Path, start_mirror: StartMirror) -> None:
    with ExitStack() as stack:
        world = stack.enter_context(others(folder, "hg"))
        url = over_https(world, "hg", stack)
        assert world.hg is not None
        world.hg.authorization = basic(USER, SECRET)
        mirror = start_mirror(world.config(password(url)), environ=world.environ())
        assert mirror.get(f"hg.test/greet/@v/{VERSION}.zip")[0] == 200
        assert mirror.get("hg.test/greet/@v/list")[1].split() == [b"v1.0.0", b"v1.1.0"]
        assert mirror.get("hg.test/greet/@v/nothing.info")[0] == 404
        assert mirror.stop() == 0
        assert places_of_secrets(mirror) == []


def test_a_password_that_is_wrong_is_said_to_be_the_reason(folder: Path, start_mirror: StartMirror) -> None:
    with ExitStack() as stack:
        world = stack.enter_context(others(folder, "hg"))
        url = over_https(world, "hg", stack)
        assert world.hg is not None
        world.hg.authorization = basic(USER, "another")
        mirror = start_mirror(world.config(password(url)), environ=world.environ())
        status, body, _ = mirror.get(f"hg.test/greet/@v/{VERSION}.info")
        assert status == 404
        assert b"its key may not read it" in body
        assert places_of_secrets(mirror) == []


def test_a_page_of_somebody_else_does_not_get_the_password_used(
    folder: Path, start_mirror: StartMirror
) -> None:
    with ExitStack() as stack:
        world = stack.enter_context(others(folder, "hg"))
        url = over_https(world, "hg", stack)
        world.sites.go_import("evil.test/x", f"evil.test/x hg {url}/greet")
        assert world.hg is not None
        world.hg.authorization = basic(USER, SECRET)
        config = world.config(password(url), match=["hg.test"])
        routes = config["route"]
        assert isinstance(routes, list)
        routes.append({**routes[0], "match": ["*"], "access": []})
        mirror = start_mirror(config, environ=world.environ())
        status, body, _ = mirror.get(f"evil.test/x/@v/{VERSION}.info")
        assert status == 404
        assert b"may not be read without a key" in body
        assert mirror.get(f"hg.test/greet/@v/{VERSION}.info")[0] == 200


def test_fossil_is_read_over_https(folder: Path, start_mirror: StartMirror) -> None:
    with ExitStack() as stack:
        world = stack.enter_context(others(folder, "fossil"))
        over_https(world, "fossil", stack)
        mirror = start_mirror(world.config(), environ=world.environ())
        assert mirror.get(f"fossil.test/greet/@v/{VERSION}.zip")[0] == 200
        assert mirror.get("fossil.test/greet/@v/list")[1].split() == [b"v1.0.0", b"v1.1.0"]


# --- over ssh ------------------------------------------------------------------------------------


@pytest.fixture
def sshd() -> str:
    found = find_sshd()
    if found is None:
        pytest.skip("no sshd that can run here: install openssh-server")
    return found


@pytest.fixture(params=["hg", "svn"])
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(folder: Path, system: str) -> Iterator[Others]:
    with others(folder, system) as running:
        yield running


@pytest.fixture
def ssh(world: Others, system: str, sshd: str) -> Iterator[SshServer]:
    world.publish(greet(f"{system}.test/greet"), system)
    with ssh_server(sshd, world.folder / "ssh", world.folder / system) as server:
        scheme, below = ("svn+ssh", "/trunk") if system == "svn" else ("ssh", "")
        where = f"{scheme}://{server.user}@{system}.test:{server.port}/greet{below}"
        world.sites.go_import(f"{system}.test/greet", f"{system}.test/greet {system} {where}")
        yield server


def ssh_access(server: SshServer, system: str, known: str = "") -> Table:
    url = f"ssh://{server.user}@{system}.test:{server.port}/greet"
    hosts = str(server.known_hosts(known or f"{system}.test"))
    keys = {"secret_file": str(server.key), "known_hosts_file": hosts}
    return {"name": "corp", "kind": "ssh", "url": url, **keys}


def test_a_private_key_opens_repositories_over_ssh(
    world: Others, system: str, ssh: SshServer, start_mirror: StartMirror
) -> None:
    mirror = start_mirror(world.config(ssh_access(ssh, system)), environ=world.environ())
    assert mirror.get(f"{system}.test/greet/@v/{VERSION}.zip")[0] == 200
    assert set(ssh.commands) == {"hg -R greet serve --stdio" if system == "hg" else "svnserve -t"}


def test_a_host_that_is_not_known_is_not_logged_in_to(
    world: Others, system: str, ssh: SshServer, start_mirror: StartMirror
) -> None:
    config = world.config(ssh_access(ssh, system, "other.test"))
    mirror = start_mirror(config, environ=world.environ())
    status, body, _ = mirror.get(f"{system}.test/greet/@v/{VERSION}.info")
    assert status == 502
    assert b"host key" in body.lower()
    assert ssh.commands == []


def test_a_private_key_that_is_not_let_in_opens_nothing(
    world: Others, system: str, ssh: SshServer, start_mirror: StartMirror
) -> None:
    (ssh.folder / "authorized").write_text("")
    mirror = start_mirror(world.config(ssh_access(ssh, system)), environ=world.environ())
    status, body, _ = mirror.get(f"{system}.test/greet/@v/{VERSION}.info")
    assert status == 404
    assert b"its key may not read it" in body
    assert ssh.commands == []
