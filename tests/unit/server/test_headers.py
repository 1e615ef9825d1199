from __future__ import annotations

import gzip

import pytest

from modmirror.proxy.served import CacheState, Served
from modmirror.server.conditional import Validators
from modmirror.server.headers import (
    Headers,
    accepts_gzip,
    compress,
    content_headers,
    takes_ranges,
    validity_headers,
)

ZIP = Served(b"", "application/zip", CacheState.HIT, digest="d", immutable=True, verified=True)
LIST = Served(b"", "text/plain; charset=utf-8", CacheState.MISS, upstream="up", max_age=56.9, age=3.9)


def test_headers_come_as_pairs_and_as_a_block() -> None:
    headers = Headers((b"a", b"1"), (b"b", b"2"))
    assert headers.pairs[:2] == ((b"a", b"1"), (b"b", b"2"))
    assert headers.block.startswith(b"a: 1\r\nb: 2\r\n")
    assert headers.block.endswith(b"\r\n")


def test_every_answer_forbids_guessing_its_type() -> None:
    assert (b"x-content-type-options", b"nosniff") in Headers().pairs


def test_content_has_its_type_and_length() -> None:
    assert content_headers(LIST, length=7) == [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"7"),
    ]


def test_without_a_length_none_is_claimed() -> None:
    assert b"content-length" not in dict(content_headers(ZIP, length=None))


def test_ranges_are_offered_for_what_never_changes_but_not_compressed() -> None:
    assert takes_ranges(ZIP)
    assert not takes_ranges(LIST)
    assert dict(content_headers(ZIP, length=1))[b"accept-ranges"] == b"bytes"
    assert b"accept-ranges" not in dict(content_headers(LIST, length=1))
    packed = dict(content_headers(ZIP, length=1, gzipped=True))
    assert packed[b"content-encoding"] == b"gzip"
    assert b"accept-ranges" not in packed


def test_what_never_changes_may_be_kept_long() -> None:
    headers = dict(validity_headers(ZIP, Validators(b'"d"', 1_600_000_000), varies=False))
    assert headers == {
        b"cache-control": b"public, max-age=31536000, immutable",
        b"etag": b'"d"',
        b"last-modified": b"Sun, 13 Sep 2020 12:26:40 GMT",
        b"x-modmirror-cache": b"hit",
    }


def test_what_changes_has_an_age_and_its_source() -> None:
    assert validity_headers(LIST, Validators(), varies=True) == [
        (b"cache-control", b"public, max-age=56"),
        (b"age", b"3"),
        (b"vary", b"accept-encoding"),
        (b"x-modmirror-cache", b"miss"),
        (b"x-modmirror-upstream", b"up"),
    ]


def test_what_is_stale_warns() -> None:
    stale = Served(b"", "text/plain", CacheState.STALE)
    assert (
        dict(validity_headers(stale, Validators(), varies=False))[b"warning"]
        == b'110 - "Response is Stale"'
    )


def test_the_name_of_an_upstream_cannot_break_an_answer() -> None:
    served = Served(b"", "text/plain", CacheState.MISS, upstream="https://镜像.example")
    headers = dict(validity_headers(served, Validators(), varies=False))
    assert headers[b"x-modmirror-upstream"].isascii()


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (b"gzip", True),
        (b"GZIP", True),
        (b"x-gzip", True),
        (b"*", True),
        (b"br, gzip;q=0.5", True),
        (b"gzip; q=1.0", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000", False),
        (b"*;q=0", False),
        (b"*, gzip;q=0", False),
        (b"identity", False),
        (b"br", False),
        (b"", False),
        (b"gzipped", False),
        (b",,;;q", False),
    ],
)
def test_gzip_is_sent_to_those_who_accept_it(value: bytes, *, accepted: bool) -> None:
    assert accepts_gzip(value) is accepted


def test_compressing_is_repeatable_as_a_strong_tag_promises() -> None:
    body = b"v1.0.0\n" * 500
    assert compress(body) == compress(body)
    assert gzip.decompress(compress(body)) == body
