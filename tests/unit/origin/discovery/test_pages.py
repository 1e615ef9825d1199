from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist, UpstreamBadAnswer, UpstreamTimeout, UpstreamUnavailable
from modmirror.origin.access.keys import HeaderKey
from modmirror.origin.access.route import RouteRules
from modmirror.origin.discovery.pages import MAX_PAGE_BYTES, MAX_REDIRECTS, Page
from modmirror.origin.network.remote import Scope, parse_remote
from tests.fakes.goimport_server import GoImportServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer() as server:
        yield server


async def t0ken() -> str:
    return "Bearer t0ken"


def with_key(url: str, **rules: object) -> RouteRules:
    return RouteRules(keys=(HeaderKey(Scope.of(parse_remote(url)), t0ken),), **rules)  # type: ignore[arg-type]  # fields by name


def authorized(server: GoImportServer) -> list[bool]:
    return ["authorization" in one.headers for one in server.seen]


async def test_a_page_comes_with_its_status_and_where_it_came_from(server: GoImportServer) -> None:
    server.page("a.test/m", "hello", status=404)
    page = await server.pages().get("https://a.test/m?go-get=1&token=s3cret")
    assert page == Page("https://a.test/m", 404, b"hello")
    assert server.seen[0].headers["user-agent"] == "modmirror/test"


async def test_redirects_are_followed(server: GoImportServer) -> None:
    server.redirect("a.test/m", "/n?go-get=1", status=308)
    server.redirect("a.test/n", "//b.test/o", status=301)
    server.redirect("b.test/o", "https://user:s3cret@c.test/p#x", status=307)
    server.page("c.test/p", "here")
    page = await server.pages().get("https://a.test/m")
    assert page == Page("https://c.test/p", 200, b"here")
    assert server.asked[-1] == "https://c.test/p"
    assert authorized(server) == [False] * 4


async def test_a_redirect_without_a_place_is_an_answer(server: GoImportServer) -> None:
    server.page("a.test/m", "x", status=302)
    assert (await server.pages().get("https://a.test/m")).status == 302


@pytest.mark.matrix("T168")
async def test_a_redirect_to_http_is_not_followed(server: GoImportServer) -> None:
    server.redirect("a.test/m", "http://a.test/m")
    with pytest.raises(NotExist, match="https://a.test/m redirects to http"):
        await server.pages().get("https://a.test/m")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "location", ["ftp://a.test/", "file:///etc/passwd", "data:text/html,x", "https://"]
)
async def test_a_redirect_to_something_else_is_a_bad_answer(server: GoImportServer, location: str) -> None:
    server.redirect("a.test/m", location)
    with pytest.raises(UpstreamBadAnswer, match="redirects to something"):
        await server.pages().get("https://a.test/m")


async def test_redirects_come_to_an_end(server: GoImportServer) -> None:
    server.redirect("a.test/m", "https://a.test/m")
    with pytest.raises(UpstreamBadAnswer, match="more than 10 times"):
        await server.pages().get("https://a.test/m")
    assert len(server.asked) == MAX_REDIRECTS + 1


async def test_every_host_on_the_way_is_judged(server: GoImportServer) -> None:
    server.redirect("a.test/m", "https://b.test/m")
    server.addresses["b.test"] = ["169.254.169.254"]
    with pytest.raises(Denied, match="b.test"):
        await server.pages().get("https://a.test/m")
    assert server.resolved == ["a.test", "b.test"]


async def test_a_secret_goes_to_its_host_and_not_along_with_a_redirect(server: GoImportServer) -> None:
    server.redirect("a.test/m", "https://a.test/n")
    server.redirect("a.test/n", "https://b.test/o")
    server.redirect("b.test/o", "https://a.test/p")
    access = server.access(with_key("https://a.test"))
    await server.pages(access).get("https://a.test/m")
    assert server.asked == [
        f"https://{place}" for place in ("a.test/m", "a.test/n", "b.test/o", "a.test/p")
    ]
    # Back at its host it stays away too: someone else chose what is asked there.
    assert authorized(server) == [True, True, False, False]


