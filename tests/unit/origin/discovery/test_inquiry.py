from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist, UpstreamUnavailable
from modmirror.origin.access.govcs import parse_govcs
from modmirror.origin.access.rewrite import parse_rewrites
from modmirror.origin.access.route import RouteRules
from tests.fakes.goimport_server import GoImportServer, tag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.origin.discovery.inquiry import Site

M = tag("a.test/m git https://git.test/m")


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer() as server:
        yield server


def told(site: Site) -> tuple[str, str, str, str]:
    return site.root, site.vcs, site.url, site.subdir


# --- one page ---


@pytest.mark.matrix("T156")
async def test_a_page_says_where_the_repository_is(server: GoImportServer) -> None:
    server.page("a.test/m", "<head><meta name=go-import content='a.test/m git https://git.test/m.git'>")
    site = await server.inquire("a.test/m")
    assert told(site) == ("a.test/m", "git", "https://git.test/m.git", "")
    assert server.asked == ["https://a.test/m?go-get=1"]


async def test_a_host_alone_is_asked_for_its_first_page(server: GoImportServer) -> None:
    server.page("a.test/", tag("a.test git https://git.test/m"))
    assert (await server.inquire("a.test")).root == "a.test"
    assert server.asked == ["https://a.test/?go-get=1"]


@pytest.mark.matrix("T157")
async def test_the_status_does_not_matter_when_the_tag_is_there(server: GoImportServer) -> None:
    page = "<HEAD><META NAME='go-import' CONTENT='a.test/m\ngit\nhttps://git.test/m'></HEAD>"
    server.page("a.test/m", page, status=404)
    assert (await server.inquire("a.test/m")).url == "https://git.test/m"


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
        await server.inquire("a.test/m")
    assert caught.value.sources == ("https://a.test/m",)
    assert "https://a.test/m answered 200" in caught.value.reason


@pytest.mark.matrix("T159")
async def test_a_tag_in_a_comment_is_not_seen(server: GoImportServer) -> None:
    hidden = '<!-- <meta name="go-import" content="a.test/m git https://evil.test/m"> -->'
    server.page("a.test/m", f"<head>{hidden}{M}")
    assert (await server.inquire("a.test/m")).url == "https://git.test/m"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_a_page_of_trouble_is_not_absence(server: GoImportServer, status: int) -> None:
    server.page("a.test/m", "try later", status=status)
    with pytest.raises(UpstreamUnavailable, match=str(status)):
        await server.inquire("a.test/m")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_page_that_is_closed_to_us_is_absence_with_a_hint(
    server: GoImportServer, status: int
) -> None:
    server.page("a.test/m", "no", status=status)
    with pytest.raises(NotExist) as caught:
        await server.inquire("a.test/m")
    assert "access" in caught.value.hint


# --- the prefix ---


@pytest.mark.matrix("T160")
async def test_a_path_below_a_prefix_needs_the_word_of_the_prefix(server: GoImportServer) -> None:
    server.page("a.test/m/sub", M)
    server.page("a.test/m", M)
    site = await server.inquire("a.test/m/sub")
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
        await server.inquire("a.test/m/sub")


async def test_trouble_with_the_prefix_is_not_disagreement(server: GoImportServer) -> None:
    server.page("a.test/m/sub", M)
    server.page("a.test/m", "", status=503)
    with pytest.raises(UpstreamUnavailable):
        await server.inquire("a.test/m/sub")


@pytest.mark.matrix("T162")
@pytest.mark.parametrize("second", ["a.test/m git https://git.test/m", "a.test git https://git.test/all"])
async def test_two_tags_for_a_path_are_refused(server: GoImportServer, second: str) -> None:
    server.page("a.test/m", tag("a.test/m git https://git.test/m", second))
    with pytest.raises(NotExist, match="several"):
        await server.inquire("a.test/m")


