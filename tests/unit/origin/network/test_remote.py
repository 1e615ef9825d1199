from __future__ import annotations

import pytest

from modmirror.origin.network.remote import Remote, Scope, parse_remote, without_userinfo


@pytest.mark.parametrize(
    "url",
    [
        "https://git.test/team/name.git",
        "https://git.test:8443/x",
        "https://git.test",
        "https://[2001:db8::1]:8443/x",
        "ssh://git@git.test/~user/x.git",
        "ssh://git.test:2222/x",
        "git+ssh://git.test/x",
        "svn+ssh://svn.test/trunk",
        "https://git.test/My%20Project/_git/a+b,c=d@e",
        "http://git.test/x",
        "git://git.test/x",
    ],
)
def test_a_plain_url_is_written_again_as_it_was(url: str) -> None:
    assert str(parse_remote(url)) == url


def test_scheme_and_host_are_the_same_in_either_case_and_nothing_else_is() -> None:
    assert str(parse_remote("SSH://Git@Git.TEST/Team/Name")) == "ssh://Git@git.test/Team/Name"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("git.test/x", "no scheme"),
        ("git@git.test:x", "no scheme"),
        ("ext::sh -c x", "no scheme"),
        ("-x", "no scheme"),
        ("--upload-pack=x", "no scheme"),
        ("", "no scheme"),
        ("https:///x", "not a URL"),
        ("https://", "not a URL"),
        ("https://-oProxyCommand=x/y", "not a URL"),
        ("https://-git.test/y", "not a URL"),
        ("ssh://-l@git.test/y", "not a URL"),
        ("https://git.test/a b", "not a URL"),
        ("https://git.test/a\nb", "not a URL"),
        ("https://git.test/a\x00b", "not a URL"),
        ("https://git.test\\@evil.test/x", "not a URL"),
        ("https://git.test/a;b", "not a URL"),
        ("https://git.test/$(x)", "not a URL"),
        ("https://git.test/`x`", "not a URL"),
        ("https://git.test/'x'", "not a URL"),
        ("https://g\u0131t.test/x", "not a URL"),
        ("https://git.test:x/y", "not a URL"),
        ("https://git.test:123456/y", "not a URL"),
        ("https://git.test:99999/y", "a port that cannot be"),
        ("https://git.test:0/y", "a port that cannot be"),
        ("https://user@git.test/x", "only ssh takes"),
        ("https://user:pass@git.test/x", "holds a password"),
        ("ssh://git:pass@git.test/x", "holds a password"),
        ("https://git.test/x?y=z", "a query or a fragment"),
        ("https://git.test/x#y", "a query or a fragment"),
        ("https://git.test/../x", "dots only"),
        ("https://git.test/x/./y", "dots only"),
        ("https://git.test/x/%2e%2E/y", "dots only"),
        ("https://git.test/..%2fx", "dots only"),
        ("https://git.test/x%00y", "not allowed"),
        ("https://git.test/x%0ahost=y", "not allowed"),
        ("https://git.test/x%5cy", "not allowed"),
        ("ssh://git.test/-x", "begins with a dash"),
        ("https://git.test/" + "x" * 2000, "not a URL"),
    ],
)
def test_what_is_not_plainly_a_url_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_remote(url)


@pytest.mark.parametrize(
    ("url", "port", "transport"),
    [
        ("https://h.test/x", 443, "https"),
        ("https://h.test:8443/x", 8443, "https"),
        ("ssh://h.test/x", 22, "ssh"),
        ("git+ssh://h.test/x", 22, "ssh"),
        ("svn+ssh://h.test/x", 22, "ssh"),
        ("git://h.test/x", 9418, "git"),
        ("gopher://h.test/x", 0, "gopher"),
    ],
)
def test_port_and_transport_follow_from_the_scheme(url: str, port: int, transport: str) -> None:
    remote = parse_remote(url)
    assert (remote.real_port, remote.transport) == (port, transport)


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://registry.example.com/team", True),
        ("https://registry.example.com/team/x.git", True),
        ("https://REGISTRY.example.com:443/team/x.git", True),
        ("https://registry.example.com//team//x.git", True),
        ("https://registry.example.com.evil.test/team/x.git", False),
        ("https://evil-registry.example.com/team/x.git", False),
        ("https://example.com/team/x.git", False),
        ("https://registry.example.com./team/x.git", False),
        ("https://registry.example.com:8443/team/x.git", False),
        ("http://registry.example.com/team/x.git", False),
        ("http://registry.example.com:443/team/x.git", False),
        ("ssh://registry.example.com:443/team/x.git", False),
        ("https://registry.example.com/team-two/x.git", False),
        ("https://registry.example.com/Team/x.git", False),
        ("https://registry.example.com/other/team/x.git", False),
        ("https://registry.example.com/", False),
    ],
)
def test_a_scope_is_one_host_and_whole_path_elements(url: str, *, covered: bool) -> None:
    scope = Scope.of(parse_remote("https://registry.example.com/team"))
    assert scope.covers(parse_remote(url)) is covered


def test_every_scheme_over_ssh_is_one_transport() -> None:
    scope = Scope.of(parse_remote("ssh://git.test"))
    assert scope.covers(Remote("git+ssh", "git", "git.test", None, "/x"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@git.test/x?token=1", "https://git.test/x"),
        ("https://a@b@git.test/x", "https://git.test/x"),
        ("not a \x1b url", "not a ? url"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_url_is_shown_without_secrets_and_control_characters(url: str, shown: str) -> None:
    assert without_userinfo(url) == shown
