from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist, UpstreamUnavailable
from modmirror.origin.access.keys import HeaderKey, SshKey
from modmirror.origin.access.rewrite import parse_rewrites
from modmirror.origin.access.route import RouteAccess, RouteRules
from modmirror.origin.access.secret import basic
from modmirror.origin.access.vcs import VcsAccess
from modmirror.origin.network.guard import AddressGuard
from modmirror.origin.network.remote import Scope, parse_remote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.origin.network.guard import Endpoint

ADDRESSES = {"git.test": ["8.8.8.8", "2606:4700::1111"], "inside.test": ["10.0.0.1"]}
HEADER = "Authorization: Bearer t0ken"


async def resolve(host: str, port: int) -> Sequence[Endpoint]:
    return [(address, port) for address in ADDRESSES[host]]


async def t0ken() -> str:
    return "Bearer t0ken"


def header_key(url: str) -> HeaderKey:
    return HeaderKey(Scope.of(parse_remote(url)), t0ken)


def ssh_key(url: str) -> SshKey:
    return SshKey(Scope.of(parse_remote(url)), "", Path("/keys/id"), Path("/keys/known_hosts"))


def access(**rules: object) -> RouteAccess:
    return RouteAccess(RouteRules(**rules), AddressGuard(resolve))  # type: ignore[arg-type]  # fields by name


# --- which URLs ---


@pytest.mark.parametrize("url", ["https://git.test/x", "https://git.test:8443/x"])
def test_https_is_always_open(url: str) -> None:
    assert access().check_remote(url) == url


@pytest.mark.matrix("T166")
@pytest.mark.parametrize("scheme", ["http", "git", "svn"])
def test_unprotected_transports_are_for_insecure_paths_only(scheme: str) -> None:
    url = f"{scheme}://git.test/x"
    assert access().check_remote(url, insecure=True) == url
    with pytest.raises(NotExist, match=f"not fetched over {scheme}"):
        access().check_remote(url)


@pytest.mark.parametrize("insecure", [False, True])
@pytest.mark.parametrize("scheme", ["ssh", "git+ssh", "svn+ssh"])
def test_ssh_is_open_where_the_route_has_a_key(scheme: str, *, insecure: bool) -> None:
    url = f"{scheme}://git@git.test/x"
    assert access(keys=(ssh_key("ssh://git.test"),)).check_remote(url) == url
    for keys in ((), (ssh_key("ssh://other.test"),), (header_key("https://git.test"),)):
        with pytest.raises(NotExist, match="needs an SSH key"):
            access(keys=keys).check_remote(url, insecure=insecure)


@pytest.mark.matrix("T165")
@pytest.mark.parametrize("insecure", [False, True])
@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ext::sh -c x", "ftp://git.test/x", "rsync://git.test/x", "-x", "fd::17/x"],
)
def test_no_other_transport_is_ever_open(url: str, *, insecure: bool) -> None:
    with pytest.raises(NotExist):
        access().check_remote(url, insecure=insecure)


def test_patterns_tell_which_paths_are_insecure() -> None:
    one = access(insecure=("*.corp.test", "a.test/x"))
    assert [
        one.is_insecure(path) for path in ("git.corp.test/m", "a.test/x/y", "a.test/xy", "corp.test/m")
    ] == [
        True,
        True,
        False,
        False,
    ]


def test_systems_are_checked_by_the_rules_of_the_route() -> None:
    with pytest.raises(NotExist):
        access().check_vcs("svn", "a.test/m")
    access(private=True).check_vcs("svn", "a.test/m")


# --- rewriting ---


def test_a_rewritten_url_may_be_anything_that_the_operator_wrote() -> None:
    texts = ["https://github.com/ -> file:///mirror", "https://a.test/ -> http://inside.test/a/"]
    one = access(rewrites=parse_rewrites(texts))
    assert one.check_remote("https://github.com/u/r") == "file:///mirror/u/r"
    assert one.check_remote("https://a.test/x") == "http://inside.test/a/x"


