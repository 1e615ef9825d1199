from __future__ import annotations

import asyncio

from modmirror.lab.engine.nullserver import null_server


async def test_it_answers_each_request_of_a_connection() -> None:
    async with null_server() as url:
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"content-length: 20" in head
            assert await reader.readexactly(20) == b'{"Version":"v1.0.0"}'
        writer.close()
        await writer.wait_closed()
