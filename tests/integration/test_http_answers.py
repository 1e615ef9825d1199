"""Answers over real sockets: the same for HTTP/1.1 of our own and for granian behind TLS."""

from __future__ import annotations

import gzip
import http.client
import ssl
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist, UpstreamTimeout
from modmirror.proxy.served import CacheState
from tests.fakes.answers import (
    INFO,
    LIST,
    MOD,
    ZIP,
    BytesBlob,
    FileBlob,
    ScriptedEngine,
    ScriptedGrowing,
    growing_zip,
    info,
    mod,
    sha256,
    stored_zip,
    versions,
)
from tests.fakes.listening import RunningEdge, until, with_settings
from tests.fakes.tls import authority, ca_pem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = bytes(range(256)) * 1200
LONG_LIST = b"".join(b"v1.%d.0\n" % number for number in range(400))
MODFILE = b"module example.com/m\n" + b"// padding\n" * 200


@pytest.fixture(params=["http", "https"])
def edge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningEdge]:
    engine = ScriptedEngine()
    settings = with_settings()
    if request.param == "https":
        server = authority().issue_cert("127.0.0.1")
        cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        server.private_key_pem.write_to_path(str(key))
        for pem in server.cert_chain_pems:
            pem.write_to_path(str(cert), append=True)
        settings = with_settings(tls_cert=str(cert), tls_key=str(key))
    engine.answers = {
        INFO: info,
        MOD: lambda: mod(MODFILE),
        LIST: lambda: versions(LONG_LIST),
        ZIP: lambda: stored_zip(FileBlob(tmp_path / "zip", BODY)),
    }
    with RunningEdge(engine, settings) as running:
        yield running


def connect(edge: RunningEdge) -> http.client.HTTPConnection:
    if edge.url.startswith("https"):
        context = ssl.create_default_context(cadata=ca_pem().decode())
        return http.client.HTTPSConnection("127.0.0.1", edge.port, context=context, timeout=10)
    return http.client.HTTPConnection("127.0.0.1", edge.port, timeout=10)


class Got:
    def __init__(self, edge: RunningEdge, path: str, method: str = "GET", **headers: str) -> None:
        connection = connect(edge)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        with closing(connection):
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            self.status = answer.status
            self.headers = {key.lower(): value for key, value in answer.getheaders()}
            with closing(answer):
                self.body = answer.read()


ALL = [INFO, MOD, LIST, ZIP]
SET_BY_THE_MOMENT = {"date", "x-request-id", "x-modmirror-cache", "last-modified"}


@pytest.mark.parametrize("path", ALL)
@pytest.mark.matrix("T22")
def test_head_has_the_headers_of_get_and_no_body(edge: RunningEdge, path: str) -> None:
    get, head = Got(edge, path), Got(edge, path, "HEAD")
    assert head.status == get.status == 200
    assert head.body == b""
    assert head.headers["content-length"] == str(len(get.body))
    assert {k: v for k, v in head.headers.items() if k not in SET_BY_THE_MOMENT} == {
        k: v for k, v in get.headers.items() if k not in SET_BY_THE_MOMENT
    }


@pytest.mark.parametrize("path", ALL)
@pytest.mark.matrix("T23")
def test_query_is_ignored_and_never_logged(edge: RunningEdge, path: str) -> None:
    assert Got(edge, path + "?token=abc").body == Got(edge, path).body
    assert all("abc" not in entry.path for entry in edge.log.entries)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.matrix("T21")
def test_other_methods_are_405_and_say_what_is_allowed(edge: RunningEdge, method: str) -> None:
    got = Got(edge, INFO, method)
    assert (got.status, got.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.matrix("T21")
def test_post_with_a_body_is_405(edge: RunningEdge) -> None:
    with closing(connect(edge)) as connection:
        connection.request("POST", INFO, body=b"x" * 1000)
        with closing(connection.getresponse()) as answer:
            assert answer.status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/example.com/m/@v/v1.0.0.ziphash",
        "/example.com/m/@v/v1.0.0.lock",
        "/example.com/m/@v/",
        "/example.com/m/@v/v1.0.0",
        "/example.com/m/",
        "//example.com/m/@v/list",
        "/example.com/../example.com/m/@v/list",
        "/example.com/m/@v/list/",
        "/example.com%2F..%2Fm/@v/list",
    ],
)
@pytest.mark.matrix("T19")
@pytest.mark.matrix("T20")
def test_paths_outside_the_protocol_are_404_and_never_reach_the_engine(
    edge: RunningEdge, path: str
) -> None:
    assert Got(edge, path).status == 404
    assert isinstance(edge.engine, ScriptedEngine)
    assert edge.engine.asked == []


