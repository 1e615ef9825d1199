"""The HTTP edge: turns requests into questions and answers into bytes, whatever wire they travel by.

The order of a request: memory tier, method, prefix, pages of the mirror itself, target, engine, answer.
No framework stands in between: each would cost more than everything that a hit does here.
"""

from __future__ import annotations

from asyncio import CancelledError
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from modmirror.errors import Error, InvalidTarget
from modmirror.protocol.answer import Answer, answer_for_error
from modmirror.protocol.target import ModuleTarget, Target, parse_bool, parse_target, split_cached_only
from modmirror.proxy.served import CacheState, Request, unlimited
from modmirror.server.clientlimit import ClientLimit
from modmirror.server.content import Contents, select
from modmirror.server.demand import Demand
from modmirror.server.exchange import FAILED, SHUTDOWN, ClientGone
from modmirror.server.forwarded import Callers
from modmirror.server.headers import Headers
from modmirror.server.memory import AnswerMemory, Subject
from modmirror.server.openfiles import MAX_OPEN_FILES, OpenFiles
from modmirror.server.ops import Facts, Ops
from modmirror.telemetry.access_log import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from modmirror.policy.decide import Verdict
    from modmirror.proxy.served import Served
    from modmirror.server.content import Recalled
    from modmirror.server.exchange import Exchange
    from modmirror.server.openfiles import KeptFile
    from modmirror.server.settings import MemorySettings, ServerSettings
    from modmirror.telemetry.instruments import Instruments

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
# Whoever sends one of these wants something else than the whole file.
_CONDITIONS = frozenset({b"range", b"if-none-match", b"if-modified-since"})
_NOT_ALLOWED = b"method not allowed: modules are read with GET and HEAD\n"


class Engine(Protocol):
    """What the edge needs of the mirror behind it."""

    async def serve(self, request: Request) -> Served:
        """Answer, or raise a :class:`modmirror.errors.Error`. Cancelled when the client leaves."""

    def decide(self, module: str, version: str) -> Verdict:
        """Say whether policy lets a module version out. Asked again for each answer from memory."""

    async def problems(self) -> list[str]:
        """Say what keeps the mirror from being ready; empty when nothing does."""


