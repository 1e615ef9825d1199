from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError, Denied, NotExist, Overloaded, TooManyRequests, UpstreamTimeout
from modmirror.server.app import Edge, create_app
from modmirror.server.exchange import FAILED, LEFT, SHUTDOWN, ClientGone
from modmirror.server.settings import MemorySettings, ServerSettings
from modmirror.telemetry.instruments import Instruments
from modmirror.telemetry.prometheus import PrometheusMetrics
from tests.fakes.answers import (
    INFO,
    LIST,
    MOD,
    ZIP,
    BytesBlob,
    FileBlob,
    ScriptedEngine,
    ScriptedGrowing,
    growing_zip,
    info,
    stored_zip,
    versions,
)
from tests.fakes.exchanges import RecordingExchange
from tests.fakes.sinks import ListedAccessLog, ListedEvents

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class World:
    engine: ScriptedEngine = field(default_factory=ScriptedEngine)
    log: ListedAccessLog = field(default_factory=ListedAccessLog)
    events: ListedEvents = field(default_factory=ListedEvents)
    metrics: PrometheusMetrics = field(default_factory=lambda: PrometheusMetrics("1"))
    ticks: float = 100.0

    def edge(self, *databases: str, **settings: str) -> Edge:
        instruments = Instruments(
            metrics=self.metrics,
            access_log=self.log,
            events=self.events,
            now=lambda: 5000.0,
            ticks=lambda: self.ticks,
        )
        server = ServerSettings(**settings)  # type: ignore[arg-type]  # strings are all that tests change
        return create_app(self.engine, server, MemorySettings(), databases, instruments)

    async def get(self, path: str, method: str = "GET", **headers: str) -> RecordingExchange:
        exchange = RecordingExchange(path, method, **headers)
        await self.edge("sum.golang.org").answer(exchange)
        return exchange


@pytest.fixture
def world() -> World:
    return World(ScriptedEngine({INFO: info, LIST: versions}))


@pytest.mark.matrix("T19")
@pytest.mark.parametrize("path", ["/m", "/example.com/m/@v/v1.0.0.ziphash", "/example.com/m/@v/", "/x/"])
async def test_what_names_nothing_is_404_without_asking_the_engine(world: World, path: str) -> None:
    got = await world.get(path)
    assert (got.status, world.engine.asked) == (404, [])


@pytest.mark.matrix("T21")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "BREW"])
async def test_only_reading_is_allowed(world: World, method: str) -> None:
    got = await world.get(INFO, method)
    assert (got.status, got.answer_headers["allow"]) == (405, "GET, HEAD")
    assert world.engine.asked == []


async def test_the_engine_is_asked_for_the_target(world: World) -> None:
    assert (await world.get(INFO)).status == 200
    (request,) = world.engine.asked
    assert request.target.path == INFO[1:]
    assert (request.cached_only, request.whole) == (False, False)


@pytest.mark.parametrize(("method", "headers"), [("HEAD", {}), ("GET", {"range": "bytes=0-"})])
async def test_head_and_ranges_need_the_whole_file(
    world: World, method: str, headers: dict[str, str]
) -> None:
    await world.get(INFO, method, **headers)
    assert world.engine.asked[0].whole


async def test_http_1_0_needs_the_whole_file(world: World) -> None:
    exchange = RecordingExchange(INFO)
    exchange.http_1_0 = True
    await world.edge().answer(exchange)
    assert world.engine.asked[0].whole


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/cached-only" + LIST, {}), (LIST, {"disable_module_fetch": "TRUE"})],
)
@pytest.mark.matrix("T144")
@pytest.mark.matrix("T145")
async def test_fetching_can_be_forbidden(world: World, path: str, headers: dict[str, str]) -> None:
    assert (await world.get(path, **headers)).status == 200
    assert world.engine.asked[0].cached_only


async def test_a_checksum_database_is_asked_for_under_its_kind(world: World) -> None:
    world.engine.answers["/lookup/example.com/m@v1.0.0"] = versions
    got = await world.get("/sumdb/sum.golang.org/lookup/example.com/m@v1.0.0")
    assert (got.status, got.kind) == (200, "sumdb-lookup")
    assert (await world.get("/sumdb/other.example/supported")).status == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotExist("gone"), 404), (Denied("no"), 403), (UpstreamTimeout("up", "slow"), 504)],
)
async def test_errors_become_answers(world: World, error: Exception, status: int) -> None:
    world.engine.answers[INFO] = error
    got = await world.get(INFO)
    assert (got.status, got.answer_headers["x-modmirror-cache"]) == (status, "none")
    assert bool(world.events.named("request failed")) is (status >= 500)