@pytest.mark.parametrize("path", ["/" + "a" * 10_000, "/a%00b/@v/list", "/%ff%fe/@v/list", "/%zz/@v/list"])
@pytest.mark.matrix("T26")
def test_absurd_paths_are_404_or_400(edge: RunningEdge, path: str) -> None:
    assert Got(edge, path).status in (400, 404)


def test_a_repeated_info_comes_from_memory(edge: RunningEdge) -> None:
    first, second = Got(edge, INFO), Got(edge, INFO)
    assert first.body == second.body
    assert (first.headers["x-modmirror-cache"], second.headers["x-modmirror-cache"]) == ("miss", "hit")
    assert isinstance(edge.engine, ScriptedEngine)
    assert len(edge.engine.asked) == 1


def test_policy_is_asked_for_answers_from_memory_too(edge: RunningEdge) -> None:
    assert Got(edge, INFO).status == 200
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.denied.add("example.com/m")
    edge.engine.answers[INFO] = Denied("example.com/m@v1.0.0: not here")
    got = Got(edge, INFO)
    assert (got.status, got.body) == (403, b"forbidden: example.com/m@v1.0.0: not here\n")


def test_a_repeated_zip_is_kept_open_and_still_asks_policy(edge: RunningEdge) -> None:
    assert Got(edge, ZIP).body == Got(edge, ZIP).body == BODY
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.denied.add("example.com/m")
    edge.engine.answers[ZIP] = Denied("no")
    assert Got(edge, ZIP).status == 403


@pytest.mark.parametrize(("path", "body"), [(LIST, LONG_LIST), (MOD, MODFILE)])
def test_lists_and_mods_are_compressed_for_those_who_ask(edge: RunningEdge, path: str, body: bytes) -> None:
    plain, packed = Got(edge, path), Got(edge, path, accept_encoding="gzip")
    assert plain.body == gzip.decompress(packed.body) == body
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert packed.headers["etag"] == f'"{sha256(body)}-gzip"'
    assert plain.headers["etag"] == f'"{sha256(body)}"'


@pytest.mark.parametrize("path", [INFO, ZIP])
def test_nothing_else_is_compressed(edge: RunningEdge, path: str) -> None:
    got = Got(edge, path, accept_encoding="gzip")
    assert "content-encoding" not in got.headers
    assert "vary" not in got.headers


@pytest.mark.parametrize("path", ALL)
def test_a_current_copy_is_answered_by_304(edge: RunningEdge, path: str) -> None:
    etag = Got(edge, path).headers["etag"]
    got = Got(edge, path, if_none_match=f'"other", W/{etag}')
    assert (got.status, got.body, got.headers["etag"]) == (304, b"", etag)
    assert "content-type" not in got.headers


def test_part_of_a_zip(edge: RunningEdge) -> None:
    for _ in range(2):  # from the engine, and from an open file
        got = Got(edge, ZIP, range="bytes=1000-1999")
        assert (got.status, got.body) == (206, BODY[1000:2000])
        assert got.headers["content-range"] == f"bytes 1000-1999/{len(BODY)}"
    assert Got(edge, ZIP, range="bytes=-5").body == BODY[-5:]
    assert Got(edge, ZIP, range=f"bytes={len(BODY)}-").status == 416


def test_an_interrupted_download_goes_on_only_if_the_file_is_the_same(edge: RunningEdge) -> None:
    etag = Got(edge, ZIP).headers["etag"]
    assert Got(edge, ZIP, range="bytes=7-", if_range=etag).body == BODY[7:]
    assert Got(edge, ZIP, range="bytes=7-", if_range='"other"').body == BODY


def test_parts_of_a_small_file(edge: RunningEdge) -> None:
    got = Got(edge, ZIP, range="bytes=0-0,5-6")
    assert (got.status, got.body) == (200, BODY)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (NotExist("example.com/m: gone"), 404, b"not found: example.com/m: gone\n"),
        (UpstreamTimeout("up.example", "too slow"), 504, b"gateway timeout: up.example: too slow\n"),
    ],
)
@pytest.mark.matrix("T135")
def test_errors_speak_in_plain_text(edge: RunningEdge, error: Exception, status: int, text: bytes) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.answers[INFO] = error
    got = Got(edge, INFO)
    assert (got.status, got.body) == (status, text)
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["x-request-id"]


def test_a_bug_is_500_without_its_text_and_is_logged_with_the_request(edge: RunningEdge) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.answers[INFO] = ZeroDivisionError("secret detail")
    got = Got(edge, INFO)
    assert (got.status, got.body) == (500, b"internal error\n")
    (fields,) = edge.events.named("bug while answering")
    assert fields["request_id"] == got.headers["x-request-id"]
    assert isinstance(fields["error"], ZeroDivisionError)


