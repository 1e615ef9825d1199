from __future__ import annotations

import pytest

from modmirror.upstream.headers import (
    MAX_RETRY_AFTER,
    ContentRange,
    coding_of,
    parse_content_range,
    parse_length,
    parse_retry_after,
    strong_etag,
)

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("bytes 5-9/100", ContentRange(5, 10, 100)),
        ("bytes 0-0/1", ContentRange(0, 1, 1)),
        ("bytes 5-9/*", ContentRange(5, 10, None)),
        (" bytes 5-9/100 ", ContentRange(5, 10, 100)),
    ],
)
def test_a_content_range_names_one_part(value: str, part: ContentRange) -> None:
    assert parse_content_range(value) == part


@pytest.mark.parametrize(
    "value",
    [None, "", "bytes */100", "bytes 9-5/100", "bytes 5-9/9", "bytes 5-/100", "bytes=5-9/100", "bytes -5/9",
     "lines 5-9/100", "bytes 5-9/100, 10-20/100", "bytes \u0665-\u0669/100", "bytes 5-9/" + "9" * 40],
)  # fmt: skip
def test_anything_else_is_no_content_range(value: str | None) -> None:
    assert parse_content_range(value) is None


def test_a_length_is_a_plain_number() -> None:
    assert parse_length("0") == 0
    assert parse_length(" 17 ") == 17
    assert parse_length(None) is None


@pytest.mark.parametrize("value", ["", "-1", "+1", "1_000", "1, 1", "0x10", "\u0661", "9" * 40])
def test_a_length_that_is_no_plain_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a length"):
        parse_length(value)


@pytest.mark.parametrize(
    ("value", "sent", "seconds"),
    [
        ("120", None, 120.0),
        ("0", None, 0.0),
        (" 5 ", None, 5.0),
        ("999999999", None, MAX_RETRY_AFTER),
        ("Tue, 14 Nov 2023 22:14:20 GMT", None, 60.0),
        ("Tue, 14 Nov 2023 22:12:20 GMT", None, 0.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", "Tue, 14 Nov 2023 22:14:10 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:14:20 -0000", None, 60.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", "nonsense", 60.0),
        ("Fri, 31 Dec 2100 00:00:00 GMT", None, MAX_RETRY_AFTER),
        (None, None, None),
        ("", None, None),
        ("soon", None, None),
        ("-5", None, None),
        ("1.5", None, None),
    ],
)
def test_retry_after_is_seconds_from_now(
    value: str | None, sent: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(value, sent=sent, now=NOW) == seconds


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ('"abc"', '"abc"'),
        (' "abc" ', '"abc"'),
        ('W/"abc"', ""),
        ("abc", ""),
        ('"', ""),
        ('""', ""),
        ('"a"b"', ""),
        ('"a\tb"', ""),
        ('"ä"', ""),
        (None, ""),
    ],
)
def test_only_a_strong_well_formed_etag_counts(value: str | None, tag: str) -> None:
    assert strong_etag(value) == tag


@pytest.mark.parametrize(
    ("value", "coding"),
    [
        (None, ""),
        ("identity", ""),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "gzip, br"),
    ],
)
def test_a_content_coding_is_named_in_one_way(value: str | None, coding: str) -> None:
    assert coding_of(value) == coding