class Edge:
    """Answers exchanges. One a process."""

    def __init__(
        self,
        engine: Engine,
        server: ServerSettings,
        memory: MemorySettings,
        databases: Collection[str],
        instruments: Instruments,
        facts: Facts = tuple,
    ) -> None:
        """Serve below the prefix in ``server``, and proxy the checksum ``databases`` of these names.

        ``facts`` are for the home page.

        Raises:
            ConfigError: a trusted proxy is no address.
        """
        self.callers = Callers(server.trusted_proxies, instruments.new_id)
        self.ops = Ops(engine.problems, instruments.metrics, server.path_prefix, facts)
        self._engine = engine
        self._prefix = server.path_prefix.encode()
        self._databases = databases
        self._instruments = instruments
        self._memory = AnswerMemory(memory)
        self._files = OpenFiles(MAX_OPEN_FILES if memory.max_bytes else 0)
        self._contents = Contents(self._memory, self._files)
        # Looked up once: a hit from memory is a handful of calls, and these are some of them.
        self.ticks, self.now = instruments.ticks, instruments.now
        self._answered, self._write = instruments.metrics.answered, instruments.access_log.write
        self._limit: ClientLimit | None = None
        if server.client_fetches:
            self._limit = ClientLimit(server.client_fetches, server.client_burst, instruments.ticks)
        self.demand = Demand()
        self._asked = self.demand.asked
        self._under_way: set[Exchange] = set()
        instruments.metrics.watch_memory(self._memory)
        instruments.metrics.watch_requests(lambda: len(self._under_way))

    # --- the wires' side ---

    def recall(self, method: str, raw_path: bytes, headers: Mapping[bytes, bytes]) -> Recalled | None:
        """Return an answer at once if the memory tier has it and policy still allows it."""
        prepared = self._memory.get(raw_path)
        if prepared is None or b"range" in headers or not _reads(method):
            return None
        if not self._allowed(prepared.subject):
            return None  # the engine says no in its own words
        self._asked[prepared.subject.module] += 1
        return select(prepared, headers)

    def recall_file(self, raw_path: bytes, headers: Mapping[bytes, bytes]) -> KeptFile | None:
        """Return an open file for a GET of the whole of it, if it is at hand and policy still allows it."""
        kept = self._files.get(raw_path)
        if kept is None or _CONDITIONS.intersection(headers) or not self._allowed(kept.subject):
            return None
        self._asked[kept.subject.module] += 1
        return kept

    async def answer(self, exchange: Exchange, sending: Awaitable[None] | None = None) -> None:
        """Answer an exchange that could not be recalled, or see to the end of ``sending``; record it.

        Returns also when the answer was cut off: ``exchange.aborted`` then says why, and the wire MUST
        break the connection if the answer had begun.
        """
        exchange.begin()
        self._under_way.add(exchange)
        try:
            await self._respond_or_refuse(exchange, sending or self._respond(exchange))
        except (CancelledError, ClientGone):
            if not exchange.aborted:
                raise
        finally:
            exchange.end()
            self._under_way.discard(exchange)
            if exchange.cache == CacheState.MISS:
                self.demand.fetched += exchange.sent
            self.record(exchange)

    def record(self, exchange: Exchange) -> None:
        """Count and log an answer that has ended."""
        if exchange.aborted:
            self._instruments.metrics.aborted(exchange.aborted)
        self.log(
            exchange.kind,
            Entry(
                exchange.arrived,
                exchange.caller.request_id,
                exchange.caller.client,
                exchange.method,
                exchange.raw_path.decode("latin-1"),
                exchange.status,
                exchange.sent,
                self.ticks() - exchange.started,
                exchange.cache,
                exchange.upstream,
                exchange.headers.get(b"user-agent", b"").decode("latin-1"),
                exchange.aborted,
            ),
        )

    def log(self, kind: str, entry: Entry) -> None:
        """Count and log an answer."""
        self._answered(kind, entry.status, entry.cache, seconds=entry.seconds, size=entry.bytes)
        self._write(entry)

    # --- shutting down ---

    def drain(self) -> None:
        """Say from now on that the mirror is not ready, while it goes on answering."""
        self.ops.draining = True

    def cut_off(self) -> int:
        """Break off every answer under way; return how many there were."""
        under_way = list(self._under_way)
        for exchange in under_way:
            exchange.cut(SHUTDOWN)
        return len(under_way)

    # --- one request ---

    async def _respond_or_refuse(self, exchange: Exchange, responding: Awaitable[None]) -> None:
        try:
            await responding
        except Error as error:
            await self._refuse(exchange, error)
        except ClientGone:
            raise
        except Exception as bug:  # noqa: BLE001 - the one place that turns a bug into an answer
            self._instruments.events.error(
                "bug while answering",
                error=bug,
                request_id=exchange.caller.request_id,
                path=_path(exchange),
            )
            await self._refuse(exchange, bug)

    async def _respond(self, exchange: Exchange) -> None:
        if not _reads(exchange.method):
            headers = Headers(
                _TEXT, (b"content-length", b"%d" % len(_NOT_ALLOWED)), (b"allow", b"GET, HEAD")
            )
            return await exchange.send_whole(405, headers, _NOT_ALLOWED)
        page = await self.ops.page(exchange)
        if page is not None:
            exchange.kind = "page"
            return await exchange.send_whole(page.status, page.headers, page.body)
        path, cached_only = split_cached_only(self._below_prefix(exchange.raw_path))
        target = parse_target(path, self._databases)
        subject = _subject(target)
        exchange.kind = subject.kind
        served = await self._engine.serve(
            Request(
                target,
                cached_only=cached_only or _forbids_fetching(exchange),
                whole=exchange.is_head or exchange.http_1_0 or b"range" in exchange.headers,
                before_fetch=self._fetch_limit(exchange.caller.client),
            )
        )
        exchange.cache, exchange.upstream = served.cache, served.upstream
        self._asked[subject.module] += 1
        return await self._contents.send(exchange, subject, served)

    def _fetch_limit(self, client: str) -> Callable[[], None]:
        limit = self._limit
        return unlimited if limit is None else lambda: limit.take(client)

    def _allowed(self, subject: Subject) -> bool:
        module = subject.module
        return not module or self._engine.decide(module, subject.version).allowed

    def _below_prefix(self, raw_path: bytes) -> bytes:
        if not self._prefix:
            return raw_path
        if not raw_path.startswith(self._prefix + b"/"):
            raise InvalidTarget(f"this mirror serves below {self._prefix.decode()}/")
        return raw_path[len(self._prefix) :]

    async def _refuse(self, exchange: Exchange, error: Exception) -> None:
        """Tell the client what went wrong, or break the answer off if it has begun."""
        answer = answer_for_error(error)
        if exchange.status:
            exchange.aborted = FAILED
        if exchange.status or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._log_failure(exchange, error, answer)
        if not exchange.status:
            pairs = [(name.encode(), value.encode()) for name, value in answer.headers]
            headers = Headers(*pairs, (b"x-modmirror-cache", exchange.cache.encode()))
            await exchange.send_whole(answer.status, headers, answer.body)

    def _log_failure(self, exchange: Exchange, error: Exception, answer: Answer) -> None:
        self._instruments.events.warning(
            "answer broken off" if exchange.status else "request failed",
            request_id=exchange.caller.request_id,
            path=_path(exchange),
            status=exchange.status or answer.status,
            error=type(error).__name__,
            reason=error.reason if isinstance(error, Error) else "",
        )


def create_app(
    engine: Engine,
    server: ServerSettings,
    memory: MemorySettings,
    databases: Collection[str],
    instruments: Instruments,
    facts: Facts = tuple,
) -> Edge:
    """Build the edge; :func:`modmirror.server.listen.listen` puts it on the network."""
    return Edge(engine, server, memory, databases, instruments, facts)


def _subject(target: Target) -> Subject:
    if isinstance(target, ModuleTarget):
        return Subject(target.kind, target.module, target.version)
    # Policy is about modules: what a checksum database says of one is public and harmless.
    return Subject(f"sumdb-{target.kind}")


def _reads(method: str) -> bool:
    return method in ("GET", "HEAD")


def _forbids_fetching(exchange: Exchange) -> bool:
    # protocol.md A.16
    value = exchange.headers.get(b"disable-module-fetch")
    return value is not None and parse_bool(value.decode("latin-1"))


def _path(exchange: Exchange) -> str:
    return exchange.raw_path.decode("latin-1")
