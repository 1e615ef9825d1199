"""The port of a version control system: one kept repository that can be asked a few questions.

Everything about module versions (which tag is which version, what a branch resolves to, where go.mod is)
is decided by the pure :mod:`modmirror.origin.resolve` from the facts that these questions yield. Adapters
know their tool and nothing of Go. Every implementation passes ``tests/contract/repository_suite.py``.

Only commits that can be reached from HEAD, a branch or a tag exist (protocol.md D.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refs:
    """What a repository's names point at, as of one moment."""

    head: str
    """Commit of HEAD (the default branch, tip, trunk); empty for a repository without commits."""
    branches: Mapping[str, str]
    """Commit by name."""
    tags: Mapping[str, str]
    """Commit by name, annotated tags peeled. A tag that points at no commit is left out where that is
    known; asking for its commit gives None in any case."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit."""

    id: str
    """Full id: 40 or 64 hexadecimal digits for git, 40 for hg and fossil, the revision number for svn."""
    short: str
    """The revision part of its pseudo-versions, exactly 12 characters (protocol.md A.6)."""
    time: datetime
    """When it was committed, UTC, whole seconds."""


class Repository(Protocol):
    """One repository, kept locally and shared by all its modules and versions.

    All methods raise :class:`modmirror.errors.UpstreamError` when the remote side or the tool fails (named
    by ``url``), ``NotExist`` when there is no such repository or we may not read it, and ``StorageError``
    when the disk fails. None of those may be mistaken for "no such file" or "no such commit". Questions
    about a commit's files, archive or ancestors raise ``NotExist`` when it cannot be reached (any more).
    """

    @property
    def vcs(self) -> str:
        """``git``, ``hg``, ``svn`` or ``fossil``."""

    @property
    def url(self) -> str:
        """Where it comes from, without credentials."""

    @property
    def age(self) -> float:
        """Seconds since the remote side was asked for what `refs` returned last."""

    async def refs(self) -> Refs:
        """Return what names point at; asked of the remote side again when older than the refresh time."""

    async def commit(self, commit_id: str) -> Commit | None:
        """Return a commit by its full id, or None when it is not reachable (or no commit)."""

    async def find(self, prefix: str) -> Commit | None:
        """Return the one reachable commit whose id begins with ``prefix``, or None for none or several.

        ``prefix`` is 7 or more lower-case hexadecimal digits; for svn, a revision number.
        """

    async def read(self, commit_id: str, path: str, limit: int) -> bytes | None:
        """Return a file's stored bytes, unconverted; for a symlink, the text of its target.

        None when there is no such file (a directory is no file). Raises UpstreamBadAnswer over ``limit``.
        """

    async def tags_before(self, commit_id: str) -> frozenset[str]:
        """Names of all tags on the commit or on an ancestor of it; empty where there is no ancestry."""

    def archive(self, commit_id: str, directory: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Stream an uncompressed tar of one directory (``""`` is the root) as the tool would export it.

        Conversions that the commit itself asks for are made (``.gitattributes``: eol, ident, encoding),
        export-ignore, export-subst and configured filters are not (protocol.md C.3). Names are whole, from
        the root; a reader ignores what is not below ``directory``. A directory that does not exist gives an
        empty tar.
        """
