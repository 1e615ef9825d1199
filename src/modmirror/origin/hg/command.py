"""Starts hg so that nothing but what is written here decides what it does (protocol.md D.7).

The environment is made from nothing, no configuration of the machine, the user or a repository is read.
How a remote side is reached stands in a file without a name that only one run of hg can open: neither in
argv nor on disk.
"""

from __future__ import annotations

import os
import re
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.origin.access.vcs import check_transport, remote_of
from modmirror.origin.network.relay import open_relay
from modmirror.origin.processes.failures import Phrases
from modmirror.origin.processes.process import Bounds, Command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from modmirror.origin.access.vcs import VcsAccess
    from modmirror.origin.processes.process import Tool
    from modmirror.origin.processes.running import Finished, Running

LOCAL = Bounds(seconds=60.0, output_bytes=64 << 20)
"""For questions to a kept repository. Most of the time goes into starting Python."""

REMOTE = "origin"
"""What the remote side is called in argv: its URL stands in the configuration."""

PHRASES = Phrases(
    "hg",
    re.compile(
        r"HTTP Error (401|403|404|410|451)\b"
        r"|^abort: (http )?authorization (failed|required)"
        r"|^abort: repository .* not found"
        r"|does not appear to be an hg repository"
        r"|there is no Mercurial repository here"
        r"|^remote: abort: repository .* not found"
        r"|Permission denied \(",
        re.MULTILINE,
    ),
    # What ssh says stands for itself; the abort after it says only that nothing came.
    re.compile(r"^(?:remote: )?(?:abort: (?:error: )?|(?=Host key verification))(.+)$", re.MULTILINE),
)

_SCHEMES = frozenset({"https", "http", "ssh", "file"})
_LINE = re.compile(r"[^\x00-\x1f\x7f]*")

_ENVIRON = {
    "LC_ALL": "C.UTF-8",
    # Not a directory: there is no .hgrc, .netrc or .config in it.
    "HOME": "/dev/null",
    "HGRCPATH": "",
    "HGRCSKIPREPO": "1",
    # Options are only options where ours stand (CVE-2025-68119), and nothing is translated or abbreviated.
    "HGPLAIN": "+strictflags",
    "HGENCODING": "utf-8",
    "HGUSER": "modmirror",
    "PYTHONNOUSERSITE": "1",
}

_CONFIG = (
    # A server can name other places for the same content: hg would go there.
    "ui.clonebundles=false",
    "ui.archivemeta=false",
    "ui.timeout=30",
    # Subrepositories are made on disk by commands that only read.
    "subrepos.allowed=false",
    "http.timeout=30",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where hg works."""

    source: str
    """On whose behalf, as errors name it."""
    directory: Path
    keep: tuple[int, ...] = ()
    """File descriptors that hg and its children hold open: the lock of a writer."""


class Hg:
    """The hg command. Asking kept repositories and asking remote ones have places of their own."""

    def __init__(self, local: Tool, network: Tool) -> None:
        """Use ``local`` for what touches kept repositories only: it must not wait for someone's network."""
        self._local = local
        self._network = network

    async def ask(self, place: Place, *arguments: str, bounds: Bounds = LOCAL) -> Finished:
        """Ask (or make, or mend) a kept repository."""
        return await self._local.run(_command(place, arguments), bounds)

    def read(
        self, place: Place, arguments: tuple[str, ...], bounds: Bounds
    ) -> AbstractAsyncContextManager[Running]:
        """Ask a kept repository something that has a long answer."""
        return self._local.start(_command(place, arguments), bounds)

    async def contact(self, place: Place, access: VcsAccess, bounds: Bounds, *arguments: str) -> Finished:
        """Run a command that may ask the remote side, which it calls :data:`REMOTE`.

        Raises:
            NotExist: the access leads over a transport that hg is not to use.
        """
        async with _configured(access) as descriptor:
            environ = {"HGRCPATH": f"/dev/fd/{descriptor}"}
            command = _command(place, arguments, environ, (descriptor,))
            return await self._network.run(command, bounds)


def _command(
    place: Place,
    arguments: tuple[str, ...],
    environ: dict[str, str] | None = None,
    keep: tuple[int, ...] = (),
) -> Command:
    words = (*(f"--config={pair}" for pair in _CONFIG), *arguments)
    return Command(
        place.source, words, place.directory, _ENVIRON | (environ or {}), keep=(*place.keep, *keep)
    )


@asynccontextmanager
async def _configured(access: VcsAccess) -> AsyncIterator[int]:
    """Yield a descriptor of a configuration file that leads to the remote side, and nowhere else."""
    check_transport("hg", access, _SCHEMES)
    async with AsyncExitStack() as stack:
        reached = access
        if access.endpoints and access.scheme != "ssh":
            relay = open_relay(remote_of(access), access.endpoints, access.ca_file)
            reached = replace(access, url=await stack.enter_async_context(relay), ca_file="")
        yield stack.enter_context(_unnamed_file(configuration(reached)))


def configuration(access: VcsAccess) -> str:
    """Return what hg reads about a remote side; it may hold a password.

    Raises:
        NotExist: something in the access would end its line.
    """
    lines = ["[paths]", f"{REMOTE} = {access.url}", f"{REMOTE}:bookmarks.mode = mirror"]
    if access.password:
        scheme, _, prefix = access.url.partition("://")
        lines += ["[auth]", f"it.prefix = {prefix}", f"it.schemes = {scheme}"]
        lines += [f"it.username = {access.username}", f"it.password = {access.password}"]
    if access.ssh_command:
        lines += ["[ui]", f"ssh = {access.ssh_command}"]
    if access.ca_file:
        lines += ["[web]", f"cacerts = {access.ca_file}"]
    if not all(_LINE.fullmatch(line) for line in lines):
        raise NotExist("hg cannot be told of a URL or secret with control characters")
    return "\n".join(lines) + "\n"


@contextmanager
def _unnamed_file(text: str) -> Iterator[int]:
    descriptor = os.memfd_create("modmirror-hgrc")
    try:
        os.write(descriptor, text.encode())
        yield descriptor
    finally:
        os.close(descriptor)
