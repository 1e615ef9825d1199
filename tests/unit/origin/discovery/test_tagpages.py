from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.origin.discovery.goimport import GoImport
from modmirror.origin.discovery.pages import Page
from modmirror.origin.discovery.tagpages import TaggedPage, TaggedPages, page_url, tagged
from tests.fakes.engine import FakeClock
from tests.fakes.goimport_server import GoImportServer, tag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

M = GoImport("a.test/m", "git", "https://git.test/m")
PAGE = tag("a.test/m git https://git.test/m")


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer() as server:
        yield server


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("a.test/m/v2", "https://a.test/m/v2?go-get=1"),
        ("a.test", "https://a.test/?go-get=1"),
        ("a.test/~u/M", "https://a.test/~u/M?go-get=1"),
    ],
)
def test_the_page_of_a_path_is_below_its_host(path: str, url: str) -> None:
    assert page_url(path) == url


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, NotExist),
        (404, NotExist),
        (403, NotExist),
        (429, UpstreamUnavailable),
        (500, UpstreamUnavailable),
    ],
)
def test_a_page_without_the_tag_is_absence_unless_it_is_a_page_of_trouble(
    status: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"https://a.test/m answered {status}"):
        TaggedPage("https://a.test/m", status, ()).tag_for("a.test/m")
    assert TaggedPage("https://a.test/m", status, (M,)).tag_for("a.test/m/sub") == M


def test_a_page_that_cannot_be_read_is_absence() -> None:
    with pytest.raises(NotExist, match="https://a.test/m is written in the charset"):
        tagged(Page("https://a.test/m", 200, b'<?xml version="1.0" encoding="latin1"?>'))


async def test_a_page_with_a_tag_of_its_own_path_is_remembered_for_a_while(server: GoImportServer) -> None:
    clock = FakeClock()
    pages = TaggedPages(server.pages(), 600, clock)
    server.page("a.test/m", PAGE)
    asked = await pages.ask("a.test/m", insecure=False)
    assert (asked.tags, asked.remembered) == ((M,), False)
    known = await pages.of_prefix("a.test/m", insecure=False)
    assert (known.tags, known.remembered) == ((M,), True)
    assert pages.known("a.test/m", insecure=True) is None
    assert len(server.asked) == 1
    clock.advance(600)
    assert pages.known("a.test/m", insecure=False) is None


async def test_a_page_that_speaks_for_another_path_is_not_remembered(server: GoImportServer) -> None:
    pages = TaggedPages(server.pages(), 600, FakeClock())
    server.page("a.test/m/sub", PAGE)
    await pages.ask("a.test/m/sub", insecure=False)
    assert pages.known("a.test/m/sub", insecure=False) is None


async def test_all_who_want_a_prefix_at_once_share_one_question(server: GoImportServer) -> None:
    pages = TaggedPages(server.pages(), 600, FakeClock())
    server.page("a.test/m", PAGE)
    await asyncio.gather(*(pages.of_prefix("a.test/m", insecure=False) for _ in range(20)))
    assert len(server.asked) == 1


async def test_http_is_tried_after_https_and_for_insecure_paths_only(server: GoImportServer) -> None:
    pages = TaggedPages(server.pages(), 600, FakeClock())
    server.redirect("https://a.test/m", "ftp://a.test/m")
    server.page("http://a.test/m", PAGE)
    assert (await pages.ask("a.test/m", insecure=True)).name == "http://a.test/m"
    server.seen.clear()
    server.addresses["a.test"] = ["127.0.0.2"]
    with pytest.raises(UpstreamUnavailable):
        await pages.ask("a.test/m", insecure=False)
    assert server.asked == []
