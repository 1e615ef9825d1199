"""Lists, ``@latest`` and queries: fresh, a little old, stale, gone, unreachable."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest

from modmirror.errors import FetchDisabled, NotExist, UpstreamBadAnswer, UpstreamUnavailable
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.served import CacheState, Request
from tests.fakes.engine import Engine, make_engine, whole
from tests.fakes.script import Say, ScriptedUpstream

M = ModulePath("x.y/m")
LIST = ModuleTarget(Kind.LIST, M)
LATEST = ModuleTarget(Kind.LATEST, M)
MAIN = ModuleTarget(Kind.QUERY, M, "main")
INFO = b'{"Version":"v1.1.0","Time":"2020-01-01T00:00:00Z"}'
DOWN = Say(error=UpstreamUnavailable("one.example", "connection refused"))
GONE = Say(status=404, body=b"not found: deleted\n")


def upstream(target: ModuleTarget, *answers: Say | bytes) -> ScriptedUpstream:
    made = ScriptedUpstream("one.example")
    made.say(target.path, *answers)
    return made


async def ask(
    engine: Engine, target: ModuleTarget, *, cached_only: bool = False
) -> tuple[bytes, CacheState, float]:
    served = await engine.mirror.serve(Request(target, cached_only=cached_only))
    return await whole(served), served.cache, served.age


async def store_version(engine: Engine, up: ScriptedUpstream, version: str) -> None:
    target = ModuleTarget(Kind.MOD, M, version)
    up.say(target.path, b"module x.y/m\n")
    await engine.mirror.serve(Request(target))


@pytest.mark.parametrize(("target", "body"), [(LIST, b"v1.0.0\n"), (LATEST, INFO), (MAIN, INFO)])
async def test_an_answer_is_fetched_once_while_it_is_fresh(target: ModuleTarget, body: bytes) -> None:
    up = upstream(target, body)
    engine = make_engine(up)
    assert await ask(engine, target) == (body, CacheState.MISS, 0)
    engine.clock.advance(59)
    assert await ask(engine, target) == (body, CacheState.HIT, 59)
    assert up.count(target.path) == 1
    await engine.close()


@pytest.mark.matrix("T37")
@pytest.mark.matrix("T40")
async def test_a_list_is_sorted_and_holds_only_versions_a_client_can_use() -> None:
    body = b"v0.0.10\r\nv0.0.9 2020-01-01T00:00:00Z\nv1.5\nv3.0.0\nnonsense\n"
    body += b"v0.0.0-20200101000000-abcdefabcdef\nv1.0.0-rc.10\nv1.0.0-rc.2\n"
    engine = make_engine(upstream(LIST, body))
    assert (await ask(engine, LIST))[0] == b"v0.0.9\nv0.0.10\nv1.0.0-rc.2\nv1.0.0-rc.10\n"
    await engine.close()


async def test_a_little_old_it_is_served_while_a_new_one_is_fetched_behind_it() -> None:
    up = upstream(LIST, b"v1.0.0\n", b"v1.0.0\nv1.1.0\n")
    engine = make_engine(up)
    await ask(engine, LIST)
    engine.clock.advance(61)
    assert await ask(engine, LIST) == (b"v1.0.0\n", CacheState.REVALIDATING, 61)
    await engine.mirror.drain(5)
    assert await ask(engine, LIST) == (b"v1.0.0\nv1.1.0\n", CacheState.HIT, 0)
    await engine.close()


@pytest.mark.matrix("T38")
@pytest.mark.parametrize("target", [LIST, LATEST, MAIN])
async def test_an_answer_is_as_old_as_what_it_follows_from(target: ModuleTarget) -> None:
    """What a repository's names were 59 seconds ago must not count as new for another minute."""
    body = b"v1.0.0\n" if target is LIST else INFO
    engine = make_engine(upstream(target, Say(body, age=59), body))
    assert await ask(engine, target) == (body, CacheState.MISS, 59)
    engine.clock.advance(2)
    assert await ask(engine, target) == (body, CacheState.REVALIDATING, 61)
    await engine.mirror.drain(5)
    assert await ask(engine, target) == (body, CacheState.HIT, 0)
    await engine.close()


