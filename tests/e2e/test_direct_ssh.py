"""Private repositories over SSH, by a real sshd on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.origins import BILLING, VERSION
from tests.fakes.ssh_server import SshServer, find_sshd, ssh_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.mirror import Table
    from tests.e2e.origins import Origins

INFO = f"{BILLING}/@v/{VERSION}.info"
ZIP = f"{BILLING}/@v/{VERSION}.zip"


@pytest.fixture
def ssh(world: Origins) -> Iterator[SshServer]:
    sshd = find_sshd()
    if sshd is None:
        pytest.skip("no sshd that can run here: install openssh-server")
    with ssh_server(sshd, world.folder / "ssh", world.private.root) as server:
        where = f"ssh://{server.user}@git.corp.test:{server.port}/team/billing"
        world.sites.go_import(BILLING, f"{BILLING} git {where}")
        yield server


def ssh_access(server: SshServer, name: str = "git.corp.test") -> Table:
    url = f"ssh://{server.user}@git.corp.test:{server.port}/team"
    hosts = str(server.known_hosts(name))
    return {"kind": "ssh", "url": url, "secret_file": str(server.key), "known_hosts_file": hosts}


def test_a_private_key_opens_repositories_over_ssh(
    world: Origins, ssh: SshServer, start_mirror: StartMirror
) -> None:
    mirror = start_mirror(world.config(ssh_access(ssh)), environ=world.environ())
    assert mirror.get(ZIP)[0] == 200
    assert set(ssh.commands) == {"git-upload-pack '/team/billing'"}
    assert world.private.requests == []


def test_a_private_key_from_a_variable_is_kept_where_only_this_user_reads(
    world: Origins, ssh: SshServer, start_mirror: StartMirror
) -> None:
    access = ssh_access(ssh) | {"secret_env": "SSH_KEY"}
    del access["secret_file"]
    mirror = start_mirror(world.config(access), environ=world.environ(SSH_KEY=ssh.key.read_text()))
    assert mirror.get(ZIP)[0] == 200
    line = ssh.key.read_bytes().splitlines()[1]
    places = [path for path in mirror.directory.rglob("*") if path.is_file() and line in path.read_bytes()]
    assert [oct(path.stat().st_mode & 0o777) for path in places] == [oct(0o600)]
    assert mirror.get(f"{BILLING}/@v/nothing.info")[0] == 404


def test_a_host_that_is_not_known_is_not_logged_in_to(
    world: Origins, ssh: SshServer, start_mirror: StartMirror
) -> None:
    mirror = start_mirror(world.config(ssh_access(ssh, "other.test")), environ=world.environ())
    status, body, _ = mirror.get(INFO)
    assert status == 502
    assert b"host key" in body.lower()
    assert ssh.commands == []


def test_a_private_key_that_is_not_let_in_is_said_to_be_the_reason(
    world: Origins, ssh: SshServer, start_mirror: StartMirror
) -> None:
    (ssh.folder / "authorized").write_text("")
    mirror = start_mirror(world.config(ssh_access(ssh)), environ=world.environ())
    status, body, _ = mirror.get(INFO)
    assert status == 404
    assert b"its key may not read it" in body
    assert ssh.commands == []


@pytest.mark.go
def test_the_go_command_gets_a_module_that_only_ssh_reaches(
    world: Origins, ssh: SshServer, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    mirror = start_mirror(world.config(ssh_access(ssh)), environ=world.environ())
    go = new_machine(mirror.url)
    assert go.run("list", "-m", "-versions", BILLING).must().split() == [BILLING, VERSION]
    go.run("mod", "download", f"{BILLING}@{VERSION}").must()


def test_a_rewrite_leads_from_https_to_ssh(
    world: Origins, ssh: SshServer, start_mirror: StartMirror
) -> None:
    world.sites.go_import(BILLING, f"{BILLING} git {world.git}/team/billing")
    rewrite = f"{world.git}/ -> ssh://{ssh.user}@127.0.0.1:{ssh.port}/"
    access = ssh_access(ssh, "127.0.0.1") | {"url": f"ssh://127.0.0.1:{ssh.port}"}
    mirror = start_mirror(world.config(access, rewrite=[rewrite]), environ=world.environ())
    assert mirror.get(ZIP)[0] == 200
    assert set(ssh.commands) == {"git-upload-pack '/team/billing'"}
    assert world.private.requests == []
