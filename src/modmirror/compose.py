"""The composition root: the one place that chooses classes and wires them.

Order of the wrappers, from the outside in:

- an upstream: counted and timed (``upstream/observed.py``) around HTTP or a directory;
- a request: wire (``server/wire``) → edge (memory tier, conditions, ranges) → mirror (policy, fills);
- a fill: single flight → chain of upstreams → verifier → store.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import uvloop

from modmirror import background
from modmirror.compose_direct import Direct
from modmirror.compose_routing import Routing
from modmirror.garbage import collected_seldom
from modmirror.mod.patterns import match_prefix_patterns
from modmirror.origin.explain import Explanation, Step
from modmirror.origin.keeping.disk import on_disk
from modmirror.protocol.chain import DIRECT, OFF, Link, links_from_list, parse_goproxy
from modmirror.proxy.checksums import ChecksumDatabase
from modmirror.proxy.documents import Changing
from modmirror.proxy.fill import FileFills, FillTools
from modmirror.proxy.forecast import forecast
from modmirror.proxy.hot import HotModules
from modmirror.proxy.memory import Absences, Shunned
from modmirror.proxy.prefetch import Allowance, Prefetch
from modmirror.proxy.routes import Route, Routes, no_route
from modmirror.proxy.serve import Mirror
from modmirror.proxy.slots import Slots, SlottedUpstream
from modmirror.proxy.sumdb import SumdbProxy
from modmirror.proxy.verify import NoDatabase, Verifier
from modmirror.proxy.zipfill import ZipFills
from modmirror.server.app import Edge
from modmirror.server.ending import Ending
from modmirror.server.listen import listen
from modmirror.server.settings import Listening
from modmirror.server.wire.binding import bind, release
from modmirror.settings.problem import redact
from modmirror.singleflight import SingleFlight
from modmirror.storage.documents import MemoryDocuments, SqliteDocuments
from modmirror.storage.filesystem import FilesystemStorage
from modmirror.storage.memory import MemoryStorage
from modmirror.sumdb.note import VerifierKey
from modmirror.telemetry.access_log import open_access_log
from modmirror.telemetry.events import StandardLogging, StructuredEvents
from modmirror.telemetry.instruments import Instruments
from modmirror.telemetry.prometheus import PrometheusMetrics
from modmirror.telemetry.report import TelemetryReport
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.credentials import Credentials
from modmirror.upstream.observed import ObservedUpstream
from modmirror.upstream.opening import open_upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.config import Config
    from modmirror.mod.path import ModulePath
    from modmirror.proxy.settings import RouteSettings
    from modmirror.proxy.verify import Sums
    from modmirror.server.wire.binding import Bound
    from modmirror.storage.port import DocumentStorage, ModuleStorage
    from modmirror.telemetry.events import Events
    from modmirror.upstream.port import Upstream

FILL_THREADS = 8
"""For writing and checking what arrives. Mostly they wait for the disk or run without the GIL."""
_ROOM_FACTOR = 2
"""Times the room that must stay free: who has less at the start is warned."""


def run(config: Config, announce: Callable[[Listening], None]) -> int:
    """Run a mirror until it is told to stop (SIGTERM, SIGINT), and return its exit code.

    A second signal cuts off what the first one let finish.

    Raises:
        ConfigError: the address is taken, the store is unfit, a certificate does not load, and the like.
    """
    return uvloop.run(_run(config, announce))


async def _run(config: Config, announce: Callable[[Listening], None]) -> int:
    loop = asyncio.get_running_loop()
    ending = Ending(loop.time)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.ask)
    async with AsyncExitStack() as closing:
        # First the address: a second mirror on it should change nothing of the first one's store.
        bound = bind(config.server)
        closing.callback(release, bound)
        instruments = _instruments(config, closing)
        routing = Routing(config.routing, instruments)
        mirror = await _mirror(config, instruments, closing, routing)
        here = Listening(bound.url, _store_name(config), _upstream_names(mirror.tools.routes))
        edge = Edge(
            mirror,
            config.server,
            config.memory,
            list(mirror.sumdb.databases),
            instruments,
            # Not the store: where things lie on the server is nobody's business.
            lambda: _facts(here, mirror.tools.routes),
        )

        hot = _hot(config, mirror, edge, instruments)
        edge.ops.add_json("hot", hot.as_json)
        edge.ops.add_json("upstreams", routing.as_json)
        edge.ops.add_json_below("explain", partial(forecast, mirror))
        watching = background.begin(hot.run(), "watching for hot modules", instruments.events)
        closing.push_async_callback(background.end, watching)

        def ready(_: Bound) -> None:
            instruments.events.info("listening", url=here.url, store=here.store)
            announce(here)

        closing.enter_context(collected_seldom())
        listening = listen(edge, config.server, on_ready=ready, stop=ending.asked, bound=bound)
        answers = await ending.unless_hurried(listening, edge.cut_off)
        watching.cancel()
        patience = ending.left(config.server.drain + config.server.shutdown_timeout)
        fills = await ending.unless_hurried(mirror.drain(patience), int) or await mirror.drain(0)
        instruments.events.info("stopped", answers_cut_off=answers, fills_cut_off=fills)
    return 0


def _instruments(config: Config, closing: AsyncExitStack) -> Instruments:
    metrics = PrometheusMetrics(version("modmirror"))
    closing.enter_context(metrics.pauses.watching())
    events = StructuredEvents(config.log, sys.stderr, color="NO_COLOR" not in os.environ)
    access_log = open_access_log(config.log.access, metrics.access_log_dropped)
    closing.callback(access_log.close)
    # What libraries say of trouble goes where the operator looks, credentials removed.
    handler = StandardLogging(events)
    logging.getLogger().addHandler(handler)
    closing.callback(logging.getLogger().removeHandler, handler)
    return Instruments(metrics=metrics, access_log=access_log, events=events)


async def _mirror(
    config: Config, instruments: Instruments, closing: AsyncExitStack, routing: Routing
) -> Mirror:
    storage, documents = await _storage(config, instruments, closing)
    upstreams = _Upstreams(config, instruments, closing)
    direct = Direct(config, _repositories_path(config), instruments, closing)
    report = TelemetryReport(instruments.metrics, instruments.events)
    places, origin_places = _places(config, instruments)
    routes = Routes(
        [
            replace(_route(settings, upstreams, direct, origin_places), guide=routing.guide)
            for settings in _routes_in_force(config)
        ]
    )
    databases = {
        settings.name: ChecksumDatabase(
            settings.name,
            VerifierKey.parse(settings.key),
            [upstreams.open(url) for url in settings.from_ if not config.fill.offline],
            documents,
            report,
            instruments.now,
        )
        for settings in config.sumdb
    }
    for database in databases.values():
        database.follow(routing.guide)
    routing.start([each.chain for each in (*routes, *databases.values())], documents, closing)
    pool = ThreadPoolExecutor(FILL_THREADS, "modmirror-fill")
    closing.callback(pool.shutdown, cancel_futures=True)
    scanners = ThreadPoolExecutor(_processors(), "modmirror-scan")
    closing.callback(scanners.shutdown, cancel_futures=True)
    absences = Absences(config.freshness.negative_ttl, time.monotonic)
    tools = FillTools(
        storage=storage,
        routes=routes,
        verifier=Verifier(_first_database(databases), report),
        absences=absences,
        shunned=Shunned(config.fill.shun, time.monotonic),
        report=report,
        settings=config.fill,
        pool=pool,
        scanners=scanners,
        clock=time.monotonic,
        sleep=asyncio.sleep,
        slots=places,
        origin_slots=origin_places,
    )
    return Mirror(
        tools=tools,
        files=FileFills(tools),
        zips=ZipFills(tools),
        changing=Changing(tools, documents, config.freshness, instruments.now, SingleFlight()),
        sumdb=SumdbProxy(databases, routes, absences),
        rules=config.rule,
    )


def _places(config: Config, instruments: Instruments) -> tuple[Slots, Slots]:
    """Make the pools of places for fills from upstreams and from repositories."""
    fill = config.fill
    pools = (
        Slots("upstream", fill.parallel, fill.queue_deadline, time.monotonic),
        Slots("origin", fill.origin_parallel, fill.queue_deadline, time.monotonic),
    )
    instruments.metrics.watch_queues(pools)
    return pools


def _hot(config: Config, mirror: Mirror, edge: Edge, instruments: Instruments) -> HotModules:
    """Make what watches for hot modules. It prefetches nothing where nobody may be asked."""
    settings = replace(config.hot, enabled=config.hot.enabled and not config.fill.offline)
    prefetch = Prefetch(mirror, Allowance(settings.share), random.random, instruments.metrics.prefetched)
    return HotModules(
        settings, mirror.tools.routes, prefetch, edge.demand.take, time.monotonic, asyncio.sleep
    )


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _storage(
    config: Config, instruments: Instruments, closing: AsyncExitStack
) -> tuple[ModuleStorage, DocumentStorage]:
    if config.storage.kind == "memory":
        return MemoryStorage(), MemoryDocuments()
    store = await FilesystemStorage.open_store(
        _store_path(config), min_free_bytes=config.storage.min_free_bytes
    )
    closing.push_async_callback(store.close)
    if store.database.moved_aside:
        instruments.events.error(
            "damaged database set aside; what it held is made anew", file=store.database.moved_aside
        )
    _warn_of_room(store, config.storage.min_free_bytes, instruments.events)
    documents = SqliteDocuments(store.database)
    closing.push_async_callback(documents.close)
    return store, documents


def _warn_of_room(store: FilesystemStorage, least: int, events: Events) -> None:
    free = store.free_bytes()
    if free >= _ROOM_FACTOR * least:
        return
    events.warning(
        "the store is nearly full" if free >= least else "the store is full",
        free_mib=free >> 20,
        hint=f"below {least >> 20} MiB (storage.min_free_bytes) what is new is refused with 507: "
        "make room on the device of storage.path",
    )


def _store_path(config: Config) -> Path:
    if config.storage.path:
        return Path(config.storage.path).expanduser()
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "modmirror"


def _repositories_path(config: Config) -> Path:
    if config.origin.path:
        return Path(config.origin.path).expanduser()
    store = _store_path(config)
    return store.with_name(f"{store.name}-repositories")


def _store_name(config: Config) -> str:
    return "memory" if config.storage.kind == "memory" else str(_store_path(config))


# --- upstreams and routes ---


class _Upstreams:
    """Opens each URL once, however many routes name it."""

    def __init__(self, config: Config, instruments: Instruments, closing: AsyncExitStack) -> None:
        self._instruments = instruments
        self._closing = closing
        self._clients = HttpClients(config.http)
        closing.push_async_callback(self._clients.close)
        self._credentials = Credentials.from_settings(
            config.credential, os.environ, lambda path: Path(path).read_text(encoding="utf-8")
        )
        self._opened: dict[str, Upstream] = {}

    def open(self, url: str) -> Upstream:
        """Return the upstream behind a URL."""
        upstream = self._opened.get(url)
        if upstream is None:
            inner = open_upstream(url, self._clients, self._credentials)
            self._closing.push_async_callback(inner.close)
            upstream = self._opened[url] = _observed(inner, self._instruments)
        return upstream


def _observed(upstream: Upstream, instruments: Instruments) -> Upstream:
    return ObservedUpstream(upstream, instruments.metrics, instruments.ticks)


def _route(settings: RouteSettings, upstreams: _Upstreams, direct: Direct, origin_places: Slots) -> Route:
    links = () if settings.offline else _links(settings)
    opened = {
        link.upstream: SlottedUpstream(direct.open(settings), origin_places)
        if link.upstream == DIRECT
        else upstreams.open(link.upstream)
        for link in links
        if link.upstream != OFF
    }
    return Route(
        settings.match,
        links,
        opened,
        settings.sumdb,
        settings.sumdb_down,
        offline=settings.offline,
        measured=settings.choose == "measured",
    )


def _routes_in_force(config: Config) -> list[RouteSettings]:
    """Return the routes, all of them offline when the mirror is."""
    return [replace(route, offline=True) if config.fill.offline else route for route in config.route]


def _links(settings: RouteSettings) -> tuple[Link, ...]:
    if isinstance(settings.from_, str):
        return parse_goproxy(settings.from_)
    return links_from_list(settings.from_, settings.fall_through)


def _upstream_names(routes: Routes) -> tuple[str, ...]:
    names = (upstream.name for route in routes for upstream in route.upstreams.values())
    return tuple(dict.fromkeys(names))


def _facts(here: Listening, routes: Routes) -> list[tuple[str, str]]:
    """Say what the home page tells of the mirror."""
    return [
        ("version", version("modmirror")),
        ("upstreams", ", ".join(here.upstreams)),
        ("modules", _about_proof({route.sumdb for route in routes})),
    ]


def _about_proof(modes: set[str]) -> str:
    # Which routes they are is not told: their patterns name what is private.
    if modes == {"verify"}:
        return "proven by the checksum database before they are kept · 先经校验和数据库验证再保存"
    if "verify" in modes:
        return (
            "proven by the checksum database before they are kept, those of some routes excepted"
            " · 先经校验和数据库验证再保存，部分路由除外"
        )
    return (
        "not proven by the checksum database, Go toolchains excepted · 除 Go 工具链外，不经校验和数据库验证"
    )


def _first_database(databases: Mapping[str, ChecksumDatabase]) -> Sums:
    """The database that vouches for modules: the first that is configured."""
    return next(iter(databases.values()), None) or NoDatabase()


# --- repositories ---


def explain(config: Config, module: ModulePath, query: str) -> Explanation:
    """Tell how ``direct`` makes a version of a module (no ``query``: the latest) by its route's rules.

    Everything is fetched into a directory of its own that is removed at the end: the repositories that a
    running mirror keeps have one owner, and are not touched.

    Raises:
        ConfigError: a key's secret is not there, and the like.
        StorageError: a temporary directory cannot be made.
    """
    with on_disk("a directory for repositories cannot be made"):
        temporary = TemporaryDirectory(prefix="modmirror-", ignore_cleanup_errors=True)
    with temporary as folder:
        apart = replace(config, origin=replace(config.origin, path=folder))
        return uvloop.run(_explain(apart, module, query))


async def _explain(config: Config, module: ModulePath, query: str) -> Explanation:
    matching = [each for each in enumerate(config.route) if match_prefix_patterns(each[1].match, module)]
    if not matching:
        return Explanation((), no_route(module))
    number, settings = matching[0]
    async with AsyncExitStack() as closing:
        explainer = Direct(config, _repositories_path(config), Instruments(), closing).explainer(settings)
        explanation = await explainer.explain(module, query)
    steps = [Step("route", text) for text in _about_route(number, settings)]
    return replace(explanation, steps=(*steps, *explanation.steps))


def _about_route(number: int, settings: RouteSettings) -> list[str]:
    links = [redact(link.upstream) for link in _links(settings)]
    said = [
        f"route[{number}] matches with {', '.join(settings.match)}, checksum database: {settings.sumdb}"
    ]
    if DIRECT not in links:
        said.append(f"it asks {', '.join(links)}, and no repository; this is what direct would do in it")
    elif links[0] != DIRECT:
        said.append(f"it asks {', '.join(links[: links.index(DIRECT)])} before direct")
    return said
