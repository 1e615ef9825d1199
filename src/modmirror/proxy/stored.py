"""Answers made from stored files alone, for when nobody may or can be asked.

Other answers to ``@latest`` are told by an upstream, which also knows what is not stored here: these are
for the case that there is no such answer, and they name only what can be served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import FetchDisabled
from modmirror.mod import semver
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.version import INCOMPATIBLE
from modmirror.protocol.target import ModuleTarget
from modmirror.storage.port import BlobKey

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath
    from modmirror.protocol.target import Target
    from modmirror.storage.port import ModuleStorage, OpenBlob


def not_stored(target: Target, *, offline: bool) -> FetchDisabled:
    """Return the error for what is not stored and may not be fetched, by this request or by anyone."""
    who = "this mirror is offline for it" if offline else "this request forbids fetching it"
    return FetchDisabled(
        f"{_subject(target)}: temporarily unavailable", hint=f"it is not in the store, and {who}"
    )


def _subject(target: Target) -> str:
    if isinstance(target, ModuleTarget):
        return f"{target.module}@{target.version or target.kind}"
    record = f"{target.module}@{target.version}" if target.module else target.path
    return f"{record} in {target.database}"


async def stored_latest(storage: ModuleStorage, module: ModulePath) -> bytes | None:
    """Return the ``.info`` of the version that the go command would call latest of those stored.

    Releases come before pre-releases, those before pseudo-versions, and ``+incompatible`` ones only where
    there is nothing else.
    """
    escaped = escape_path(module)
    for version in sorted(await storage.versions(escaped), key=_precedence, reverse=True):
        blob = await storage.open(BlobKey(escaped, escape_version(version), "info"))
        if blob is not None:
            return await _whole(blob)
    return None


def _precedence(version: str) -> tuple[object, ...]:
    return (
        not version.endswith(INCOMPATIBLE),
        not is_pseudo_version(version),
        not semver.prerelease(version),
        semver.sort_key(version),
    )


async def _whole(blob: OpenBlob) -> bytes:
    try:
        return await blob.read(0, blob.blob.size)
    finally:
        blob.close()
