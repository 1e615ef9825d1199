"""Counts as HdrHistogram V2 writes them: a row of zigzag LEB128 numbers, runs of zeros as one negative."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LAST = 8
"""The ninth byte, counted from 0, holds eight bits instead of seven, so that 64 bits fit in nine."""
_MORE = 0x80
_SEVEN = 0x7F
_WORD = (1 << 64) - 1


def counts_to(counts: Mapping[int, int]) -> bytes:
    """Write counts by index, up to the last that is not zero."""
    out = bytearray()
    following = 0
    for index in sorted(counts):
        if index > following:
            _put(out, following - index)
        _put(out, counts[index])
        following = index + 1
    return bytes(out)


def counts_from(data: bytes) -> dict[int, int]:
    """Read counts by index, those that are not zero.

    Raises:
        ValueError: a number ends early.
    """
    counts = {}
    index = 0
    for number in _numbers(data):
        if number > 0:
            counts[index] = number
        index += -number if number < 0 else 1
    return counts


def _put(out: bytearray, number: int) -> None:
    left = (number << 1 ^ number >> 63) & _WORD
    for _ in range(_LAST):
        if left <= _SEVEN:
            out.append(left)
            return
        out.append(left & _SEVEN | _MORE)
        left >>= 7
    out.append(left)


def _numbers(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        zigzag, at = _get(data, at)
        yield zigzag >> 1 ^ -(zigzag & 1)


def _get(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at ``at``, and where the next begins."""
    value = 0
    for position in range(_LAST + 1):
        if at + position >= len(data):
            raise ValueError("not an encoded histogram: a count ends early")
        byte = data[at + position]
        if position == _LAST or byte < _MORE:
            return value | byte << 7 * position, at + position + 1
        value |= (byte & _SEVEN) << 7 * position
    raise AssertionError("the ninth byte ends a number")
