"""Fills module zips: one flight per zip, verified before its end is released and before it is stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.errors import (
    BadZip,
    Error,
    NotExist,
    Overloaded,
    StorageError,
    UpstreamError,
    UpstreamTimeout,
    VerificationError,
)
from modmirror.mod.modzip import verify_zip
from modmirror.proxy.download import Download
from modmirror.proxy.flight import Flight
from modmirror.proxy.intake import Intake
from modmirror.singleflight import SingleFlight
from modmirror.storage.port import BlobKey

if TYPE_CHECKING:
    from modmirror.protocol.target import ModuleTarget
    from modmirror.proxy.fill import FillTools
    from modmirror.proxy.routes import Route
    from modmirror.storage.port import Spool


class ZipFills:
    """Running zip fills by key."""

    def __init__(self, tools: FillTools) -> None:
        self._tools = tools
        self._flights: dict[BlobKey, Flight] = {}
        self._starting: SingleFlight[BlobKey, Flight] = SingleFlight()
        self._running: SingleFlight[BlobKey, None] = SingleFlight()

    async def flight(self, target: ModuleTarget) -> tuple[Flight, bool]:
        """Join or start the fill of a zip; return its flight and whether it was joined.

        Raises StorageFull or StorageBroken when there is no room to begin.
        """
        key = BlobKey(target.escaped, target.escaped_version, "zip")
        flight = self._flights.get(key)
        if flight is not None:
            return flight, True
        return await self._starting.run(key, lambda: self._start(key, target))

    async def drain(self, seconds: float) -> int:
        """Let running fills finish for at most ``seconds``; return how many were cut off."""
        return await self._running.drain(seconds)

    async def _start(self, key: BlobKey, target: ModuleTarget) -> Flight:
        route = self._tools.routes.of(target.module)
        spool = await self._tools.storage.spool()
        flight = Flight(spool)
        self._flights[key] = flight
        fill = ZipFill(self._tools, key, target, route, spool, flight)
        task, _ = self._running.start(key, fill.run)
        task.add_done_callback(lambda _: self._flights.pop(key))
        return flight


class ZipFill:
    """One zip on its way from upstream to store."""

    def __init__(  # what one fill is about, set once
        self,
        tools: FillTools,
        key: BlobKey,
        target: ModuleTarget,
        route: Route,
        spool: Spool,
        flight: Flight,
    ) -> None:
        self._tools = tools
        self._key = key
        self._target = target
        self._route = route
        self._spool = spool
        self._flight = flight
        self._subject = f"{target.module}@{target.version}"

    async def run(self) -> None:
        """Fill, and tell the flight how it ended. Raises only for bugs."""
        tools = self._tools
        started = tools.clock()
        failure: Error | None = None
        tools.report.fill_started("zip")
        try:
            async with tools.slots.hold(), asyncio.timeout(tools.settings.deadline):
                await self._fill()
        except Error as error:
            failure = error
        except TimeoutError:
            failure = UpstreamTimeout(
                self._flight.upstream or "upstreams",
                f"the fill took longer than {tools.settings.deadline:g} seconds in all",
            )
        except asyncio.CancelledError:
            self._flight.fail(Overloaded("the mirror is shutting down", retry_after=1))
            raise
        except BaseException as bug:
            self._flight.fail(bug)
            raise
        finally:
            self._end(failure)
            seconds = tools.clock() - started
            tools.report.fill_ended(
                "zip", self._subject, seconds=seconds, upstream=self._flight.upstream, error=failure
            )

    def _end(self, failure: Error | None) -> None:
        if failure is None:
            self._tools.absences.forget(self._target.path)
        else:
            if isinstance(failure, NotExist):
                self._tools.absences.remember(self._target.path, failure)
            self._flight.fail(failure)
        self._flight.settle()

    async def _fill(self) -> None:
        tools = self._tools
        intake = Intake(self._spool, tools.pool, tools.scanners, self._flight.advance)
        expected = asyncio.create_task(self._expect())
        expected.add_done_callback(_seen)
        try:
            h1 = await self._fetch(intake, expected)
        finally:
            expected.cancel()
            intake.give_up()
        want = expected.result()
        self._flight.finish(intake.received, intake.digest, verified=want is not None)
        if want is None and self._route.verifies(self._target.module):
            return  # the database is down and the route fails open: serve it, keep nothing
        await self._store(intake.digest, h1)

    async def _expect(self) -> str | None:
        """Ask what the zip must hash to, as soon as an upstream has it: names of nothing are not spread."""
        await self._flight.answered()
        return await self._tools.verifier.expected(self._route, self._target.module, self._target.version)

    async def _fetch(self, intake: Intake, expected: asyncio.Task[str | None]) -> str:
        """Download until a whole file passes its checks; return its ``h1:``."""
        tools = self._tools
        rejected: VerificationError | None = None
        while True:
            download = Download(self._target, self._route, intake, self._flight, tools.shunned, tools.sleep)
            try:
                await download.run(tools.settings.max_zip_bytes)
            except UpstreamError as error:
                if rejected is None:
                    raise
                # What was wrong with the one file there is says more than that its sender is passed over.
                raise rejected from error
            want = await expected
            if want is None and self._route.verifies(self._target.module):
                for upstream in download.upstreams:
                    tools.shunned.check_unproven(self._target, upstream)
            try:
                return await self._check(intake, want, download.upstreams[0])
            except VerificationError as error:
                # Spliced from several, the one that broke off is passed over: the next attempt then comes
                # whole from another, which shows who was wrong.
                tools.shunned.add(self._target, download.upstreams[0], error.reason)
                if self._flight.released:
                    raise  # clients hold the beginning of it: cut them off
                rejected = error
                await intake.restart()

    async def _check(self, intake: Intake, want: str | None, upstream: str) -> str:
        scanned = await intake.scanned()
        try:
            h1 = await asyncio.get_running_loop().run_in_executor(
                self._tools.pool,
                verify_zip,
                self._target.module,
                self._target.version,
                intake.received,
                self._spool.read,
                scanned,
            )
        except BadZip as bad:
            error = BadZip(f"{self._subject}: {upstream} sent a bad zip: {bad.reason}", hint=bad.hint)
            self._tools.report.alarm("bad-zip", self._subject, error)
            raise error from bad
        self._tools.verifier.compare(self._subject, want, h1, upstream)
        return h1

    async def _store(self, digest: str, h1: str) -> None:
        try:
            await self._tools.storage.put(self._key, self._spool, digest, h1)
        except StorageError as error:
            # The clients have a verified file; only the next ones will have to wait for it again.
            self._tools.report.alarm("storage", self._key.path, error)


def _seen(task: asyncio.Task[str | None]) -> None:
    """Mark a failure as seen: when the download failed first, nobody asks what the sum would have been."""
    if not task.cancelled():
        task.exception()
