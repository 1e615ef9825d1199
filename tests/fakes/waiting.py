"""Upstreams whose answers come when the test says so."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.upstream.port import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.errors import Error


@dataclass(slots=True)
class WaitingUpstream:
    """Answers when ``go`` is set."""

    name: str
    body: bytes = b"body"
    status: int = 200
    error: Error | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    open: int = 0
    """Requests that are running, or whose answer has not been left."""

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        self.asked += 1
        self.open += 1
        try:
            await self.go.wait()
            if self.error is not None:
                raise self.error
            yield Reply(self.status, _chunks(self.body), total=len(self.body), content_type="text/plain")
        finally:
            self.open -= 1

    async def close(self) -> None:
        pass


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body


def ready(
    name: str, body: bytes = b"body", *, status: int = 200, error: Error | None = None
) -> WaitingUpstream:
    """Return one that answers at once."""
    made = WaitingUpstream(name, body, status, error)
    made.go.set()
    return made
