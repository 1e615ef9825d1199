"""``direct`` as the last link of a chain: modules made from their repositories, asked for like an upstream.

So everything behind it stays as it is: fills, verification against the checksum database, single flight,
freshness. What is made here is a file of a GOPROXY, by the same path.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, assert_never

from modmirror.protocol.target import Kind, ModuleTarget, parse_target
from modmirror.upstream.port import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Executor

    from modmirror.origin.modules import Modules
    from modmirror.origin.zips import MadeZip
    from modmirror.upstream.port import Upstream

DIRECT = "direct"
PIECE_BYTES = 262_144


class ModRoots(Protocol):
    """Opens the GOPROXYs that go-import tags name (``mod``)."""

    async def open(self, url: str, *, insecure: bool) -> Upstream:
        """Return the upstream at a URL that a web page gave. Raises NotExist, Denied, UpstreamError."""

    async def close(self) -> None:
        """Close what was opened."""


class DirectUpstream:
    """The repositories behind a route's modules (:class:`modmirror.upstream.port.Upstream`)."""

    name = DIRECT

    def __init__(self, modules: Modules, roots: ModRoots, pool: Executor) -> None:
        self._modules = modules
        self._roots = roots
        self._pool = pool

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        """Make the file at ``path``; whole, whatever ``offset`` says.

        Besides what the port says, raises NotExist and Denied with texts for people: a 404 from here
        would lose them.
        """
        target = parse_target(b"/" + path.encode(), ())
        assert isinstance(target, ModuleTarget)  # noqa: S101  # no database is named, so none can be parsed
        site = await self._modules.site(target.module)
        if site.vcs == "mod":
            root = await self._roots.open(site.url, insecure=site.insecure)
            async with root.get(path, offset=offset, if_range=if_range) as reply:
                yield reply
        elif target.kind is Kind.ZIP:
            async with self._modules.zip(target.module, target.version) as made:
                yield Reply(
                    200, self._pieces(made), length=made.size, total=made.size, scanned=made.scanned
                )
        else:
            body, age = await self._small(target)
            yield Reply(200, _whole(body), length=len(body), total=len(body), age=age)

    async def close(self) -> None:
        """Close the GOPROXYs that pages have led to. Repositories have owners of their own."""
        await self._roots.close()

    async def _small(self, target: ModuleTarget) -> tuple[bytes, float]:
        """Return a file, and how many seconds ago the names were asked for that it follows from."""
        match target.kind:
            case Kind.LIST:
                listed = await self._modules.versions(target.module)
                return listed.text, listed.age
            case Kind.LATEST:
                answered = await self._modules.latest(target.module)
                return answered.info, answered.age
            case Kind.QUERY | Kind.INFO:
                answered = await self._modules.revision(target.module, target.version)
                return answered.info, answered.age
            case Kind.MOD:
                answered = await self._modules.revision(target.module, target.version)
                return answered.resolved.go_mod, answered.age
            case Kind.ZIP:
                raise AssertionError("zips are not small")
            case _:
                assert_never(target.kind)

    async def _pieces(self, made: MadeZip) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        for offset in range(0, made.size, PIECE_BYTES):
            yield await loop.run_in_executor(self._pool, made.read, offset, PIECE_BYTES)


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body
