from __future__ import annotations

import pytest
from httptools import HttpParserError
from hypothesis import given
from hypothesis import strategies as st

from modmirror.lab.engine.answer import MAX_HEAD, AnswerReader
from modmirror.lab.engine.failures import AnswerBroken

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"content-length: 3\r\nx-cache: HIT\r\nx-cache: MISS\r\n\r\nabc"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nx: trailer\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nlink: y\r\n\r\n" + SIZED


def read(data: bytes, method: str = "GET", step: int = 0) -> AnswerReader:
    reader = AnswerReader(method)
    step = step or len(data)
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader


@pytest.mark.parametrize("data", [SIZED, CHUNKED, INTERIM])
@given(step=st.integers(1, 200))
def test_an_answer_is_the_same_in_pieces_of_any_size(data: bytes, step: int) -> None:
    whole, pieces = read(data), read(data, step=step)
    assert whole.complete
    assert pieces.complete
    assert b"".join(whole.take()) == b"".join(pieces.take()) == b"abc"
    assert whole.headers == pieces.headers
    assert (pieces.status, pieces.version, pieces.keeps_alive) == (200, "1.1", True)


def test_headers_of_one_name_are_joined_and_trailers_left_out() -> None:
    assert read(SIZED).headers == {"content-length": "3", "x-cache": "HIT, MISS"}
    assert "x" not in read(CHUNKED).headers


def test_pieces_are_given_once() -> None:
    reader = read(SIZED)
    assert (reader.take(), reader.take()) == ([b"abc"], [])


@pytest.mark.parametrize(
    ("data", "method", "lasting"),
    [
        (OK + b"content-length: 5\r\n\r\n", "HEAD", True),
        (OK + b"content-length: 5\r\nconnection: close\r\n\r\n", "HEAD", False),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "GET", True),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", "GET", False),
        (OK + b"connection: close\r\ncontent-length: 0\r\n\r\n", "GET", False),
        (SIZED + b"more", "GET", False),
        (SIZED + SIZED, "GET", False),
        (OK + b"content-length: 2\r\n\r\nxx", "HEAD", False),
    ],
)
def test_a_connection_lasts_when_nothing_speaks_against_it(
    data: bytes, method: str, *, lasting: bool
) -> None:
    reader = read(data, method)
    assert reader.complete
    assert reader.keeps_alive is lasting


def test_bytes_after_the_end_do_not_change_the_answer() -> None:
    reader = read(SIZED + b"\x00garbage")
    assert (b"".join(reader.take()), reader.status, reader.extra) == (b"abc", 200, True)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    before, reader = read(OK + b"\r\nabc"), read(OK + b"\r\nabc")
    reader.end()
    assert (before.complete, reader.complete, reader.keeps_alive) == (False, True, False)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [(b"", "reset"), (OK, "reset"), (SIZED[:-1], "truncated"), (CHUNKED[:-8], "truncated")],
)
def test_an_end_too_early_is_told_apart(data: bytes, outcome: str) -> None:
    reader = read(data) if data else AnswerReader("GET")
    with pytest.raises(AnswerBroken) as caught:
        reader.end()
    assert caught.value.outcome == outcome


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        OK + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        OK + b"content-length: 3\r\ncontent-length: 4\r\n\r\n",
        OK + b"bad header\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(data: bytes) -> None:
    with pytest.raises(HttpParserError):
        read(data)


def test_a_head_without_end_is_refused() -> None:
    with pytest.raises(AnswerBroken, match="headers of more than 256 KiB"):
        read(OK + b"x: " + b"y" * (MAX_HEAD + 1), step=60_000)
    assert read(OK + b"content-length: 0\r\nx: " + b"y" * 10_000 + b"\r\n\r\n").complete


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    reader = AnswerReader("GET")
    try:
        reader.feed(b"HTTP/1.1 " + data)
    except (HttpParserError, AnswerBroken):
        return
    assert reader.take() == [] or reader.status