async def test_many_readers_of_an_old_answer_cause_one_fetch() -> None:
    up = upstream(LIST, b"v1.0.0\n", b"v1.1.0\n")
    engine = make_engine(up)
    await ask(engine, LIST)
    engine.clock.advance(61)
    await asyncio.gather(*(ask(engine, LIST) for _ in range(20)))
    await engine.mirror.drain(5)
    assert up.count(LIST.path) == 2
    await engine.close()


async def test_many_first_readers_share_one_fetch() -> None:
    up = upstream(LATEST, INFO)
    engine = make_engine(up)
    answers = await asyncio.gather(*(ask(engine, LATEST) for _ in range(20)))
    assert [state for _, state, _ in answers].count(CacheState.MISS) == 1
    assert up.count(LATEST.path) == 1
    assert engine.report.count("coalesced") == 19
    await engine.close()


@pytest.mark.parametrize(("target", "body"), [(LIST, b"v1.0.0\n"), (LATEST, INFO), (MAIN, INFO)])
async def test_an_old_answer_is_served_while_upstreams_fail(target: ModuleTarget, body: bytes) -> None:
    engine = make_engine(upstream(target, body, DOWN))
    await ask(engine, target)
    engine.clock.advance(3600)
    assert await ask(engine, target) == (body, CacheState.STALE, 3600)
    assert engine.report.count("stale", str(target.kind)) == 1
    await engine.close()


async def test_an_upstream_that_says_nothing_does_not_keep_an_old_answer_from_its_reader() -> None:
    gate = asyncio.Event()
    up = upstream(LIST, b"v1.0.0\n", Say(b"v1.0.0\nv1.1.0\n", gate=gate))
    up.chunk = 7  # the gate stands before the second chunk
    engine = make_engine(up, patience=0.01)
    await ask(engine, LIST)
    engine.clock.advance(3600)
    assert await ask(engine, LIST) == (b"v1.0.0\n", CacheState.STALE, 3600)
    assert engine.report.count("stale", "list") == 1
    gate.set()  # it speaks after all: what it says is kept for the next reader
    assert await engine.mirror.changing.drain(5) == 0
    assert await ask(engine, LIST) == (b"v1.0.0\nv1.1.0\n", CacheState.HIT, 0)
    assert up.count(LIST.path) == 2
    await engine.close()


async def test_without_an_old_answer_a_slow_upstream_is_waited_for() -> None:
    gate = asyncio.Event()
    up = upstream(LIST, Say(b"v1.0.0\nv1.1.0\n", gate=gate))
    up.chunk = 7
    engine = make_engine(up, patience=0)
    asking = asyncio.create_task(ask(engine, LIST))
    await asyncio.sleep(0)
    gate.set()
    assert await asking == (b"v1.0.0\nv1.1.0\n", CacheState.MISS, 0)
    await engine.close()


async def test_a_stale_answer_may_not_be_kept_by_others() -> None:
    engine = make_engine(upstream(LATEST, INFO, DOWN))
    await ask(engine, LATEST)
    engine.clock.advance(3600)
    assert (await engine.mirror.serve(Request(LATEST))).max_age == 0
    await engine.close()


async def test_after_a_week_a_failure_is_a_failure() -> None:
    engine = make_engine(upstream(LATEST, INFO, DOWN))
    await ask(engine, LATEST)
    engine.clock.advance(8 * 86_400)
    with pytest.raises(UpstreamUnavailable):
        await ask(engine, LATEST)
    await engine.close()


async def test_a_clock_set_back_fetches_again() -> None:
    up = upstream(LATEST, INFO)
    engine = make_engine(up)
    await ask(engine, LATEST)
    engine.clock.advance(-10_000)
    await ask(engine, LATEST)
    assert up.count(LATEST.path) == 2
    await engine.close()


async def test_a_failure_is_never_turned_into_not_found() -> None:
    engine = make_engine(upstream(LIST, DOWN))
    with pytest.raises(UpstreamUnavailable):
        await ask(engine, LIST)
    await engine.close()


async def test_latest_follows_its_upstream_when_that_says_nothing_is_there() -> None:
    engine = make_engine(upstream(LATEST, INFO, GONE))
    await ask(engine, LATEST)
    engine.clock.advance(3600)
    with pytest.raises(NotExist, match="deleted"):
        await ask(engine, LATEST)
    await engine.close()


