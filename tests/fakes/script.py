"""An upstream inside the process that answers from a script: no sockets, every break on purpose."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.upstream.port import Reply

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Mapping

    from modmirror.errors import Error
    from modmirror.mod.zipscan import ScannedEntry


@dataclass(slots=True)
class Say:
    """One scripted answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain"
    etag: str = ""
    ranges: bool = True
    """Honour an offset with 206; otherwise send the whole file again."""
    declared: bool = True
    """Declare the length."""
    break_after: int | None = None
    """Fail with ``error`` after so many bytes of this answer's body."""
    error: Error | None = None
    """Raised at ``break_after``, or at once when that is None."""
    retry_after: float | None = None
    age: float = 0.0
    scanned: Mapping[int, ScannedEntry] | None = None
    """As a zip of this mirror's own making says what it holds."""
    gate: asyncio.Event | None = None
    """Wait for this before the body goes on after its first chunk."""


@dataclass(slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    offset: int
    if_range: str


@dataclass(slots=True)
class ScriptedUpstream:
    """Answers ``path`` with the next entry of its script; the last entry repeats. 404 without a script."""

    name: str = "upstream.example"
    chunk: int = 65_536
    scripts: dict[str, list[Say]] = field(default_factory=dict)
    fallback: Callable[[str], Say] = lambda _: Say(status=404, body=b"not found: nothing here\n")
    asked: list[Asked] = field(default_factory=list)
    left_early: int = 0

    def say(self, path: str, *answers: Say | bytes) -> None:
        """Set the script of one path."""
        self.scripts[path] = [Say(a) if isinstance(a, bytes) else a for a in answers]

    def count(self, path: str) -> int:
        """How often ``path`` was asked for."""
        return sum(request.path == path for request in self.asked)

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        self.asked.append(Asked(path, offset, if_range))
        script = self.scripts.get(path)
        say = self.fallback(path) if not script else script.pop(0) if len(script) > 1 else script[0]
        if say.error is not None and say.break_after is None:
            raise say.error
        partial = say.status == 200 and offset > 0 and say.ranges
        if partial and if_range and if_range != say.etag:
            partial = False
        start = offset if partial else 0
        rest = say.body[start:]
        yield Reply(
            status=206 if partial else say.status,
            body=self._body(say, rest),
            length=len(rest) if say.declared else None,
            start=start,
            total=len(say.body) if say.declared else None,
            etag=say.etag,
            content_type=say.content_type,
            retry_after=say.retry_after,
            age=say.age,
            scanned=say.scanned,
        )

    async def _body(self, say: Say, rest: bytes) -> AsyncIterator[bytes]:
        end = len(rest) if say.break_after is None else min(say.break_after, len(rest))
        for at in range(0, end, self.chunk):
            if at and say.gate is not None:
                await say.gate.wait()
            yield rest[at : min(at + self.chunk, end)]
        if say.error is not None:
            raise say.error

    async def close(self) -> None:
        pass
