"""A histogram of times that loses at most one part in a thousand, merges exactly and travels as text.

The buckets are those of HdrHistogram for 1 microsecond to 60 seconds at three digits: exact up to 2,048
microseconds, then 1,024 buckets for each doubling. Its V2 encoding, compressed and in base64, is what wrk2,
k6 and the HdrHistogram tools read and write.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from math import ceil
from struct import Struct
from struct import error as BadStruct  # noqa: N812  the library names it in lower case

from modmirror.measure.zigzag import counts_from, counts_to

LOWEST = 1
HIGHEST = 60_000_000
"""Microseconds. What takes longer is counted here."""
DIGITS = 3

_EXACT_BITS = 11
"""Values of so many bits have a bucket each: 2 x 10**3, rounded up to a power of two."""
_HALF_BITS = _EXACT_BITS - 1
_MICROSECONDS = 1_000_000
_COOKIE = 0x1C849313
_COMPRESSED_COOKIE = 0x1C849314
_OUTER = Struct(">ii")
_HEADER = Struct(">iiiiqqd")
_MAX_BUCKETS = 64 << _HALF_BITS
"""Enough for numbers of 64 bits, which other tools may be set up for."""
_MAX_BYTES = 1 << 20
"""An encoded histogram is a few kilobytes: what unpacks to more was not made by an honest tool."""


class Histogram:
    """Counts of times. Not safe to record into from two threads at once."""

    __slots__ = ("_counts", "_total")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._total = 0

    def __len__(self) -> int:
        """Return how many times were recorded."""
        return self._total

    def __eq__(self, other: object) -> bool:
        """Two histograms are equal when they counted the same."""
        return isinstance(other, Histogram) and self._counts == other._counts

    __hash__ = None  # type: ignore[assignment]  # it changes, so it has no hash

    def record(self, seconds: float) -> None:
        """Count one time. Below a microsecond counts as 0, beyond 60 seconds as 60."""
        micros = min(max(int(seconds * _MICROSECONDS + 0.5), 0), HIGHEST)
        shift = max(micros.bit_length() - _EXACT_BITS, 0)
        bucket = (shift << _HALF_BITS) + (micros >> shift)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self._total += 1

    def merge(self, other: Histogram) -> None:
        """Add all that ``other`` counted. Nothing is lost: merge first, then read quantiles."""
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
        self._total += other._total

    def quantile(self, q: float) -> float | None:
        """Return the time in seconds that a share ``q`` stays within, or None of an empty histogram."""
        left = max(ceil(q * self._total), 1)
        for bucket in sorted(self._counts):
            left -= self._counts[bucket]
            if left <= 0:
                return _middle(bucket)
        return None

    @property
    def maximum(self) -> float | None:
        """The longest time in seconds, or None of an empty histogram."""
        return self.quantile(1.0)

    @property
    def mean(self) -> float | None:
        """The mean in seconds, or None of an empty histogram."""
        if not self._total:
            return None
        return sum(_middle(bucket) * count for bucket, count in self._counts.items()) / self._total

    def encode(self) -> str:
        """Return it as text: HdrHistogram V2, compressed, base64."""
        payload = counts_to(self._counts)
        header = _HEADER.pack(_COOKIE, len(payload), 0, DIGITS, LOWEST, HIGHEST, 1.0)
        packed = zlib.compress(header + payload)
        return b64encode(_OUTER.pack(_COMPRESSED_COOKIE, len(packed)) + packed).decode("ascii")

    @classmethod
    def decode(cls, text: str) -> Histogram:
        """Read what :meth:`encode`, or another tool at three digits and a unit of 1 microsecond, wrote.

        Raises:
            ValueError: it is not such a text.
        """
        try:
            plain = _unpack(b64decode(text, validate=True))
            cookie, length, offset, digits, lowest, _highest, _ratio = _HEADER.unpack_from(plain)
        except (BadBase64, BadStruct, zlib.error) as error:
            raise ValueError(f"not an encoded histogram: {error}") from error
        if (cookie, offset, digits, lowest) != (_COOKIE, 0, DIGITS, LOWEST):
            raise ValueError("not a histogram of the second version at three digits and microseconds")
        histogram = cls()
        payload = plain[_HEADER.size : _HEADER.size + length]
        if len(payload) != length:
            raise ValueError("not an encoded histogram: it ends early")
        histogram._counts = counts_from(payload)
        if max(histogram._counts, default=0) >= _MAX_BUCKETS:
            raise ValueError("not an encoded histogram: it counts longer times than there are")
        histogram._total = sum(histogram._counts.values())
        return histogram


def _middle(bucket: int) -> float:
    """Return the middle of a bucket in seconds."""
    shift = max((bucket >> _HALF_BITS) - 1, 0)
    low = (bucket - (shift << _HALF_BITS)) << shift
    return (low + ((1 << shift) - 1) / 2) / _MICROSECONDS


def _unpack(data: bytes) -> bytes:
    cookie, length = _OUTER.unpack_from(data)
    if cookie != _COMPRESSED_COOKIE:
        raise ValueError("not a compressed histogram of the second version")
    engine = zlib.decompressobj()
    plain = engine.decompress(data[_OUTER.size : _OUTER.size + length], _MAX_BYTES)
    if not engine.eof:
        raise ValueError("not an encoded histogram: it ends early or is far too large")
    return plain
