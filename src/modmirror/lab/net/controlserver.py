"""Serves the shaper's control API over HTTP/1.1 on loopback."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.lab.emulate.content import Answer
from modmirror.lab.emulate.wire import RequestReader, head_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.lab.net.control import Control

DEFAULT = ("127.0.0.1", 8474)
"""Where toxiproxy's clients look for it."""


@asynccontextmanager
async def controlled(control: Control, address: tuple[str, int] = DEFAULT) -> AsyncIterator[str]:
    """Serve until left, and yield the URL. Raises ConfigError when the address cannot be had."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        tasks.add(task)
        # A client may go away at any moment, and leaving cancels.
        with suppress(ConnectionError, asyncio.CancelledError):
            await _converse(control, reader, writer)
        tasks.discard(task)
        writer.close()

    try:
        server = await asyncio.start_server(serve, *address)
    except OSError as error:
        # asyncio puts a sentence of its own, with the address as a tuple, around that of the system.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise ConfigError("--control", f"{address[0]}:{address[1]}: {why}") from error
    try:
        yield f"http://{address[0]}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        waiting = list(tasks)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _converse(control: Control, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    requests = RequestReader(reader)
    while (request := await requests.next()) is not None:
        browser = request.headers.get("user-agent", "").startswith("Mozilla/")
        made = await control.answer(request.method, request.path, request.body, browser=browser)
        body = b"" if made.body is None else json.dumps(made.body).encode()
        answer = Answer(made.status, body, "application/json")
        # A 204 has no length (RFC 9110, 8.6).
        head = head_of(answer, len(body))
        if made.body is None:
            head = head.replace(b"Content-Length: 0\r\n", b"")
        writer.write(head + body)
        await writer.drain()
        if not request.keep_alive:
            return
