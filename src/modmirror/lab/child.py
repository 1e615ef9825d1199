"""A program of ours in a process of its own, which is told things line by line and answers each.

It ends with its input, so it never outlives who began it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import Error

if TYPE_CHECKING:
    from asyncio.subprocess import Process

_ANSWER = 60.0
_STOP = 10.0
_LINE_BYTES = 1 << 20


class ChildGone(Error):
    """A process that was begun has ended, or says nothing."""


async def begin(module: str) -> Process:
    """Run a module of ours. Who begins it has to :func:`end` it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE_BYTES,
    )  # fmt: skip


async def told(process: Process, message: msgspec.Struct | tuple[msgspec.Struct, ...]) -> bytes:
    """Send one line, and return the line that answers it. Raises ChildGone."""
    assert process.stdin is not None  # noqa: S101 - it was made with pipes
    assert process.stdout is not None  # noqa: S101
    try:
        async with asyncio.timeout(_ANSWER):
            process.stdin.write(msgspec.json.encode(message) + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
    except (TimeoutError, ConnectionError) as error:
        raise ChildGone(f"a process of the lab does not answer: {error}") from error
    if not line:
        raise ChildGone("a process of the lab has ended", hint="what it said last is above")
    return line


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
