from __future__ import annotations

import asyncio

import pytest

from modmirror.lab.emulate.content import Answer
from modmirror.lab.emulate.wire import Request, RequestReader, head_of, part_of

ZIP = Answer(200, b"0123456789", "application/zip")


def request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", "/", named, keep_alive=True)


async def read_all(*pieces: bytes) -> list[Request]:
    stream = asyncio.StreamReader()
    for piece in pieces:
        stream.feed_data(piece)
    stream.feed_eof()
    requests, found = RequestReader(stream), []
    while (each := await requests.next()) is not None:
        found.append(each)
    return found


async def test_requests_are_read_in_order_with_lower_case_headers_and_no_query() -> None:
    first = b"GET /a%21b?x=1 HTTP/1.1\r\nHost: t\r\nX-Name: Value\r\n\r\n"
    second = b"HEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n"
    assert await read_all(first + second) == [
        Request("GET", "/a%21b", {"host": "t", "x-name": "Value"}, keep_alive=True),
        Request("HEAD", "/b", {"connection": "close"}, keep_alive=False),
    ]


async def test_what_is_no_http_is_the_end() -> None:
    assert await read_all(b"\x16\x03 nonsense\r\n\r\n") == []


async def test_a_body_is_kept_and_a_huge_one_ends_the_connection() -> None:
    (posted,) = await read_all(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel", b"lo")
    assert (posted.method, posted.body) == ("POST", b"hello")
    huge = 2 << 20
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % huge
    assert await read_all(head + bytes(huge)) == []


def test_a_head_has_a_length_or_says_that_chunks_follow() -> None:
    assert head_of(Answer(404, b"no", headers=(("A", "b"),)), 2) == (
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: 2\r\nA: b\r\n\r\n"
    )
    assert b"Transfer-Encoding: chunked" in head_of(ZIP, None)


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("bytes=0-", 206, b"0123456789"),
        ("bytes=7-", 206, b"789"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=2-99", 206, b"23456789"),
        ("bytes=10-", 200, b"0123456789"),
        ("bytes=4-2", 200, b"0123456789"),
        ("words=1-", 200, b"0123456789"),
    ],
)
def test_a_range_is_honoured_when_it_lies_within(asked: str, status: int, body: bytes) -> None:
    part = part_of(ZIP, request(range=asked))
    assert (part.status, part.body) == (status, body)


def test_a_part_of_another_file_is_not_sent() -> None:
    tag = dict(part_of(ZIP, request()).headers)["ETag"]
    assert part_of(ZIP, request(range="bytes=1-", if_range=tag)).status == 206
    assert part_of(ZIP, request(range="bytes=1-", if_range='"else"')).status == 200


def test_only_zips_come_in_parts() -> None:
    text = Answer(200, b"v1.0.0\n")
    assert part_of(text, request(range="bytes=1-")) is text
