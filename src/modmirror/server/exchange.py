"""One request and its answer under way: what was asked, what has been sent, whether anyone still listens.

The edge (app.py) decides what to answer; how the bytes travel is up to the wire that the request came by:
``wire/http1.py`` or ``wire/asgi.py``. Each wire has its own kind of exchange.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from asyncio import current_task
from typing import TYPE_CHECKING, Any

from modmirror.proxy.served import CacheState

if TYPE_CHECKING:
    from asyncio import Task

    from modmirror.proxy.served import Growing
    from modmirror.server.conditional import Span
    from modmirror.server.forwarded import Caller
    from modmirror.server.headers import Headers
    from modmirror.storage.port import OpenBlob

LEFT = "left"
"""The client closed the connection, or the network did."""
STALLED = "stalled"
"""The client took nothing for too long."""
FAILED = "failed"
"""The content broke off."""
SHUTDOWN = "shutdown"
"""The time for finishing running answers was over."""

YIELD_BYTES = 1_048_576
"""After so much without waiting others get their turn: a send that need not wait never yields by itself."""


class ClientGone(Exception):
    """The connection took no more. ``aborted`` of the exchange says so already."""


class Exchange(ABC):
    """What the edge knows of one request, for deciding, sending, counting and logging."""

    __slots__ = (
        "aborted",
        "arrived",
        "cache",
        "caller",
        "headers",
        "http_1_0",
        "kind",
        "method",
        "raw_path",
        "sent",
        "started",
        "status",
        "task",
        "upstream",
    )

    def __init__(self, method: str, raw_path: bytes, headers: dict[bytes, bytes], caller: Caller) -> None:
        """Begin with a percent-encoded path without its query, and headers with names in lower case.

        A header that came in several lines is one here, joined by commas (RFC 9110, 5.3).
        """
        self.method = method
        self.raw_path = raw_path
        self.headers = headers
        self.caller = caller
        self.http_1_0 = False
        self.arrived = 0.0
        """When it came, in seconds since the epoch."""
        self.started = 0.0
        """The same on the clock for durations."""
        self.kind = "other"
        self.cache: str = CacheState.NONE
        self.upstream = ""
        self.status = 0
        """Of the answer, once it has begun."""
        self.sent = 0
        """Body bytes handed to the connection."""
        self.aborted = ""
        """Why the answer was cut off: LEFT, STALLED, FAILED, SHUTDOWN."""
        self.task: Task[Any] | None = None
        """The task that answers, as long as it may be cut off."""

    @property
    def is_head(self) -> bool:
        """Whether only headers are wanted."""
        return self.method == "HEAD"

    def begin(self) -> None:
        """The current task answers from now on."""
        self.task = current_task()

    def end(self) -> None:
        """The answer has ended, whole or not."""
        self.task = None

    def cut(self, reason: str) -> None:
        """Cancel the task that answers, if it is still at it."""
        if self.task is not None and not self.aborted:
            self.aborted = reason
            self.task.cancel()

    @abstractmethod
    async def send_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send an answer in one piece. For HEAD the headers stay as they are and the body is left out."""

    @abstractmethod
    async def send_stored(self, status: int, headers: Headers, content: OpenBlob, span: Span) -> None:
        """Send a part of a stored file.

        Raises:
            StorageBroken: the file cannot be read, or is shorter than it was said to be.
        """

    @abstractmethod
    async def send_growing(
        self, headers: Headers, content: Growing, first: bytes, length: int | None
    ) -> None:
        """Send a file as it arrives, with status 200; its ``first`` piece has been read already.

        ``length`` is what the headers promise, None when they promise nothing. Raises the fill's error
        when the fill fails, and StorageBroken when the file has another length than promised.
        """
