from __future__ import annotations

import pytest

from modmirror.server.conditional import (
    UNSATISFIABLE,
    Span,
    Unsatisfiable,
    Validators,
    entity_tag,
    http_date,
    is_unchanged,
    matches_any,
    wanted_span,
)

NOW = Validators(b'"abc"', 1_600_000_000)
DATE = b"Sun, 13 Sep 2020 12:26:40 GMT"
LATER = b"Sun, 13 Sep 2020 12:26:41 GMT"
EARLIER = b"Sun, 13 Sep 2020 12:26:39 GMT"


def test_a_tag_is_the_digest_in_quotes_and_compressed_content_has_its_own() -> None:
    assert entity_tag("abc") == b'"abc"'
    assert entity_tag("abc", gzip=True) == b'"abc-gzip"'
    assert entity_tag("") == entity_tag("", gzip=True) == b""


def test_a_date_is_written_as_http_wants_it() -> None:
    assert http_date(1_600_000_000.9) == DATE


@pytest.mark.parametrize(
    ("tags", "matches"),
    [
        (b'"abc"', True),
        (b'W/"abc"', True),
        (b'"x", "abc"', True),
        (b'"x",W/"abc" , "y"', True),
        (b"*", True),
        (b" * ", True),
        (b'"ABC"', False),
        (b"abc", False),
        (b'"abc', False),
        (b"", False),
        (b'"x"', False),
    ],
)
def test_if_none_match_compares_weakly(tags: bytes, *, matches: bool) -> None:
    assert matches_any(tags, b'"abc"') is matches


def test_without_a_tag_only_the_star_matches() -> None:
    assert not matches_any(b'""', b"")
    assert matches_any(b"*", b"")


@pytest.mark.parametrize(
    ("headers", "unchanged"),
    [
        ({}, False),
        ({b"if-none-match": b'"abc"'}, True),
        ({b"if-none-match": b'"x"'}, False),
        ({b"if-modified-since": DATE}, True),
        ({b"if-modified-since": LATER}, True),
        ({b"if-modified-since": EARLIER}, False),
        ({b"if-modified-since": b"yesterday"}, False),
        ({b"if-modified-since": b"\xff"}, False),
        ({b"if-none-match": b'"x"', b"if-modified-since": LATER}, False),
        ({b"if-none-match": b'"abc"', b"if-modified-since": EARLIER}, True),
    ],
)
def test_a_copy_is_current_by_tag_or_else_by_date(headers: dict[bytes, bytes], *, unchanged: bool) -> None:
    assert is_unchanged(headers, NOW) is unchanged


def test_without_a_date_of_ours_theirs_says_nothing() -> None:
    assert not is_unchanged({b"if-modified-since": LATER}, Validators(b'"abc"'))


def test_a_date_without_a_zone_is_taken_as_utc() -> None:
    assert is_unchanged({b"if-modified-since": b"Sun, 13 Sep 2020 12:26:40 -0000"}, NOW)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        (b"bytes=0-", Span(0, 100)),
        (b"bytes=0-0", Span(0, 1)),
        (b"bytes=10-19", Span(10, 20)),
        (b"bytes=10-", Span(10, 100)),
        (b"bytes=99-", Span(99, 100)),
        (b"bytes=90-1000", Span(90, 100)),
        (b"bytes=-10", Span(90, 100)),
        (b"bytes=-1000", Span(0, 100)),
        (b"bytes= 10 - 19", Span(10, 20)),
        (b"bytes=100-", UNSATISFIABLE),
        (b"bytes=100-200", UNSATISFIABLE),
        (b"bytes=-0", UNSATISFIABLE),
        (b"bytes=19-10", None),
        (b"bytes=0-0,5-6", None),
        (b"bytes=-", None),
        (b"bytes=", None),
        (b"items=0-1", None),
        (b"bytes=a-b", None),
        (b"bytes=+1-2", None),
        (b"bytes=\xd9\xa1-", None),
        (b"bytes=" + b"9" * 30 + b"-", None),
    ],
)
def test_a_range_is_one_span_or_ignored(asked: bytes, span: Span | Unsatisfiable | None) -> None:
    assert wanted_span({b"range": asked}, 100, NOW) == span


def test_without_a_range_the_whole_is_wanted() -> None:
    assert wanted_span({}, 100, NOW) is None


def test_nothing_of_an_empty_file_can_be_had() -> None:
    assert wanted_span({b"range": b"bytes=0-"}, 0, NOW) is UNSATISFIABLE
    assert wanted_span({b"range": b"bytes=-1"}, 0, NOW) is UNSATISFIABLE


@pytest.mark.parametrize(
    ("guard", "partial"),
    [
        (b'"abc"', True),
        (b'W/"abc"', False),
        (b'"x"', False),
        (DATE, True),
        (LATER, False),
        (EARLIER, False),
        (b"garbage", False),
    ],
)
def test_if_range_compares_strongly(guard: bytes, *, partial: bool) -> None:
    got = wanted_span({b"range": b"bytes=5-", b"if-range": guard}, 100, NOW)
    assert got == (Span(5, 100) if partial else None)


def test_if_range_matches_nothing_without_validators() -> None:
    for guard in (b'"abc"', DATE):
        assert wanted_span({b"range": b"bytes=5-", b"if-range": guard}, 100, Validators()) is None
