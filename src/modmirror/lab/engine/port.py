"""What measurements ask of the engine, and what it answers. A failure is an answer, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from modmirror.measure.jitter import within
from modmirror.measure.sample import Connection, Outcome, Sample, Timing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modmirror.lab.target import Target

Keep: TypeAlias = Literal["nothing", "bytes", "file"]
"""What happens to a body: counted only, kept in memory, or in a temporary file (for zips)."""

BIN = 0.1
"""Seconds: a body's arrival is counted in bins of this width, for jitter within a download."""

CACHE_HEADERS = (
    "age", "cache-control", "cf-cache-status", "content-type", "eagleid", "etag", "location", "retry-after",
    "server", "via", "warning", "x-cache", "x-modmirror-cache", "x-swift-cachetime",
)  # fmt: skip
"""Answer headers that samples keep: what betrays caches (lab.md 2.5)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Where waiting and reading end."""

    seconds: float = 30.0
    """For the whole request."""
    size: int = 600 << 20
    """Bytes of body: the largest module zip with room to spare (protocol.md C.5)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to one target."""

    target: Target
    path: str
    """Escaped path below the target's base, without a first slash."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    connection: Connection = "cold"
    """``cold`` opens a new connection; ``warm`` uses the target's idle one, or else opens one."""
    expected: tuple[int, ...] = (200,)
    """Statuses that count as ``ok``."""
    keep: Keep = "nothing"
    limit: Limit = Limit()
    intended: float | None = None
    """Monotonic instant when it should begin; ``total`` is counted from it. None: now."""
    follow: bool = True
    """Follow redirects; the phases of all hops are added up."""


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What a handshake showed."""

    version: str
    """``TLSv1.3``."""
    cipher: str
    issuer: str
    subject: str
    expires: str
    """As the certificate writes it: ``Nov 23 00:41:16 2027 GMT``."""
    alpn: str = ""


@dataclass(frozen=True, slots=True)
class TcpFacts:
    """What the kernel knows of a connection at the end of a request."""

    rtt: float
    """Smoothed round trip, seconds."""
    retransmits: int
    """Segments sent again, in all."""
    window: int
    """Congestion window, segments."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a request."""

    request: Request
    outcome: Outcome
    timing: Timing
    started: float
    """Monotonic instant of the real beginning."""
    reused: bool = False
    """The connection existed already: the request was warm in truth."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name; of several of one name, joined by ``, ``."""
    size: int = 0
    body: bytes = b""
    """Where the request keeps bytes."""
    file: Path | None = None
    """Where the request keeps a file: the caller removes it. None unless the outcome is ``ok``."""
    bins: tuple[int, ...] = ()
    """Bytes of body that arrived in each :data:`BIN` after the first byte of the answer."""
    http: str = ""
    address: str = ""
    reason: str = ""
    """Why it is not ``ok``, for a reader."""
    hops: tuple[str, ...] = ()
    """URLs that redirects led to."""
    tls: TlsFacts | None = None
    tcp: TcpFacts | None = None
    content: str = ""
    """SHA-256 of the body in hex, where a measurement computed it."""

    @property
    def ok(self) -> bool:
        """Whether it was as expected."""
        return self.outcome == "ok"

    def judged(self, outcome: Outcome, reason: str) -> Fetched:
        """Return the same with the verdict of a check that the engine cannot make."""
        return replace(self, outcome=outcome, reason=reason)

    def sample(
        self, measurement: str, case: str, *, began: float, block: int = 0, digest: str = ""
    ) -> Sample:
        """Return what is kept for ever. ``began`` is the monotonic instant of the run's beginning."""
        intended = self.started if self.request.intended is None else self.request.intended
        return Sample(
            measurement=measurement,
            target=self.request.target.name,
            case=case,
            path=self.request.path,
            block=block,
            intended=intended - began,
            started=self.started - began,
            timing=self.timing,
            outcome=self.outcome,
            connection="warm" if self.reused else "cold",
            status=self.status,
            size=self.size,
            http=self.http,
            address=self.address,
            digest=digest,
            reason=self.reason,
            headers={name: self.headers[name] for name in CACHE_HEADERS if name in self.headers},
            content=self.content,
            stutter=within(self.bins) if self.ok else None,
        )


class Engine(Protocol):
    """Makes requests. At most one at a time for each target; the caller sees to that, or waits here."""

    @property
    def name(self) -> str:
        """Name and version for the environment block."""
        ...

    async def fetch(self, request: Request) -> Fetched:
        """Make one request. Never raises for what a server or the network does."""
        ...

    async def warm(self, target: Target, path: str) -> bool:
        """Make the target's idle connection warm: two throw-away requests at least (lab.md 2.3).

        Returns:
            Whether the target keeps connections at all.
        """
        ...

    async def close(self) -> None:
        """End every connection."""
        ...
