"""An engine for the HTTP edge that answers from a table, and content of any shape to put in it."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod.escape import EscapedPath, EscapedVersion
from modmirror.policy.decide import Verdict
from modmirror.proxy.served import CacheState, Served
from modmirror.storage.port import Blob, BlobKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modmirror.proxy.served import Request

STORED_AT = 1_600_000_000.75
MODULE = "/example.com/m"
INFO = f"{MODULE}/@v/v1.0.0.info"
MOD = f"{MODULE}/@v/v1.0.0.mod"
ZIP = f"{MODULE}/@v/v1.0.0.zip"
LIST = f"{MODULE}/@v/list"


@lru_cache(64)
def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class BytesBlob:
    """Stored bytes without a file behind them. ``cold`` ones have to be waited for."""

    def __init__(self, body: bytes, *, size: int | None = None, cold: bool = False) -> None:
        key = BlobKey(EscapedPath("example.com/m"), EscapedVersion("v1.0.0"), "zip")
        self.blob = Blob(key, len(body) if size is None else size, sha256(body), STORED_AT)
        self.body = body
        self.cold = cold
        self.closed = 0
        self.waited = 0

    @property
    def descriptor(self) -> int | None:
        return None

    def read_now(self, offset: int, size: int) -> bytes | None:
        assert not self.closed
        return None if self.cold else self.body[offset : offset + size]

    async def read(self, offset: int, size: int) -> bytes:
        assert not self.closed
        self.waited += 1
        await asyncio.sleep(0)
        return self.body[offset : offset + size]

    def close(self) -> None:
        self.closed += 1


class EndlessBlob(BytesBlob):
    """Ten gigabytes that take no room: no answer with them ends by itself in time."""

    def __init__(self) -> None:
        super().__init__(b"", size=10**10)
        self.piece = bytes(1 << 20)

    def read_now(self, offset: int, size: int) -> bytes | None:
        assert not self.closed
        return self.piece[: min(size, self.blob.size - offset)]


class FileBlob(BytesBlob):
    """Stored bytes in a file of their own."""

    def __init__(self, path: Path, body: bytes, *, size: int | None = None, cold: bool = False) -> None:
        super().__init__(body, size=size, cold=cold)
        if not path.exists():
            path.write_bytes(body)
        self._descriptor = os.open(path, os.O_RDONLY)

    @property
    def descriptor(self) -> int | None:
        return self._descriptor

    async def read(self, offset: int, size: int) -> bytes:
        self.cold = False  # reading brings it into memory
        return await super().read(offset, size)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class ScriptedGrowing:
    """A file that arrives as the test says: pieces, then an error if there is one."""

    def __init__(self, length: int | None, *pieces: bytes, error: Exception | None = None) -> None:
        self.length = length
        self.body = b"".join(pieces)
        self.error = error
        self.closed = 0
        self.more = asyncio.Event()
        self.more.set()

    async def read(self, offset: int, size: int) -> bytes:
        await self.more.wait()
        data = self.body[offset : offset + size]
        if not data and self.error is not None:
            raise self.error
        return data

    def close(self) -> None:
        self.closed += 1


@dataclass
class ScriptedEngine:
    """Answers by wire path; whatever is not in the table does not exist."""

    answers: dict[str, Served | Exception | Callable[[], Served]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """Set it to make requests wait."""

    async def serve(self, request: Request) -> Served:
        self.asked.append(request)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.get("/" + request.target.path)
        if answer is None:
            raise NotExist(f"{request.target.path}: no such module")
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Served) else answer()

    def decide(self, module: str, version: str) -> Verdict:
        return Verdict(allowed=module not in self.denied, reason=f"{module}@{version} is denied")

    async def problems(self) -> list[str]:
        return self.trouble


def info(body: bytes = b'{"Version":"v1.0.0"}', cache: CacheState = CacheState.MISS) -> Served:
    return Served(body, "application/json", cache, digest=sha256(body), upstream="up", immutable=True)


def mod(body: bytes = b"module example.com/m\n") -> Served:
    return Served(
        body,
        "text/plain; charset=utf-8",
        CacheState.MISS,
        digest=sha256(body),
        immutable=True,
        verified=True,
    )


def versions(body: bytes = b"v1.0.0\n", *, cache: CacheState = CacheState.HIT, age: float = 3.9) -> Served:
    return Served(body, "text/plain; charset=utf-8", cache, upstream="up", max_age=56.1, age=age)


def stored_zip(blob: BytesBlob, cache: CacheState = CacheState.HIT) -> Served:
    return Served(blob, "application/zip", cache, digest=blob.blob.digest, immutable=True, verified=True)


def growing_zip(growing: ScriptedGrowing) -> Served:
    return Served(growing, "application/zip", CacheState.MISS, upstream="up", immutable=True)
