"""Fills of zips, seen through the orchestrator: what is stored, what clients get, who is asked."""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import NoReturn

import pytest

from modmirror.errors import (
    BadZip,
    ChecksumDatabaseDown,
    HashMismatch,
    NotExist,
    Overloaded,
    StorageFull,
    UpstreamBadAnswer,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.mod.escape import EscapedPath, EscapedVersion
from modmirror.mod.modzip import verify_zip
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.flight import HELD_BACK_BYTES, FlightReader
from modmirror.proxy.served import CacheState, Request
from modmirror.proxy.settings import FillSettings
from modmirror.storage.memory import MemorySpool, MemoryStorage
from modmirror.storage.port import BlobKey
from tests.fakes.engine import KnownSums, make_engine, whole
from tests.fakes.gomodules import plain_zip
from tests.fakes.script import Say, ScriptedUpstream

M = ModulePath("x.y/m")
TARGET = ModuleTarget(Kind.ZIP, M, "v1.0.0")
PATH = "x.y/m/@v/v1.0.0.zip"
KEY = BlobKey(EscapedPath("x.y/m"), EscapedVersion("v1.0.0"), "zip")
SMALL = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n", "m.go": "package m\n"})
BIG = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n", "data": os.urandom(1_000_000)})
OTHER = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n", "data": os.urandom(1_000_000)})
EVIL = plain_zip(M, "v1.0.0", {"go.mod": "module x.y/m\n", "a.go": "", "A.go": ""})


def h1(data: bytes) -> str:
    return verify_zip(M, "v1.0.0", len(data), lambda offset, size: data[offset : offset + size])


def upstream(*answers: Say | bytes, name: str = "one.example") -> ScriptedUpstream:
    made = ScriptedUpstream(name)
    made.say(PATH, *answers)
    return made


def broken(data: bytes, after: int, **options: object) -> Say:
    return Say(
        data,
        break_after=after,
        error=UpstreamUnavailable("one.example", "connection reset"),
        **options,  # type: ignore[arg-type]  # options of Say, by name
    )


async def test_a_miss_is_fetched_once_and_then_served_from_the_store() -> None:
    up = upstream(SMALL)
    engine = make_engine(up)
    first = await engine.mirror.serve(Request(TARGET))
    assert (await whole(first), first.cache) == (SMALL, CacheState.MISS)
    second = await engine.mirror.serve(Request(TARGET))
    assert (await whole(second), second.cache) == (SMALL, CacheState.HIT)
    assert second.digest == hashlib.sha256(SMALL).hexdigest()
    assert up.count(PATH) == 1
    await engine.close()


@pytest.mark.matrix("T142")
async def test_fifty_clients_of_a_cold_zip_cause_one_fetch() -> None:
    up = upstream(BIG)
    engine = make_engine(up)

    async def client() -> tuple[bytes, CacheState]:
        served = await engine.mirror.serve(Request(TARGET))
        return await whole(served), served.cache

    answers = await asyncio.gather(*(client() for _ in range(50)))
    assert all(body == BIG for body, _ in answers)
    assert [cache for _, cache in answers].count(CacheState.MISS) == 1
    assert up.count(PATH) == 1
    await engine.close()


async def test_bytes_go_out_before_the_download_is_complete() -> None:
    gate = asyncio.Event()
    engine = make_engine(upstream(Say(BIG, gate=gate)))
    served = await engine.mirror.serve(Request(TARGET))
    assert isinstance(served.content, FlightReader)
    assert await served.content.read(0, 1000) == BIG[:1000]
    gate.set()
    assert await whole(served) == BIG
    await engine.close()


async def test_the_end_of_a_zip_waits_for_its_verification() -> None:
    answer = asyncio.Event()

    class SlowSums(KnownSums):
        async def sum_of(self, module: ModulePath, version: str, *, go_mod: bool) -> str:
            await answer.wait()
            return h1(BIG)

    engine = make_engine(upstream(BIG), sumdb="verify", sums=SlowSums())
    served = await engine.mirror.serve(Request(TARGET))
    assert isinstance(served.content, FlightReader)
    got = b""
    while len(got) < len(BIG) - HELD_BACK_BYTES:
        got += await served.content.read(len(got), 65_536)
    assert got == BIG[:-HELD_BACK_BYTES]
    more = asyncio.create_task(served.content.read(len(got), 65_536))
    await asyncio.sleep(0.05)  # nothing may come however long one waits: a short while has to do
    assert not more.done()
    answer.set()
    assert await more
    assert await whole(served) == BIG
    await engine.close()


async def test_a_client_that_leaves_cancels_nothing_for_the_others() -> None:
    gate = asyncio.Event()
    up = upstream(Say(BIG, gate=gate))
    engine = make_engine(up)
    leaver = await engine.mirror.serve(Request(TARGET))
    stayer = await engine.mirror.serve(Request(TARGET))
    assert not isinstance(leaver.content, bytes)
    leaver.content.close()
    gate.set()
    assert await whole(stayer) == BIG
    assert up.count(PATH) == 1
    await engine.close()


async def test_a_request_cancelled_while_it_waits_leaves_the_fill_running() -> None:
    gate = asyncio.Event()
    up = upstream(Say(SMALL, gate=gate))
    up.chunk = 10
    engine = make_engine(up)
    request = asyncio.create_task(engine.mirror.serve(Request(TARGET)))
    while not up.asked:
        await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    gate.set()
    assert await engine.mirror.drain(5) == 0
    assert (await engine.mirror.serve(Request(TARGET))).cache is CacheState.HIT
    await engine.close()


# --- broken downloads ---


async def test_a_broken_download_resumes_on_the_same_upstream() -> None:
    up = upstream(broken(BIG, 400_000, etag='"e"'), Say(BIG, etag='"e"'))
    engine = make_engine(up)
    assert await whole(await engine.mirror.serve(Request(TARGET))) == BIG
    assert [(asked.offset, asked.if_range) for asked in up.asked] == [(0, ""), (400_000, '"e"')]
    await engine.close()


async def test_a_broken_download_resumes_on_the_next_upstream_even_after_a_comma() -> None:
    gone = UpstreamUnavailable("one.example", "connection refused")
    one = upstream(broken(BIG, 400_000), Say(error=gone))
    two = upstream(BIG, name="two.example")
    engine = make_engine(one, two, go_on="not-found")
    assert await whole(await engine.mirror.serve(Request(TARGET))) == BIG
    assert [asked.offset for asked in two.asked] == [400_000 - 65_536]
    await engine.close()


async def test_an_upstream_without_ranges_is_read_past_what_is_known() -> None:
    up = upstream(broken(BIG, 400_000), Say(BIG, ranges=False))
    engine = make_engine(up)
    assert await whole(await engine.mirror.serve(Request(TARGET))) == BIG
    await engine.close()


async def test_another_file_is_never_spliced_onto_the_beginning_of_the_first() -> None:
    gone = UpstreamUnavailable("one.example", "connection refused")
    one = upstream(broken(BIG, 400_000), Say(error=gone))
    two = upstream(OTHER, name="two.example")
    engine = make_engine(one, two)
    served = await engine.mirror.serve(Request(TARGET))
    with pytest.raises(UpstreamBadAnswer, match="other bytes"):
        await whole(served)
    assert await engine.storage.open(KEY) is None
    await engine.close()


async def test_before_any_byte_is_released_another_file_is_as_good() -> None:
    gone = UpstreamUnavailable("one.example", "connection refused")
    one = upstream(broken(BIG, 1000, declared=False), Say(error=gone))
    two = upstream(OTHER, name="two.example")
    engine = make_engine(one, two)
    served = await engine.mirror.serve(Request(TARGET))
    assert await whole(served) == OTHER
    assert served.upstream == "two.example"
    await engine.close()


@pytest.mark.matrix("T130")
async def test_a_truncated_download_is_never_stored() -> None:
    up = upstream(broken(BIG, 400_000), Say(error=UpstreamUnavailable("one.example", "refused")))
    engine = make_engine(up)
    served = await engine.mirror.serve(Request(TARGET))
    with pytest.raises(UpstreamUnavailable):
        await whole(served)
    await engine.mirror.drain(5)
    assert await engine.storage.open(KEY) is None
    await engine.close()


async def test_an_upstream_that_makes_no_progress_is_not_asked_for_ever() -> None:
    stall = Say(BIG, break_after=0, error=UpstreamTimeout("one.example", "no byte in 30 seconds"))
    up = upstream(stall)
    engine = make_engine(up)
    with pytest.raises(UpstreamTimeout):
        await engine.mirror.serve(Request(TARGET))
    assert up.count(PATH) == 1
    await engine.close()


# --- bad files ---


@pytest.mark.matrix("T128")
async def test_a_bad_zip_goes_to_the_next_upstream_in_the_same_request_while_nothing_is_released() -> None:
    one, two = upstream(EVIL), upstream(SMALL, name="two.example")
    engine = make_engine(one, two, go_on="not-found")
    assert await whole(await engine.mirror.serve(Request(TARGET))) == SMALL
    await engine.close()


@pytest.mark.matrix("T131")
async def test_a_wrong_zip_whose_beginning_went_out_is_cut_off_and_next_time_fetched_elsewhere() -> None:
    one, two = upstream(OTHER), upstream(BIG, name="two.example")
    sums = KnownSums({"*": h1(BIG)})
    engine = make_engine(one, two, sumdb="verify", sums=sums)
    served = await engine.mirror.serve(Request(TARGET))
    with pytest.raises(HashMismatch):
        await whole(served)
    await engine.mirror.drain(5)
    assert await engine.storage.open(KEY) is None
    again = await engine.mirror.serve(Request(TARGET))
    assert await whole(again) == BIG
    assert (one.count(PATH), two.count(PATH)) == (1, 1)
    assert [event for event, _, _ in engine.report.alarms] == ["hash-mismatch"]
    await engine.close()


@pytest.mark.matrix("T127")
async def test_an_only_upstream_with_a_bad_zip_gives_a_clear_error() -> None:
    wrong = plain_zip("x.y/other", "v1.0.0", {"go.mod": "module x.y/other\n"})
    engine = make_engine(upstream(wrong))
    with pytest.raises(BadZip, match=r"one\.example sent a bad zip: .*x\.y/m@v1\.0\.0/"):
        await engine.mirror.serve(Request(TARGET))
    assert await engine.storage.open(KEY) is None
    assert [event for event, _, _ in engine.report.alarms] == ["bad-zip"]
    await engine.mirror.drain(5)
    with pytest.raises(UpstreamBadAnswer, match="passed over .* bad zip"):
        await engine.mirror.serve(Request(TARGET))
    await engine.close()


@pytest.mark.parametrize(
    ("say", "what"),
    [
        (Say(b"<html>Sign in</html>", content_type="text/html; charset=utf-8"), "web page"),
        (Say(b"<html>Sign in</html>"), "not a zip"),
        (Say(b"PKgarbage", content_type="application/zip"), "not a zip"),
        (Say(SMALL, status=204), "204"),
    ],
)
async def test_what_is_no_zip_is_refused_at_its_first_bytes(say: Say, what: str) -> None:
    engine = make_engine(upstream(say))
    with pytest.raises(UpstreamBadAnswer, match=what):
        await engine.mirror.serve(Request(TARGET))
    await engine.close()


@pytest.mark.parametrize("declared", [True, False])
async def test_the_size_limit_holds_declared_or_not(declared: bool) -> None:  # a parameter
    settings = FillSettings(max_zip_bytes=500_000)
    engine = make_engine(upstream(Say(BIG, declared=declared)), settings=settings)
    with pytest.raises(UpstreamBadAnswer, match="500000"):
        await whole(await engine.mirror.serve(Request(TARGET)))
    assert await engine.storage.open(KEY) is None
    await engine.close()


@pytest.mark.matrix("T129")
async def test_a_tolerated_oddity_is_served_unchanged() -> None:
    odd = plain_zip(M, "v1.0.0", {"go.mod": "module other\n", "vendor/x/x.go": "", ".git/config": ""})
    engine = make_engine(upstream(odd))
    assert await whole(await engine.mirror.serve(Request(TARGET))) == odd
    await engine.close()


# --- the checksum database ---


async def test_while_the_database_is_down_an_open_route_serves_but_stores_nothing() -> None:
    sums = KnownSums({"*": ChecksumDatabaseDown("down")})
    engine = make_engine(upstream(BIG), sumdb="verify", sumdb_down="open", sums=sums)
    served = await engine.mirror.serve(Request(TARGET))
    assert await whole(served) == BIG
    await engine.mirror.drain(5)
    assert await engine.storage.open(KEY) is None
    whole_file = await engine.mirror.serve(Request(TARGET, whole=True))
    assert whole_file.digest == hashlib.sha256(BIG).hexdigest()
    assert await whole(whole_file) == BIG
    await engine.close()


async def test_while_the_database_is_down_a_closed_route_refuses() -> None:
    sums = KnownSums({"*": ChecksumDatabaseDown("down")})
    engine = make_engine(upstream(SMALL), sumdb="verify", sumdb_down="closed", sums=sums)
    with pytest.raises(ChecksumDatabaseDown):
        await engine.mirror.serve(Request(TARGET))
    await engine.close()


async def test_the_database_is_not_asked_about_what_no_upstream_has() -> None:
    sums = KnownSums({"*": "h1:x"})
    engine = make_engine(ScriptedUpstream(), sumdb="verify", sums=sums)
    with pytest.raises(NotExist):
        await engine.mirror.serve(Request(TARGET))
    assert sums.asked == []
    await engine.close()


# --- absences, storage, the end ---


async def test_an_absence_is_remembered_for_a_minute_and_purged_by_a_success() -> None:
    up = ScriptedUpstream()
    engine = make_engine(up)
    for _ in range(3):
        with pytest.raises(NotExist):
            await engine.mirror.serve(Request(TARGET))
    assert up.count(PATH) == 1
    up.say(PATH, SMALL)
    engine.clock.advance(61)
    assert await whole(await engine.mirror.serve(Request(TARGET))) == SMALL
    await engine.close()


async def test_a_full_disk_is_a_clear_error_and_stores_nothing() -> None:
    class FullStorage(MemoryStorage):
        async def spool(self) -> NoReturn:
            raise StorageFull("no space left in the store")

    engine = make_engine(upstream(SMALL), storage=FullStorage())
    with pytest.raises(StorageFull):
        await engine.mirror.serve(Request(TARGET))
    await engine.close()


async def test_a_disk_that_fills_up_on_the_way_is_not_the_upstreams_fault() -> None:
    class FullSpool(MemorySpool):
        def write(self, data: bytes) -> None:
            raise StorageFull("no space left in the store")

    class FullStorage(MemoryStorage):
        async def spool(self) -> MemorySpool:
            return FullSpool()

    one, two = upstream(BIG), upstream(BIG, name="two.example")
    engine = make_engine(one, two, storage=FullStorage())
    with pytest.raises(StorageFull):
        await engine.mirror.serve(Request(TARGET))
    assert two.asked == []
    await engine.close()


async def test_a_fill_over_its_deadline_ends_with_a_timeout() -> None:
    settings = FillSettings(deadline=0.05)
    engine = make_engine(upstream(Say(BIG, gate=asyncio.Event())), settings=settings)
    with pytest.raises(UpstreamTimeout, match=r"0\.05 seconds"):
        await whole(await engine.mirror.serve(Request(TARGET)))
    await engine.close()


async def test_shutdown_lets_clients_of_a_cut_off_fill_know() -> None:
    engine = make_engine(upstream(Say(BIG, gate=asyncio.Event())))
    served = await engine.mirror.serve(Request(TARGET))
    assert await engine.mirror.drain(0.01) == 1
    with pytest.raises(Overloaded, match="shutting down"):
        await whole(served)
    await engine.close()
