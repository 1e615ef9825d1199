"""A TCP proxy with toxics: the shaper that needs no rights at all (lab.md 3.1).

A client's connect completes at loopback speed, whatever the toxics say: where the handshake matters the
client waits by itself before it connects (``Endpoint.connect_delay``).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.lab.net.backend import LinkStats
from modmirror.lab.net.pipe import Pipe
from modmirror.lab.net.toxics import Bucket, concerns

if TYPE_CHECKING:
    from modmirror.lab.net.backend import CutMode
    from modmirror.lab.net.toxics import Stream, Toxic

_KILO = 1000.0
_DOOMS = frozenset({"timeout", "reset_peer"})
_BACKLOG = 512


class TcpProxy:
    """Listens, and carries what it accepts to ``upstream`` through its toxics.

    ``buckets`` are shared by all proxies of a region, so that parallel downloads contend for one line.
    """

    def __init__(
        self,
        name: str,
        upstream: tuple[str, int],
        *,
        listen: tuple[str, int] = ("127.0.0.1", 0),
        seed: int = 0,
        buckets: dict[Stream, Bucket] | None = None,
    ) -> None:
        self.name = name
        self.upstream = upstream
        self.listen = listen
        self.seed = seed
        self.toxics: dict[str, Toxic] = {}
        self.stats = LinkStats()
        self.arrivals: list[float] = []
        """Monotonic instants of accepted connections."""
        self.buckets: dict[Stream, Bucket] = buckets or {"upstream": Bucket(), "downstream": Bucket()}
        self.changed = asyncio.Event()
        self.cut_by: CutMode | None = None
        self._server: asyncio.Server | None = None
        self._kept: socket.socket | None = None
        self._open: dict[Connection, asyncio.Task[None]] = {}

    @property
    def enabled(self) -> bool:
        """Whether it accepts connections."""
        return self._server is not None

    async def start(self) -> None:
        """Listen. Raises ConfigError when the address cannot be had."""
        if self._server is None:
            listener = self._kept or self._bind()
            self._kept = None
            self._server = await asyncio.start_server(self._accepted, sock=listener, backlog=_BACKLOG)

    async def stop(self) -> None:
        """Refuse new connections and end old ones with a reset. The port stays reserved."""
        self._unlisten()
        self._kept = self._bind()
        self._changed()
        self.reset()

    async def close(self) -> None:
        """End everything and give the port back."""
        self._unlisten()
        if self._kept is not None:
            self._kept.close()
        tasks = list(self._open.values())
        self.reset()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def put(self, toxic: Toxic) -> None:
        """Add a toxic, or replace the one of its name."""
        self.toxics[toxic.name] = toxic
        self._changed()

    def replace(self, toxics: tuple[Toxic, ...]) -> None:
        """Let these be all toxics."""
        self.toxics = {toxic.name: toxic for toxic in toxics}
        self._changed()

    def remove(self, name: str) -> None:
        """Remove a toxic. Raises KeyError. Connections that a timeout has swallowed from end now."""
        toxic = self.toxics.pop(name)
        self._changed()
        if toxic.type == "timeout":
            for connection in self._open:
                if concerns(toxic, connection.number, self.seed):
                    connection.close()

    async def cut(self, mode: CutMode) -> None:
        """Break the line: see :data:`~modmirror.lab.net.backend.CutMode`."""
        await self.heal()
        self.cut_by = mode
        if mode == "refuse":
            await self.stop()
        elif mode == "reset":
            self.reset()

    async def heal(self) -> None:
        """Undo a cut. Connections that were silent go on, as TCP's would."""
        self.cut_by = None
        self._changed()
        await self.start()

    def reset(self) -> None:
        """End every open connection with a reset."""
        for connection in list(self._open):
            connection.reset()

    def new_socket(self, family: int) -> socket.socket:
        """Make the socket that will listen."""
        return stream_socket(family)

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.listen[0] else socket.AF_INET
        bound = self.new_socket(family)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(self.listen)
        except OSError as error:
            bound.close()
            raise ConfigError(
                "listen", f"{self.listen[0]}:{self.listen[1]} cannot be listened on: {error.strerror}"
            ) from error
        self.listen = (self.listen[0], bound.getsockname()[1])
        return bound

    def _unlisten(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _changed(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.stats.connections += 1
        self.arrivals.append(time.monotonic())
        connection = Connection(self, self.stats.connections, writer)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._open[connection] = task
        # Either side may go away at any moment, and close() cancels.
        with suppress(OSError, asyncio.CancelledError):
            if self.cut_by == "reset":
                connection.reset()
            else:
                await connection.carry(reader)
        del self._open[connection]
        connection.close()


def stream_socket(family: int) -> socket.socket:
    """Make a socket for TCP, said by name: only then asyncio turns Nagle's algorithm off.

    With it the last bytes of an answer wait for the kernel's delayed acknowledgement, 40 ms.
    """
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)


class Connection:
    """A client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy: TcpProxy, number: int, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self._proxy = proxy
        self._writers = [writer]

    async def carry(self, reader: asyncio.StreamReader) -> None:
        """Connect to the server and carry both directions to their ends."""
        await self.passable()
        try:
            back, forth = await asyncio.open_connection(*self._proxy.upstream)
        except OSError:
            # The server refuses: a client sees that as a reset, for it is connected already.
            self.reset()
            return
        self._writers.append(forth)
        chance = Random(f"{self._proxy.seed} {self.number}")  # noqa: S311 - faults that can be repeated
        up = Pipe("upstream", self, chance, reader, forth)
        down = Pipe("downstream", self, chance, back, self._writers[0])
        doom = asyncio.create_task(self._doom())
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(up.run())
                both.create_task(down.run())
        except* OSError:
            self.reset()
        finally:
            doom.cancel()

    def active(self, stream: Stream) -> tuple[Toxic, ...]:
        """See `modmirror.lab.net.pipe.Rules.active`."""
        proxy = self._proxy
        return tuple(
            toxic
            for toxic in proxy.toxics.values()
            if toxic.stream == stream and concerns(toxic, self.number, proxy.seed)
        )

    def changed(self) -> asyncio.Event:
        """See `modmirror.lab.net.pipe.Rules.changed`."""
        return self._proxy.changed

    async def passable(self) -> None:
        """See `modmirror.lab.net.pipe.Rules.passable`."""
        while self._proxy.cut_by == "blackhole":
            await self._proxy.changed.wait()

    def bucket(self, stream: Stream) -> Bucket:
        """See `modmirror.lab.net.pipe.Rules.bucket`."""
        return self._proxy.buckets[stream]

    def count(self, stream: Stream, size: int) -> None:
        """See `modmirror.lab.net.pipe.Rules.count`."""
        if stream == "upstream":
            self._proxy.stats.bytes_up += size
        else:
            self._proxy.stats.bytes_down += size

    def close(self) -> None:
        """End both sides; what is written still goes out."""
        for writer in self._writers:
            writer.close()

    def reset(self) -> None:
        """End both sides at once, the client's with a reset."""
        for writer in self._writers:
            if not writer.is_closing():
                # Lingering for zero seconds is how a program asks for a reset.
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            writer.transport.abort()

    async def _doom(self) -> None:
        """End the connection when a toxic says that its time is over."""
        while True:
            changed = self._proxy.changed
            dooms = [
                toxic
                for toxic in (*self.active("upstream"), *self.active("downstream"))
                if toxic.type in _DOOMS and (toxic.type == "reset_peer" or toxic["timeout"])
            ]
            first = min(dooms, key=lambda toxic: toxic["timeout"], default=None)
            try:
                left = None if first is None else first["timeout"] / _KILO
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                if first is not None and first.type == "reset_peer":
                    self.reset()
                else:
                    self.close()
                return
