"""Fills the small immutable files of a version: ``.info`` and ``.mod``. Fetched whole, checked, stored.

What every kind of fill works with is :class:`FillTools`.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from modmirror.errors import (
    Error,
    NotExist,
    StorageConflict,
    StorageError,
    UpstreamBadAnswer,
    UpstreamTimeout,
)
from modmirror.mod.dirhash import h1_of_go_mod
from modmirror.protocol.gomod import go_mod_problem
from modmirror.protocol.info import parse_info
from modmirror.protocol.target import Kind
from modmirror.singleflight import SingleFlight
from modmirror.storage.port import BlobKey
from modmirror.upstream.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Executor

    from modmirror.protocol.target import ModuleTarget
    from modmirror.proxy.memory import Absences, Shunned
    from modmirror.proxy.report import Report
    from modmirror.proxy.routes import Routes
    from modmirror.proxy.settings import FillSettings
    from modmirror.proxy.slots import Slots
    from modmirror.proxy.verify import Verifier
    from modmirror.storage.port import ModuleStorage
    from modmirror.upstream.port import Upstream

S = TypeVar("S", bound="Sourced")

MAX_INFO_BYTES = 1_048_576
"""Largest ``.info`` taken; real ones are a few hundred bytes."""


@dataclass(frozen=True, slots=True)
class FillTools:
    """What every fill works with; made once in compose.py."""

    storage: ModuleStorage
    routes: Routes
    verifier: Verifier
    absences: Absences
    shunned: Shunned
    report: Report
    settings: FillSettings
    pool: Executor
    """Threads for writing and checking. Hits never use it."""
    scanners: Executor
    """Threads for inflating what is still arriving. Apart, so that writing never waits behind them."""
    clock: Callable[[], float]
    """Monotonic seconds."""
    sleep: Callable[[float], Awaitable[None]]
    slots: Slots
    """Fills that may run at once."""
    origin_slots: Slots
    """The same for those that come to a repository."""

    @property
    def someone_waits(self) -> bool:
        """Whether a fill waits for its turn."""
        return bool(self.slots.waiting or self.origin_slots.waiting)


@dataclass(frozen=True, slots=True)
class Filled:
    """A small file fresh from an upstream."""

    body: bytes
    digest: str
    source: str
    """Display name of the upstream."""
    verified: bool


async def fetch_small(upstream: Upstream, path: str, limit: int) -> bytes:
    """GET a small file whole. Raises as :func:`fetch_aged`."""
    return (await fetch_aged(upstream, path, limit))[0]


async def fetch_aged(upstream: Upstream, path: str, limit: int) -> tuple[bytes, float]:
    """GET a small file whole; return it and the seconds since it was true at its source.

    Raises:
        Error: as :func:`modmirror.protocol.chain.error_for_status` says for any status but 200.
        UpstreamBadAnswer: more than ``limit`` bytes, or a web page.
    """
    async with upstream.get(path) as reply:
        if reply.status != 200:  # noqa: PLR2004  # the only success of the protocol (A.8)
            raise await refusal(upstream.name, reply)
        if reply.content_type.partition(";")[0].strip().lower() == "text/html":
            raise UpstreamBadAnswer(upstream.name, "sent a web page instead of a module file")
        if reply.length is not None and reply.length > limit:
            raise UpstreamBadAnswer(upstream.name, f"declares {reply.length} bytes; the limit is {limit}")
        body = bytearray()
        async for chunk in reply.body:
            body += chunk
            if len(body) > limit:
                raise UpstreamBadAnswer(upstream.name, f"sends more than {limit} bytes")
        return bytes(body), reply.age


class Sourced(Protocol):
    """Something that came from an upstream."""

    @property
    def source(self) -> str:
        """Display name of the upstream."""


async def reported(tools: FillTools, target: ModuleTarget, fetch: Callable[[], Awaitable[S]]) -> S:
    """Run one fetch of a small answer within the limits; report how it ended, and remember absence."""
    started = tools.clock()
    source = ""
    failure: Error | None = None
    tools.report.fill_started(target.kind)
    try:
        async with tools.slots.hold(), asyncio.timeout(tools.settings.deadline):
            fetched = await fetch()
        source = fetched.source
    except TimeoutError:
        failure = UpstreamTimeout(
            "upstreams", f"no answer within {tools.settings.deadline:g} seconds in all"
        )
        raise failure from None
    except Error as error:
        failure = error
        if isinstance(error, NotExist):
            tools.absences.remember(target.path, error)
        raise
    else:
        tools.absences.forget(target.path)
        return fetched
    finally:
        subject = f"{target.module}@{target.version or target.kind}"
        seconds = tools.clock() - started
        tools.report.fill_ended(target.kind, subject, seconds=seconds, upstream=source, error=failure)


class FileFills:
    """Running fills of ``.info`` and ``.mod`` files by key."""

    def __init__(self, tools: FillTools) -> None:
        self._tools = tools
        self._running: SingleFlight[BlobKey, Filled] = SingleFlight()

    async def fill(self, target: ModuleTarget) -> tuple[Filled, bool]:
        """Fetch, check and store one file; say whether an earlier request had begun it."""
        extension = "info" if target.kind is Kind.INFO else "mod"
        key = BlobKey(target.escaped, target.escaped_version, extension)  # type: ignore[arg-type]  # mypy widens the literals
        return await self._running.run(
            key, lambda: reported(self._tools, target, lambda: self._fetch(key, target))
        )

    async def drain(self, seconds: float) -> int:
        """Let running fills finish for at most ``seconds``; return how many were cut off."""
        return await self._running.drain(seconds)

    async def _fetch(self, key: BlobKey, target: ModuleTarget) -> Filled:
        tools = self._tools
        route = tools.routes.of(target.module)
        fetch = self._info if key.extension == "info" else self._mod
        filled = await route.first(target, tools.shunned, lambda upstream: fetch(target, upstream))
        if key.extension == "mod" and route.verifies(target.module) and not filled.verified:
            return filled  # the database is down and the route fails open: serve it, keep nothing
        return await self._store(key, filled)

    async def _info(self, target: ModuleTarget, upstream: Upstream) -> Filled:
        body = await fetch_small(upstream, target.path, MAX_INFO_BYTES)
        try:
            parse_info(body, module=target.module, requested=target.version)
        except ValueError as error:
            raise UpstreamBadAnswer(upstream.name, f"bad .info: {error}") from error
        return Filled(body, hashlib.sha256(body).hexdigest(), upstream.name, verified=False)

    async def _mod(self, target: ModuleTarget, upstream: Upstream) -> Filled:
        tools = self._tools
        body = await fetch_small(upstream, target.path, tools.settings.max_mod_bytes)
        problem = go_mod_problem(body)
        if problem:
            raise UpstreamBadAnswer(upstream.name, f"bad go.mod: {problem}")
        route = tools.routes.of(target.module)
        want = await tools.verifier.expected(route, target.module, target.version, go_mod=True)
        if want is None and route.verifies(target.module):
            tools.shunned.check_unproven(target, upstream.name)
        subject = f"{target.module}@{target.version}/go.mod"
        tools.verifier.compare(subject, want, h1_of_go_mod(body), upstream.name)
        return Filled(body, hashlib.sha256(body).hexdigest(), upstream.name, verified=want is not None)

    async def _store(self, key: BlobKey, filled: Filled) -> Filled:
        try:
            await self._tools.storage.put(key, filled.body, filled.digest)
        except StorageConflict as error:
            if key.extension == "mod":
                self._tools.report.alarm("storage-conflict", key.path, error)
                raise
            # Two upstreams may write the same .info with other spacing: the first stays, and is right.
        except StorageError as error:
            self._tools.report.alarm("storage", key.path, error)
            raise
        return filled
