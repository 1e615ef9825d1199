"""A GOPROXY kept in a directory, as in ``GOPROXY=file:///dir`` (protocol.md A.17).

A Go module cache's ``cache/download`` is such a tree, and so is this mirror's own store. Directories are
never listed: what has no file is 404.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import unquote, urlsplit

from modmirror.errors import ConfigError, UpstreamTimeout, UpstreamUnavailable
from modmirror.upstream.address import CONFIG_KEY, check_path, without_secrets
from modmirror.upstream.port import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

T = TypeVar("T")

CHUNK = 262_144
"""Bytes read at a time."""
THREADS = 8
"""For each directory; made when needed."""
_OK = 200
_PARTIAL = 206
_FORBIDDEN = 403
_NOT_FOUND = 404
_RANGE_NOT_SATISFIABLE = 416
_TEXT = "text/plain; charset=utf-8"
_CONTENT_TYPES = {".info": "application/json", "latest": "application/json", ".zip": "application/zip"}


class DirectoryUpstream:
    """Reads below one directory, on threads of its own: a slow disk stops nothing else.

    ``stall_timeout`` is in seconds, for the opening of a file and for each read.

    Raises:
        ConfigError: with key ``from``, for a URL that is not ``file:///absolute/directory``.
    """

    def __init__(self, url: str, *, stall_timeout: float = 30.0) -> None:
        self._root = _root_of(url)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="directory")
        self._stall_timeout = stall_timeout
        # Only the last element: where things lie on the server is nobody's business (errors.py).
        self.name = f"file:{self._root.name or '/'}"

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        """See `modmirror.upstream.port.Upstream.get`."""
        check_path(path)
        file = _File(self._root / path)
        try:
            yield await self._open(file, path, offset, if_range)
        finally:
            file.close()

    async def close(self) -> None:
        """Let the threads end. Safe to call twice."""
        self._pool.shutdown(wait=False)

    async def _open(self, file: _File, path: str, offset: int, if_range: str) -> Reply:
        try:
            found = await self._in_time(file.open)
        except PermissionError:
            return _refusal(_FORBIDDEN, "forbidden")
        except (FileNotFoundError, NotADirectoryError) as error:
            # A share that is not mounted has nothing of anything: that is no "not found".
            if not await self._in_time(self._root.is_dir):
                raise UpstreamUnavailable(self.name, "the directory is not there") from error
            return _refusal(_NOT_FOUND, f"not found: {path}")
        except OSError as error:
            raise UpstreamUnavailable(self.name, f"cannot be read: {error.strerror}") from error
        if not stat.S_ISREG(found.st_mode):
            return _refusal(_NOT_FOUND, f"not found: {path}")
        etag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
        start = offset if if_range in ("", etag) else 0
        if start and start >= found.st_size:
            return _refusal(_RANGE_NOT_SATISFIABLE, "the file ends before that")
        return Reply(
            status=_PARTIAL if start else _OK,
            body=_Chunks(self, file, start, found.st_size),
            length=found.st_size - start,
            start=start,
            total=found.st_size,
            etag=etag,
            content_type=next((t for end, t in _CONTENT_TYPES.items() if path.endswith(end)), _TEXT),
        )

    async def read(self, file: _File, size: int, offset: int) -> bytes:
        """Read from an open file. Raises UpstreamUnavailable, UpstreamTimeout."""
        try:
            return await self._in_time(file.read, size, offset)
        except OSError as error:
            raise UpstreamUnavailable(self.name, f"cannot be read: {error.strerror}") from error

    async def _in_time(self, call: Callable[..., T], *args: int) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._stall_timeout):
                return await loop.run_in_executor(self._pool, call, *args)
        except TimeoutError as error:
            reason = f"the disk did not answer within {self._stall_timeout:g} s"
            raise UpstreamTimeout(self.name, reason) from error


class _File:
    """A descriptor that is left while a read may still be running: whoever is last closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._closed = False

    def open(self) -> os.stat_result:
        """Open for reading. Blocks."""
        with self._in_use():
            # O_NONBLOCK: the opening of a pipe would otherwise wait for a writer.
            self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            return os.fstat(self._descriptor)

    def read(self, size: int, offset: int) -> bytes:
        """Read from an offset. Blocks."""
        with self._in_use() as descriptor:
            return b"" if descriptor is None else os.pread(descriptor, size, offset)

    def close(self) -> None:
        """Close now, or after the read that is running. Does not wait."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                descriptor, self._descriptor = self._descriptor, None
                if descriptor is not None:
                    os.close(descriptor)
            finally:
                self._lock.release()

    @contextmanager
    def _in_use(self) -> Iterator[int | None]:
        try:
            with self._lock:
                if self._closed:
                    raise ValueError("the reply was left before it was read")
                yield self._descriptor
        finally:
            if self._closed:  # meanwhile, and close() could not get at it
                self.close()


class _Chunks:
    """The bytes of a file from ``position`` to the size it had when it was opened."""

    def __init__(self, upstream: DirectoryUpstream, file: _File, position: int, size: int) -> None:
        self._upstream = upstream
        self._file = file
        self._position = position
        self._size = size

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._position >= self._size:
            raise StopAsyncIteration
        wanted = min(CHUNK, self._size - self._position)
        chunk = await self._upstream.read(self._file, wanted, self._position)
        if not chunk:
            raise UpstreamUnavailable(self._upstream.name, "a file became shorter while it was read")
        self._position += len(chunk)
        return chunk


async def _text(text: bytes) -> AsyncIterator[bytes]:
    yield text


def _refusal(status: int, reason: str) -> Reply:
    text = f"{reason}\n".encode()
    return Reply(status=status, body=_text(text), length=len(text), content_type=_TEXT)


def _root_of(url: str) -> Path:
    """Return the directory that a file URL names."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    path = unquote(parts.path)
    plain = parts.scheme == "file" and not (parts.netloc or parts.query or parts.fragment)
    if not plain or not path.startswith("/") or "\0" in path:
        reason = f'"{without_secrets(url)}" does not name a directory of this machine'
        raise ConfigError(CONFIG_KEY, reason, hint="write it like file:///srv/goproxy")
    return Path(path)
