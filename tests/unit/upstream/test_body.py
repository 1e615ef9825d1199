from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import UpstreamBadAnswer, UpstreamUnavailable
from modmirror.upstream.body import INFLATED_CHUNK, Gunzipped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = b"module example.com/m\n" * 50


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def unpack(data: bytes, size: int = 7) -> bytes:
    return b"".join([chunk async for chunk in Gunzipped(pieces(data, size), "up")])


@given(text=st.binary(max_size=2000), size=st.integers(1, 300))
async def test_a_packed_body_is_unpacked_whatever_its_pieces(text: bytes, size: int) -> None:
    assert await unpack(gzip.compress(text), size) == text


@pytest.mark.matrix("T141")
async def test_several_gzip_members_are_one_body() -> None:
    assert await unpack(gzip.compress(TEXT) + gzip.compress(b"") + gzip.compress(b"end")) == TEXT + b"end"


async def test_an_empty_body_unpacks_to_nothing() -> None:
    assert await unpack(b"") == b""


@pytest.mark.parametrize("missing", [1, 4, 8, 20])
async def test_a_packed_body_that_ends_early_is_broken_off(missing: int) -> None:
    with pytest.raises(UpstreamUnavailable, match="broke off"):
        await unpack(gzip.compress(TEXT)[:-missing])


async def test_what_is_not_gzip_is_a_bad_answer() -> None:
    with pytest.raises(UpstreamBadAnswer, match="gzip"):
        await unpack(TEXT)


async def test_a_wrong_checksum_is_a_bad_answer() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-5] ^= 1
    with pytest.raises(UpstreamBadAnswer, match="gzip"):
        await unpack(bytes(packed))


async def test_a_few_packed_bytes_never_become_one_huge_chunk() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    total = 0
    async for chunk in Gunzipped(pieces(bomb, 65_536), "up"):
        assert 0 < len(chunk) <= INFLATED_CHUNK
        total += len(chunk)
    assert total == 64 << 20
