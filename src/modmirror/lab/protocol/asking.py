"""What a check of the protocol is given: a mirror to ask, what to ask it for, and memory of its answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.coverage.records import PUBLIC_KEY, Database
from modmirror.lab.engine.port import Fetched, Keep, Limit, Request
from modmirror.lab.results.protocol import Cell
from modmirror.sumdb.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.lab.bundle import Lab
    from modmirror.lab.protocol.handshake import Shake
    from modmirror.lab.results.protocol import Verdict
    from modmirror.lab.target import Target
    from modmirror.measure.sample import Connection

NAME = "protocol"
HUNG = 4
"""Timeouts in a row after which a mirror is left alone: each costs half a minute."""
_SMALL = 16 << 20
"""Bytes of any answer but a zip."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The modules that checks ask for; a good mirror has them all."""

    module: BenchModule = field(default_factory=lambda: BenchModule("golang.org/x/text", "v0.14.0"))
    branch: str = "master"
    """Of its repository."""
    upper: BenchModule = field(default_factory=lambda: BenchModule("github.com/BurntSushi/toml", "v1.3.2"))
    """One with a capital in its path."""
    recorded: BenchModule = field(default_factory=lambda: BenchModule("golang.org/x/text", "v0.14.0"))
    """One that the checksum database has: not always ``module``, whose name may be nobody's business."""
    toolchain: BenchModule = field(
        default_factory=lambda: BenchModule("golang.org/toolchain", "v0.0.1-go1.22.0.linux-amd64")
    )
    absent: BenchModule = field(
        default_factory=lambda: BenchModule("golang.org/x/modmirror-asks-for-nothing", "v1.0.0")
    )
    database: Database | None = field(default_factory=lambda: Database(VerifierKey.parse(PUBLIC_KEY)))
    timeout: float = 30.0
    """Seconds for one request: a mirror that fetches on demand needs some."""


@dataclass(frozen=True, slots=True)
class How:
    """How to ask, where it is not the plain way."""

    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    expected: tuple[int, ...] = (200,)
    keep: Keep = "bytes"
    connection: Connection = "warm"
    follow: bool = True


PLAIN = How()


class Asking:
    """One mirror under examination. Every request becomes a sample; plain ones are made once."""

    def __init__(self, lab: Lab, target: Target, subject: Subject, shake: Shake) -> None:
        self.lab = lab
        self.target = target
        self.subject = subject
        self.shake = shake
        self._known: dict[str, Fetched] = {}
        self._hung = 0
        """Requests in a row that no whole answer came to in time."""

    async def get(self, path: str) -> Fetched:
        """Return the answer for a path below the base, asked for at most once."""
        if path not in self._known:
            self._known[path] = await self.ask(path)
        return self._known[path]

    async def file(self, extension: str) -> Fetched:
        """Return the answer for a file of the module, asked for at most once."""
        return await self.get(self.subject.module.file(extension))

    async def ask(self, path: str, how: How = PLAIN, *, family: str = "") -> Fetched:
        """Ask now."""
        target = replace(self.target, family="ipv6") if family == "ipv6" else self.target
        request = Request(
            target,
            path,
            method=how.method,
            headers=how.headers,
            connection=how.connection,
            expected=how.expected,
            keep=how.keep,
            limit=Limit(self.subject.timeout)
            if how.keep == "file"
            else Limit(self.subject.timeout, _SMALL),
            follow=how.follow,
        )
        fetched = await self.lab.engine.fetch(request)
        self.lab.record(NAME, how.method, fetched)
        self._hung = self._hung + 1 if fetched.outcome == "timeout" else 0
        return fetched

    @property
    def dead(self) -> str:
        """Why it is no use to go on: nothing was answered so far, or nothing ends any more; else empty."""
        if self._hung >= HUNG:
            return f"not asked: {HUNG} answers in a row did not come, or did not end"
        silent = [fetched for fetched in self._known.values() if fetched.status is None]
        return silent[0].reason if silent and len(silent) == len(self._known) else ""


def told(fetched: Fetched, *headers: str) -> str:
    """Return request and answer in one line, with the headers that matter."""
    request = fetched.request
    sent = "".join(f" [{name}: {value}]" for name, value in request.headers.items())
    line = f"{request.method} …/{request.path}{sent} → "
    if fetched.status is None:
        return f"{line}no answer: {fetched.reason}"
    line += f"{fetched.status}, {fetched.size:,} bytes"
    shown = [f"{name}: {fetched.headers[name]}" for name in headers if name in fetched.headers]
    if fetched.status in request.expected and fetched.reason:
        shown.append(fetched.reason)
    return "; ".join([line, *shown])


def cell(
    verdict: Verdict | bool,  # noqa: FBT001 - yes or no, in short
    fetched: Fetched,
    note: str = "",
    *headers: str,
) -> Cell:
    """Return the verdict with its evidence. Without an answer, nothing is known."""
    if fetched.status is None and verdict is not True:
        return Cell("unknown", told(fetched, *headers), note)
    if isinstance(verdict, bool):
        verdict = "yes" if verdict else "no"
    return Cell(verdict, told(fetched, *headers), note)
