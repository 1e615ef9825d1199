from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamTimeout, UpstreamUnavailable
from modmirror.mod.path import check_path
from tests.fakes.engine import FakeClock
from tests.fakes.goimport_server import GoImportServer, tag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.origin.discovery.discovery import Discovery
    from modmirror.origin.discovery.inquiry import Site

M = tag("a.test/m git https://git.test/m")


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer() as server:
        yield server


async def find(discovery: Discovery, path: str, *, afresh: bool = False) -> Site:
    return await discovery.find(check_path(path), afresh=afresh)


def told(site: Site) -> tuple[str, str, str, str]:
    return site.root, site.vcs, site.url, site.subdir


# --- what is remembered ---


async def test_a_site_is_remembered_for_minutes(server: GoImportServer) -> None:
    clock = FakeClock()
    server.page("a.test/m", M)
    discovery = server.discovery(clock=clock)
    for _ in range(3):
        await find(discovery, "a.test/m")
    clock.advance(599)
    await find(discovery, "a.test/m")
    assert len(server.asked) == 1
    clock.advance(1)
    await find(discovery, "a.test/m")
    assert len(server.asked) == 2


async def test_absence_is_remembered_for_one_minute(server: GoImportServer) -> None:
    clock = FakeClock()
    discovery = server.discovery(clock=clock)
    for _ in range(3):
        with pytest.raises(NotExist, match="no go-import tag"):
            await find(discovery, "a.test/m")
    assert len(server.asked) == 1
    server.page("a.test/m", M)
    clock.advance(60)
    assert (await find(discovery, "a.test/m")).root == "a.test/m"


async def test_trouble_is_not_remembered(server: GoImportServer) -> None:
    discovery = server.discovery()
    server.page("a.test/m", "", status=503)
    with pytest.raises(UpstreamUnavailable):
        await find(discovery, "a.test/m")
    server.page("a.test/m", M)
    assert (await find(discovery, "a.test/m")).root == "a.test/m"


async def test_while_its_host_is_down_a_site_is_where_it_was(server: GoImportServer) -> None:
    clock = FakeClock()
    server.page("a.test/m", M)
    discovery = server.discovery(clock=clock)
    await find(discovery, "a.test/m")
    server.page("a.test/m", "", status=503)
    clock.advance(86_399)
    site = await find(discovery, "a.test/m")
    assert site.url == "https://git.test/m"
    assert "what it said before is used" in site.trail[-1]
    clock.advance(1)
    with pytest.raises(UpstreamUnavailable):
        await find(discovery, "a.test/m")


async def test_everyone_who_asks_at_once_shares_one_question(server: GoImportServer) -> None:
    server.page("a.test/m", M)
    discovery = server.discovery()
    sites = await asyncio.gather(*(find(discovery, "a.test/m") for _ in range(50)))
    assert len(server.asked) == 1
    assert {site.url for site in sites} == {"https://git.test/m"}


async def test_who_leaves_does_not_end_the_question_for_others(server: GoImportServer) -> None:
    server.page("a.test/m", M)
    discovery = server.discovery()
    first = asyncio.create_task(find(discovery, "a.test/m"))
    second = asyncio.create_task(find(discovery, "a.test/m"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).root == "a.test/m"
    assert first.cancelled() or first.cancelling()


# --- many modules, one repository ---


def mono(server: GoImportServer, count: int) -> list[str]:
    server.page("a.test/m", M)
    paths = [f"a.test/m/part{number}" for number in range(count)]
    for path in paths:
        server.page(path, M)
    return paths


async def test_hundreds_of_modules_below_one_prefix_cost_one_question(server: GoImportServer) -> None:
    first, *others = mono(server, 300)
    discovery = server.discovery()
    assert not (await find(discovery, first)).assumed
    asked = list(server.asked)
    assert asked == [f"https://{first}?go-get=1", "https://a.test/m?go-get=1"]
    sites = [await find(discovery, path) for path in others]
    assert server.asked == asked
    assert {told(site) for site in sites} == {("a.test/m", "git", "https://git.test/m", "")}
    assert all(site.assumed for site in sites)


async def test_hundreds_of_modules_asked_for_at_once_cost_few_questions(server: GoImportServer) -> None:
    paths = mono(server, 300)
    discovery = server.discovery()
    await asyncio.gather(*(find(discovery, path) for path in paths))
    assert len(server.asked) <= 5


async def test_a_prefix_speaks_for_others_only_after_a_path_followed_it(server: GoImportServer) -> None:
    server.page("a.test/group/sub", tag("a.test/group/sub git https://git.test/guess"))
    server.page("a.test/group/sub/real", tag("a.test/group/sub/real git https://git.test/real"))
    discovery = server.discovery()
    await find(discovery, "a.test/group/sub")
    assert (await find(discovery, "a.test/group/sub/real")).url == "https://git.test/real"


async def test_asking_afresh_finds_a_repository_nested_in_a_prefix(server: GoImportServer) -> None:
    mono(server, 2)
    server.page("a.test/m/own", tag("a.test/m/own git https://git.test/own"))
    discovery = server.discovery()
    await find(discovery, "a.test/m/part0")
    assumed = await find(discovery, "a.test/m/own")
    assert (assumed.url, assumed.assumed) == ("https://git.test/m", True)
    sure = await find(discovery, "a.test/m/own", afresh=True)
    assert (sure.url, sure.assumed) == ("https://git.test/own", False)
    assert await find(discovery, "a.test/m/own") == sure


async def test_a_prefix_is_taken_at_its_word_no_longer_than_it_is_remembered(
    server: GoImportServer,
) -> None:
    clock = FakeClock()
    mono(server, 3)
    discovery = server.discovery(clock=clock)
    await find(discovery, "a.test/m/part0")
    clock.advance(600)
    assert not (await find(discovery, "a.test/m/part1")).assumed


async def test_a_repository_that_moved_is_followed_although_its_prefix_is_remembered(
    server: GoImportServer,
) -> None:
    mono(server, 2)
    discovery = server.discovery()
    await find(discovery, "a.test/m/part0")
    moved = tag("a.test/m git https://git.test/moved")
    server.page("a.test/m", moved)
    server.page("a.test/m/part1", moved)
    assert (await find(discovery, "a.test/m/part1", afresh=True)).url == "https://git.test/moved"


# --- limits and explanations ---


async def test_a_page_that_hangs_is_given_up(server: GoImportServer) -> None:
    server.page("a.test/m", "<head>", headers=[("Content-Length", "1000")], hang=True)
    with pytest.raises(UpstreamTimeout, match=r"no answer within 0.3 s|no answer in time"):
        await find(server.discovery(timeout=0.3), "a.test/m")


async def test_an_explanation_tells_each_step(server: GoImportServer) -> None:
    mono(server, 1)
    explained = await server.discovery().explain(check_path("a.test/m/part0"))
    assert not isinstance(explained.outcome, Exception)
    assert explained.trail == (
        "https://a.test/m/part0 (200) says a.test/m git https://git.test/m",
        "https://a.test/m (200) says the same",
    )
    assert explained.outcome.trail == explained.trail


async def test_an_explanation_tells_how_far_it_came_before_it_failed(server: GoImportServer) -> None:
    server.page("a.test/m/sub", M)
    explained = await server.discovery().explain(check_path("a.test/m/sub"))
    assert isinstance(explained.outcome, NotExist)
    assert explained.trail == ("https://a.test/m/sub (200) says a.test/m git https://git.test/m",)
