"""The engine of our own: HTTP/1.1 over sockets, each phase between two readings of the clock (lab.md 2.3).

It is not polite by itself: :mod:`modmirror.lab.politeness` stands between it and every measurement.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin, urlsplit

from httptools import HttpParserError

from modmirror.errors import ConfigError
from modmirror.lab.engine.answer import AnswerReader
from modmirror.lab.engine.attempt import Attempt
from modmirror.lab.engine.connection import Connection, connect
from modmirror.lab.engine.failures import FAILURES, AnswerBroken
from modmirror.lab.engine.sinks import sink_for
from modmirror.lab.engine.tls import client_context
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from modmirror.lab.engine.names import Names
    from modmirror.lab.engine.port import Fetched, Request
    from modmirror.lab.engine.watch import Watch
    from modmirror.lab.target import Target

_MAX_HOPS = 5
_REDIRECTS = {301, 302, 303, 307, 308}

Origin: TypeAlias = tuple[str, str, int]
Key: TypeAlias = tuple[str, Origin]
"""Idle connections are kept by target and by origin: a redirect leads elsewhere."""


@dataclass(frozen=True, slots=True)
class _Hop:
    """Where to send the request now."""

    place: Target
    path: str
    """As it stands in the request line."""

    @property
    def origin(self) -> Origin:
        return (self.place.scheme, self.place.host, self.place.port)


class Http1Engine:
    """Opens connections, keeps one idle for each target, and times what it does."""

    name = "modmirror http/1.1"

    def __init__(self, names: Names, watch: Watch, now: Callable[[], float], agent: str) -> None:
        """``agent`` is sent as User-Agent; ``watch`` hears what makes a run doubtful."""
        self._names = names
        self._watch = watch
        self._now = now
        self._agent = agent
        self._idle: dict[Key, Connection] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="modmirror-lab-")

    def warmth(self, target: Target) -> int:
        """Return how many requests the target's idle connection has answered; 0 when there is none."""
        kept = self._idle.get((target.name, (target.scheme, target.host, target.port)))
        if kept is None or not kept.quiet:
            return 0
        return kept.used

    async def fetch(self, request: Request) -> Fetched:
        """Make one request. Raises ConfigError for a bad ``ca_file``, StorageFull for a full disk."""
        if request.target.scheme == "https":
            self._context(request.target.ca_file)  # takes long once: before the clock is read
        sink = sink_for(request.keep, Path(self._folder.name))
        attempt = Attempt(request, sink, self._now())
        try:
            async with asyncio.timeout(request.limit.seconds):
                await self._follow(attempt)
            return attempt.whole(self._now())
        except FAILURES as error:
            return attempt.broken(self._now(), error)
        except BaseException:
            sink.close(keep=False)
            raise

    async def close(self) -> None:
        """End every connection, and remove bodies that nobody took."""
        for connection in self._idle.values():
            connection.close()
        self._idle.clear()
        self._folder.cleanup()

    async def _follow(self, attempt: Attempt) -> None:
        request = attempt.request
        if request.connection == "cold":
            self._forget(request.target)
        hop = _Hop(request.target, request.target.request_path(request.path))
        while True:
            await self._at(hop, attempt)
            location = attempt.headers.get("location")
            if not (request.follow and attempt.status in _REDIRECTS and location):
                return
            if len(attempt.hops) == _MAX_HOPS:
                raise AnswerBroken("protocol", f"more than {_MAX_HOPS} redirects")
            hop = _redirected(hop, location)
            attempt.next_hop(f"{hop.place.scheme}://{hop.place.authority}{hop.path.partition('?')[0]}")

    async def _at(self, hop: _Hop, attempt: Attempt) -> None:
        key = (attempt.request.target.name, hop.origin)
        kept = self._idle.pop(key, None)
        if kept is not None:
            if kept.quiet and await self._tried(kept, hop, attempt, key):
                return
            kept.close()
        attempt.fresh = True
        connection = await self._open(hop.place, attempt)
        await self._over(connection, hop, attempt, key)

    async def _tried(self, kept: Connection, hop: _Hop, attempt: Attempt, key: Key) -> bool:
        """Use an idle connection; False when the server had closed it meanwhile, as servers may."""
        before = dict(attempt.phases)
        try:
            await self._over(kept, hop, attempt, key)
        except (ConnectionError, AnswerBroken):
            if attempt.phases.get("wait") != before.get("wait"):
                raise  # it had begun to answer
            attempt.phases = before
            return False
        return True

    async def _open(self, place: Target, attempt: Attempt) -> Connection:
        if place.via is None:
            addresses, port = await self._looked_up(place, attempt), place.port
        else:
            # The far end of the link looks the name up.
            addresses, port = (place.via[0],), place.via[1]
        connection, seconds = await connect(addresses, port, place.connect_delay, self._now)
        attempt.spent("connect", seconds)
        attempt.address = connection.address
        if place.via is None:
            self._names.pin(place.host, place.family, connection.address)
        if place.scheme == "https":
            await self._secure(connection, place, attempt)
        return connection

    async def _looked_up(self, place: Target, attempt: Attempt) -> tuple[str, ...]:
        began = self._now()
        addresses = await self._names.look_up(place.host, place.family)
        if not self._names.is_address(place.host):
            attempt.spent("dns", self._now() - began)
        return addresses

    async def _secure(self, connection: Connection, place: Target, attempt: Attempt) -> None:
        began = self._now()
        try:
            await connection.secure(self._context(place.ca_file), place.host)
        except BaseException:
            connection.close()
            raise
        attempt.spent("tls", self._now() - began)
        if connection.tls and not attempt.hops:
            self._watch.handshake(attempt.request.target, connection.tls)

    async def _over(self, connection: Connection, hop: _Hop, attempt: Attempt, key: Key) -> None:
        """Exchange one request and answer; keep the connection if it can carry another."""
        attempt.address = connection.address
        attempt.tls = connection.tls
        reader = AnswerReader(attempt.request.method)
        try:
            sent = self._now()
            await connection.send(self._request_bytes(hop, attempt))
            begun = self._now()
            attempt.spent("send", begun - sent)
            await self._receive(connection, reader, attempt, begun)
        except BaseException:
            connection.close()
            raise
        attempt.tcp = connection.facts()
        connection.used += 1
        if reader.keeps_alive and key not in self._idle:
            self._idle[key] = connection
        else:
            connection.close()

    async def _receive(
        self, connection: Connection, reader: AnswerReader, attempt: Attempt, begun: float
    ) -> None:
        first: float | None = None
        try:
            while not reader.complete:
                data = await connection.receive()
                now = self._now()
                if first is None and data:
                    first = now
                    attempt.spent("wait", now - begun)
                _feed(reader, data, attempt, now - (first or now))
        finally:
            if first is not None:
                attempt.spent("receive", self._now() - first)
            if reader.status:
                attempt.status, attempt.headers = reader.status, reader.headers
                attempt.http = reader.version

    def _request_bytes(self, hop: _Hop, attempt: Attempt) -> bytes:
        request = attempt.request
        # A secret for one host is not told to another.
        own = request.target.headers if hop.origin == _Hop(request.target, "").origin else {}
        headers = {
            "host": hop.place.authority,
            "user-agent": self._agent,
            "accept": "*/*",
            "accept-encoding": "identity",
            **own,
            **request.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{request.method} {hop.path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")

    def _context(self, ca_file: str) -> ssl.SSLContext:
        if ca_file not in self._contexts:
            self._contexts[ca_file] = client_context(ca_file)
        return self._contexts[ca_file]

    def _forget(self, target: Target) -> None:
        # One connection at a time: the idle one ends before a new one begins.
        for key in [key for key in self._idle if key[0] == target.name]:
            self._idle.pop(key).close()


def _feed(reader: AnswerReader, data: bytes, attempt: Attempt, since_first_byte: float) -> None:
    try:
        if data:
            reader.feed(data)
        else:
            reader.end()
    except HttpParserError as error:
        raise AnswerBroken("protocol", f"not HTTP: {error}") from error
    finally:
        for piece in reader.take():
            attempt.take(piece, since_first_byte)


def _redirected(hop: _Hop, location: str) -> _Hop:
    here = f"{hop.place.scheme}://{hop.place.authority}{hop.path}"
    try:
        there = urlsplit(urljoin(here, location))
        place = parse_target(f"{there.scheme}://{there.netloc}")
    except (ValueError, ConfigError) as error:
        raise AnswerBroken("protocol", "redirects to something that is no URL of HTTP") from error
    if hop.place.scheme == "https" and place.scheme == "http":
        raise AnswerBroken("protocol", "redirects from https to http")
    path = place.request_path(there.path.removeprefix("/"))
    if there.query:
        path += f"?{place.request_path(there.query).removeprefix('/')}"
    further = _Hop(replace(place, family=hop.place.family, ca_file=hop.place.ca_file), path)
    if further.origin == hop.origin:
        # The same host is behind the same link.
        via = replace(further.place, via=hop.place.via, connect_delay=hop.place.connect_delay)
        further = replace(further, place=via)
    return further