@pytest.mark.matrix("T136")
def test_a_malformed_path_asked_for_twice_costs_no_question(edge: RunningEdge) -> None:
    for _ in range(2):
        got = Got(edge, "/GitHub.com/u/r/@v/list")
        assert (got.status, got.headers["cache-control"]) == (404, "public, max-age=86400")
    assert isinstance(edge.engine, ScriptedEngine)
    assert edge.engine.asked == []


@pytest.mark.parametrize("value", ["true", "1", "T"])
@pytest.mark.matrix("T144")
def test_disable_module_fetch_is_passed_on(edge: RunningEdge, value: str) -> None:
    Got(edge, LIST, disable_module_fetch=value)
    Got(edge, LIST, disable_module_fetch="no")
    assert isinstance(edge.engine, ScriptedEngine)
    assert [request.cached_only for request in edge.engine.asked] == [True, False]


@pytest.mark.matrix("T145")
def test_cached_only_prefix_is_the_same_as_the_header(edge: RunningEdge) -> None:
    assert Got(edge, "/cached-only" + LIST).body == LONG_LIST
    assert isinstance(edge.engine, ScriptedEngine)
    assert edge.engine.asked[0].cached_only


@pytest.mark.parametrize("length", [len(BODY), None], ids=["declared", "chunked"])
def test_a_growing_zip_arrives_whole(edge: RunningEdge, length: int | None) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.answers[ZIP] = lambda: growing_zip(ScriptedGrowing(length, BODY))
    got = Got(edge, ZIP)
    assert got.body == BODY
    assert got.headers["x-modmirror-upstream"] == "up"


@pytest.mark.parametrize("length", [len(BODY) * 2, None], ids=["declared", "chunked"])
def test_an_answer_that_breaks_off_is_seen_to_be_broken(edge: RunningEdge, length: int | None) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    failing = ScriptedGrowing(length, BODY, error=UpstreamTimeout("up", "stalled"))
    edge.engine.answers[ZIP] = lambda: growing_zip(failing)
    with pytest.raises((http.client.IncompleteRead, ConnectionError, ssl.SSLError)):
        Got(edge, ZIP)
    assert failing.closed == 1
    assert edge.log.entries[-1].aborted == "failed"
    assert edge.events.named("answer broken off")


def test_a_fill_that_fails_before_the_first_byte_is_answered_properly(edge: RunningEdge) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    failing = ScriptedGrowing(5, error=UpstreamTimeout("up", "stalled"))
    edge.engine.answers[ZIP] = lambda: growing_zip(failing)
    assert Got(edge, ZIP).status == 504
    assert failing.closed == 1


def test_a_stored_file_without_a_descriptor_is_sent_in_pieces(edge: RunningEdge) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    blob = BytesBlob(BODY, cold=True)
    edge.engine.answers[ZIP] = lambda: stored_zip(blob)
    assert Got(edge, ZIP).body == BODY
    assert blob.waited
    assert blob.closed == 1


def test_a_file_that_is_shorter_than_it_should_be_breaks_the_answer_off(
    edge: RunningEdge, tmp_path: Path
) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.answers[ZIP] = lambda: stored_zip(FileBlob(tmp_path / "short", BODY, size=len(BODY) + 9))
    for _ in range(2):
        with pytest.raises((http.client.IncompleteRead, ConnectionError, ssl.SSLError)):
            Got(edge, ZIP)


def test_a_stale_list_says_so(edge: RunningEdge) -> None:
    assert isinstance(edge.engine, ScriptedEngine)
    edge.engine.answers[LIST] = lambda: versions(cache=CacheState.STALE, age=4000.5)
    got = Got(edge, LIST)
    assert got.headers["warning"] == '110 - "Response is Stale"'
    assert got.headers["age"] == "4000"
    assert got.headers["x-modmirror-cache"] == "stale"


def test_the_access_log_tells_what_was_sent(edge: RunningEdge) -> None:
    got = Got(edge, ZIP, user_agent="GoCommand/1")
    until(lambda: edge.log.entries)  # it is written when the last byte has been handed over
    entry = edge.log.entries[-1]
    assert (entry.method, entry.path, entry.status, entry.bytes) == ("GET", ZIP, 200, len(BODY))
    assert (entry.id, entry.client) == (got.headers["x-request-id"], "127.0.0.1")
    assert (entry.cache, entry.user_agent, entry.aborted) == ("hit", "GoCommand/1", "")
    assert 0 < entry.seconds < 10
