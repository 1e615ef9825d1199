from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from modmirror.origin.network.door import LOOPBACK, MAX_HEAD_BYTES, carry, open_door

SECONDS = 10.0


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await carry(reader, writer)


async def head_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readuntil(b"\r\n\r\n"))


async def said(port: int, data: bytes) -> bytes:
    """Return all that a door answers."""
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(data)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer


async def test_connections_are_led_each_by_itself() -> None:
    data = bytes(300_000)
    async with open_door(echo) as port:
        answers = await asyncio.gather(said(port, data), said(port, b"short"))
    assert list(answers) == [data, b"short"]


@pytest.mark.parametrize("head", [b"half a head", b"x" * (MAX_HEAD_BYTES + 1)], ids=["cut off", "too long"])
async def test_a_head_that_is_no_whole_one_closes_the_connection(head: bytes) -> None:
    async with open_door(head_only) as port:
        with suppress(ConnectionResetError):  # what was not read of it makes the system say so
            assert await said(port, head) == b""
        assert await said(port, b"whole\r\n\r\n") == b"whole\r\n\r\n"


async def test_nothing_outlives_the_run() -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def wait(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.timeout(SECONDS):
        async with open_door(wait) as port:
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            await entered.wait()
        assert ended.is_set()
        assert await reader.read() == b""
        writer.close()
    with pytest.raises(OSError, match="refused|Connect call failed"):
        await asyncio.open_connection(LOOPBACK, port)
