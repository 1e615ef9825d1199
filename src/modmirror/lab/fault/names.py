"""A host name that one process can resolve, until it is told that it cannot any more.

The process gets a mount namespace in which ``/etc/hosts`` and ``/etc/resolv.conf`` are files of ours;
nothing changes for anybody else. That takes root, or a kernel that lets users make namespaces.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from modmirror.errors import Error

if TYPE_CHECKING:
    from pathlib import Path

HOST = "upstream.lab.test"
_HOSTS = f"127.0.0.1 localhost\n127.0.0.1 {HOST}\n"
_NOBODY = "127.0.0.1 localhost\n"
# Nothing listens there: a question is refused at once.
_RESOLVER = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
_MOUNT = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"'
_LIMIT = 10.0


class NotPermitted(Error):
    """This machine does not let us have what a scenario needs."""


class Names:
    """The name :data:`HOST`, for commands that begin with :attr:`wrapper`."""

    def __init__(self, directory: Path) -> None:
        self._hosts = directory / "hosts"
        resolver = directory / "resolv.conf"
        self._hosts.write_text(_HOSTS, encoding="ascii")
        resolver.write_text(_RESOLVER, encoding="ascii")
        unshare = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "-r", "--mount")
        self.wrapper: tuple[str, ...] = (
            *unshare, "--", "sh", "-c", _MOUNT, "sh", str(self._hosts), str(resolver),
        )  # fmt: skip

    def check(self) -> None:
        """See whether it works here. Raises NotPermitted."""
        try:
            done = subprocess.run(
                [*self.wrapper, "true"], capture_output=True, timeout=_LIMIT, check=False, text=True
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotPermitted(f"a namespace of mounts cannot be made: {error}") from error
        if done.returncode:
            raise NotPermitted(
                f"a namespace of mounts cannot be made: {done.stderr.strip()}",
                hint="run it as root, or where users may make namespaces",
            )

    def fail(self) -> None:
        """Let the name be unknown."""
        # In place: the mount is of this very file.
        self._hosts.write_text(_NOBODY, encoding="ascii")

    def heal(self) -> None:
        """Let the name be known again."""
        self._hosts.write_text(_HOSTS, encoding="ascii")
