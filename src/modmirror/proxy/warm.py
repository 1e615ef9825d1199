"""Reads through a mirror what a build pins: to make it fetch and keep that, or to see whether it has it.

This is a client of the mirror, not a part of it: all it knows of it is the protocol. What a go.sum says of
a file is checked here once more, for the mirror may hold a private module that no database vouches for.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from modmirror.errors import BadZip, Error, HashMismatch, NotExist, UpstreamBadAnswer, UpstreamBusy
from modmirror.mod.dirhash import h1_of_go_mod
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.modzip import MAX_MOD_BYTES, MAX_ZIP_BYTES, verify_zip
from modmirror.upstream.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import IO

    from modmirror.mod.pins import File, Pin
    from modmirror.upstream.port import Reply, Upstream

TRIES = 5
"""Times a file is asked for when the mirror says that it is busy."""
LONGEST_PAUSE = 30.0
"""Seconds waited at most when it says for how long."""
CACHED_ONLY = "cached-only/"
"""Below this a mirror fetches nothing (protocol.md A.16)."""
_IN_MEMORY_BYTES = 1_048_576
_OK = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file of a pinned module version."""

    pin: Pin
    file: File

    @property
    def path(self) -> str:
        """Where a GOPROXY has it."""
        version = escape_version(self.pin.version)
        return f"{escape_path(self.pin.module)}/@v/{version}.{self.file}"

    @property
    def h1(self) -> str:
        """What it must hash to; empty when that is not known."""
        return {"info": "", "mod": self.pin.mod_sum, "zip": self.pin.zip_sum}[self.file]


@dataclass(frozen=True, slots=True)
class Had:
    """The mirror has a file."""

    wanted: Wanted
    size: int
    """Bytes that were read; 0 where looking was enough."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The mirror cannot give a file, or gave another one than is pinned."""

    wanted: Wanted
    error: Error


def wanted_of(pins: Iterable[Pin]) -> list[Wanted]:
    """List every file of pinned versions, the small ones first: they show early what is missing."""
    files = [Wanted(pin, file) for pin in pins for file in pin.files]
    return sorted(files, key=lambda each: each.file == "zip")


class Reader:
    """Reads from one mirror."""

    def __init__(
        self,
        mirror: Upstream,
        told: Callable[[Had | Missing], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``told`` hears of each file as soon as it is settled."""
        self._mirror = mirror
        self._told = told
        self._sleep = sleep

    async def warm(self, wanted: Sequence[Wanted], jobs: int) -> None:
        """Read every file whole, ``jobs`` at a time, and check what there is a hash for."""
        await self._each(wanted, jobs, self._read)

    async def look(self, wanted: Sequence[Wanted], jobs: int, prefix: str = CACHED_ONLY) -> None:
        """See whether every file is there, ``jobs`` at a time, without anything being fetched for it.

        Zips are not read: whoever keeps them has checked them.
        """
        await self._each(wanted, jobs, lambda each: self._glance(each, prefix))

    async def _each(
        self, wanted: Sequence[Wanted], jobs: int, settle: Callable[[Wanted], Awaitable[int]]
    ) -> None:
        left = iter(wanted)

        async def work() -> None:
            for each in left:  # shared: each worker takes the next one
                try:
                    self._told(Had(each, await self._patiently(each, settle)))
                except Error as error:
                    self._told(Missing(each, error))

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(jobs, len(wanted))):
                workers.create_task(work())

    async def _patiently(self, wanted: Wanted, settle: Callable[[Wanted], Awaitable[int]]) -> int:
        """Ask again after a while when the mirror says that it is busy."""
        for attempt in range(1, TRIES):
            try:
                return await settle(wanted)
            except UpstreamBusy as busy:
                await self._sleep(min(busy.retry_after or 2.0**attempt, LONGEST_PAUSE))
        return await settle(wanted)

    async def _glance(self, wanted: Wanted, prefix: str) -> int:
        async with self._mirror.get(prefix + wanted.path) as reply:
            try:
                await self._accept(reply)
            except NotExist as error:
                raise NotExist("not kept", sources=error.sources) from error
            if wanted.file == "mod":
                return await self._check_mod(wanted, reply)
            return 0

    async def _read(self, wanted: Wanted) -> int:
        async with self._mirror.get(wanted.path) as reply:
            await self._accept(reply)
            if wanted.file == "zip":
                return await self._check_zip(wanted, reply)
            return await self._check_mod(wanted, reply)

    async def _accept(self, reply: Reply) -> None:
        if reply.status != _OK:
            raise await refusal(self._mirror.name, reply)

    async def _check_mod(self, wanted: Wanted, reply: Reply) -> int:
        """Read a small file, and hold a go.mod against its hash."""
        body = b""
        async for chunk in reply.body:
            body += chunk
            if len(body) > MAX_MOD_BYTES:
                raise UpstreamBadAnswer(self._mirror.name, f"sends more than {MAX_MOD_BYTES} bytes")
        if wanted.h1:
            self._compare(wanted, h1_of_go_mod(body))
        return len(body)

    async def _check_zip(self, wanted: Wanted, reply: Reply) -> int:
        with SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            size = 0
            async for chunk in reply.body:
                size += len(chunk)
                if size > MAX_ZIP_BYTES:
                    raise UpstreamBadAnswer(self._mirror.name, f"sends more than {MAX_ZIP_BYTES} bytes")
                if wanted.h1:
                    await asyncio.to_thread(file.write, chunk)
            if wanted.h1:
                self._compare(wanted, await asyncio.to_thread(_h1_of_zip, wanted, size, file))
        return size

    def _compare(self, wanted: Wanted, got: str) -> None:
        if got != wanted.h1:
            raise HashMismatch(
                f"{self._mirror.name} has another file than go.sum says: {got}, not {wanted.h1}",
                want=wanted.h1,
                got=got,
            )


def _h1_of_zip(wanted: Wanted, size: int, file: IO[bytes]) -> str:
    def read_at(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    try:
        return verify_zip(wanted.pin.module, wanted.pin.version, size, read_at)
    except BadZip as error:
        raise BadZip(f"the zip is broken: {error.reason}", hint=error.hint) from error