async def test_a_secret_is_not_sent_where_nobody_vouches_for_the_host(server: GoImportServer) -> None:
    server.page("a.test/m", "x")
    access = server.access(with_key("https://a.test", insecure=("a.test",)))
    await server.pages(access).get("https://a.test/m", insecure=True)
    assert authorized(server) == [False]


async def test_only_the_first_part_of_a_page_is_read(server: GoImportServer) -> None:
    server.page("a.test/m", b"x" * (MAX_PAGE_BYTES + 1000))
    assert len((await server.pages().get("https://a.test/m")).body) == MAX_PAGE_BYTES


async def test_a_packed_page_is_unpacked_no_further_than_that(server: GoImportServer) -> None:
    packed = gzip.compress(bytes(200 << 20), 1)
    server.page("a.test/m", packed, headers=[("Content-Encoding", "gzip")])
    assert (await server.pages().get("https://a.test/m")).body == bytes(MAX_PAGE_BYTES)


async def test_one_limit_holds_for_all_redirects_and_the_body(server: GoImportServer) -> None:
    server.redirect("a.test/m", "https://b.test/m")
    server.page("b.test/m", "x", headers=[("Content-Length", "10")], hang=True)
    with pytest.raises(UpstreamTimeout) as caught:
        await server.pages(timeout=0.3).get("https://a.test/m?secret=x")
    assert "secret" not in caught.value.upstream


async def test_a_host_that_cannot_be_reached_is_trouble_and_not_absence(server: GoImportServer) -> None:
    server.addresses["a.test"] = ["127.0.0.2"]
    with pytest.raises(UpstreamUnavailable) as caught:
        await server.pages().get("https://a.test/m?token=s3cret")
    assert "s3cret" not in caught.value.reason


async def test_the_next_address_is_tried_when_one_cannot_be_reached(server: GoImportServer) -> None:
    server.addresses["a.test"] = ["127.0.0.2", "127.0.0.1"]
    server.page("a.test/m", "x")
    assert (await server.pages().get("https://a.test/m")).body == b"x"


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async with GoImportServer(certified=("b.test",)) as server:
        server.page("a.test/m", "x")
        with pytest.raises(UpstreamUnavailable):
            await server.pages().get("https://a.test/m")
        assert (await server.pages().get("https://a.test/m", insecure=True)).body == b"x"


# --- repositories that moved ---


async def test_a_repository_that_moved_is_found_where_it_is(server: GoImportServer) -> None:
    server.redirect("git.test/old/info/refs", "https://git.test/new.git/info/refs?service=git-upload-pack")
    server.page("git.test/new.git/info/refs", "001e# service=git-upload-pack")
    assert await server.pages().landing("https://git.test/old/") == "https://git.test/new.git"
    assert server.asked[0] == "https://git.test/old/info/refs?service=git-upload-pack"


async def test_a_repository_that_stayed_is_where_it_was(server: GoImportServer) -> None:
    assert await server.pages().landing("https://git.test/x") == "https://git.test/x"


@pytest.mark.parametrize(
    "there",
    ["https://a.test/x", "https://git.test:8443/x", "http://git.test/x", "file:///x", "https://[", ""],
)
async def test_a_move_to_another_host_is_not_followed(server: GoImportServer, there: str) -> None:
    server.redirect("git.test/x/info/refs", there and f"{there}/info/refs?service=git-upload-pack")
    assert await server.pages().landing("https://git.test/x") == "https://git.test/x"
    assert len(server.asked) == 1


async def test_a_redirect_to_a_page_for_people_is_no_move(server: GoImportServer) -> None:
    server.redirect("git.test/x/info/refs", "https://git.test/login")
    server.page("git.test/login", "who are you?")
    assert await server.pages().landing("https://git.test/x") == "https://git.test/x"


async def test_a_page_that_is_given_up_is_left(server: GoImportServer) -> None:
    server.page("a.test/m", "x", headers=[("Content-Length", "10")], hang=True)
    asking = asyncio.create_task(server.pages().get("https://a.test/m"))
    async with asyncio.timeout(5):
        while not server.seen:
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
