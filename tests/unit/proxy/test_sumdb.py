"""The ``/sumdb/`` paths."""

from __future__ import annotations

import pytest

from modmirror.errors import Denied, FetchDisabled, NotExist
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import SumdbTarget, parse_target
from modmirror.proxy.checksums import ChecksumDatabase
from modmirror.proxy.served import CacheState, Request
from modmirror.proxy.settings import FillSettings
from modmirror.storage.documents import MemoryDocuments
from modmirror.sumdb.note import VerifierKey
from modmirror.sumdb.tile import HASH_BYTES
from tests.fakes.engine import Engine, FakeClock, Report, make_engine, whole
from tests.fakes.script import Say, ScriptedUpstream
from tests.fakes.sumdb import FakeSumdb, made_up_h1

NAME = "localhost.localdev/sumdb"


def make(sumdb: str = "verify", **options: object) -> tuple[Engine, FakeSumdb, ScriptedUpstream]:
    database = FakeSumdb(NAME)
    for number in range(300):
        database.add("x.y/m", f"v1.0.{number}", made_up_h1("z"), made_up_h1("m"))

    def answer(path: str) -> Say:
        status, body = database.get(path)
        return Say(body, status=status)

    upstream = ScriptedUpstream(fallback=answer)
    key = VerifierKey.parse(database.key)
    checksums = ChecksumDatabase(NAME, key, [upstream], MemoryDocuments(), Report(), FakeClock())
    engine = make_engine(sumdb=sumdb, databases={NAME: checksums}, **options)  # type: ignore[arg-type]  # by name
    return engine, database, upstream


def target(path: str) -> SumdbTarget:
    parsed = parse_target(f"/sumdb/{NAME}/{path}".encode(), [NAME])
    assert isinstance(parsed, SumdbTarget)
    return parsed


@pytest.mark.matrix("T148")
async def test_supported_is_answered_here_for_databases_that_are_proxied() -> None:
    engine, _, upstream = make()
    served = await engine.mirror.serve(Request(target("supported")))
    assert (await whole(served), upstream.asked) == (b"", [])
    with pytest.raises(NotExist):
        parse_target(b"/sumdb/sum.golang.org/supported", [NAME])
    await engine.close()


@pytest.mark.matrix("T149")
@pytest.mark.parametrize("path", ["lookup/x.y/m@v1.0.7", "tile/8/0/000", "tile/8/0/001.p/44", "latest"])
async def test_answers_of_a_database_whose_name_has_a_slash_are_passed_on_byte_for_byte(path: str) -> None:
    engine, database, _ = make()
    served = await engine.mirror.serve(Request(target(path)))
    assert (200, await whole(served)) == database.get(path)
    await engine.close()


async def test_what_is_kept_is_served_again_without_asking() -> None:
    engine, _, upstream = make()
    await engine.mirror.serve(Request(target("lookup/x.y/m@v1.0.7")))
    asked = len(upstream.asked)
    again = await engine.mirror.serve(Request(target("lookup/x.y/m@v1.0.7"), cached_only=True))
    assert (again.cache, len(upstream.asked)) == (CacheState.HIT, asked)
    with pytest.raises(FetchDisabled):
        await engine.mirror.serve(Request(target("lookup/x.y/m@v1.0.8"), cached_only=True))
    await engine.close()


@pytest.mark.matrix("T153")
async def test_an_unknown_version_is_asked_for_again_only_after_a_minute() -> None:
    engine, database, upstream = make()
    lookup = target("lookup/x.y/new@v1.0.0")
    for _ in range(3):
        with pytest.raises(NotExist):
            await engine.mirror.serve(Request(lookup))
    assert upstream.count(lookup.path) == 1
    database.add("x.y/new", "v1.0.0", made_up_h1("z"), made_up_h1("m"))
    engine.clock.advance(61)
    assert await whole(await engine.mirror.serve(Request(lookup)))
    await engine.close()


async def test_a_private_module_is_never_named_to_the_database() -> None:
    engine, _, upstream = make(sumdb="off")
    with pytest.raises(Denied, match=ModulePath("x.y/m")) as caught:
        await engine.mirror.serve(Request(target("lookup/x.y/m@v1.0.7")))
    assert "GONOSUMDB" in caught.value.hint
    assert upstream.asked == []
    await engine.close()


