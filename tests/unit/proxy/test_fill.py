"""Fills of ``.info`` and ``.mod`` files."""

from __future__ import annotations

import pytest

from modmirror.errors import ChecksumDatabaseDown, HashMismatch, NotExist, UpstreamBadAnswer
from modmirror.mod.dirhash import h1_of_go_mod
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.served import CacheState, Request
from modmirror.proxy.settings import FillSettings
from tests.fakes.engine import KnownSums, make_engine, whole
from tests.fakes.script import Say, ScriptedUpstream

M = ModulePath("x.y/m")
INFO = ModuleTarget(Kind.INFO, M, "v1.0.0")
MOD = ModuleTarget(Kind.MOD, M, "v1.0.0")
INFO_BODY = b'{"Version":"v1.0.0","Time":"2020-01-01T00:00:00Z"}'
MOD_BODY = b"module x.y/m\n"
EVIL_MOD = b"module x.y/m\n\nrequire evil.example v1.0.0\n"


def upstream(target: ModuleTarget, *answers: Say | bytes, name: str = "one.example") -> ScriptedUpstream:
    made = ScriptedUpstream(name)
    made.say(target.path, *answers)
    return made


@pytest.mark.parametrize(("target", "body"), [(INFO, INFO_BODY), (MOD, MOD_BODY)])
async def test_a_small_file_is_fetched_once_and_kept_as_it_is(target: ModuleTarget, body: bytes) -> None:
    up = upstream(target, body)
    engine = make_engine(up)
    states = []
    for _ in range(2):
        served = await engine.mirror.serve(Request(target))
        states.append(served.cache)
        assert await whole(served) == body
        assert served.immutable
    assert states == [CacheState.MISS, CacheState.HIT]
    assert up.count(target.path) == 1
    await engine.close()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"Version":"v1.0.1"}', b'{"Version":"v1.0.0","Time":"yesterday"}']
)
async def test_a_wrong_info_is_refused(body: bytes) -> None:
    engine = make_engine(upstream(INFO, body))
    with pytest.raises(UpstreamBadAnswer, match=r"bad \.info"):
        await engine.mirror.serve(Request(INFO))
    await engine.close()


@pytest.mark.parametrize("body", [b"<html>", b"module x\0"])
async def test_what_cannot_be_a_go_mod_is_refused(body: bytes) -> None:
    engine = make_engine(upstream(MOD, body))
    with pytest.raises(UpstreamBadAnswer, match=r"bad go\.mod"):
        await engine.mirror.serve(Request(MOD))
    await engine.close()


async def test_a_go_mod_is_checked_against_the_database_before_it_is_stored() -> None:
    one, two = upstream(MOD, EVIL_MOD), upstream(MOD, MOD_BODY, name="two.example")
    sums = KnownSums({"x.y/m@v1.0.0/go.mod": h1_of_go_mod(MOD_BODY)})
    engine = make_engine(one, two, go_on="not-found", sumdb="verify", sums=sums)
    served = await engine.mirror.serve(Request(MOD))
    assert (await whole(served), served.upstream, served.verified) == (MOD_BODY, "two.example", True)
    assert [event for event, _, _ in engine.report.alarms] == ["hash-mismatch"]
    await engine.close()


async def test_an_only_upstream_with_a_wrong_go_mod_is_an_error_and_then_shunned() -> None:
    up = upstream(MOD, EVIL_MOD)
    engine = make_engine(up, sumdb="verify", sums=KnownSums({"*": h1_of_go_mod(MOD_BODY)}))
    with pytest.raises(HashMismatch):
        await engine.mirror.serve(Request(MOD))
    with pytest.raises(UpstreamBadAnswer, match="passed over"):
        await engine.mirror.serve(Request(MOD))
    assert up.count(MOD.path) == 1
    await engine.close()


async def test_unproven_go_mods_are_served_but_not_stored_while_an_open_database_is_down() -> None:
    up = upstream(MOD, MOD_BODY)
    sums = KnownSums({"*": ChecksumDatabaseDown("down")})
    engine = make_engine(up, sumdb="verify", sumdb_down="open", sums=sums)
    for _ in range(2):
        served = await engine.mirror.serve(Request(MOD))
        assert (await whole(served), served.verified) == (MOD_BODY, False)
        assert (served.immutable, served.max_age) == (False, 60)
    assert up.count(MOD.path) == 2
    await engine.close()


@pytest.mark.parametrize("declared", [True, False])
async def test_the_size_limit_of_go_mod_holds_declared_or_not(declared: bool) -> None:
    say = Say(b"module x.y/m\n//" + b"x" * 1000, declared=declared)
    engine = make_engine(upstream(MOD, say), settings=FillSettings(max_mod_bytes=100))
    with pytest.raises(UpstreamBadAnswer, match="100 bytes|limit is 100"):
        await engine.mirror.serve(Request(MOD))
    await engine.close()


async def test_an_absence_names_who_said_so() -> None:
    one, two = ScriptedUpstream("one.example"), ScriptedUpstream("two.example")
    engine = make_engine(one, two)
    with pytest.raises(NotExist) as caught:
        await engine.mirror.serve(Request(MOD))
    assert set(caught.value.sources) == {"one.example", "two.example"}
    await engine.close()
