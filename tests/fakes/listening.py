"""The HTTP edge on a real socket, with its event loop in a thread: tests can be plain blocking clients."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import uvloop

from modmirror.server.app import create_app
from modmirror.server.listen import listen
from modmirror.server.settings import MemorySettings, ServerSettings
from modmirror.telemetry.instruments import Instruments
from modmirror.telemetry.prometheus import PrometheusMetrics
from tests.fakes.answers import ScriptedEngine
from tests.fakes.sinks import ListedAccessLog, ListedEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

    from modmirror.server.app import Edge, Engine
    from modmirror.server.wire.binding import Bound

T = TypeVar("T")
DEADLINE = 20.0

# No waiting in tests unless they are about waiting.
QUICK = ServerSettings(port=0, drain=0.0, shutdown_timeout=5.0)


@dataclass
class RunningEdge:
    """Starts on entering, ends on leaving; ``engine`` is what it asks."""

    engine: Engine = field(default_factory=ScriptedEngine)
    settings: ServerSettings = QUICK
    memory: MemorySettings = field(default_factory=MemorySettings)
    databases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.metrics = PrometheusMetrics("0.0.0-test")
        self.log = ListedAccessLog()
        self.events = ListedEvents()
        self.cut_off = -1
        self._ready: Future[tuple[Bound, Edge, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.bound, self.edge, self.loop, self._stop = self._ready.result(DEADLINE)
        self.url = self.bound.url
        if not self.url.startswith("unix:"):
            self.port = int(self.url.split("/")[2].rpartition(":")[2])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.begin_stop()
        self.wait_stopped()

    def begin_stop(self) -> None:
        """Ask it to end, as a signal would."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stop.set)

    def wait_stopped(self) -> None:
        """Wait until it has ended."""
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the server did not end"

    def call(self, work: Callable[[], T]) -> T:
        """Run a function on the server's event loop."""

        async def run() -> T:
            return work()

        return self.wait_for(run())

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(DEADLINE)

    def _run(self) -> None:
        try:
            self.cut_off = uvloop.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for the start
            if not self._ready.done():
                self._ready.set_exception(error)

    async def _serve(self) -> int:
        stop = asyncio.Event()
        instruments = Instruments(metrics=self.metrics, access_log=self.log, events=self.events)
        edge = create_app(self.engine, self.settings, self.memory, self.databases, instruments)
        loop = asyncio.get_running_loop()
        return await listen(
            edge,
            self.settings,
            on_ready=lambda bound: self._ready.set_result((bound, edge, loop, stop)),
            stop=stop,
        )


def with_settings(**changes: Any) -> ServerSettings:
    """Return quick settings with some of them changed."""
    return replace(QUICK, **changes)


def until(true: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Poll until something holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
