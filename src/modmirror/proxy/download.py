"""Brings one module zip into an intake, from as many upstreams as it takes.

A download that breaks goes on where it stopped: at once on another upstream of the pool that is well, if
there is one; else on the same one first, then on the next ones, whatever the separators of the chain say,
because a zip is checked as a whole in the end. Where nobody else has it, the one that broke off is asked
again. An upstream that sends other bytes than were taken in before is not used for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import (
    Error,
    StorageError,
    UpstreamBadAnswer,
    UpstreamStalled,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.measure.score import class_of
from modmirror.upstream.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from modmirror.measure.score import Class
    from modmirror.protocol.target import ModuleTarget
    from modmirror.proxy.flight import Flight
    from modmirror.proxy.intake import Intake
    from modmirror.proxy.journey import Journey
    from modmirror.proxy.memory import Shunned
    from modmirror.proxy.routes import Route
    from modmirror.upstream.port import Reply, Upstream

RESUMES = 3
"""Times a broken download is resumed on the same upstream before the next one is asked."""
PAUSE = 0.2
"""Seconds before the first of them; doubled each time."""
OVERLAP = 65_536
"""Bytes asked for again when another upstream continues, to see that it sends the same file."""
_BEYOND_THE_END = 416
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
"""A zip begins with an entry, or with its end record when it is empty."""


class Download:
    """One attempt to get a whole zip. After ``run``, ``upstreams`` names who contributed."""

    def __init__(  # collaborators of one download; a bundle would only rename them
        self,
        target: ModuleTarget,
        route: Route,
        intake: Intake,
        flight: Flight,
        shunned: Shunned,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self.upstreams: list[str] = []
        self._target = target
        self._route = route
        self._intake = intake
        self._flight = flight
        self._shunned = shunned
        self._sleep = sleep
        self._limit = 0
        self._etag = ""

    async def run(self, limit: int) -> None:
        """Return when the intake holds a whole file of ``limit`` bytes at most, else raise why not."""
        self._limit = limit
        journey = self._route.begin(self._class(), self._target, self._shunned)
        left: Upstream | None = None
        while (upstream := journey.next()) is not None:
            instead = journey.has_instead(upstream)
            try:
                await self._from(upstream, resumes=0 if instead else RESUMES)
            except StorageError:
                raise  # another upstream has no other disk
            except Error as error:
                broken = self._intake.received > 0
                if broken and instead and isinstance(error, UpstreamUnavailable | UpstreamTimeout):
                    left = left or upstream
                if broken and not self._flight.released:
                    await self._start_over()
                journey.failed(upstream, error, lenient=broken)
            else:
                journey.came(upstream)
                return
        if left is None:
            raise journey.error
        await self._go_back(left, journey)

    async def _go_back(self, upstream: Upstream, journey: Journey) -> None:
        """Take the rest from the one that broke off after all: nobody else had it."""
        try:
            await self._from(upstream, resumes=RESUMES)
        except StorageError:
            raise
        except Error as error:
            raise journey.error from error
        journey.came(upstream)

    def _class(self) -> Class:
        return class_of(self._target.path, self._flight.length)

    async def _from(self, upstream: Upstream, *, resumes: int) -> None:
        """Take the file, or the rest of it, from one upstream."""
        pause = PAUSE
        self._etag = ""
        for _ in range(resumes):
            had = self._intake.received
            try:
                await self._once(upstream)
            except UpstreamStalled:
                raise  # it was given its time: the next one has the rest sooner
            except (UpstreamUnavailable, UpstreamTimeout):
                if self._intake.received == had:
                    raise
                await self._sleep(pause)
                pause *= 2
            else:
                return
        await self._once(upstream)

    async def _once(self, upstream: Upstream) -> None:
        await self._intake.flush()
        had = self._intake.received
        same = bool(self.upstreams) and self.upstreams[-1] == upstream.name
        offset = had if same else max(0, had - OVERLAP)
        if_range = self._etag if same and had else ""
        async with upstream.get(self._target.path, offset=offset, if_range=if_range) as reply:
            if reply.status == _BEYOND_THE_END and offset:
                raise self._contradiction(upstream.name, f"has no byte {offset} of this file")
            if reply.status not in (200, 206):
                raise await refusal(upstream.name, reply)
            self._check_head(upstream.name, reply)
            if not same:
                self.upstreams.append(upstream.name)
            self._etag = reply.etag
            if not had:
                self._flight.begin(upstream.name, reply.total)
            # Of a file put together from several nothing is known beforehand.
            self._intake.know(None if had else reply.scanned)
            await self._take(upstream.name, reply)

    def _check_head(self, name: str, reply: Reply) -> None:
        """Refuse at once what cannot become the right file."""
        if reply.content_type.partition(";")[0].strip().lower() == "text/html":
            raise UpstreamBadAnswer(name, "sent a web page instead of a module zip")
        if reply.total is not None and reply.total > self._limit:
            raise UpstreamBadAnswer(name, f"declares {reply.total} bytes; module zips end at {self._limit}")
        expected = self._flight.length if self._intake.received else None
        if expected is not None and reply.total not in (None, expected):
            raise self._contradiction(
                name, f"has another file: {reply.total} bytes where {expected} were declared before"
            )
        if reply.start > self._intake.received:
            raise UpstreamBadAnswer(name, f"answered from byte {reply.start}, beyond what was asked for")

    async def _take(self, name: str, reply: Reply) -> None:
        position = reply.start
        async for chunk in reply.body:
            data = chunk
            known = self._intake.received - position
            if known > 0:  # bytes we have already: they must be the same
                if not self._intake.matches(position, data[:known]):
                    raise self._contradiction(name, "sends other bytes than were received before the break")
                position += len(data[:known])
                data = data[known:]
            if not data:
                continue
            if position == 0 and not _may_begin_zip(data):
                raise UpstreamBadAnswer(name, "sent something that is not a zip")
            position += len(data)
            if position > self._limit:
                raise UpstreamBadAnswer(name, f"sends more than {self._limit} bytes")
            await self._intake.feed(data)
        if position < self._intake.received:
            raise self._contradiction(name, "ended before the byte where the break was")
        await self._intake.flush()

    def _contradiction(self, name: str, reason: str) -> UpstreamBadAnswer:
        """Name the failure of two upstreams that have different files, of which clients hold a beginning.

        Which one is right shows when the other one is asked for the whole: that happens next time.
        """
        began = self.upstreams[0]
        if began != name:
            self._shunned.doubt(self._target, began, f"{name} {reason}")
        return UpstreamBadAnswer(name, reason)

    async def _start_over(self) -> None:
        """Nothing has reached a client yet: what arrived may be thrown away."""
        await self._intake.restart()
        self.upstreams.clear()
        self._flight.length = None


def _may_begin_zip(data: bytes) -> bool:
    return any(data.startswith(magic[: len(data)]) for magic in ZIP_MAGIC)