async def test_retry_after_is_passed_on(world: World) -> None:
    world.engine.answers[INFO] = Overloaded("busy", retry_after=7)
    assert (await world.get(INFO)).answer_headers["retry-after"] == "7"


async def test_a_bug_is_500_and_logged_with_its_traceback(world: World) -> None:
    bug = ZeroDivisionError("detail")
    world.engine.answers[INFO] = bug
    got = await world.get(INFO)
    assert (got.status, got.body) == (500, b"internal error\n")
    assert world.events.named("bug while answering")[0]["error"] is bug


async def test_an_answer_that_fails_after_it_began_is_marked_for_breaking_off(world: World) -> None:
    growing = ScriptedGrowing(100, b"12345", error=UpstreamTimeout("up", "slow"))
    world.engine.answers[ZIP] = lambda: growing_zip(growing)
    got = await world.get(ZIP)
    assert (got.status, got.aborted) == (200, FAILED)
    assert world.log.entries[0].aborted == FAILED
    assert world.events.named("answer broken off")[0]["status"] == 200
    assert b'modproxy_aborted_total{reason="failed"} 1.0' in world.metrics.render()


async def test_a_client_that_left_ends_the_work_quietly(world: World) -> None:
    world.engine.gate = asyncio.Event()
    exchange = RecordingExchange(INFO)
    task = asyncio.create_task(world.edge().answer(exchange))
    while not world.engine.asked:
        await asyncio.sleep(0)
    exchange.cut(LEFT)
    await task
    assert (exchange.status, world.log.entries[0].aborted) == (0, LEFT)
    assert world.events.seen == []


async def test_a_wire_that_lost_its_client_ends_the_work_quietly(world: World) -> None:
    exchange = RecordingExchange(INFO)
    exchange.before_send = ClientGone()
    exchange.aborted = LEFT
    await world.edge().answer(exchange)
    assert world.log.entries[0].aborted == LEFT


async def test_a_cancellation_from_outside_goes_through(world: World) -> None:
    world.engine.gate = asyncio.Event()
    task = asyncio.create_task(world.edge().answer(RecordingExchange(INFO)))
    while not world.engine.asked:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cutting_off_ends_everything_under_way(world: World) -> None:
    world.engine.gate = asyncio.Event()
    edge = world.edge()
    exchanges = [RecordingExchange(INFO) for _ in range(3)]
    tasks = [asyncio.create_task(edge.answer(each)) for each in exchanges]
    while len(world.engine.asked) < 3:
        await asyncio.sleep(0)
    assert b"modproxy_inflight_requests 3.0" in world.metrics.render()
    assert edge.cut_off() == 3
    await asyncio.gather(*tasks)
    assert {each.aborted for each in exchanges} == {SHUTDOWN}
    assert edge.cut_off() == 0


async def test_an_answer_is_recorded_with_its_facts(world: World) -> None:
    edge = world.edge()
    exchange = RecordingExchange(INFO, user_agent="GoCommand/1")
    exchange.arrived, exchange.started = 4999.0, 99.5
    await edge.answer(exchange)
    (entry,) = world.log.entries
    assert (entry.time, entry.seconds, entry.id, entry.client) == (4999.0, 0.5, "id-1", "192.0.2.1")
    assert (entry.method, entry.path, entry.status, entry.bytes) == ("GET", INFO, 200, len(exchange.body))
    assert (entry.cache, entry.upstream, entry.user_agent) == ("miss", "up", "GoCommand/1")
    assert b'modproxy_requests_total{cache="miss",kind="info",status="200"} 1.0' in world.metrics.render()


async def test_memory_answers_only_whole_reads_that_policy_allows(world: World) -> None:
    edge = world.edge()
    path = INFO.encode()
    assert edge.recall("GET", path, {}) is None
    await edge.answer(RecordingExchange(INFO))
    for method in ("GET", "HEAD"):
        found = edge.recall(method, path, {})
        assert found is not None
        assert (found[0], found[2]) == (200, b'{"Version":"v1.0.0"}')
    assert edge.recall("POST", path, {}) is None
    assert edge.recall("GET", path, {b"range": b"bytes=0-"}) is None
    world.engine.denied.add("example.com/m")
    assert edge.recall("GET", path, {}) is None


