from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import StorageBroken, UpstreamTimeout
from modmirror.server.conditional import Span
from modmirror.server.wire.pieces import (
    MAX_PIECE_BYTES,
    MEMORY_BYTES,
    MIN_PIECE_BYTES,
    growing_pieces,
    piece_bytes,
    stored_pieces,
)
from tests.fakes.answers import BytesBlob, ScriptedGrowing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def listed(pieces: AsyncIterator[tuple[bytes, bool]]) -> list[tuple[bytes, bool]]:
    return [piece async for piece in pieces]


def four() -> int:
    return 4


def test_few_answers_get_large_pieces_and_many_get_small_ones() -> None:
    assert piece_bytes(0, 2) == piece_bytes(1, 2) == MAX_PIECE_BYTES
    assert piece_bytes(10**6, 2) == MIN_PIECE_BYTES
    assert piece_bytes(500, 10) < piece_bytes(100, 10)


@pytest.mark.parametrize("running", [1, 50, 500, 1000])
@pytest.mark.parametrize("copies", [2, 10])
def test_all_answers_together_stay_within_their_memory(running: int, copies: int) -> None:
    assert running * copies * piece_bytes(running, copies) <= MEMORY_BYTES or (
        piece_bytes(running, copies) == MIN_PIECE_BYTES
    )


@pytest.mark.parametrize("cold", [False, True])
async def test_a_stored_file_comes_piece_by_piece(*, cold: bool) -> None:
    blob = BytesBlob(b"0123456789", cold=cold)
    assert await listed(stored_pieces(blob, Span(0, 10), four)) == [
        (b"0123", True),
        (b"4567", True),
        (b"89", False),
    ]


async def test_a_span_of_a_stored_file() -> None:
    assert await listed(stored_pieces(BytesBlob(b"0123456789"), Span(3, 5), four)) == [(b"34", False)]


async def test_a_stored_file_that_ends_early_is_broken() -> None:
    with pytest.raises(StorageBroken, match="ends at byte 10, not at 11"):
        await listed(stored_pieces(BytesBlob(b"0123456789", size=11), Span(0, 11), four))


async def test_a_growing_file_of_declared_length_ends_with_its_last_byte() -> None:
    growing = ScriptedGrowing(10, b"0123456789")
    assert await listed(growing_pieces(growing, b"01", 10, four)) == [
        (b"01", True),
        (b"2345", True),
        (b"6789", False),
    ]


async def test_a_growing_file_may_be_complete_with_its_first_piece() -> None:
    assert await listed(growing_pieces(ScriptedGrowing(2, b"01"), b"01", 2, four)) == [(b"01", False)]


async def test_a_growing_file_of_unknown_length_ends_with_an_empty_piece() -> None:
    growing = ScriptedGrowing(None, b"0123456789")
    pieces = await listed(growing_pieces(growing, b"0123456", None, four))
    assert pieces == [(b"0123456", True), (b"789", True), (b"", False)]


async def test_an_empty_growing_file() -> None:
    assert await listed(growing_pieces(ScriptedGrowing(None), b"", None, four)) == [(b"", False)]
    assert await listed(growing_pieces(ScriptedGrowing(0), b"", 0, four)) == [(b"", False)]


@pytest.mark.parametrize(("length", "text"), [(11, "has 10"), (9, "at least 10")])
async def test_another_length_than_promised_is_broken(length: int, text: str) -> None:
    growing = ScriptedGrowing(length, b"0123456789")
    with pytest.raises(StorageBroken, match=text):
        await listed(growing_pieces(growing, b"01", length, four))


async def test_the_error_of_a_fill_comes_through() -> None:
    growing = ScriptedGrowing(10, b"0123", error=UpstreamTimeout("up", "slow"))
    with pytest.raises(UpstreamTimeout):
        await listed(growing_pieces(growing, b"01", 10, four))
