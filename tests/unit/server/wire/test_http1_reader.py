from __future__ import annotations

import pytest

from modmirror.server.wire.http1_reader import (
    BAD_REQUEST,
    FAMILIAR_BYTES,
    HEAD_TOO_LARGE,
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    MOST_FAMILIAR,
    TOO_LARGE,
    Asked,
    Familiar,
    RequestReader,
    raw_path,
)

REQUEST = b"GET /m/@v/list?a=b HTTP/1.1\r\nHost: x\r\nUser-Agent: Go\r\n\r\n"


class World:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.reader = RequestReader(self.asked.append)


@pytest.fixture
def world() -> World:
    return World()


def facts(asked: Asked) -> tuple[str, bytes, dict[bytes, bytes], bool, bool, bool]:
    return asked.method, asked.raw_path, asked.headers, asked.keep_alive, asked.plain, asked.http_1_0


EXPECTED = ("GET", b"/m/@v/list", {b"host": b"x", b"user-agent": b"Go"}, True, True, False)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_request_is_read_however_it_is_cut(world: World, size: int) -> None:
    for start in range(0, len(REQUEST), size):
        assert world.reader.feed(REQUEST[start : start + size]) == 0
    assert [facts(each) for each in world.asked] == [EXPECTED]
    assert not world.reader.partial


def test_requests_in_one_piece_are_all_read(world: World) -> None:
    assert world.reader.feed(REQUEST * 5) == 0
    assert [facts(each) for each in world.asked] == [EXPECTED] * 5


def test_a_request_that_has_begun_is_partial(world: World) -> None:
    assert not world.reader.partial
    world.reader.feed(b"G")
    assert world.reader.partial


@pytest.mark.parametrize(
    ("line", "headers", "keep_alive", "plain", "http_1_0"),
    [
        (b"HEAD / HTTP/1.1", b"Host: x", True, True, False),
        (b"GET / HTTP/1.1", b"Host: x\r\nConnection: close", False, False, False),
        (b"GET / HTTP/1.1", b"Host: x\r\nConnection: keep-alive", True, False, False),
        (b"GET / HTTP/1.1", b"A: b", True, False, False),
        (b"GET / HTTP/1.0", b"Host: x", False, False, True),
        (b"GET / HTTP/1.0", b"Connection: keep-alive", True, False, True),
    ],
)
def test_what_the_client_wants_of_the_connection(
    world: World, line: bytes, headers: bytes, *, keep_alive: bool, plain: bool, http_1_0: bool
) -> None:
    assert world.reader.feed(line + b"\r\n" + headers + b"\r\n\r\n") == 0
    (asked,) = world.asked
    assert (asked.keep_alive, asked.plain, asked.http_1_0) == (keep_alive, plain, http_1_0)


def test_lines_of_one_name_are_one_list(world: World) -> None:
    world.reader.feed(b"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\na: 2\r\n\r\n")
    assert world.asked[0].headers[b"a"] == b"1, 2"


def test_an_upgrade_is_a_request_like_any_other_and_the_last(world: World) -> None:
    assert (
        world.reader.feed(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n") == 0
    )
    assert len(world.asked) == 1
    assert world.reader.finished


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET /\x00 HTTP/1.1\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_request_is_refused(world: World, data: bytes) -> None:
    assert world.reader.feed(data) == BAD_REQUEST
    assert world.asked == []


@pytest.mark.parametrize("size", [1000, 10 * MAX_HEAD_BYTES])
def test_a_head_without_end_is_refused(world: World, size: int) -> None:
    data = b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * MAX_HEAD_BYTES
    statuses = {world.reader.feed(data[start : start + size]) for start in range(0, len(data), size)}
    assert HEAD_TOO_LARGE in statuses
    assert world.asked == []


def test_a_head_that_is_too_large_but_whole_is_refused_too(world: World) -> None:
    data = b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n"
    assert world.reader.feed(data) == HEAD_TOO_LARGE
    assert world.asked == []


def test_many_small_heads_at_once_are_not_one_large_one(world: World) -> None:
    count = MAX_HEAD_BYTES // len(REQUEST) + 10
    assert world.reader.feed(REQUEST * count) == 0
    assert len(world.asked) == count


def test_a_short_body_is_read_over(world: World) -> None:
    head = b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % 1000
    assert world.reader.feed(head + b"x" * 1000 + REQUEST) == 0
    assert [each.method for each in world.asked] == ["PUT", "GET"]


def test_a_long_body_is_not_waited_for(world: World) -> None:
    world.reader.feed(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
    assert world.reader.feed(b"x" * MAX_BODY_BYTES) == 0
    assert world.reader.partial
    assert world.reader.feed(b"x") == TOO_LARGE


def test_a_bug_behind_the_parser_is_not_taken_for_a_bad_request() -> None:
    def broken(asked: Asked) -> None:
        raise ZeroDivisionError

    with pytest.raises(Exception, match="on_message_complete"):
        RequestReader(broken).feed(REQUEST)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (b"/a", b"/a"),
        (b"/a?b?c", b"/a"),
        (b"/a%3Fb", b"/a%3Fb"),
        (b"//a//b/", b"//a//b/"),
        (b"http://host/a?b", b"/a"),
        (b"http://host", b"/"),
        (b"http://host?x=/y", b"/"),
        (b"*", b"*"),
        (b"host:80", b"host:80"),
    ],
)
def test_the_path_of_a_target(url: bytes, path: bytes) -> None:
    assert raw_path(url) == path