async def test_memory_answers_304_and_in_the_encoding_asked_for(world: World) -> None:
    edge = world.edge()
    world.engine.answers[MOD] = lambda: info(b"module m\n" * 200)
    await edge.answer(RecordingExchange(MOD))
    found = edge.recall("GET", MOD.encode(), {b"accept-encoding": b"gzip"})
    assert found is not None
    headers = dict(found[1].pairs)
    assert headers[b"content-encoding"] == b"gzip"
    unchanged = edge.recall(
        "GET", MOD.encode(), {b"accept-encoding": b"gzip", b"if-none-match": headers[b"etag"]}
    )
    assert unchanged is not None
    assert (unchanged[0], unchanged[2]) == (304, b"")


async def test_an_open_file_is_recalled_for_the_whole_of_it_only(world: World, tmp_path: Path) -> None:
    edge = world.edge()
    world.engine.answers[ZIP] = lambda: stored_zip(FileBlob(tmp_path / "zip", b"z" * 100_000))
    await edge.answer(RecordingExchange(ZIP))
    kept = edge.recall_file(ZIP.encode(), {b"user-agent": b"x"})
    assert kept is not None
    for header in (b"range", b"if-none-match", b"if-modified-since"):
        assert edge.recall_file(ZIP.encode(), {header: b"x"}) is None
    world.engine.denied.add("example.com/m")
    assert edge.recall_file(ZIP.encode(), {}) is None
    kept.forget()


async def test_a_mirror_without_a_memory_tier_keeps_no_file_open(tmp_path: Path) -> None:
    blob = FileBlob(tmp_path / "zip", b"z" * 100_000)
    engine = ScriptedEngine({ZIP: lambda: stored_zip(blob)})
    edge = create_app(engine, ServerSettings(), MemorySettings(max_bytes=0), (), Instruments())
    await edge.answer(RecordingExchange(ZIP))
    assert edge.recall_file(ZIP.encode(), {}) is None
    assert blob.closed == 1


async def test_draining_shows_on_readiness(world: World) -> None:
    edge = world.edge()
    edge.drain()
    exchange = RecordingExchange("/readyz")
    await edge.answer(exchange)
    assert (exchange.status, exchange.kind) == (503, "page")


async def test_a_path_outside_the_prefix_says_where_the_mirror_is(world: World) -> None:
    exchange = RecordingExchange(INFO)
    await world.edge(path_prefix="/go").answer(exchange)
    assert (exchange.status, exchange.body) == (404, b"not found: this mirror serves below /go/\n")


def test_a_trusted_proxy_that_is_no_address_is_wrong_configuration(world: World) -> None:
    with pytest.raises(ConfigError):
        create_app(
            world.engine, ServerSettings(trusted_proxies=("nginx",)), MemorySettings(), (), Instruments()
        )


async def test_cold_content_is_closed_when_the_client_left_before_the_first_byte(world: World) -> None:
    blob = BytesBlob(b"z" * 100_000)
    world.engine.answers[ZIP] = lambda: stored_zip(blob)
    exchange = RecordingExchange(ZIP)
    exchange.before_send = ClientGone()
    exchange.aborted = LEFT
    await world.edge().answer(exchange)
    assert blob.closed == 1


# --- what clients ask for ---


async def test_answers_are_counted_by_module_from_memory_or_not() -> None:
    world = World(ScriptedEngine({INFO: info}))
    edge = world.edge()
    for _ in range(2):
        await edge.answer(RecordingExchange(INFO))
    assert edge.recall("GET", INFO.encode(), {}) is not None
    asked, fetched = edge.demand.take()
    assert asked == {"example.com/m": 3}
    assert fetched == 2 * len(b'{"Version":"v1.0.0"}')


async def test_what_fails_is_no_demand() -> None:
    world = World()
    edge = world.edge()
    await edge.answer(RecordingExchange(INFO))
    assert edge.demand.take() == ({}, 0)


async def test_the_client_limit_goes_with_each_question_and_is_off_by_default() -> None:
    world = World()
    for fetches in (0.0, 1.0):
        server = ServerSettings(client_fetches=fetches, client_burst=1)
        edge = create_app(world.engine, server, MemorySettings(), (), Instruments())
        for _ in range(2):
            await edge.answer(RecordingExchange(INFO))
    free, _, limited, again = [request.before_fetch for request in world.engine.asked]
    for _ in range(10):
        free()
    limited()
    with pytest.raises(TooManyRequests):
        again()
