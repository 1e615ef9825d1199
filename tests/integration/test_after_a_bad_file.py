"""What a mirror still takes from an upstream that has sent a bad file, and from whom it takes it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import BadZip, ChecksumDatabaseDown, NotExist, UpstreamBadAnswer
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.served import Request
from tests.fakes.engine import KnownSums, make_engine, whole
from tests.fakes.gomodules import plain_zip
from tests.fakes.script import ScriptedUpstream

if TYPE_CHECKING:
    from modmirror.protocol.chain import GoOn
    from tests.fakes.engine import Engine

M = ModulePath("x.y/m")
TARGET = ModuleTarget(Kind.ZIP, M, "v1.0.0")
SMALL = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n", "m.go": "package m\n"})
EVIL = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n", "a.go": "", "A.go": ""})
NEXT = ModuleTarget(Kind.ZIP, M, "v1.1.0")
NEXT_ZIP = plain_zip(M, "v1.1.0", {"go.mod": "module x.y/m\n"})
ELSE = [
    ModuleTarget(Kind.LIST, M),
    ModuleTarget(Kind.LATEST, M),
    ModuleTarget(Kind.QUERY, M, "main"),
    ModuleTarget(Kind.INFO, M, "v1.1.0"),
    ModuleTarget(Kind.MOD, M, "v1.1.0"),
    NEXT,
]
BODIES = {
    Kind.LIST: b"v1.1.0\n",
    Kind.MOD: b"module x.y/m\n",
    Kind.ZIP: NEXT_ZIP,
}
INFO = b'{"Version":"v1.1.0"}'


async def after_a_bad_zip(*upstreams: ScriptedUpstream, **options: object) -> Engine:
    """An engine whose first upstream has just sent a bad zip of v1.0.0."""
    upstreams[0].say(TARGET.path, EVIL)
    engine = make_engine(*upstreams, **options)  # type: ignore[arg-type]  # by name
    with pytest.raises(BadZip):
        await engine.mirror.serve(Request(TARGET))
    await engine.mirror.drain(5)
    for each in upstreams:
        each.asked.clear()
    return engine


@pytest.mark.parametrize("target", ELSE, ids=lambda target: target.kind)
async def test_what_an_only_upstream_lacks_is_not_found_even_after_it_sent_a_bad_file(
    target: ModuleTarget,
) -> None:
    up = ScriptedUpstream("one.example")
    engine = await after_a_bad_zip(up)
    with pytest.raises(NotExist):
        await engine.mirror.serve(Request(target))
    assert up.count(target.path) == 1
    await engine.close()


@pytest.mark.parametrize("target", ELSE, ids=lambda target: target.kind)
async def test_what_an_only_upstream_has_besides_a_bad_file_is_served(target: ModuleTarget) -> None:
    up = ScriptedUpstream("one.example")
    body = BODIES.get(target.kind, INFO)
    up.say(target.path, body)
    engine = await after_a_bad_zip(up)
    assert await whole(await engine.mirror.serve(Request(target))) == body
    await engine.close()


async def test_each_file_of_one_that_sends_only_bad_ones_is_taken_once() -> None:
    up = ScriptedUpstream("one.example")
    up.say(NEXT.path, EVIL)
    engine = await after_a_bad_zip(up)
    with pytest.raises(BadZip):
        await engine.mirror.serve(Request(NEXT))
    await engine.mirror.drain(5)
    for target in (TARGET, NEXT):
        with pytest.raises(UpstreamBadAnswer, match="passed over for this file"):
            await engine.mirror.serve(Request(target))
    assert (up.count(TARGET.path), up.count(NEXT.path)) == (0, 1)
    engine.clock.advance(601)
    up.say(NEXT.path, NEXT_ZIP)
    assert await whole(await engine.mirror.serve(Request(NEXT))) == NEXT_ZIP
    await engine.close()


@pytest.mark.parametrize("go_on", ["any", "not-found"])
async def test_after_a_bad_file_the_others_are_asked_first_and_its_sender_last(go_on: GoOn) -> None:
    one, two = ScriptedUpstream("one.example"), ScriptedUpstream("two.example")
    one.say(TARGET.path, EVIL)
    two.say(TARGET.path, SMALL)
    engine = make_engine(one, two, go_on=go_on)
    assert await whole(await engine.mirror.serve(Request(TARGET))) == SMALL
    two.say(NEXT.path, NEXT_ZIP)
    one.asked.clear()
    assert await whole(await engine.mirror.serve(Request(NEXT))) == NEXT_ZIP
    assert one.asked == []
    nothing = ModuleTarget(Kind.ZIP, M, "v1.2.0")
    with pytest.raises(NotExist):
        await engine.mirror.serve(Request(nothing))
    assert (one.count(nothing.path), two.count(nothing.path)) == (1, 1)
    await engine.close()


async def test_while_the_database_is_down_nothing_unproven_is_taken_from_one_in_doubt() -> None:
    sums = KnownSums({"*": ChecksumDatabaseDown("down")})
    mod = ModuleTarget(Kind.MOD, M, "v1.1.0")
    one = ScriptedUpstream("one.example")
    one.say(NEXT.path, NEXT_ZIP)
    one.say(mod.path, b"module x.y/m\n")
    engine = await after_a_bad_zip(one, sumdb="verify", sumdb_down="open", sums=sums)
    for target in (NEXT, mod):
        with pytest.raises(UpstreamBadAnswer, match="cannot be proven"):
            await whole(await engine.mirror.serve(Request(target)))
    await engine.close()
