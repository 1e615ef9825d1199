from __future__ import annotations

from dataclasses import replace

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.registry import Row
from modmirror.lab.target import named, parse_target


@pytest.mark.parametrize(
    ("url", "base", "authority"),
    [
        ("https://Proxy.Example", "https://proxy.example", "proxy.example"),
        ("https://proxy.example:443/", "https://proxy.example", "proxy.example"),
        ("http://127.0.0.1:8080/go//mod/", "http://127.0.0.1:8080/go/mod", "127.0.0.1:8080"),
        ("http://[::1]:80/x", "http://[::1]/x", "[::1]"),
    ],
)
def test_a_base_url_is_put_into_one_form(url: str, base: str, authority: str) -> None:
    target = parse_target(url)
    assert (target.url, target.authority) == (base, authority)


@pytest.mark.parametrize(
    "url",
    [
        "goproxy.cn", "ftp://x", "https://", "https://x y", "https://x\\y", "http://x:99999", "http://x:0",
        "http://[::1", "https://x/?q=1", "https://x/#f", "direct", "off", "",
    ],
)  # fmt: skip
def test_what_is_no_base_url_is_wrong_input(url: str) -> None:
    with pytest.raises(ConfigError):
        parse_target(url)


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_target("https://me:s3cret@proxy.example")
    assert "s3cret" not in caught.value.reason + caught.value.hint
    # The hint names a key that a targets file has.
    assert "authorization_env" in set(Row.__struct_fields__) & set(caught.value.hint.split())


@pytest.mark.parametrize(
    ("url", "free"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]", True),
        ("http://localhost:8080", True),
        ("https://goproxy.cn", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
    ],
)
def test_only_loopback_is_free_without_being_declared(url: str, *, free: bool) -> None:
    target = parse_target(url)
    assert target.free is free
    assert replace(target, owned=True).free


def test_an_escaped_path_is_sent_as_it_is_below_the_base() -> None:
    target = parse_target("https://x.example/go")
    assert target.request_path("github.com/!azure/a/@v/v1.0.0+incompatible.zip") == (
        "/go/github.com/!azure/a/@v/v1.0.0+incompatible.zip"
    )
    assert target.request_path("a b\r\nx: y") == "/go/a%20b%0D%0Ax:%20y"


def test_what_a_manifest_keeps_holds_no_headers() -> None:
    target = replace(parse_target("https://x.example"), headers={"authorization": "s3cret"})
    assert "s3cret" not in repr(target) + repr(target.entry())


def test_the_name_is_the_address_until_another_is_given() -> None:
    target = parse_target("https://x.example:8443/go")
    assert target.name == "x.example:8443/go"
    assert named(target, "ours").name == "ours"
