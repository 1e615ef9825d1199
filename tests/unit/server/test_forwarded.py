from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.server.forwarded import UNIX_CLIENT, Callers

TRUSTED = ("10.0.0.0/8", "2001:db8::/32", "192.0.2.7")


def callers(*trusted: str) -> Callers:
    return Callers(trusted, lambda: "made-here")


def client(peer: str, forwarded_for: str) -> str:
    headers = {b"x-forwarded-for": forwarded_for.encode()}
    return callers(*TRUSTED).caller(peer, "http", headers).client


def test_without_trusted_proxies_nothing_is_believed() -> None:
    headers = {
        b"x-forwarded-for": b"203.0.113.9",
        b"x-forwarded-proto": b"https",
        b"x-request-id": b"theirs",
    }
    assert callers().caller("198.51.100.1", "http", headers) == ("198.51.100.1", "made-here", "http")


def test_a_stranger_is_not_believed() -> None:
    assert client("198.51.100.1", "203.0.113.9") == "198.51.100.1"


def test_a_trusted_proxy_is_believed_in_everything() -> None:
    headers = {
        b"x-forwarded-for": b"203.0.113.9",
        b"x-forwarded-proto": b"https",
        b"x-request-id": b"theirs",
    }
    assert callers(*TRUSTED).caller("10.1.2.3", "http", headers) == ("203.0.113.9", "theirs", "https")


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
        ("203.0.113.9, nonsense", "10.1.2.3"),
        ("203.0.113.9, unknown, 10.9.9.9", "10.9.9.9"),
        ("", "10.1.2.3"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2a00::1]:4711", "2a00::1"),
        ('"[2a00::1]"', "2a00::1"),
        ("2a00::1", "2a00::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 2001:db8::5", "203.0.113.9"),
    ],
)
def test_the_client_is_the_last_one_that_is_not_ours(chain: str, found: str) -> None:
    assert client("10.1.2.3", chain) == found


def test_an_address_may_be_listed_alone() -> None:
    assert client("192.0.2.7", "203.0.113.9") == "203.0.113.9"
    assert client("192.0.2.8", "203.0.113.9") == "192.0.2.8"


def test_an_ipv4_peer_on_an_ipv6_socket_is_the_same_peer() -> None:
    assert client("::ffff:10.1.2.3", "203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("sent", [b"", b"two words", b"x\r\ny", b"\xff", b"x" * 200])
def test_an_id_that_could_do_harm_is_replaced(sent: bytes) -> None:
    got = callers(*TRUSTED).caller("10.1.2.3", "http", {b"x-request-id": sent})
    assert got.request_id == "made-here"


def test_a_scheme_that_is_none_is_ignored() -> None:
    got = callers(*TRUSTED).caller("10.1.2.3", "http", {b"x-forwarded-proto": b"gopher"})
    assert got.scheme == "http"


def test_the_peer_on_a_unix_socket_is_believed_once_any_proxy_is_listed() -> None:
    headers = {b"x-forwarded-for": b"203.0.113.9"}
    assert callers().caller("", "http", headers).client == UNIX_CLIENT
    assert callers(*TRUSTED).caller("", "http", headers).client == "203.0.113.9"
    assert callers(*TRUSTED).caller("", "http", {}).client == UNIX_CLIENT


def test_what_is_no_network_is_told_by_its_setting() -> None:
    with pytest.raises(ConfigError) as caught:
        callers("10.0.0.0/8", "my-proxy")
    assert caught.value.key == "server.trusted_proxies"
    assert "my-proxy" in caught.value.reason