async def test_the_target_of_a_rewrite_is_trusted_and_nothing_else_on_its_host() -> None:
    one = access(rewrites=parse_rewrites(["https://a.test/ -> https://inside.test/a/"]))
    assert (await one.git("https://a.test/x")).url == "https://inside.test/a/x"
    with pytest.raises(Denied):
        await one.git("https://inside.test/a/x")


async def test_a_rewrite_to_a_directory_allows_files_for_that_alone() -> None:
    one = access(rewrites=parse_rewrites(["https://github.com/ -> file:///mirror"]))
    given = await one.git("https://github.com/u/r")
    assert (given.url, given.protocol, given.config) == ("file:///mirror/u/r", "file", ())


def test_a_rewrite_to_ssh_needs_a_key_as_well() -> None:
    rewrites = parse_rewrites(["https://a.test/ -> ssh://git@git.test/"])
    with pytest.raises(NotExist, match="needs an SSH key"):
        access(rewrites=rewrites).check_remote("https://a.test/x")


# --- what git is given ---


async def test_git_is_pinned_and_follows_no_redirect() -> None:
    given = await access().git("https://git.test/x")
    assert (given.url, given.protocol, given.ssh_command) == ("https://git.test/x", "https", "")
    assert given.config == (
        ("http.followRedirects", "false"),
        ("http.curloptResolve", "git.test:443:8.8.8.8,[2606:4700::1111]"),
    )


async def test_a_secret_is_for_the_url_of_the_repository_and_replaces_others() -> None:
    given = await access(keys=(header_key("https://git.test/team"),)).git("https://git.test:443/team/x")
    key = "http.https://git.test:443/team/x.extraHeader"
    assert given.config[-2:] == ((key, ""), (key, HEADER))
    assert "t0ken" not in repr(given)


@pytest.mark.parametrize("url", ["https://git.test/team-two/x", "https://git.test:8443/team/x"])
async def test_no_secret_goes_elsewhere(url: str) -> None:
    given = await access(keys=(header_key("https://git.test/team"),)).git(url)
    assert HEADER not in [value for _, value in given.config]


async def test_a_secret_is_never_sent_without_protection() -> None:
    given = await access(keys=(header_key("https://git.test"),)).git("http://git.test/x", insecure=True)
    assert HEADER not in [value for _, value in given.config]


async def test_a_request_is_pinned_and_has_the_key_that_is_for_it() -> None:
    keyed = access(keys=(header_key("https://git.test/team"),))
    given = await keyed.http("https://git.test/team/x/")
    assert given is not None
    assert (given.url, given.authorization) == ("https://git.test/team/x", HEADER.partition(": ")[2])
    assert given.pinned is not None
    assert given.pinned.endpoints[0] == ("8.8.8.8", 443)
    assert "t0ken" not in repr(given)
    for url in ("https://git.test/team-two/x", "https://git.test:8443/team/x", "http://git.test/team/x"):
        other = await keyed.http(url, insecure=True)
        assert other is not None
        assert other.authorization == ""


async def test_only_http_is_asked_by_a_request() -> None:
    assert await access(keys=(ssh_key("ssh://git@git.test"),)).http("ssh://git@git.test/x") is None
    assert await access().http("git://git.test/x", insecure=True) is None


async def test_git_learns_of_further_certificate_authorities() -> None:
    given = await access(ca_file="/etc/ca.pem").git("https://git.test/x")
    assert ("http.sslCAInfo", "/etc/ca.pem") in given.config


async def test_ssh_is_given_a_command_with_the_pinned_address() -> None:
    given = await access(keys=(ssh_key("ssh://git.test"),)).git("git+ssh://git@git.test/x")
    words = shlex.split(given.ssh_command)
    assert (given.protocol, given.config) == ("ssh", ())
    assert {"-oHostName=8.8.8.8", "-oIdentityFile=/keys/id"} <= set(words)


async def test_a_host_in_a_private_network_is_refused() -> None:
    with pytest.raises(Denied):
        await access().git("https://inside.test/x")


