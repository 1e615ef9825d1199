"""Starts fossil so that nothing but what is written here decides what it does (protocol.md D.7).

Its own settings are in a database in the home directory: it is told that this is where the clone is. It
speaks with a relay on loopback, over HTTP and in no other way. It is given no password, because it takes
one only where everyone on the machine could read it.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modmirror.origin.access.vcs import check_transport, remote_of
from modmirror.origin.fossil.queries import with_end
from modmirror.origin.network.relay import open_relay
from modmirror.origin.processes.failures import Phrases
from modmirror.origin.processes.process import Bounds, Command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from modmirror.origin.access.vcs import VcsAccess
    from modmirror.origin.processes.process import Tool
    from modmirror.origin.processes.running import Finished, Running

LOCAL = Bounds(seconds=60.0, output_bytes=64 << 20)
"""For questions to a kept clone, which are answered in milliseconds."""

CLONE = "clone.fossil"
"""The database, in the directory of a kept repository."""

PHRASES = Phrases(
    "fossil",
    re.compile(
        r"server says: (401|403|404|410|451)\b"
        r"|^Error: not authorized to"
        r"|^Error: login failed"
        r"|^cannot open \".*\" for reading",
        re.MULTILINE,
    ),
    re.compile(r"^((?:server says|Error|SSL|cannot|getaddrinfo).*)$", re.MULTILINE),
)

WRONG_PROJECT = re.compile(r"^Error: wrong project", re.MULTILINE)
"""Another repository is in the place of the one that was cloned."""

_SCHEMES = frozenset({"https", "http", "file"})
_USER = "modmirror"
_EXCHANGED = re.compile(r"^(?:.*\r)?Round-trips: ", re.MULTILINE)
_ERROR = re.compile(r"^Error: ", re.MULTILINE)
# Fossil says so and goes on.
_HARMLESS = re.compile(r"\*\*\* time skew.*|redirect with status.*|\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where fossil works."""

    source: str
    """On whose behalf, as errors name it."""
    directory: Path
    keep: tuple[int, ...] = ()
    """File descriptors that fossil holds open: the lock of a writer."""


class Fossil:
    """The fossil command. Asking kept clones and asking remote ones have places of their own."""

    def __init__(self, local: Tool, network: Tool) -> None:
        """Use ``local`` for what touches kept clones only: it must not wait for someone's network."""
        self._local = local
        self._network = network

    async def query(self, place: Place, sql: str, bounds: Bounds = LOCAL) -> Finished:
        """Ask a kept clone in SQL, which holds no one else's words. The exit code says nothing."""
        words = ("sql", "-R", CLONE, "--readonly", "-list", with_end(sql))
        return await self._local.run(_command(place, words), bounds)

    def tarball(self, place: Place, commit_id: str, bounds: Bounds) -> AbstractAsyncContextManager[Running]:
        """Ask a kept clone for a compressed tar of all files of a check-in."""
        words = ("tarball", commit_id, "-", "-R", CLONE, "--name", "")
        return self._local.start(_command(place, words), bounds)

    async def clone(self, place: Place, access: VcsAccess, bounds: Bounds) -> Finished:
        """Clone into an empty directory. Raises NotExist for a transport that is not for fossil."""
        options = ("--no-open", "--once", "--admin-user", _USER)
        async with _reached(access) as (url, environ):
            words = ("clone", *options, "--", url, CLONE)
            return await self._network.run(_command(place, words, environ), bounds)

    async def pull(self, place: Place, access: VcsAccess, bounds: Bounds) -> Finished:
        """Fetch what is new. Raises NotExist for a transport that is not for fossil."""
        async with _reached(access) as (url, environ):
            # It knows no "--" here; a URL with one of the schemes cannot be taken for an option.
            words = ("pull", url, "-R", CLONE, "--once")
            return _judged(await self._network.run(_command(place, words, environ), bounds))


@asynccontextmanager
async def _reached(access: VcsAccess) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Yield the URL that fossil is to ask, and variables for it: those of a relay, unless it is trusted."""
    check_transport("fossil", access, _SCHEMES)
    if not access.endpoints:
        yield access.url, {"SSL_CERT_FILE": access.ca_file} if access.ca_file else {}
        return
    async with open_relay(remote_of(access), access.endpoints, access.ca_file) as url:
        yield url, {}


def _command(place: Place, words: tuple[str, ...], environ: dict[str, str] | None = None) -> Command:
    complete = {
        "LC_ALL": "C.UTF-8",
        "HOME": "/dev/null",
        "FOSSIL_HOME": str(place.directory),
        "FOSSIL_USER": _USER,
        "USER": _USER,
        **(environ or {}),
    }
    return Command(place.source, words, place.directory, complete, keep=place.keep)


def _judged(finished: Finished) -> Finished:
    """Return a pull with an exit code that tells how it went: fossil's own is always 0."""
    said = finished.stdout.decode("utf-8", "replace")
    lines = finished.stderr.splitlines()
    fine = _EXCHANGED.search(said) and not _ERROR.search(said) and all(map(_HARMLESS.fullmatch, lines))
    if finished.code or fine:
        return finished
    return replace(finished, code=1, stderr=f"{finished.stderr}\n{said}")
