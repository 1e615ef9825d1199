from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist, UpstreamTimeout, UpstreamUnavailable
from modmirror.mod.path import check_path
from modmirror.origin.access import RouteRules
from modmirror.origin.govcs import parse_govcs
from tests.fakes.engine import FakeClock
from tests.fakes.goimport_server import GoImportServer, tag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.origin.discovery import Discovery
    from modmirror.origin.inquiry import Site

M = tag("a.test/m git https://git.test/m")


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer() as server:
        yield server


async def find(discovery: Discovery, path: str, *, afresh: bool = False) -> Site:
    return await discovery.find(check_path(path), afresh=afresh)


def told(site: Site) -> tuple[str, str, str, str]:
    return site.root, site.vcs, site.url, site.subdir


# --- one page ---


@pytest.mark.matrix("T156")
async def test_a_page_says_where_the_repository_is(server: GoImportServer) -> None:
    server.page("a.test/m", "<head><meta name=go-import content='a.test/m git https://git.test/m.git'>")
    site = await find(server.discovery(), "a.test/m")
    assert told(site) == ("a.test/m", "git", "https://git.test/m.git", "")
    assert server.asked == ["https://a.test/m?go-get=1"]


async def test_a_host_alone_is_asked_for_its_first_page(server: GoImportServer) -> None:
    server.page("a.test/", tag("a.test git https://git.test/m"))
    assert (await find(server.discovery(), "a.test")).root == "a.test"
    assert server.asked == ["https://a.test/?go-get=1"]


@pytest.mark.matrix("T157")
async def test_the_status_does_not_matter_when_the_tag_is_there(server: GoImportServer) -> None:
    page = "<HEAD><META NAME='go-import' CONTENT='a.test/m\ngit\nhttps://git.test/m'></HEAD>"
    server.page("a.test/m", page, status=404)
    assert (await find(server.discovery(), "a.test/m")).url == "https://git.test/m"


@pytest.mark.matrix("T158")
@pytest.mark.parametrize(
    "page",
    [
        tag("a.test/m git https://git.test/m", name="GO-IMPORT"),
        "<head></head><body><meta name=go-import content='a.test/m git https://git.test/m'>",
        tag("a.test/m git https://git.test/m sub more"),
        tag("a.test/other git https://git.test/m"),
        "",
    ],
)
async def test_a_page_without_a_fitting_tag_is_absence(server: GoImportServer, page: str) -> None:
    server.page("a.test/m", page)
    with pytest.raises(NotExist, match="go-import") as caught:
        await find(server.discovery(), "a.test/m")
    assert caught.value.sources == ("https://a.test/m",)
    assert "https://a.test/m answered 200" in caught.value.reason


@pytest.mark.matrix("T159")
async def test_a_tag_in_a_comment_is_not_seen(server: GoImportServer) -> None:
    hidden = '<!-- <meta name="go-import" content="a.test/m git https://evil.test/m"> -->'
    server.page("a.test/m", f"<head>{hidden}{M}")
    assert (await find(server.discovery(), "a.test/m")).url == "https://git.test/m"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_a_page_of_trouble_is_not_absence(server: GoImportServer, status: int) -> None:
    server.page("a.test/m", "try later", status=status)
    with pytest.raises(UpstreamUnavailable, match=str(status)):
        await find(server.discovery(), "a.test/m")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_page_that_is_closed_to_us_is_absence_with_a_hint(
    server: GoImportServer, status: int
) -> None:
    server.page("a.test/m", "no", status=status)
    with pytest.raises(NotExist) as caught:
        await find(server.discovery(), "a.test/m")
    assert "access" in caught.value.hint


# --- the prefix ---


@pytest.mark.matrix("T160")
async def test_a_path_below_a_prefix_needs_the_word_of_the_prefix(server: GoImportServer) -> None:
    server.page("a.test/m/sub", M)
    server.page("a.test/m", M)
    site = await find(server.discovery(), "a.test/m/sub")
    assert told(site) == ("a.test/m", "git", "https://git.test/m", "")
    assert server.asked == ["https://a.test/m/sub?go-get=1", "https://a.test/m?go-get=1"]