# --- requests that came before ---


def through(familiar: Familiar, *pieces: bytes) -> list[Asked]:
    """Read pieces on a connection of their own."""
    asked: list[Asked] = []
    reader = RequestReader(asked.append, familiar)
    for piece in pieces:
        assert reader.feed(piece) == 0
    return asked


def test_the_same_bytes_are_the_same_request_on_any_connection() -> None:
    familiar = Familiar()
    first, second = through(familiar, REQUEST, REQUEST)
    (third,) = through(familiar, REQUEST)
    assert first is second is third
    assert facts(third) == EXPECTED


def test_what_is_familiar_is_read_right_between_what_is_not() -> None:
    familiar = Familiar()
    through(familiar, REQUEST)
    other = REQUEST.replace(b"/m/", b"/n/")
    asked = through(familiar, REQUEST, other[:9], other[9:], REQUEST, other + REQUEST, REQUEST)
    assert [each.raw_path[1:2] for each in asked] == [b"m", b"n", b"m", b"n", b"m", b"m"]


@pytest.mark.parametrize("size", [1, 3, 20, len(REQUEST) - 1])
def test_a_beginning_after_a_request_is_not_lost(size: int) -> None:
    familiar = Familiar()
    for _ in range(2):
        asked = through(familiar, REQUEST, REQUEST + REQUEST[:size], REQUEST[size:], REQUEST)
        assert [facts(each) for each in asked] == [EXPECTED] * 4


def test_familiar_bytes_that_end_another_request_are_read_as_its_end() -> None:
    familiar = Familiar()
    through(familiar, REQUEST)
    asked = through(familiar, REQUEST + b"GET /x HTTP/1.1\r\nHost: y\r\nX: ", REQUEST)
    assert [each.raw_path for each in asked] == [b"/m/@v/list", b"/x"]


def test_familiar_bytes_in_the_middle_of_a_request_are_no_request() -> None:
    familiar = Familiar()
    through(familiar, REQUEST)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (2 * len(REQUEST))
    asked = through(familiar, head, REQUEST, REQUEST, REQUEST)
    assert [each.method for each in asked] == ["POST", "GET"]
    chunk = b"%x\r\n%b\r\n" % (len(REQUEST), REQUEST)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    asked = through(familiar, head, chunk, chunk[:-2], b"\r\n0\r\n\r\n", REQUEST)
    assert [each.method for each in asked] == ["POST", "GET"]


@pytest.mark.parametrize(
    "data",
    [
        REQUEST + REQUEST,
        REQUEST.replace(b"Host: x", b"Host: x\r\nAuthorization: Basic c2VjcmV0"),
        REQUEST.replace(b"Host: x", b"Host: x\r\nCookie: secret"),
        REQUEST.replace(b"Host: x", b"Host: x\r\nConnection: keep-alive"),
        REQUEST.replace(b"Go\r\n", b"G" * FAMILIAR_BYTES + b"\r\n"),
        REQUEST + REQUEST[:1],
        REQUEST + REQUEST[:-1],
        REQUEST[:-1],
    ],
    ids=["two", "password", "cookie", "connection", "long", "and a letter", "and a half", "not all"],
)
def test_some_are_read_anew_each_time(data: bytes) -> None:
    familiar = Familiar()
    through(familiar, data)
    assert familiar.find(data) is None


def test_what_is_known_has_a_bound() -> None:
    familiar = Familiar()
    for number in range(MOST_FAMILIAR + 1):
        through(familiar, REQUEST.replace(b"/m/", b"/%d/" % number))
    assert familiar.find(REQUEST.replace(b"/m/", b"/0/")) is None
    assert familiar.find(REQUEST.replace(b"/m/", b"/%d/" % MOST_FAMILIAR)) is not None
