"""A program of ours in a process of its own, which is told things line by line and answers each.

It ends with its input, so it never outlives who began it.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import Error

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

ANSWER = 60.0
"""Seconds for an answer that takes no work, on a busy machine."""
_STOP = 10.0
_LINE_BYTES = 1 << 24
"""The longest lines hold histograms, or all requests of a load."""


class ChildGone(Error):
    """A process that was begun has ended, or says nothing."""


async def begin(module: str, *words: str) -> Process:
    """Run a module of ours with arguments. Who begins it has to :func:`end` it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
    )  # fmt: skip


async def told(
    process: Process, message: msgspec.Struct | tuple[msgspec.Struct, ...], seconds: float = ANSWER
) -> bytes:
    """Send one line, and return the line that answers it within so many seconds. Raises ChildGone."""
    assert process.stdin is not None  # noqa: S101 - it was made with pipes
    async with _within(seconds):
        process.stdin.write(msgspec.json.encode(message) + b"\n")
        with suppress(ConnectionError):  # that it has ended is told below
            await process.stdin.drain()
        return await _next_line(process)


async def heard(process: Process, seconds: float = ANSWER) -> bytes:
    """Return the line that comes next, without having asked for it. Raises ChildGone."""
    async with _within(seconds):
        return await _next_line(process)


async def end(process: Process) -> None:
    """Close its input, and end it by force when it does not end by that."""
    assert process.stdin is not None  # noqa: S101 - it was made with pipes
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _STOP)
    except TimeoutError:
        process.kill()
        await process.wait()


def say(value: msgspec.Struct | tuple[msgspec.Struct, ...]) -> None:
    """Answer, within the process that was begun."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.buffer.flush()


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise ChildGone(f"a process of the lab does not answer within {seconds:g} s") from error


async def _next_line(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - it was made with pipes
    line = await process.stdout.readline()
    if not line:
        raise ChildGone("a process of the lab has ended", hint="what it said last is above")
    return line
