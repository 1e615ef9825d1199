"""Starts svn so that as little as can be but what is written here decides what it does (protocol.md D.7).

The environment is made from nothing, and what a user's configuration could say is overridden. Svn always
reads the machine's own, ``/etc/subversion``. A password goes in by standard input.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from modmirror.origin.access.vcs import check_transport, remote_of
from modmirror.origin.network.gate import open_gate
from modmirror.origin.processes.failures import Phrases
from modmirror.origin.processes.process import Command

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.origin.access.vcs import VcsAccess
    from modmirror.origin.processes.process import Bounds, Tool
    from modmirror.origin.processes.running import Finished

CONFIG = "config"
"""Svn's own directory, beside what is remembered of a repository."""

NO_SUCH_PATH = re.compile(r"\b[EW](?:160013|160016|170000|195007):")
"""The path is not there at that revision, or it is a directory where a file was wanted."""

PHRASES = Phrases(
    "svn",
    # No such path, repository or right to read it; a web server that is none of Subversion's.
    re.compile(r"\b[EW](?:160013|170000|170001|175003|175013|180001|210005|215004):|Permission denied \("),
    # The first of two lines says only that there was trouble with the URL. What ssh says comes before both.
    re.compile(
        r"^(?:svn: (?:warning: )?[EW](?!170013)[0-9]{6}: |(?=Host key verification))(.+)$", re.MULTILINE
    ),
)

_SCHEMES = frozenset({"https", "http", "svn", "svn+ssh", "file"})
_SECURE = ("--non-interactive", "--no-auth-cache")
_OPTIONS = (
    "config:auth:password-stores=",
    "servers:global:store-passwords=no",
    "servers:global:http-auth-types=basic",
    "servers:global:http-timeout=30",
)
_ENVIRON = {
    # Names of files are UTF-8, texts are English.
    "LC_ALL": "C.UTF-8",
    "HOME": "/dev/null",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A path of the repository at a revision."""

    path: str = ""
    """From the URL on, or from beside it."""
    revision: int | None = None
    """Also the peg: what had this name then. None is the newest."""
    beside: bool = False
    """The URL is that of a trunk, and the path begins beside it."""

    def below(self, url: str) -> str:
        """Return the argument that names it. Nothing in a path can be taken for a revision."""
        peg = "" if self.revision is None else str(self.revision)
        base = url.removesuffix("/trunk") if self.beside else url
        return f"{base}/{quote(self.path)}@{peg}" if self.path else f"{base}@{peg}"


@dataclass(frozen=True, slots=True)
class Words:
    """One command of svn."""

    verb: str
    options: tuple[str, ...] = ()
    target: Target = Target()
    more: tuple[str, ...] = ()
    """What comes behind the target."""


class Svn:
    """The svn command. Every run of it asks a remote side."""

    def __init__(self, network: Tool) -> None:
        self._network = network

    async def ask(
        self, source: str, directory: Path, access: VcsAccess, bounds: Bounds, words: Words
    ) -> Finished:
        """Run a command on a path of the remote side; in ``directory`` svn has one of its own.

        Raises:
            NotExist: the access leads over a transport that svn is not to use.
        """
        check_transport("svn", access, _SCHEMES)
        async with AsyncExitStack() as stack:
            port = 0
            if access.endpoints and access.scheme in {"https", "http"}:
                gate = open_gate(remote_of(access), access.endpoints)
                port = await stack.enter_async_context(gate)
            options = [f"--config-dir={directory / CONFIG}", *_SECURE, *_options(access, port)]
            arguments = (words.verb, *options, *words.options, "--", words.target.below(plain_url(access)))
            environ = _ENVIRON | ({"SVN_SSH": _ssh(access)} if access.ssh_command else {})
            stdin = f"{access.password}\n".encode() if access.password else b""
            command = Command(source, (*arguments, *words.more), directory, environ, stdin)
            return await self._network.run(command, bounds)


def plain_url(access: VcsAccess) -> str:
    """Return the URL that svn is given: with an address where it could not be pinned otherwise.

    ``svn://`` has no host names in it that a server would look at. The port of ssh goes to ssh: svn would
    take it for a part of the host.
    """
    if access.scheme == "svn" and access.endpoints:
        address, port = access.endpoints[0]
        host = f"[{address}]" if ":" in address else address
        return str(replace(remote_of(access), host=host, port=port))
    if access.scheme == "svn+ssh":
        return str(replace(remote_of(access), port=None))
    return access.url


def _ssh(access: VcsAccess) -> str:
    port = remote_of(access).port
    return access.ssh_command if port is None else f"{access.ssh_command} -p {port}"


def _options(access: VcsAccess, proxy_port: int) -> list[str]:
    pairs = list(_OPTIONS)
    if proxy_port:
        pairs += [
            "servers:global:http-proxy-host=127.0.0.1",
            f"servers:global:http-proxy-port={proxy_port}",
            "servers:global:http-proxy-exceptions=",
        ]
    if access.ca_file:
        pairs.append(f"servers:global:ssl-authority-files={access.ca_file}")
    words = [f"--config-option={pair}" for pair in pairs]
    if access.password:
        words += [f"--username={access.username}", "--password-from-stdin"]
    return words
