"""Fetching before need: what is renewed, what is got ready, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from modmirror.errors import UpstreamTimeout
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.prefetch import FIRST_BYTES, MOST_BYTES, Allowance, Prefetch, newest_release
from modmirror.proxy.served import Request
from modmirror.storage.port import Document
from tests.fakes.engine import Engine, make_engine, whole
from tests.fakes.gomodules import plain_zip
from tests.fakes.script import Say, ScriptedUpstream

M = ModulePath("x.y/m")
LIST = "x.y/m/@v/list"


@dataclass
class World:
    """A mirror, its upstream, and the prefetching."""

    upstream: ScriptedUpstream
    engine: Engine
    prefetch: Prefetch
    told: list[str] = field(default_factory=list)

    async def ask(self, kind: Kind, version: str = "") -> None:
        await whole(await self.engine.mirror.serve(Request(ModuleTarget(kind, M, version))))
        await self.engine.mirror.drain(5)

    async def round(self, *modules: ModulePath) -> list[str]:
        """Run a round; return what was asked of the upstream for it."""
        self.upstream.asked.clear()
        await self.prefetch.round(modules or (M,))
        return [each.path for each in self.upstream.asked]

    def release(self, *versions: str) -> None:
        """Have these versions upstream."""
        for version in versions:
            base = f"x.y/m/@v/{version}"
            self.upstream.say(f"{base}.info", f'{{"Version":"{version}"}}'.encode())
            self.upstream.say(f"{base}.mod", b"module x.y/m\n")
            self.upstream.say(f"{base}.zip", plain_zip(M, version, {"go.mod": "module x.y/m\n"}))
        self.upstream.say(LIST, "".join(f"{version}\n" for version in versions).encode())


def world(share: float = 0.1, *, offline: bool = False) -> World:
    upstream = ScriptedUpstream()
    engine = make_engine(upstream, offline=offline)
    told: list[str] = []
    prefetch = Prefetch(engine.mirror, Allowance(share), lambda: 1.0, told.append)
    made = World(upstream, engine, prefetch, told)
    made.release("v1.0.0")
    return made


async def test_a_list_that_clients_asked_for_is_renewed_before_it_gets_old() -> None:
    w = world()
    await w.ask(Kind.LIST)
    w.engine.clock.advance(44)
    assert await w.round() == []
    w.engine.clock.advance(1)
    assert await w.round() == [LIST]
    assert await w.round() == []
    assert w.told == ["refreshed"]
    await w.engine.close()


async def test_what_no_client_asked_for_is_not_renewed() -> None:
    w = world()
    await w.ask(Kind.MOD, "v1.0.0")
    w.engine.clock.advance(1000)
    assert await w.round() == []
    await w.engine.close()


async def test_a_new_release_is_got_ready_whole_where_zips_are_wanted() -> None:
    w = world()
    await w.ask(Kind.LIST)
    await w.ask(Kind.ZIP, "v1.0.0")
    assert await w.round() == []
    w.release("v1.0.0", "v1.1.0", "v1.2.0-rc.1")
    w.engine.clock.advance(50)
    base = "x.y/m/@v/v1.1.0"
    assert await w.round() == [LIST, f"{base}.info", f"{base}.mod", f"{base}.zip"]
    w.engine.clock.advance(50)
    assert await w.round() == [LIST]
    assert w.told == ["refreshed", "fetched", "fetched", "fetched", "refreshed"]
    await w.engine.close()


async def test_a_new_release_is_got_ready_without_its_zip_where_nobody_took_the_one_before() -> None:
    w = world()
    await w.ask(Kind.LIST)
    await w.round()
    w.release("v1.0.0", "v1.1.0")
    w.engine.clock.advance(50)
    assert await w.round() == [LIST, "x.y/m/@v/v1.1.0.info", "x.y/m/@v/v1.1.0.mod"]
    await w.engine.close()


async def test_a_release_that_a_client_brought_to_light_is_got_ready_too() -> None:
    w = world()
    await w.ask(Kind.LIST)
    await w.round()
    w.release("v1.0.0", "v1.1.0")
    w.engine.clock.advance(700)
    await w.ask(Kind.LIST)
    assert await w.round() == ["x.y/m/@v/v1.1.0.info", "x.y/m/@v/v1.1.0.mod"]
    await w.engine.close()


async def test_nothing_is_fetched_while_a_client_waits_for_its_turn() -> None:
    w = world()
    await w.ask(Kind.LIST)
    w.engine.clock.advance(50)
    w.engine.tools.slots.waiting = 1
    assert await w.round() == []
    w.engine.tools.slots.waiting = 0
    w.engine.tools.origin_slots.waiting = 1
    assert await w.round() == []
    w.engine.tools.origin_slots.waiting = 0
    assert await w.round() == [LIST]
    await w.engine.close()


async def test_nothing_is_fetched_beyond_the_budget() -> None:
    w = world(share=0.0)
    await w.ask(Kind.LIST)
    w.engine.clock.advance(50)
    assert await w.round() == []
    assert w.told == ["over-budget"]
    w.prefetch.allowance = Allowance(0.1)
    w.prefetch.allowance.spend(FIRST_BYTES)
    assert await w.round() == []
    w.prefetch.allowance.earn(1000)
    assert await w.round() == [LIST]
    await w.engine.close()


async def test_a_failure_is_followed_by_a_pause_that_doubles() -> None:
    w = world()
    await w.ask(Kind.LIST)
    w.upstream.say(LIST, Say(error=UpstreamTimeout("up", "slow")))
    w.engine.clock.advance(50)
    for pause in (10, 20, 40):
        assert await w.round() == [LIST]
        w.engine.clock.advance(pause - 1)
        assert await w.round() == []
        w.engine.clock.advance(1)
    w.release("v1.0.0")
    assert await w.round() == [LIST]
    assert w.told == ["failed", "failed", "failed", "refreshed"]
    await w.engine.close()


async def test_absence_is_no_trouble_of_the_upstream() -> None:
    w = world()
    await w.ask(Kind.LIST)
    w.upstream.say(LIST, Say(status=404, body=b"gone"))
    w.engine.clock.advance(50)
    assert await w.round() == [LIST]
    assert await w.round() == [LIST]
    await w.engine.close()


async def test_an_offline_route_is_left_alone() -> None:
    w = world(offline=True)
    await w.engine.documents.put(LIST, Document(b"v1.0.0\n", 0.0))
    assert await w.round() == []
    assert w.told == []
    await w.engine.close()


@pytest.mark.parametrize(
    ("listed", "newest"),
    [
        (b"v1.2.0\nv1.10.0\nv1.9.0\n", "v1.10.0"),
        (b"v1.0.0\nv1.1.0-rc.1\nv2.0.0+incompatible\n", "v1.0.0"),
        (b"v1.1.0-rc.1\n", ""),
        (b"", ""),
    ],
)
def test_the_newest_release_is_no_pre_release(listed: bytes, newest: str) -> None:
    assert newest_release(listed) == newest


def test_what_may_be_spent_is_a_share_of_what_clients_waited_for() -> None:
    allowance = Allowance(0.1)
    allowance.spend(FIRST_BYTES)
    allowance.earn(1_000)
    assert allowance.left == 100
    allowance.spend(300)
    assert (allowance.left, allowance.spent) == (-200, FIRST_BYTES + 300)
    allowance.earn(10**12)
    assert allowance.left == MOST_BYTES
