from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, Error, NotExist, UpstreamTimeout, UpstreamUnavailable
from modmirror.origin.network.guard import AddressGuard, Endpoint, Pinned, SystemResolver
from modmirror.origin.network.networks import parse_networks

if TYPE_CHECKING:
    from collections.abc import Sequence


class Names:
    """A resolver that knows a few names, and remembers what it was asked."""

    def __init__(self, **known: Sequence[str] | Exception) -> None:
        self.known = known
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Endpoint]:
        self.asked.append(host)
        await asyncio.sleep(0)
        found = self.known[host.replace(".", "_")]
        if isinstance(found, Exception):
            raise found
        return [(address, port) for address in found]


async def test_a_public_host_is_pinned_to_its_addresses_in_order() -> None:
    guard = AddressGuard(Names(a_test=["2606:4700::1111", "8.8.8.8"]))
    pinned = await guard.admit("a.test", 443)
    assert pinned == Pinned("a.test", 443, (("2606:4700::1111", 443), ("8.8.8.8", 443)))


@pytest.mark.matrix("T170")
@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:10.0.0.1"])
async def test_a_host_with_forbidden_addresses_only_is_refused_by_policy(address: str) -> None:
    with pytest.raises(Denied) as caught:
        await AddressGuard(Names(a_test=[address])).admit("a.test", 443)
    assert "a.test is at " in caught.value.reason
    assert address not in caught.value.reason
    assert "private_networks" in caught.value.hint


async def test_forbidden_addresses_among_others_are_left_out() -> None:
    pinned = await AddressGuard(Names(a_test=["10.0.0.1", "8.8.8.8", "::1"])).admit("a.test", 443)
    assert pinned.endpoints == (("8.8.8.8", 443),)


async def test_networks_can_be_allowed() -> None:
    guard = AddressGuard(Names(a_test=["10.0.0.1"]), parse_networks(["10.0.0.0/8"]))
    assert (await guard.admit("a.test", 443)).endpoints == (("10.0.0.1", 443),)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "[2606:4700::1111]"])
async def test_an_address_is_judged_without_asking_anyone(host: str) -> None:
    names = Names()
    pinned = await AddressGuard(names).admit(host, 443)
    assert pinned.endpoints == ((host.strip("[]"), 443),)
    assert names.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:169.254.169.254]", "169.254.169.254"])
async def test_a_forbidden_address_is_refused(host: str) -> None:
    with pytest.raises(Denied):
        await AddressGuard(Names()).admit(host, 443)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "127.0.0.01",
        "127.0.0.1.",
        "a.0x",
        "a b.test",
        "-a.test",
        "a.test\n",
        "a/b",
        "",
        "user@a.test",
        "A.test",
        "[::1",
    ],
)
async def test_what_is_no_plain_host_name_is_asked_of_nobody(host: str) -> None:
    names = Names()
    with pytest.raises((NotExist, Denied)):
        await AddressGuard(names).admit(host, 443)
    assert names.asked == []


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), NotExist),
        (socket.gaierror(socket.EAI_NODATA, "x"), NotExist),
        (socket.gaierror(socket.EAI_AGAIN, "x"), UpstreamUnavailable),
        (socket.gaierror(socket.EAI_FAIL, "x"), UpstreamUnavailable),
        (OSError("x"), UpstreamUnavailable),
        (UnicodeError("x"), UpstreamUnavailable),
    ],
)
async def test_only_a_host_that_is_said_not_to_exist_does_not_exist(
    failure: Exception, error: type[Error]
) -> None:
    with pytest.raises(error, match="a.test|its name"):
        await AddressGuard(Names(a_test=failure)).admit("a.test", 443)


async def test_a_host_without_addresses_does_not_exist() -> None:
    with pytest.raises(NotExist, match="no address"):
        await AddressGuard(Names(a_test=[])).admit("a.test", 443)


async def test_a_name_server_that_hangs_is_given_up() -> None:
    async def hang(host: str, port: int) -> Sequence[Endpoint]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(UpstreamTimeout, match="DNS"):
        await AddressGuard(hang, timeout=0.01).admit("a.test", 443)


async def test_the_system_resolver_returns_addresses_with_the_port() -> None:
    resolver = SystemResolver()
    try:
        assert await resolver("127.0.0.1", 8443) == [("127.0.0.1", 8443)]
        with pytest.raises(OSError, match=r"."):
            await resolver("no-such-host.invalid", 1)
    finally:
        resolver.close()
