"""Pages, name servers and module paths that want the mirror to ask where it must not, or give away keys."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist, UpstreamBadAnswer
from modmirror.mod.path import check_path
from modmirror.origin.access.keys import HeaderKey
from modmirror.origin.access.route import RouteAccess, RouteRules
from modmirror.origin.discovery.goimport import parse_go_imports
from modmirror.origin.network.guard import AddressGuard, Endpoint
from modmirror.origin.network.networks import parse_networks
from modmirror.origin.network.remote import Scope, parse_remote
from tests.fakes.goimport_server import GoImportServer, tag
from tests.fakes.tls import write_ca

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

INSIDE = [
    "169.254.169.254",
    "127.0.0.1",
    "10.0.0.1",
    "[::1]",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
]
ODD = ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0x7f000001", "[::ffff:7f00:1]", "[::127.0.0.1]"]
SECRET = "Bearer s3cret"


@pytest.fixture
async def server() -> AsyncIterator[GoImportServer]:
    async with GoImportServer() as server:
        yield server


async def secret() -> str:
    return SECRET


def key_for(url: str) -> HeaderKey:
    return HeaderKey(Scope.of(parse_remote(url)), secret)


# --- addresses ---


async def test_a_name_that_changes_its_address_is_used_at_the_one_that_was_judged(
    server: GoImportServer,
) -> None:
    """DNS rebinding: judged once, connected to what was judged."""
    answers = [["127.0.0.1"], ["127.0.0.9"]]

    async def rebinding(host: str, port: int) -> Sequence[Endpoint]:
        server.addresses[host] = answers.pop(0)
        return await server.resolve(host, port)

    only_first = AddressGuard(rebinding, parse_networks(["127.0.0.1/32"]))
    server.page("a.test/m", tag("a.test/m git https://git.test/m"))
    pages = server.pages(RouteAccess(RouteRules(), only_first))
    assert (await pages.get("https://a.test/m")).status == 200
    assert server.resolved == ["a.test"]
    with pytest.raises(Denied):
        await pages.get("https://a.test/m")


@pytest.mark.matrix("T170")
@pytest.mark.parametrize("host", [host for host in INSIDE if host != "127.0.0.1"])
async def test_a_redirect_to_an_inner_address_is_not_followed(server: GoImportServer, host: str) -> None:
    server.redirect("a.test/m", f"https://{host}/latest/meta-data")
    access = server.access(networks=["127.0.0.1/32"])
    with pytest.raises(Denied):
        await server.pages(access).get("https://a.test/m")
    assert server.asked == ["https://a.test/m"]


@pytest.mark.parametrize("host", [*INSIDE, *ODD])
async def test_however_it_is_spelt_an_inner_address_is_not_asked(server: GoImportServer, host: str) -> None:
    with pytest.raises(Denied):
        await server.pages(server.access(networks=())).get(f"https://{host}/m")
    assert (server.asked, server.resolved) == ([], [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "0x7f.1", "0177.0.0.1", "127.1"]
)
async def test_a_module_path_that_is_an_inner_address_is_refused(server: GoImportServer, host: str) -> None:
    with pytest.raises((Denied, NotExist)):
        await server.inquire(f"{host}/m", networks=())
    assert (server.asked, server.resolved) == ([], [])


@pytest.mark.parametrize("host", [*INSIDE, *ODD, "inside.test"])
async def test_git_is_not_sent_to_an_inner_address(server: GoImportServer, host: str) -> None:
    server.addresses["inside.test"] = ["192.168.0.1", "::1", "fe80::1"]
    with pytest.raises((Denied, NotExist)):
        await server.access(networks=()).git(f"https://{host}/x")


# --- keys ---


@pytest.mark.parametrize(
    "url",
    [
        "https://registry.example.com.evil.test/x",
        "https://registry.example.com@evil.test/x",
        "https://registry.example.com%40evil.test/x",
        "https://registry.example.com\\@evil.test/x",
        "https://evil.test/https://registry.example.com/x",
        "https://evil.test#@registry.example.com/x",
        "https://evil.test?@registry.example.com/x",
        "https://registry.example.com:444/x",
        "https://registry.example.com\n.evil.test/x",
        "https://registry.example.c\u043em/x",
    ],
)
async def test_a_host_that_looks_alike_gets_no_key(server: GoImportServer, url: str) -> None:
    access = server.access(RouteRules(keys=(key_for("https://registry.example.com"),)))
    assert await access.authorization(url) is None
    try:
        given = await access.git(url)
    except NotExist:
        return
    assert SECRET not in "".join(value for _, value in given.config)


async def test_a_page_of_a_stranger_cannot_use_a_key_of_another_route(server: GoImportServer) -> None:
    server.page("a.test/x", tag("a.test/x git https://registry.example.com/corp/private"))
    public, private = RouteRules(), RouteRules(keys=(key_for("https://registry.example.com/corp"),))
    site = await server.inquire("a.test/x", public)
    for rules, opened in ((public, False), (private, True)):
        given = await server.access(rules).git(site.url)
        assert (SECRET in "".join(value for _, value in given.config)) is opened


async def test_a_redirect_cannot_fetch_a_key(server: GoImportServer) -> None:
    rules = RouteRules(keys=(key_for("https://registry.example.com"),))
    server.redirect("a.test/x", "https://registry.example.com/corp/private")
    server.page("registry.example.com/corp/private", "x")
    await server.pages(server.access(rules)).get("https://a.test/x")
    assert [one.headers.get("authorization") for one in server.seen] == [None, None]


# --- git itself ---


async def git(server: GoImportServer, url: str, rules: RouteRules, folder: Path) -> str:
    """Run ``git ls-remote`` as it is given access; return what it says."""
    given = await server.access(rules).git(url)
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    process = await asyncio.create_subprocess_exec(
        "git",
        "ls-remote",
        "--end-of-options",
        given.url,
        env=environ | given.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode()


def port_of(server: GoImportServer) -> int:
    return server._port(0)


async def test_git_asks_the_pinned_address_with_the_key_and_follows_no_redirect(
    server: GoImportServer, tmp_path: Path
) -> None:
    base = f"registry.example.com:{port_of(server)}"
    rules = RouteRules(keys=(key_for(f"https://{base}"),), ca_file=str(write_ca(tmp_path)))
    server.redirect(
        f"{base}/x/info/refs", f"https://a.test:{port_of(server)}/x/info/refs?service=git-upload-pack"
    )
    said = await git(server, f"https://{base}/x", rules, tmp_path)
    assert server.asked == [f"https://{base}/x/info/refs?service=git-upload-pack"], said
    assert server.seen[0].headers["authorization"] == SECRET
    assert "s3cret" not in said


async def test_git_sends_no_key_to_a_lookalike(server: GoImportServer, tmp_path: Path) -> None:
    rules = RouteRules(
        keys=(key_for(f"https://registry.example.com:{port_of(server)}"),), ca_file=str(write_ca(tmp_path))
    )
    await git(server, f"https://a.test:{port_of(server)}/registry.example.com/x", rules, tmp_path)
    assert len(server.seen) == 1
    assert "authorization" not in server.seen[0].headers


async def test_git_uses_no_other_transport_than_the_one_that_was_opened(
    server: GoImportServer, tmp_path: Path
) -> None:
    given = await server.access().git("https://git.test/x")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C"} | given.environment()
    for url in (f"file://{tmp_path}", "ext::sh -c id", "http://git.test/x", "ssh://git.test/x"):
        process = await asyncio.create_subprocess_exec(
            "git", "ls-remote", url, env=environ, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        assert b"not allowed" in said


# --- pages ---


@pytest.mark.parametrize(
    "field",
    [
        "--upload-pack=touch${IFS}x",
        "-oProxyCommand=x",
        "ext::sh%20-c%20x",
        "https://--config=x/y",
        "https://git.test/x;touch",
        "https://git.test/$(touch)",
        "https://git.test/..%00",
        "https://git.test/a/../../b",
        "ssh://-oProxyCommand=x/y",
        "ssh://git@-x/y",
        "file:///etc",
        "fd::3",
        "https://[::1]:x/",
    ],
)
async def test_no_field_of_a_tag_becomes_an_option_or_a_command(server: GoImportServer, field: str) -> None:
    for number, content in enumerate([f"a.test/m0 git {field}", f"a.test/m1 {field} https://git.test/m"]):
        server.page(f"a.test/m{number}", tag(content))
        with pytest.raises(NotExist):
            await server.inquire(f"a.test/m{number}", RouteRules(insecure=("a.test",), private=True))
    server.page("a.test/m2", tag("a.test/m2 git https://git.test/m --x", "a.test git https://git.test/m"))
    with pytest.raises(NotExist):
        await server.inquire("a.test/m2")


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        "<!-- -",
        "<!",
        "<![CDATA[",
        "<?",
        "<?xml ",
        "<meta ",
        "<meta a",
        "<meta a=",
        '<meta a="',
        "<meta a='\" ",
        "<meta / ",
        "<script",
        "<script>",
        "<script></scr",
        "<title><",
        "</head",
        " ",
        "<a ",
        "a=",
        "&amp",
        "<meta name=go-import content='a.test/m git x'>",
        "\x00",
        "\xff",
    ],
)
def test_no_page_takes_long_to_read(piece: str) -> None:
    for page in (piece * ((1 << 20) // len(piece)), "<meta content='" + piece * ((1 << 20) // len(piece))):
        started = time.process_time()
        parse_go_imports(page.encode("latin-1"))
        assert time.process_time() - started < 3


async def test_a_circle_of_redirects_between_hosts_ends(server: GoImportServer) -> None:
    server.redirect("a.test/m", "https://b.test/m")
    server.redirect("b.test/m", "https://a.test/m")
    with pytest.raises(UpstreamBadAnswer):
        await server.pages().get("https://a.test/m")
    assert len(server.asked) < 20


async def test_a_page_cannot_speak_for_more_than_its_own(server: GoImportServer) -> None:
    """Bob's page below uni.edu claims all of it; only the page of the prefix may say that."""
    server.page("a.test/bob/x", tag("a.test git https://evil.test/all"))
    server.page("a.test", tag("a.test git https://git.test/all"))
    discovery = server.discovery()
    with pytest.raises(NotExist, match="does not"):
        await discovery.find(check_path("a.test/bob/x"))
    assert (await discovery.find(check_path("a.test"))).url == "https://git.test/all"


async def test_a_crowd_of_paths_of_one_host_is_asked_for_few_at_a_time(server: GoImportServer) -> None:
    """Whoever makes up paths cannot turn the mirror into a flood on someone else's host."""
    running: list[str] = []
    most = 0

    async def counting(host: str, port: int) -> Sequence[Endpoint]:
        nonlocal most
        running.append(host)
        most = max(most, len(running))
        await asyncio.sleep(0.001)
        running.pop()
        return await server.resolve(host, port)

    access = RouteAccess(RouteRules(), AddressGuard(counting, parse_networks(["loopback"])))
    discovery = server.discovery(access)
    paths = [check_path(f"a.test/m{number}") for number in range(40)]
    answers = await asyncio.gather(*(discovery.find(path) for path in paths), return_exceptions=True)
    assert {type(answer) for answer in answers} == {NotExist}
    assert most <= 4
