from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.origin.network.networks import parse_networks, refusal

METADATA = ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"]


@pytest.mark.parametrize(
    "address", ["140.82.121.4", "8.8.8.8", "2606:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_are_fit(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.matrix("T170")
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "the loopback network"),
        ("127.255.0.9", "the loopback network"),
        ("::1", "the loopback network"),
        ("10.0.0.1", "a private network"),
        ("172.16.0.1", "a private network"),
        ("172.31.255.255", "a private network"),
        ("192.168.1.1", "a private network"),
        ("100.64.0.1", "a private network"),
        ("fc00::1", "a private network"),
        ("fd12:3456::1", "a private network"),
        ("169.254.0.1", "a link-local network"),
        ("fe80::1", "a link-local network"),
        ("fe80::1%eth0", "a link-local network"),
        ("0.0.0.0", "no single machine"),
        ("0.1.2.3", "no single machine"),
        ("::", "no single machine"),
        ("224.0.0.1", "no single machine"),
        ("255.255.255.255", "no single machine"),
        ("ff02::1", "no single machine"),
        ("192.0.2.1", "a reserved network"),
        ("198.18.0.1", "a reserved network"),
        ("240.0.0.1", "a reserved network"),
        ("2001:db8::1", "a reserved network"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "a reserved network"),
        ("fec0::1", "a reserved network"),
        ("64:ff9b:1::1", "a reserved network"),
        ("::127.0.0.1", "a reserved network"),
        ("4000::1", "a reserved network"),
        *[(address, "a metadata service") for address in METADATA],
    ],
)
def test_every_other_address_is_refused_by_its_kind(address: str, kind: str) -> None:
    assert refusal(address) == kind


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("::ffff:127.0.0.1", "the loopback network"),
        ("::ffff:169.254.169.254", "a metadata service"),
        ("::ffff:10.0.0.1", "a private network"),
        ("::ffff:8.8.8.8", ""),
        ("64:ff9b::10.0.0.1", "a private network"),
        ("64:ff9b::a9fe:a9fe", "a metadata service"),
        ("2002:7f00:0001::", "the loopback network"),
        ("2002:a9fe:a9fe::1", "a metadata service"),
    ],
)
def test_an_address_that_stands_for_another_is_judged_by_that(address: str, kind: str) -> None:
    assert refusal(address) == kind


def test_networks_can_be_allowed_by_word_or_by_number() -> None:
    allowed = parse_networks(["private", "127.0.0.0/8", "169.254.10.0/24", "2001:db8::/32"])
    for address in ("10.0.0.1", "192.168.0.1", "fd00::1", "127.0.0.1", "::ffff:10.0.0.1", "169.254.10.1"):
        assert refusal(address, allowed) == ""
    assert refusal("2001:db8::1", allowed) == ""
    assert refusal("::1", allowed) == "the loopback network"
    assert refusal("::1", parse_networks(["loopback"])) == ""
    assert refusal("100.64.0.1", allowed) == "a private network"


@pytest.mark.parametrize("address", [*METADATA, "0.0.0.0", "::", "ff02::1", "::ffff:169.254.169.254"])
def test_nothing_allows_a_metadata_service(address: str) -> None:
    assert refusal(address, parse_networks(["0.0.0.0/0", "::/0", "private"])) != ""


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everything", "", "10.0.0.0/33", "git.corp.test"])
def test_what_is_no_network_is_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a network") as caught:
        parse_networks([text])
    assert '"private"' in caught.value.hint