async def test_record_tiles_are_passed_on() -> None:
    engine, database, _ = make()
    path = "tile/8/data/000"
    assert (200, await whole(await engine.mirror.serve(Request(target(path))))) == database.get(path)
    await engine.close()


@pytest.mark.matrix("T155")
async def test_a_toolchain_is_looked_up_even_on_a_private_route() -> None:
    engine, database, _ = make(sumdb="off")
    database.add("golang.org/toolchain", "v0.0.1-go1.99.0.linux-amd64", made_up_h1("z"), made_up_h1("m"))
    lookup = target("lookup/golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64")
    assert await whole(await engine.mirror.serve(Request(lookup)))
    await engine.close()


async def test_where_nobody_may_be_asked_what_was_proven_before_is_replayed() -> None:
    engine, database, upstream = make()
    paths = ["lookup/x.y/m@v1.0.7", "latest", "tile/8/0/000"]
    for path in paths:
        await engine.mirror.serve(Request(target(path)))
    upstream.asked.clear()
    for path in paths:
        served = await engine.mirror.serve(Request(target(path), cached_only=True))
        assert (200, await whole(served)) == database.get(path)
    with pytest.raises(FetchDisabled):
        await engine.mirror.serve(Request(target("lookup/x.y/m@v1.0.9"), cached_only=True))
    assert upstream.asked == []
    await engine.close()


LOOKUP = "lookup/x.y/m@v1.0.7"
TOOLCHAIN = "lookup/golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64"


@pytest.mark.parametrize("path", [LOOKUP, TOOLCHAIN])
async def test_a_lookup_for_an_offline_route_asks_nobody_and_says_so_at_once(path: str) -> None:
    engine, _, upstream = make(offline=True)
    with pytest.raises(FetchDisabled, match=r"@v.*: temporarily unavailable") as caught:
        await engine.mirror.serve(Request(target(path)))
    assert caught.value.hint == "it is not in the store, and this mirror is offline for it"
    assert upstream.asked == []
    await engine.close()


async def test_what_is_stored_is_replayed_for_an_offline_route() -> None:
    engine, database, upstream = make(offline=True)
    await engine.mirror.sumdb.databases[NAME].lookup(ModulePath("x.y/m"), "v1.0.7")
    upstream.asked.clear()
    assert (200, await whole(await engine.mirror.serve(Request(target(LOOKUP))))) == database.get(LOOKUP)
    assert upstream.asked == []
    await engine.close()


async def test_tiles_belong_to_no_route_and_go_on_while_one_is_offline() -> None:
    engine, database, _ = make(offline=True)
    for path in ("tile/8/0/000", "latest"):
        assert (200, await whole(await engine.mirror.serve(Request(target(path))))) == database.get(path)
    await engine.close()


@pytest.mark.parametrize("path", [LOOKUP, TOOLCHAIN, "latest", "tile/8/0/000", "tile/8/data/000"])
async def test_an_offline_mirror_asks_no_database_whatever_its_routes_say(path: str) -> None:
    engine, _, upstream = make(settings=FillSettings(offline=True))
    with pytest.raises(FetchDisabled) as caught:
        await engine.mirror.serve(Request(target(path)))
    assert "offline" in caught.value.hint
    assert upstream.asked == []
    await engine.close()


async def test_a_request_that_forbids_fetching_is_told_that_it_does() -> None:
    engine, _, _ = make()
    with pytest.raises(FetchDisabled) as caught:
        await engine.mirror.serve(Request(target(LOOKUP), cached_only=True))
    assert caught.value.hint == "it is not in the store, and this request forbids fetching it"
    await engine.close()


async def test_a_stored_tile_is_also_every_narrower_one() -> None:
    engine, database, upstream = make()
    await engine.mirror.serve(Request(target("tile/8/0/000")))
    upstream.asked.clear()
    part = await engine.mirror.serve(Request(target("tile/8/0/000.p/77"), cached_only=True))
    assert await whole(part) == database.get("tile/8/0/000")[1][: 77 * HASH_BYTES]
    assert (part.cache, upstream.asked) == (CacheState.HIT, [])
    await engine.close()
