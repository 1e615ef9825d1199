"""Repositories over SSH: a real sshd on loopback, one client's key, and nothing but git, hg and svn."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMIT = 10.0
_PRIVILEGE_SEPARATION = Path("/run/sshd")
_ONLY_READING = """#!/bin/sh
PATH="{tools}:$PATH"
echo "$SSH_ORIGINAL_COMMAND" >> "{log}"
case "$SSH_ORIGINAL_COMMAND" in
"git-upload-pack '/"*"'")
    path=${{SSH_ORIGINAL_COMMAND#*"'"}}
    exec git-upload-pack "{root}${{path%"'"}}" ;;
"hg -R "*" serve --stdio")
    path=${{SSH_ORIGINAL_COMMAND#"hg -R "}}
    exec hg -R "{root}/${{path%" serve --stdio"}}" serve --stdio ;;
"svnserve -t")
    exec svnserve -t -r "{root}" ;;
esac
exit 1
"""
_CONFIG = """ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv GIT_PROTOCOL
ForceCommand /bin/sh {folder}/only-reading
"""


@dataclass(frozen=True)
class SshServer:
    """A running server."""

    folder: Path
    port: int
    user: str
    """Who may log in."""

    @property
    def key(self) -> Path:
        """The client's private key."""
        return self.folder / "client"

    @property
    def commands(self) -> list[str]:
        """What clients that were let in wanted to run."""
        log = self.folder / "commands"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def said(self) -> str:
        """The server's log."""
        return (self.folder / "log").read_text()

    def known_hosts(self, name: str) -> Path:
        """Write a file in which this server is known by a name."""
        path = self.folder / f"known-{name}"
        path.write_text(f"[{name}]:{self.port} {(self.folder / 'host.pub').read_text()}")
        return path


def find_sshd() -> str | None:
    """Return the path of sshd, or None where it cannot run."""
    # Run by root it wants a directory that the system makes.
    if os.getuid() == 0:
        try:
            _PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
            pwd.getpwnam("sshd")
        except (OSError, KeyError):
            return None
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def ssh_server(sshd: str, folder: Path, root: Path) -> Iterator[SshServer]:
    """Serve the repositories below ``root`` while the body runs."""
    folder.mkdir(parents=True)
    for name in ("host", "client"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True)
    shutil.copy(folder / "client.pub", folder / "authorized")
    # hg may be installed beside the Python of the tests only.
    words = {"root": root, "log": folder / "commands", "tools": Path(sys.executable).parent}
    (folder / "only-reading").write_text(_ONLY_READING.format(**words))
    server = SshServer(folder, _free_port(), pwd.getpwuid(os.getuid()).pw_name)
    (folder / "config").write_text(_CONFIG.format(port=server.port, folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(_LIMIT)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(server: SshServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _LIMIT
    while time.monotonic() < deadline:
        assert process.poll() is None, f"sshd ended:\n{server.said}"
        if "listening on" in server.said:
            return
        time.sleep(0.01)
    raise AssertionError(f"sshd does not listen:\n{server.said}")
