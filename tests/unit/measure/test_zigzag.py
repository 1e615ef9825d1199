from __future__ import annotations

import pytest

from modmirror.measure.zigzag import counts_from, counts_to


@pytest.mark.parametrize(
    ("counts", "data"),
    [
        ({}, b""),
        ({0: 1}, b"\x02"),
        ({1: 1}, b"\x01\x02"),
        ({0: 63, 1: 64}, b"\x7e\x80\x01"),
        ({200: 3}, b"\x8f\x03\x06"),
        ({0: (1 << 63) - 1}, b"\xfe" + b"\xff" * 8),
    ],
)
def test_counts_are_written_in_seven_bits_and_zeros_as_one_number(
    counts: dict[int, int], data: bytes
) -> None:
    assert counts_to(counts) == data
    assert counts_from(data) == counts


def test_zeros_that_were_written_one_by_one_are_read() -> None:
    assert counts_from(b"\x00\x00\x02") == {2: 1}


@pytest.mark.parametrize("data", [b"\x80", b"\x02\xff\xff"])
def test_a_number_that_ends_early_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="ends early"):
        counts_from(data)
