from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from random import Random
from struct import pack

import pytest

from modmirror.measure.histogram import Histogram

MICROS = (1, 1000, 2047, 2048, 5000, 123_456, 60_000_000)
BY_HDRHISTOGRAM = "HISTFAAAADF4nJNpmSzMwMAAwiDADKUZwZzJ7Qz2H6ACTKf5mVYLMDEdFGY67cW0s4+RCQC7Jwh/"
"""What the hdrhistogram library 0.10.8 wrote for ``MICROS``, from 1 to 60,000,000 at three digits."""


def of(*seconds: float) -> Histogram:
    histogram = Histogram()
    for each in seconds:
        histogram.record(each)
    return histogram


def counted(*micros: int) -> Histogram:
    return of(*(each / 1_000_000 for each in micros))


def packed(plain: bytes, cookie: int = 0x1C849314) -> str:
    data = zlib.compress(plain)
    return b64encode(pack(">ii", cookie, len(data)) + data).decode("ascii")


def header(length: int, *, digits: int = 3, lowest: int = 1) -> bytes:
    return pack(">iiiiqqd", 0x1C849313, length, 0, digits, lowest, 60_000_000, 1.0)


def test_nothing_recorded_has_no_quantile() -> None:
    assert len(Histogram()) == 0
    assert Histogram().quantile(0.5) is None
    assert Histogram().maximum is None
    assert Histogram().mean is None


def test_a_quantile_is_the_time_that_this_share_stays_within() -> None:
    histogram = of(0.001, 0.001, 0.001, 0.002)
    assert histogram.quantile(0.75) == 0.001
    assert histogram.quantile(0.76) == histogram.maximum == 0.002
    assert histogram.quantile(0) == 0.001
    assert histogram.mean == pytest.approx(0.00125)


@pytest.mark.parametrize("seconds", [1e-6, 0.002047, 0.002048, 0.0987654, 1.234567, 59.99])
def test_a_time_is_kept_to_one_part_in_a_thousand(seconds: float) -> None:
    assert of(seconds).maximum == pytest.approx(seconds, rel=0.001)


def test_what_is_beyond_the_ends_counts_at_the_ends() -> None:
    assert of(-1.0).maximum == 0
    assert of(1e9).maximum == pytest.approx(60, rel=0.001)


def test_merging_is_as_recording_everything_in_one() -> None:
    chance = Random(1)
    values = [chance.lognormvariate(-3, 1) for _ in range(300)]
    merged = of(*values[:100])
    merged.merge(of(*values[100:]))
    assert merged == of(*values)
    assert len(merged) == 300
    assert merged != of(*values[1:])


def test_it_is_written_so_that_other_tools_read_it() -> None:
    written = b64decode(counted(*MICROS).encode())
    theirs = b64decode(BY_HDRHISTOGRAM)
    assert written[:4] == theirs[:4]
    assert zlib.decompress(written[8:]) == zlib.decompress(theirs[8:])


def test_what_other_tools_wrote_is_read() -> None:
    assert Histogram.decode(BY_HDRHISTOGRAM) == counted(*MICROS)


def test_what_was_written_is_read_back() -> None:
    chance = Random(2)
    histogram = of(*(chance.lognormvariate(-3, 2) for _ in range(1000)))
    again = Histogram.decode(histogram.encode())
    assert again == histogram
    assert len(again) == 1000
    assert Histogram.decode(Histogram().encode()) == Histogram()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("!", "not an encoded histogram"),
        ("AAAA", "not an encoded histogram"),
        (packed(b"", cookie=1), "not a compressed histogram"),
        (packed(b"short"), "not an encoded histogram"),
        (packed(header(0, digits=2)), "three digits"),
        (packed(header(0, lowest=1000)), "microseconds"),
        (packed(header(5)), "ends early"),
        (packed(header(1) + b"\x80"), "a count ends early"),
        (packed(bytes(1 << 21)), "far too large"),
        (packed(header(11) + b"\xff" * 8 + b"\x7f\x02\x02"), "longer times than there are"),
        (BY_HDRHISTOGRAM[:-12], "ends early"),
        (b64encode(pack(">ii", 0x1C849314, 4) + b"junk").decode(), "not an encoded histogram"),
    ],
)
def test_what_is_no_histogram_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Histogram.decode(text)


def test_a_histogram_has_no_hash_as_it_changes() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Histogram())
