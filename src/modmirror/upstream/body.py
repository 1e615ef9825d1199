"""The body of an answer as it arrives: timed, counted, and inflated where it had to be.

Nothing is read ahead of whoever iterates but what the connection buffers; a paused reader slows the
upstream down.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Self

from modmirror.errors import UpstreamBadAnswer, UpstreamUnavailable
from modmirror.upstream.failures import while_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pyreqwest.response import ResponseBodyReader

    from modmirror.upstream.settings import HttpSettings

INFLATED_CHUNK = 262_144
"""Most bytes inflated at a time, so that a few packed bytes cannot fill the memory."""
_GZIP = 16 + zlib.MAX_WBITS


class Body:
    """Chunks as they come, checked against the declared length."""

    def __init__(
        self, reader: ResponseBodyReader, name: str, settings: HttpSettings, length: int | None
    ) -> None:
        self._reader = reader
        self._name = name
        self._settings = settings
        self._missing = length

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._read()
        if chunk is None:
            if self._missing:
                reason = f"the answer broke off: {self._missing} bytes are missing"
                raise UpstreamUnavailable(self._name, reason)
            raise StopAsyncIteration
        if self._missing is not None:
            if len(chunk) > self._missing:
                raise UpstreamBadAnswer(self._name, "sends more bytes than it declared")
            self._missing -= len(chunk)
        return chunk

    async def _read(self) -> bytes | None:
        """Return the next chunk that is not empty, or None at the end."""
        with while_reading(self._name, self._settings):
            async with asyncio.timeout(self._settings.stall_timeout):
                while (chunk := await self._reader.read_chunk()) is not None:
                    if len(chunk):
                        return chunk.to_bytes()
        return None


class Gunzipped:
    """A gzip body unpacked: for servers that pack although nobody asked (protocol.md A.15, T141)."""

    def __init__(self, packed: AsyncIterator[bytes], name: str) -> None:
        self._packed = packed
        self._name = name
        self._inflater = zlib.decompressobj(_GZIP)
        self._pending = b""
        self._begun = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while True:
            if not self._pending and not await self._refill():
                raise StopAsyncIteration
            if chunk := self._inflate():
                return chunk

    async def _refill(self) -> bool:
        """Fetch packed bytes; False at a proper end."""
        try:
            self._pending = await anext(self._packed)
        except StopAsyncIteration:
            if self._begun:
                raise UpstreamUnavailable(self._name, "the answer broke off inside its gzip data") from None
            return False
        return True

    def _inflate(self) -> bytes:
        self._begun = True
        try:
            chunk = self._inflater.decompress(self._pending, INFLATED_CHUNK)
        except zlib.error as error:
            raise UpstreamBadAnswer(self._name, "declares gzip but sends something else") from error
        self._pending = self._inflater.unconsumed_tail
        if self._inflater.eof:
            # Several gzip members in a row are one file.
            self._pending = self._inflater.unused_data
            self._inflater = zlib.decompressobj(_GZIP)
            self._begun = False
        return chunk