async def test_a_literal_address_pins_itself() -> None:
    given = await access().git("https://[2606:4700::1111]/x")
    assert given.config == (("http.followRedirects", "false"),)


async def test_a_token_that_cannot_be_had_is_an_error_and_no_anonymous_request() -> None:
    async def fail() -> str:
        raise UpstreamUnavailable("https://api.test", "down")

    key = HeaderKey(Scope.of(parse_remote("https://git.test")), fail)
    with pytest.raises(UpstreamUnavailable):
        await access(keys=(key,)).git("https://git.test/x")


# --- what other tools are given ---


async def test_other_tools_are_given_addresses_and_a_password() -> None:
    async def password() -> str:
        return basic("ci", "s3cret")

    key = HeaderKey(Scope.of(parse_remote("https://git.test")), password)
    given = await access(keys=(key,), ca_file="/etc/ca.pem").vcs("https://git.test/x")
    assert given == VcsAccess(
        "https://git.test/x",
        (("8.8.8.8", 443), ("2606:4700::1111", 443)),
        "ci",
        "s3cret",
        ca_file="/etc/ca.pem",
    )
    assert "s3cret" not in repr(given)


async def test_other_tools_are_not_given_what_they_cannot_use() -> None:
    given = await access(keys=(header_key("https://git.test"),)).vcs("https://git.test/x")
    assert (given.username, given.password) == ("", "")


async def test_other_tools_run_over_ssh_with_the_same_command() -> None:
    given = await access(keys=(ssh_key("ssh://git.test"),)).vcs("svn+ssh://git.test/x")
    assert "-oHostName=8.8.8.8" in shlex.split(given.ssh_command)


async def test_other_tools_are_not_sent_inside_but_where_an_operator_says() -> None:
    with pytest.raises(Denied):
        await access().vcs("https://inside.test/x")
    texts = ["https://a.test/ -> https://inside.test/a/", "https://b.test/ -> file:///mirror"]
    one = access(rewrites=parse_rewrites(texts))
    assert await one.vcs("https://a.test/x") == VcsAccess("https://inside.test/a/x")
    assert await one.vcs("https://b.test/x") == VcsAccess("file:///mirror/x")


# --- pages and answers ---


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://git.test/team/x?go-get=1", "Bearer t0ken"),
        ("https://git.test/other/x?go-get=1", None),
        ("https://git.test.evil.test/team/x?go-get=1", None),
        ("http://git.test/team/x?go-get=1", None),
        ("https://git.test/team/ä?go-get=1", None),
    ],
)
async def test_a_page_is_asked_with_the_key_that_is_for_it(url: str, value: str | None) -> None:
    assert await access(keys=(header_key("https://git.test/team"),)).authorization(url) == value


def test_a_repository_that_is_not_shown_to_us_is_absent_with_a_hint() -> None:
    without = access().unreadable("https://git.test/x")
    with_key = access(keys=(header_key("https://git.test"),)).unreadable("https://git.test/x")
    assert without.reason == "https://git.test/x does not exist, or may not be read without a key"
    assert "access" in without.hint
    assert with_key.reason == "https://git.test/x does not exist, or its key may not read it"


def test_a_rewritten_repository_that_is_not_shown_to_us_is_named_as_both() -> None:
    rewrites = parse_rewrites(
        ["https://git.test/ -> https://inside.test/git/", "https://b.test/ -> file:///srv/git"]
    )
    one = access(rewrites=rewrites, keys=(header_key("https://inside.test"),))
    both = "https://git.test/x, rewritten to https://inside.test/git/x,"
    assert (
        one.unreadable("https://git.test/x").reason == f"{both} does not exist, or its key may not read it"
    )
    assert access(rewrites=rewrites).unreadable("https://git.test/x").reason.startswith(both)
    assert "/srv" not in one.unreadable("https://b.test/x").reason


def test_no_representation_shows_a_secret() -> None:
    assert "t0ken" not in repr(RouteRules(keys=(header_key("https://git.test"),)))