@pytest.mark.matrix("T163")
async def test_mod_wins_over_git(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git https://git.test/m", "a.test/m mod https://mod.test/base/"))
    site = await server.inquire("a.test/m")
    assert told(site) == ("a.test/m", "mod", "https://mod.test/base", "")


@pytest.mark.matrix("T164")
async def test_a_fourth_field_is_the_sub_directory(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git https://git.test/m sub/deep"))
    assert (await server.inquire("a.test/m")).subdir == "sub/deep"


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
        await server.inquire("a.test/m")
    assert caught.value.hint
    assert "secret" not in caught.value.reason


@pytest.mark.matrix("T166")
@pytest.mark.parametrize("scheme", ["http", "git", "svn"])
async def test_an_unprotected_root_is_refused(server: GoImportServer, scheme: str) -> None:
    server.page("a.test/m", tag(f"a.test/m git {scheme}://git.test/m"))
    with pytest.raises(NotExist, match=f"is not fetched over {scheme}"):
        await server.inquire("a.test/m")


async def test_an_unprotected_root_is_followed_for_an_insecure_path(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git http://git.test/m"))
    site = await server.inquire("a.test/m", RouteRules(insecure=("a.test",)))
    assert (site.url, site.insecure) == ("http://git.test/m", True)


async def test_a_root_over_ssh_needs_a_key(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m git ssh://git@git.test/m"))
    with pytest.raises(NotExist, match="needs an SSH key"):
        await server.inquire("a.test/m")


@pytest.mark.matrix("T167")
@pytest.mark.parametrize("vcs", ["bzr", "svn", "fossil", "GIT", "-git"])
async def test_a_system_that_is_unknown_or_not_for_public_modules_is_refused(
    server: GoImportServer, vcs: str
) -> None:
    server.page("a.test/m", tag(f"a.test/m {vcs} https://git.test/m"))
    with pytest.raises(NotExist, match="kept with"):
        await server.inquire("a.test/m")


async def test_what_govcs_allows_is_followed(server: GoImportServer) -> None:
    server.page("a.test/m", tag("a.test/m svn https://git.test/m"))
    allowed = RouteRules(govcs=parse_govcs("a.test/m:svn"))
    assert (await server.inquire("a.test/m", allowed)).vcs == "svn"
    assert (await server.inquire("a.test/m", RouteRules(private=True))).vcs == "svn"


@pytest.mark.matrix("T168")
async def test_a_redirect_to_http_is_absence(server: GoImportServer) -> None:
    server.redirect("https://a.test/m", "http://a.test/m?go-get=1")
    server.page("http://a.test/m", M)
    with pytest.raises(NotExist, match="redirects to http"):
        await server.inquire("a.test/m")
    assert server.asked == ["https://a.test/m?go-get=1"]


@pytest.mark.matrix("T169")
async def test_a_page_in_another_charset_is_refused(server: GoImportServer) -> None:
    server.page("a.test/m", f'<?xml version="1.0" encoding="ISO-8859-1"?>{M}')
    with pytest.raises(NotExist, match="iso-8859-1"):
        await server.inquire("a.test/m")


@pytest.mark.matrix("T170")
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "fd00::1"])
async def test_a_host_in_a_private_network_is_refused_before_it_is_asked(
    server: GoImportServer, address: str
) -> None:
    server.page("a.test/m", M)
    server.addresses["a.test"] = [address]
    with pytest.raises(Denied) as caught:
        await server.inquire("a.test/m", networks=())
    assert server.asked == []
    assert address not in caught.value.reason


# --- paths that need no page ---


async def test_a_known_host_is_not_asked(server: GoImportServer) -> None:
    site = await server.inquire("github.com/u/r/sub")
    assert told(site) == ("github.com/u/r", "git", "https://github.com/u/r", "")
    assert server.resolved == []


async def test_the_only_open_transport_of_a_suffixed_path_is_taken_without_a_ping(
    server: GoImportServer,
) -> None:
    site = await server.inquire("a.test/m.git/sub")
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

    site = await server.inquire("a.test/m.git", RouteRules(insecure=("a.test",)), ping=ping)
    assert site.url == outcome


async def test_no_answer_at_all_is_absence_only_when_nobody_was_in_trouble(server: GoImportServer) -> None:
    answers: dict[str, Exception] = {}

    async def ping(site: Site) -> None:
        raise answers.get(site.url, NotExist("none"))

    insecure = RouteRules(insecure=("a.test",))
    with pytest.raises(NotExist):
        await server.inquire("a.test/m.git", insecure, ping=ping)
    answers["http://a.test/n"] = UpstreamUnavailable("http://a.test/n", "down")
    with pytest.raises(UpstreamUnavailable):
        await server.inquire("a.test/n.git", insecure, ping=ping)


# --- insecure paths ---


async def test_an_insecure_path_is_asked_over_http_where_https_fails(server: GoImportServer) -> None:
    server.page("http://a.test/m", M)
    server.redirect("https://a.test/m", "http://a.test/m?go-get=1")
    site = await server.inquire("a.test/m", RouteRules(insecure=("a.test/*",)))
    assert site.url == "https://git.test/m"


async def test_an_insecure_path_needs_no_certificate_and_no_https() -> None:
    async with GoImportServer(certified=("b.test",)) as server:
        server.page("a.test/m", M)
        with pytest.raises(UpstreamUnavailable):
            await server.inquire("a.test/m")
        assert (await server.inquire("a.test/m", RouteRules(insecure=("a.test",)))).insecure
        assert server.asked[-1].startswith("https://")


# --- what is told ---


async def test_the_trail_tells_each_step(server: GoImportServer) -> None:
    server.page("a.test/m/sub", M, status=404)
    server.page("a.test/m", M)
    rules = RouteRules(rewrites=parse_rewrites(["https://git.test/ -> https://inside.test/git/"]))
    site = await server.inquire("a.test/m/sub", rules)
    assert site.url == "https://git.test/m"
    assert site.trail == (
        "https://a.test/m/sub (404) says a.test/m git https://git.test/m",
        "https://a.test/m (200) says the same",
        "https://git.test/m is rewritten to https://inside.test/git/m",
    )


async def test_the_trail_of_a_known_host_is_one_step(server: GoImportServer) -> None:
    site = await server.inquire("github.com/u/r/sub")
    assert site.trail == ("the path alone says that github.com/u/r is kept with git",)