@pytest.mark.matrix("T161")
@pytest.mark.parametrize(
    "other",
    [
        tag("a.test/m git https://git.test/other"),
        tag("a.test/m hg https://git.test/m"),
        tag("a.test/m git https://git.test/m sub"),
        tag(*["a.test/m git https://git.test/m"] * 2),
        "",
    ],
)
async def test_a_prefix_that_does_not_say_the_same_is_the_one_to_believe(
    server: GoImportServer, other: str
) -> None:
    server.page("a.test/m/sub", M)
    server.page("a.test/m", other)
    with pytest.raises(NotExist, match=r"a.test/m/sub belongs to a.test/m, https://a.test/m does not"):
        await find(server.discovery(), "a.test/m/sub")


async def test_trouble_with_the_prefix_is_not_disagreement(server: GoImportServer) -> None:
    server.page("a.test/m/sub", M)
    server.page("a.test/m", "", status=503)
    with pytest.raises(UpstreamUnavailable):
        await find(server.discovery(), "a.test/m/sub")


@pytest.mark.matrix("T162")
@pytest.mark.parametrize("second", ["a.test/m git https://git.test/m", "a.test git https://git.test/all"])
async def test_two_tags_for_a_path_are_refused(server: GoImportServer, second: str) -> None:
    server.page("a.test/m", tag("a.test/m git https://git.test/m", second))
    with pytest.raises(NotExist, match="several"):
        await find(server.discovery(), "a.test/m")


@pytest.mark.matrix("T163")
async def test_mod_wins_over_git(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git https://git.test/m", "a.test/m mod https://mod.test/base/"))
    site = await find(server.discovery(), "a.test/m")
    assert told(site) == ("a.test/m", "mod", "https://mod.test/base", "")


@pytest.mark.matrix("T164")
async def test_a_fourth_field_is_the_sub_directory(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git https://git.test/m sub/deep"))
    assert (await find(server.discovery(), "a.test/m")).subdir == "sub/deep"


# --- what may not be followed ---


@pytest.mark.matrix("T165")
@pytest.mark.parametrize(
    "root",
    [
        "file:///etc/passwd",
        "ext::sh%20-c%20touch%20x",
        "-x",
        "--upload-pack=x",
        "git.test/m",
        "git@git.test:m",
        "https://git.test/../../x",
        "https://-oProxyCommand=x/m",
        "ssh://-oProxyCommand=x/m",
        "https://user:secret@git.test/m",
        "https://git.test/m?x=y",
        "https://git.test/m;x",
    ],
)
async def test_a_root_that_is_no_plain_url_is_refused(server: GoImportServer, root: str) -> None:
    server.page("a.test/m", tag(f"a.test/m git {root}"))
    with pytest.raises(NotExist) as caught:
        await find(server.discovery(), "a.test/m")
    assert caught.value.hint
    assert "secret" not in caught.value.reason


@pytest.mark.matrix("T166")
@pytest.mark.parametrize("scheme", ["http", "git", "svn"])
async def test_an_unprotected_root_is_refused(server: GoImportServer, scheme: str) -> None:
    server.page("a.test/m", tag(f"a.test/m git {scheme}://git.test/m"))
    with pytest.raises(NotExist, match=f"is not fetched over {scheme}"):
        await find(server.discovery(), "a.test/m")


async def test_an_unprotected_root_is_followed_for_an_insecure_path(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git http://git.test/m"))
    site = await find(server.discovery(server.access(RouteRules(insecure=("a.test",)))), "a.test/m")
    assert (site.url, site.insecure) == ("http://git.test/m", True)


async def test_a_root_over_ssh_needs_a_key(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git ssh://git@git.test/m"))
    with pytest.raises(NotExist, match="needs an SSH key"):
        await find(server.discovery(), "a.test/m")


@pytest.mark.matrix("T167")
@pytest.mark.parametrize("vcs", ["bzr", "svn", "fossil", "GIT", "-git"])
async def test_a_system_that_is_unknown_or_not_for_public_modules_is_refused(
    server: GoImportServer, vcs: str
) -> None:
    server.page("a.test/m", tag(f"a.test/m {vcs} https://git.test/m"))
    with pytest.raises(NotExist, match="kept with"):
        await find(server.discovery(), "a.test/m")


async def test_what_govcs_allows_is_followed(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m svn https://git.test/m"))
    allowed = RouteRules(govcs=parse_govcs("a.test/m:svn"))
    assert (await find(server.discovery(server.access(allowed)), "a.test/m")).vcs == "svn"
    assert (await find(server.discovery(server.access(RouteRules(private=True))), "a.test/m")).vcs == "svn"


@pytest.mark.matrix("T168")
async def test_a_redirect_to_http_is_absence(server: GoImportServer) -> None:
    server.redirect("https://a.test/m", "http://a.test/m?go-get=1")
    server.page("http://a.test/m", M)
    with pytest.raises(NotExist, match="redirects to http"):
        await find(server.discovery(), "a.test/m")
    assert server.asked == ["https://a.test/m?go-get=1"]


@pytest.mark.matrix("T169")
async def test_a_page_in_another_charset_is_refused(server: GoImportServer) -> None:
    server.page("a.test/m", f'<?xml version="1.0" encoding="ISO-8859-1"?>{M}')
    with pytest.raises(NotExist, match="iso-8859-1"):
        await find(server.discovery(), "a.test/m")


@pytest.mark.matrix("T170")
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "fd00::1"])
async def test_a_host_in_a_private_network_is_refused_before_it_is_asked(
    server: GoImportServer, address: str
) -> None:
    server.page("a.test/m", M)
    server.addresses["a.test"] = [address]
    with pytest.raises(Denied) as caught:
        await find(server.discovery(server.access(networks=())), "a.test/m")
    assert server.asked == []
    assert address not in caught.value.reason


# --- paths that need no page ---


async def test_a_known_host_is_not_asked(server: GoImportServer) -> None:
    site = await find(server.discovery(), "github.com/u/r/sub")
    assert told(site) == ("github.com/u/r", "git", "https://github.com/u/r", "")
    assert server.resolved == []


async def test_the_only_open_transport_of_a_suffixed_path_is_taken_without_a_ping(
    server: GoImportServer,
) -> None:
    site = await find(server.discovery(), "a.test/m.git/sub")
    assert told(site) == ("a.test/m.git", "git", "https://a.test/m", "")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"https://a.test/m": None}, "https://a.test/m"),
        ({"https://a.test/m": NotExist("none"), "http://a.test/m": None}, "http://a.test/m"),
        ({"https://a.test/m": UpstreamUnavailable("x", "down"), "git://a.test/m": None}, "git://a.test/m"),
    ],
)
async def test_of_several_transports_the_first_that_answers_is_taken(
    server: GoImportServer, answers: dict[str, Exception | None], outcome: str
) -> None:
    async def ping(site: Site) -> None:
        error = answers.get(site.url, NotExist("none"))
        if error is not None:
            raise error

    access = server.access(RouteRules(insecure=("a.test",)))
    assert (await find(server.discovery(access, ping=ping), "a.test/m.git")).url == outcome