async def test_a_negative_answer_lasts_a_minute_and_is_purged_by_a_success() -> None:
    up = upstream(LIST, GONE, b"v1.0.0\n")
    engine = make_engine(up)
    for _ in range(3):
        with pytest.raises(NotExist):
            await ask(engine, LIST)
    assert up.count(LIST.path) == 1
    engine.clock.advance(61)
    assert await ask(engine, LIST) == (b"v1.0.0\n", CacheState.MISS, 0)
    await engine.close()


@pytest.mark.matrix("T39")
async def test_a_stored_version_stays_listed_when_its_tag_goes() -> None:
    up = upstream(LIST, b"v1.0.0\nv1.1.0\n", b"v1.1.0\n")
    engine = make_engine(up)
    await ask(engine, LIST)
    await store_version(engine, up, "v1.0.0")
    engine.clock.advance(3600)
    assert (await ask(engine, LIST))[0] == b"v1.0.0\nv1.1.0\n"
    await engine.close()


async def test_a_version_that_was_never_stored_goes_with_its_tag() -> None:
    up = upstream(LIST, b"v1.0.0\nv1.1.0\n", b"v1.1.0\n")
    engine = make_engine(up)
    await ask(engine, LIST)
    engine.clock.advance(3600)
    assert (await ask(engine, LIST))[0] == b"v1.1.0\n"
    await engine.close()


@pytest.mark.parametrize("answer", [GONE, DOWN])
async def test_without_upstreams_the_stored_versions_are_the_list(answer: Say) -> None:
    up = upstream(LIST, answer)
    engine = make_engine(up)
    for version in ("v1.0.0", "v0.9.0", "v0.0.0-20200101000000-abcdefabcdef", "v2.0.0+incompatible"):
        await store_version(engine, up, version)
    assert (await ask(engine, LIST))[:2] == (b"v0.9.0\nv1.0.0\n", CacheState.STALE)
    await engine.close()


@pytest.mark.matrix("T144")
async def test_cached_only_serves_what_is_kept_and_asks_nobody() -> None:
    up = upstream(LATEST, INFO)
    engine = make_engine(up)
    with pytest.raises(FetchDisabled, match="temporarily unavailable"):
        await ask(engine, LATEST, cached_only=True)
    assert up.asked == []
    await ask(engine, LATEST)
    engine.clock.advance(3600)
    assert await ask(engine, LATEST, cached_only=True) == (INFO, CacheState.STALE, 3600)
    assert up.count(LATEST.path) == 1
    await engine.close()


@pytest.mark.matrix("T134")
@pytest.mark.parametrize(
    "body", [b"not json", b'{"Version":"main"}', b'{"Time":"2020-01-01T00:00:00Z"}', b"[]"]
)
async def test_a_bad_answer_to_a_query_goes_on_after_a_bar_and_stops_after_a_comma(body: bytes) -> None:
    two = ScriptedUpstream("two.example")
    two.say(MAIN.path, INFO)
    engine = make_engine(upstream(MAIN, body), two, go_on="any")
    assert (await ask(engine, MAIN))[0] == INFO
    await engine.close()
    engine = make_engine(upstream(MAIN, body), two, go_on="not-found")
    with pytest.raises(UpstreamBadAnswer):
        await ask(engine, MAIN)
    await engine.close()


async def test_a_web_page_is_not_a_list() -> None:
    engine = make_engine(upstream(LIST, b"<!DOCTYPE html><title>Sign in</title>"))
    with pytest.raises(UpstreamBadAnswer, match="not a version list"):
        await ask(engine, LIST)
    await engine.close()


async def test_age_and_lifetime_are_told_apart() -> None:
    engine = make_engine(upstream(LATEST, INFO))
    await ask(engine, LATEST)
    engine.clock.advance(20)
    served = await engine.mirror.serve(Request(LATEST))
    assert (served.age, served.max_age) == (20, 60)
    await engine.close()


@pytest.mark.parametrize(("sumdb", "private"), [("off", True), ("proxy", False)])
async def test_modules_of_a_private_route_are_private(
    sumdb: Literal["off", "proxy"], *, private: bool
) -> None:
    up = upstream(LATEST, INFO)
    up.say("x.y/m/@v/v1.0.0.mod", b"module x.y/m\n")
    engine = make_engine(up, sumdb=sumdb)
    for target in (LATEST, ModuleTarget(Kind.MOD, M, "v1.0.0"), ModuleTarget(Kind.MOD, M, "v1.0.0")):
        assert (await engine.mirror.serve(Request(target))).private is private
    await engine.close()
