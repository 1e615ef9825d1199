from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import Denied, NotExist
from modmirror.origin.network.guard import AddressGuard
from modmirror.origin.network.networks import parse_networks
from modmirror.proxy.modroots import MAX_ROOTS, PINNED_FOR, GuardedRoots
from modmirror.upstream.settings import HttpSettings
from tests.fakes.engine import FakeClock
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.origin.network.guard import Endpoint


class Loopback:
    """Every name is this machine; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Endpoint]:
        self.asked.append(host)
        return [("127.0.0.1", port)]


def roots(resolver: Loopback, *networks: str, clock: FakeClock | None = None) -> GuardedRoots:
    guard = AddressGuard(resolver, parse_networks(networks))
    return GuardedRoots(guard, HttpSettings(), clock or FakeClock())


async def test_a_root_is_asked_at_the_address_that_was_judged() -> None:
    with FakeUpstream() as server:
        server.add("a.test/m", "v1.0.0", {"go.mod": "module a.test/m\n"})
        port = server.url.rpartition(":")[2].strip("/")
        resolver = Loopback()
        upstream = await roots(resolver, "loopback").open(f"http://proxy.test:{port}", insecure=True)
        async with upstream.get("a.test/m/@v/list") as reply:
            assert b"".join([piece async for piece in reply.body]) == b"v1.0.0\n"
        assert resolver.asked == ["proxy.test"]
        await upstream.close()


async def test_a_root_inside_is_denied() -> None:
    with pytest.raises(Denied, match="proxy.test is at "):
        await roots(Loopback()).open("https://proxy.test", insecure=False)


@pytest.mark.parametrize("insecure", [False, True])
@pytest.mark.parametrize(
    "url", ["ssh://proxy.test/x", "file:///srv/go", "svn://proxy.test", "git://a.test/x"]
)
async def test_only_http_is_spoken_to_a_root(url: str, *, insecure: bool) -> None:
    resolver = Loopback()
    with pytest.raises(NotExist, match="the page names a GOPROXY"):
        await roots(resolver, "loopback").open(url, insecure=insecure)
    assert resolver.asked == []


async def test_plain_http_is_for_paths_that_may_go_unprotected() -> None:
    allowed = roots(Loopback(), "loopback")
    assert (await allowed.open("http://proxy.test", insecure=True)).name == "http://proxy.test"
    with pytest.raises(NotExist, match="over http, which is not used"):
        await allowed.open("http://proxy.test", insecure=False)


async def test_an_address_is_used_for_some_minutes_and_then_judged_again() -> None:
    resolver, clock = Loopback(), FakeClock()
    opened = roots(resolver, "loopback", clock=clock)
    first = await opened.open("https://proxy.test", insecure=False)
    clock.advance(PINNED_FOR - 1)
    assert await opened.open("https://proxy.test", insecure=False) is first
    clock.advance(2)
    assert await opened.open("https://proxy.test", insecure=False) is not first
    assert resolver.asked == ["proxy.test", "proxy.test"]


async def test_pages_can_name_endless_roots_and_few_are_remembered() -> None:
    resolver = Loopback()
    opened = roots(resolver, "loopback")
    for number in (*range(MAX_ROOTS + 1), 0):
        await opened.open(f"https://proxy{number}.test", insecure=False)
    assert resolver.asked.count("proxy0.test") == 2


async def test_nothing_holds_a_root_that_was_pushed_out() -> None:
    clock = FakeClock()
    opened = roots(Loopback(), "loopback", clock=clock)
    first = weakref.ref(await opened.open("https://proxy.test", insecure=False))
    assert first() is not None
    clock.advance(PINNED_FOR + 1)
    await opened.open("https://other.test", insecure=False)
    assert first() is None


async def test_what_is_open_is_closed_at_the_end() -> None:
    with FakeUpstream() as server:
        server.add("a.test/m", "v1.0.0", {"go.mod": "module a.test/m\n"})
        opened = roots(Loopback(), "loopback")
        upstream = await opened.open(server.url.rstrip("/"), insecure=True)
        await opened.close()
        with pytest.raises(RuntimeError, match="closed"):
            async with upstream.get("a.test/m/@v/list"):
                pytest.fail("it answers")