async def test_no_answer_at_all_is_absence_only_when_nobody_was_in_trouble(server: GoImportServer) -> None:
    answers: dict[str, Exception] = {}

    async def ping(site: Site) -> None:
        raise answers.get(site.url, NotExist("none"))

    discovery = server.discovery(server.access(RouteRules(insecure=("a.test",))), ping=ping)
    with pytest.raises(NotExist):
        await find(discovery, "a.test/m.git")
    answers["http://a.test/n"] = UpstreamUnavailable("http://a.test/n", "down")
    with pytest.raises(UpstreamUnavailable):
        await find(discovery, "a.test/n.git")


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


# --- insecure paths ---


async def test_an_insecure_path_is_asked_over_http_where_https_fails(server: GoImportServer) -> None:
    server.page("http://a.test/m", M)
    server.redirect("https://a.test/m", "http://a.test/m?go-get=1")
    access = server.access(RouteRules(insecure=("a.test/*",)))
    assert (await find(server.discovery(access), "a.test/m")).url == "https://git.test/m"


async def test_an_insecure_path_needs_no_certificate_and_no_https() -> None:
    async with GoImportServer(certified=("b.test",)) as server:
        server.page("a.test/m", M)
        with pytest.raises(UpstreamUnavailable):
            await find(server.discovery(), "a.test/m")
        access = server.access(RouteRules(insecure=("a.test",)))
        assert (await find(server.discovery(access), "a.test/m")).insecure
        assert server.asked[-1].startswith("https://")


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
