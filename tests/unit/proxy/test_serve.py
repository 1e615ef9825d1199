"""The story of a request: policy, static rules, store, upstreams."""

from __future__ import annotations

import asyncio

import pytest

from modmirror.errors import Denied, FetchDisabled, NotExist, StorageBroken, TooManyRequests
from modmirror.mod.path import ModulePath
from modmirror.policy.decide import RuleSettings
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.served import CacheState, Request
from modmirror.storage.memory import MemoryStorage
from tests.fakes.engine import make_engine, whole
from tests.fakes.gomodules import plain_zip
from tests.fakes.script import Say, ScriptedUpstream

M = ModulePath("x.y/m")
ZIP = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n"})
EVERY_KIND = [
    ModuleTarget(Kind.LIST, M),
    ModuleTarget(Kind.LATEST, M),
    ModuleTarget(Kind.QUERY, M, "main"),
    ModuleTarget(Kind.INFO, M, "v1.0.0"),
    ModuleTarget(Kind.MOD, M, "v1.0.0"),
    ModuleTarget(Kind.ZIP, M, "v1.0.0"),
]
IMMUTABLE = EVERY_KIND[3:]


def stocked() -> ScriptedUpstream:
    upstream = ScriptedUpstream()
    upstream.say("x.y/m/@v/v1.0.0.info", b'{"Version":"v1.0.0"}')
    upstream.say("x.y/m/@v/v1.0.0.mod", b"module x.y/m\n")
    upstream.say("x.y/m/@v/v1.0.0.zip", ZIP)
    return upstream


@pytest.mark.matrix("T146")
@pytest.mark.parametrize("target", EVERY_KIND, ids=lambda target: target.kind)
async def test_a_denied_module_is_refused_with_its_reason_on_every_endpoint(target: ModuleTarget) -> None:
    upstream = stocked()
    rules = [RuleSettings(match=("x.y/*",), reason="use corp.example/m instead")]
    engine = make_engine(upstream, rules=rules)
    with pytest.raises(Denied, match=r"use corp\.example/m instead"):
        await engine.mirror.serve(Request(target))
    assert upstream.asked == []
    await engine.close()


@pytest.mark.parametrize("target", IMMUTABLE, ids=lambda target: target.kind)
async def test_a_stored_file_is_denied_as_well(target: ModuleTarget) -> None:
    engine = make_engine(stocked())
    await whole(await engine.mirror.serve(Request(target)))
    await engine.mirror.drain(5)
    strict = make_engine(stocked(), storage=engine.storage, rules=[RuleSettings(match=("*",))])
    with pytest.raises(Denied):
        await strict.mirror.serve(Request(target))
    await engine.close()


@pytest.mark.matrix("T143")
@pytest.mark.parametrize("path", ["github.com", "github.com/u", "golang.org"])
@pytest.mark.parametrize("kind", [Kind.LIST, Kind.LATEST, Kind.QUERY, Kind.INFO, Kind.MOD, Kind.ZIP])
async def test_a_parent_that_can_be_no_module_is_answered_without_asking_anybody(
    path: str, kind: Kind
) -> None:
    upstream = ScriptedUpstream()
    engine = make_engine(upstream)
    with pytest.raises(NotExist):
        await engine.mirror.serve(Request(ModuleTarget(kind, ModulePath(path), "v1.0.0")))
    assert upstream.asked == []
    await engine.close()


@pytest.mark.matrix("T144")
@pytest.mark.parametrize("target", IMMUTABLE, ids=lambda target: target.kind)
async def test_cached_only_serves_what_is_stored_and_fetches_nothing(target: ModuleTarget) -> None:
    upstream = stocked()
    engine = make_engine(upstream)
    with pytest.raises(FetchDisabled, match="temporarily unavailable"):
        await engine.mirror.serve(Request(target, cached_only=True))
    assert upstream.asked == []
    first = await whole(await engine.mirror.serve(Request(target)))
    await engine.mirror.drain(5)
    again = await engine.mirror.serve(Request(target, cached_only=True))
    assert (await whole(again), again.cache) == (first, CacheState.HIT)
    await engine.close()


async def test_a_whole_zip_is_wanted_with_its_length_and_digest_even_when_cold() -> None:
    engine = make_engine(stocked())
    served = await engine.mirror.serve(Request(EVERY_KIND[-1], whole=True))
    assert (served.digest != "", served.cache) == (True, CacheState.MISS)
    assert await whole(served) == ZIP
    await engine.close()


