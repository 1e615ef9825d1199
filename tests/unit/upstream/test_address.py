from __future__ import annotations

import pytest
from pyreqwest.http import Url

from modmirror.errors import ConfigError, InvalidTarget, UpstreamBadAnswer
from modmirror.upstream.address import (
    basic,
    check_path,
    is_public,
    is_same_origin,
    parse_http_address,
    redirected,
    without_secrets,
)


def url_of(base: str, path: str) -> str:
    return str(parse_http_address(base).url_of(path))


@pytest.mark.parametrize(
    ("base", "root"),
    [
        ("https://proxy.example", "https://proxy.example"),
        ("https://proxy.example/", "https://proxy.example"),
        ("https://PROXY.example:443/a/", "https://proxy.example/a"),
        ("https://proxy.example//a///b//", "https://proxy.example/a/b"),
        ("https://proxy.example/a/../b", "https://proxy.example/b"),
        ("http://127.0.0.1:8081/goproxy", "http://127.0.0.1:8081/goproxy"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://user:secret@proxy.example/a?token=secret", "https://proxy.example/a"),
    ],
)
def test_the_name_is_the_cleaned_url_without_secrets(base: str, root: str) -> None:
    address = parse_http_address(base)
    assert (address.name, address.root) == (root, root)


def test_bang_is_sent_as_percent_21_as_the_go_command_does() -> None:
    got = url_of("https://h", "github.com/!azure/x/@v/v1.0.0-!r!c1.info")
    assert got == "https://h/github.com/%21azure/x/@v/v1.0.0-%21r%21c1.info"


@pytest.mark.parametrize("path", ["sumdb/s.example/lookup/a.b/!c@v1.0.0", "lookup/a.b/!c@v1.0.0"])
def test_bang_is_sent_raw_to_a_checksum_database(path: str) -> None:
    assert url_of("https://h", path) == f"https://h/{path}"


def test_what_the_go_command_sends_raw_stays_raw() -> None:
    assert url_of("https://h", "a.b/c~d/@v/v1.0.0+x$&=:.mod") == "https://h/a.b/c~d/@v/v1.0.0+x$&=:.mod"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("a.b/@v/x y.info", "a.b/@v/x%20y.info"),
        ("a.b/@v/100%.info", "a.b/@v/100%25.info"),
        ("a.b/@v/%2e%2e.info", "a.b/@v/%252e%252e.info"),
        ("a.b/@v/a?b#c.info", "a.b/@v/a%3Fb%23c.info"),
    ],
)
def test_everything_else_is_encoded_exactly_once(path: str, sent: str) -> None:
    assert url_of("https://h/base", path) == f"https://h/base/{sent}"


def test_the_query_of_the_base_goes_with_every_request() -> None:
    assert url_of("https://h/p?token=a%2Fb&c", "a.b/@v/list") == "https://h/p/a.b/@v/list?token=a%2Fb&c"


def test_userinfo_becomes_an_authorization_and_leaves_the_url() -> None:
    address = parse_http_address("https://us%40er:p%3Ass@h/p")
    assert address.authorization == basic("us@er", "p:ss")
    assert str(address.url_of("a.b/@v/list")) == "https://h/p/a.b/@v/list"
    assert address.authorization not in repr(address)


def test_basic_is_the_example_of_rfc_7617() -> None:
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


@pytest.mark.matrix("T140")
def test_userinfo_over_http_is_refused() -> None:
    with pytest.raises(ConfigError, match="insecure") as caught:
        parse_http_address("http://user:hunter2@proxy.example/x?t=hunter2")
    assert caught.value.key == "from"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("base", ["https://", "https://a b/", "ftp://h/", "https://h/#x", "file:///x", "h"])
def test_what_cannot_be_asked_is_a_config_error_with_a_hint(base: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_http_address(base)
    assert caught.value.key == "from"
    assert "https://" in caught.value.hint


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a\\b", "a\nb", "a\x7fb", "\0"]
)
def test_a_path_that_could_leave_the_base_is_refused(path: str) -> None:
    with pytest.raises(InvalidTarget):
        check_path(path)


def test_dots_inside_an_element_are_no_danger() -> None:
    check_path("a..b/...x/@v/v1.0.0...info")


@pytest.mark.parametrize(
    ("location", "there"),
    [
        ("/x?y=1", "https://h/x?y=1"),
        ("x", "https://h/a/x"),
        ("?hop=1", "https://h/a/b?hop=1"),
        ("//other/x", "https://other/x"),
        ("https://other:444/x#part", "https://other:444/x"),
        ("https://user:password@other/x", "https://other/x"),
        ("https://h:443/%21a", "https://h/%21a"),
    ],
)
def test_a_redirect_leads_to_a_plain_url(location: str, there: str) -> None:
    assert str(redirected("up", Url("https://h/a/b?q"), location)) == there


@pytest.mark.matrix("T138")
@pytest.mark.parametrize(
    "location", ["http://h/a", "ftp://h/a", "file:///etc/passwd", "javascript:1", "https://"]
)
def test_a_redirect_to_something_less_safe_is_a_bad_answer(location: str) -> None:
    with pytest.raises(UpstreamBadAnswer, match="redirects"):
        redirected("up", Url("https://h/a"), location)


def test_a_redirect_from_http_to_https_is_fine() -> None:
    assert str(redirected("up", Url("http://h/a"), "https://h/a")) == "https://h/a"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h/a", "https://H:443/b?c", True),
        ("https://h", "http://h", False),
        ("https://h", "https://h:444", False),
        ("https://h", "https://h.evil.test", False),
        ("https://h", "https://h\\@evil.test", True),
        ("http://127.0.0.1", "http://127.1", True),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, *, same: bool) -> None:
    assert is_same_origin(Url(one), Url(other)) is same


@pytest.mark.parametrize(
    "text", ["https://u:hunter2@h/p?t=hunter2", "x://hunter2@h", "https://u:hunter2@h:99999/", "//hunter2@"]
)
def test_no_secret_survives_in_what_is_shown(text: str) -> None:
    assert "hunter2" not in without_secrets(text)


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("https://goproxy.io", True),
        ("https://1.1.1.1/x", True),
        ("https://[2606:4700::1111]", True),
        ("http://127.0.0.1:8080", False),
        ("http://10.0.0.7", False),
        ("http://[::1]:80", False),
        ("http://athens", False),
        ("https://proxy.corp.internal", False),
        ("https://proxy.example", False),
        ("file:cache", False),
    ],
)
def test_public_is_what_is_on_the_public_internet(name: str, *, public: bool) -> None:
    assert is_public(name) is public
