"""Starts git so that nothing but what is written here decides what it does (protocol.md D.7).

The environment is made from nothing; the configuration of the machine and of the user is not read, and what
a repository's own configuration could say is overridden. Secrets arrive in the environment, never in argv.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.origin.processes.process import Bounds, Command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from modmirror.origin.access.git import GitAccess
    from modmirror.origin.processes.process import Tool
    from modmirror.origin.processes.running import Finished, Running

LOCAL = Bounds(seconds=60.0, output_bytes=16 << 20)
"""For questions to a kept repository: an answer of some lines, in milliseconds. The generous time is for a
machine that is busy."""

_CONFIG = (
    ("protocol.allow", "never"),  # GIT_ALLOW_PROTOCOL opens the one that is needed
    ("protocol.version", "2"),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "1000"),  # bytes a second, for so many seconds:
    ("http.lowSpeedTime", "30"),
    ("credential.helper", ""),
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "no"),
    ("transfer.bundleURI", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    # protocol.md C.3: what the go command says for its archives, and no filter of this machine.
    ("core.autocrlf", "input"),
    ("core.eol", "lf"),
    ("filter.lfs.smudge", ""),
    ("filter.lfs.process", ""),
    ("filter.lfs.required", "false"),
    # Packs stay packs (one file for the size limit to hold), and are mapped in windows that fit the limit
    # on address space. Hits need processors too.
    ("fetch.unpackLimit", "1"),
    # All of it can be fetched again; what a power cut breaks does not pass git's checksums.
    ("core.fsync", "none"),
    ("core.packedGitWindowSize", "32m"),
    ("core.packedGitLimit", "1g"),
    ("pack.threads", "2"),
)

_ENVIRON = {
    "LC_ALL": "C",
    # Not a directory: there is no .netrc, .gitconfig or .config in it.
    "HOME": "/dev/null",
    "XDG_CONFIG_HOME": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_CONFIG_COUNT": str(len(_CONFIG)),
    **{f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(_CONFIG)},
    **{f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(_CONFIG)},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where git works."""

    source: str
    """On whose behalf, as errors name it."""
    directory: Path
    """A bare repository; for listing a remote one, a directory that is none."""
    keep: tuple[int, ...] = ()
    """File descriptors that git and its children hold open: the lock of a writer."""


class Git:
    """The git command. Asking kept repositories and asking remote ones have places of their own."""

    def __init__(self, local: Tool, network: Tool) -> None:
        """Use ``local`` for what touches kept repositories only: it must not wait for someone's network."""
        self._local = local
        self._network = network

    async def ask(self, place: Place, *arguments: str, stdin: bytes = b"") -> Finished:
        """Ask a kept repository something that has a short answer."""
        return await self._local.run(_command(place, arguments, stdin=stdin), LOCAL)

    def read(
        self, place: Place, arguments: tuple[str, ...], bounds: Bounds, stdin: bytes = b""
    ) -> AbstractAsyncContextManager[Running]:
        """Ask a kept repository something that has a long answer."""
        return self._local.start(_command(place, arguments, stdin=stdin), bounds)

    async def change(self, place: Place, arguments: tuple[str, ...], bounds: Bounds) -> Finished:
        """Make or change a kept repository without asking anyone."""
        return await self._local.run(_command(place, arguments), bounds)

    def list_remote(
        self, place: Place, access: GitAccess, bounds: Bounds
    ) -> AbstractAsyncContextManager[Running]:
        """List what a remote repository's names point at."""
        # With no repository around, either object format is understood.
        environ = access.environment(len(_CONFIG)) | {
            "GIT_CEILING_DIRECTORIES": str(place.directory.parent)
        }
        arguments = ("ls-remote", "--quiet", "--end-of-options", access.url)
        return self._network.start(_command(place, arguments, environ, inside=False), bounds)

    async def fetch(
        self,
        place: Place,
        access: GitAccess,
        options: tuple[str, ...],
        refspecs: tuple[str, ...],
        bounds: Bounds,
    ) -> Finished:
        """Fetch from a remote repository into a kept one, and leave no trace of how it was reached."""
        always = ("--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
        words = ("fetch", *always, *options, "--end-of-options", access.url, *refspecs)
        environ = access.environment(len(_CONFIG))
        return await self._network.run(_command(place, words, environ), bounds)


def _command(
    place: Place,
    arguments: tuple[str, ...],
    environ: Mapping[str, str] | None = None,
    *,
    stdin: bytes = b"",
    inside: bool = True,
) -> Command:
    complete = _ENVIRON | ({"GIT_DIR": str(place.directory)} if inside else {}) | dict(environ or {})
    return Command(place.source, arguments, place.directory, complete, stdin, place.keep)