async def test_a_hit_never_waits_for_a_miss() -> None:
    upstream = stocked()
    never = asyncio.Event()
    upstream.say("x.y/m/@v/v1.1.0.zip", Say(ZIP, gate=never))
    upstream.chunk = 16
    engine = make_engine(upstream)
    await whole(await engine.mirror.serve(Request(EVERY_KIND[-1])))
    await engine.mirror.drain(5)
    slow = [
        asyncio.create_task(engine.mirror.serve(Request(ModuleTarget(Kind.ZIP, M, "v1.1.0"))))
        for _ in range(100)
    ]
    assert (await engine.mirror.serve(Request(EVERY_KIND[-1]))).cache is CacheState.HIT
    assert not any(task.done() for task in slow)
    for task in slow:
        task.cancel()
    await engine.mirror.drain(0.01)


async def test_readiness_names_what_is_wrong() -> None:
    class Broken(MemoryStorage):
        async def check(self) -> None:
            raise StorageBroken("the store cannot be written")

    engine = make_engine(storage=Broken())
    assert await engine.mirror.problems() == ["the store cannot be written"]
    engine = make_engine()
    assert await engine.mirror.problems() == []
    await engine.close()


async def test_a_denied_version_is_neither_listed_nor_resolved_to() -> None:
    upstream = stocked()
    upstream.say("x.y/m/@v/list", b"v1.0.0\nv1.1.0\n")
    upstream.say("x.y/m/@latest", b'{"Version":"v1.1.0"}')
    upstream.say("x.y/m/@v/main.info", b'{"Version":"v1.0.0"}')
    rules = [RuleSettings(match=("x.y/m",), versions=("v1.1.*",), reason="it deletes files")]
    engine = make_engine(upstream, rules=rules)
    lister, latest, query = EVERY_KIND[:3]
    assert await whole(await engine.mirror.serve(Request(lister))) == b"v1.0.0\n"
    with pytest.raises(Denied, match="it deletes files"):
        await engine.mirror.serve(Request(latest))
    assert await whole(await engine.mirror.serve(Request(query))) == b'{"Version":"v1.0.0"}'
    await engine.close()


# --- offline ---


@pytest.mark.parametrize("target", EVERY_KIND, ids=lambda target: target.kind)
async def test_an_offline_route_asks_nobody_and_says_so_at_once(target: ModuleTarget) -> None:
    upstream = stocked()
    engine = make_engine(upstream, offline=True)
    with pytest.raises(FetchDisabled) as caught:
        await engine.mirror.serve(Request(target))
    assert "offline" in caught.value.hint
    assert upstream.asked == []
    await engine.close()


async def test_an_offline_route_serves_what_is_stored_with_lists_of_it() -> None:
    online = make_engine(stocked())
    for target in IMMUTABLE:
        await whole(await online.mirror.serve(Request(target)))
    await online.mirror.drain(5)
    upstream = ScriptedUpstream()
    engine = make_engine(upstream, storage=online.storage, offline=True)
    bodies = [await whole(await engine.mirror.serve(Request(target))) for target in IMMUTABLE]
    assert bodies == [b'{"Version":"v1.0.0"}', b"module x.y/m\n", ZIP]
    assert await whole(await engine.mirror.serve(Request(EVERY_KIND[0]))) == b"v1.0.0\n"
    latest = await engine.mirror.serve(Request(EVERY_KIND[1]))
    assert await whole(latest) == b'{"Version":"v1.0.0"}'
    assert latest.cache is CacheState.STALE
    assert upstream.asked == []
    await engine.close()


# --- a client that may cause no fetch now ---


def refuse() -> None:
    raise TooManyRequests("slow down", retry_after=1.0)


@pytest.mark.parametrize("target", EVERY_KIND, ids=lambda target: target.kind)
async def test_a_client_over_its_limit_causes_no_fetch(target: ModuleTarget) -> None:
    upstream = stocked()
    engine = make_engine(upstream)
    with pytest.raises(TooManyRequests):
        await engine.mirror.serve(Request(target, before_fetch=refuse))
    assert upstream.asked == []
    await engine.close()


@pytest.mark.parametrize("target", IMMUTABLE, ids=lambda target: target.kind)
async def test_a_client_over_its_limit_gets_what_is_stored(target: ModuleTarget) -> None:
    engine = make_engine(stocked())
    await whole(await engine.mirror.serve(Request(target)))
    await engine.mirror.drain(5)
    served = await engine.mirror.serve(Request(target, before_fetch=refuse))
    assert served.cache is CacheState.HIT
    await whole(served)
    await engine.close()


async def test_a_client_over_its_limit_gets_an_old_list_rather_than_nothing() -> None:
    upstream = stocked()
    upstream.say("x.y/m/@v/list", b"v1.0.0\n")
    engine = make_engine(upstream)
    await engine.mirror.serve(Request(EVERY_KIND[0]))
    for age, state in ((30, CacheState.HIT), (60, CacheState.REVALIDATING), (10_000, CacheState.STALE)):
        engine.clock.advance(age)
        served = await engine.mirror.serve(Request(EVERY_KIND[0], before_fetch=refuse))
        assert (await whole(served), served.cache) == (b"v1.0.0\n", state)
        await engine.mirror.drain(5)
    await engine.close()
