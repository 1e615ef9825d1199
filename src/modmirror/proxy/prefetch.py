"""Fetches before need: keeps the lists of hot modules fresh, and new versions of them ready.

It asks the mirror as a client would, so that policy, verification and storage are the same. It is the last
in every queue: one fetch at a time, none while a client's fetch waits for its turn, and not many more bytes
than a share of those that clients waited for.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import Error, NotExist, StorageError
from modmirror.mod import semver
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.version import INCOMPATIBLE
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.served import CacheState, Request
from modmirror.storage.port import BlobKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.mod.path import ModulePath
    from modmirror.proxy.serve import Mirror
    from modmirror.proxy.served import Served

AGE = 0.75
"""Part of its time to live after which a list is renewed."""
LEAST_AGE = 30.0
"""Seconds before which none is, however short that time is."""
FIRST_BYTES = 1_048_576
"""What may be fetched before clients have waited for anything, as after a start with a full store."""
MOST_BYTES = 268_435_456
"""What may be saved up."""
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0
"""Seconds without any prefetching after a failure; doubled by each further one."""


class Allowance:
    """Bytes that may still be fetched before need. It may end a little below zero: sizes are known late."""

    def __init__(self, share: float) -> None:
        self.left = float(FIRST_BYTES) if share else 0.0
        self.spent = 0
        self._share = share

    def earn(self, fetched: int) -> None:
        """Clients have waited for so many bytes."""
        self.left = min(float(MOST_BYTES), self.left + self._share * fetched)

    def spend(self, size: int) -> None:
        """So many bytes were fetched before need."""
        self.left -= size
        self.spent += size


@dataclass(frozen=True, slots=True)
class _Seen:
    """A list as it was when it was last looked at."""

    fetched_at: float
    newest: str


@dataclass(slots=True)
class Prefetch:
    """Keeps hot modules fresh, in rounds."""

    mirror: Mirror
    allowance: Allowance
    chance: Callable[[], float]
    """Random numbers from 0 to 1, for pauses that mirrors do not take together."""
    told: Callable[[str], None]
    """Hears what became of each answer: ``refreshed``, ``fetched``, ``failed``, ``over-budget``."""
    _seen: dict[ModulePath, _Seen] = field(default_factory=dict)
    _resume_at: float = 0.0
    _failures: int = 0

    async def round(self, modules: Sequence[ModulePath]) -> None:
        """Look once at each of the modules that are hot now."""
        self._seen = {module: self._seen[module] for module in modules if module in self._seen}
        for module in modules:
            for kind in (Kind.LIST, Kind.LATEST):
                await self._keep_fresh(ModuleTarget(kind, module))
            await self._get_ready(module)

    def _may_go_on(self) -> bool:
        """Whether there is nothing more important, and something left to spend."""
        tools = self.mirror.tools
        if tools.someone_waits or tools.clock() < self._resume_at:
            return False
        if self.allowance.left <= 0:
            self.told("over-budget")
            return False
        return True

    async def _keep_fresh(self, target: ModuleTarget) -> None:
        """Renew an answer that clients have asked for before, shortly before it gets old."""
        changing = self.mirror.changing
        stored = changing.documents.get(target.path)
        if stored is None or self.mirror.tools.routes.is_offline(target.module):
            return
        age = changing.now() - stored.fetched_at
        if 0 <= age < max(LEAST_AGE, AGE * changing.freshness.ttl) or not self._may_go_on():
            return
        try:
            renewed = await changing.renew(target)
        except Error as error:
            self._failed(error)
        else:
            self._succeeded("refreshed", len(renewed.body))

    async def _get_ready(self, module: ModulePath) -> None:
        """Fetch a release that has appeared since the last look."""
        document = self.mirror.changing.documents.get(ModuleTarget(Kind.LIST, module).path)
        before = self._seen.get(module)
        if document is None or (before is not None and before.fetched_at == document.fetched_at):
            return
        # A list of thousands of versions takes tens of milliseconds to read: not on the event loop.
        pool = self.mirror.tools.pool
        newest = await asyncio.get_running_loop().run_in_executor(pool, newest_release, document.body)
        appeared = before is not None and newest not in ("", before.newest)
        if appeared and not self._may_go_on():
            return
        self._seen[module] = _Seen(document.fetched_at, newest)
        if before is not None and appeared:
            await self._fetch_release(module, newest, before.newest)

    async def _fetch_release(self, module: ModulePath, newest: str, before: str) -> None:
        kinds = [Kind.INFO, Kind.MOD]
        if await self._wants_zips(module, before):
            kinds.append(Kind.ZIP)
        for kind in kinds:
            if self._may_go_on():
                await self._fetch(ModuleTarget(kind, module, newest))

    async def _wants_zips(self, module: ModulePath, version: str) -> bool:
        """Whether clients took the zip of the release before: many modules matter for their go.mod only."""
        if not version:
            return False
        key = BlobKey(escape_path(module), escape_version(version), "zip")
        try:
            blob = await self.mirror.tools.storage.open(key)
        except StorageError:
            return False  # readiness and every request tell of it; nothing is urgent here
        if blob is not None:
            blob.close()
        return blob is not None

    async def _fetch(self, target: ModuleTarget) -> None:
        try:
            served = await self.mirror.serve(Request(target, whole=True))
        except Error as error:
            self._failed(error)
            return
        size = _size_of(served)
        if served.cache is CacheState.MISS:
            self._succeeded("fetched", size)

    def _succeeded(self, result: str, size: int) -> None:
        self._failures = 0
        self.allowance.spend(size)
        self.told(result)

    def _failed(self, error: Error) -> None:
        """Leave upstreams in peace for a while when they have trouble. Absence is none."""
        self.told("failed")
        if isinstance(error, NotExist):
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 8))
        self._failures += 1
        self._resume_at = self.mirror.tools.clock() + pause * (0.5 + self.chance() / 2)


def newest_release(listed: bytes) -> str:
    """Return the highest release of a list; empty where there is none. Pre-releases are not for all."""
    versions = listed.decode().split()
    releases = [v for v in versions if not semver.prerelease(v) and not v.endswith(INCOMPATIBLE)]
    return max(releases, key=semver.sort_key, default="")


def _size_of(served: Served) -> int:
    """Return the length of an answer's content, and close it."""
    content = served.content
    if isinstance(content, bytes):
        return len(content)
    size = content.blob.size if hasattr(content, "blob") else content.length
    content.close()
    return size or 0
