"""A loopback GOPROXY that does what it is told, right or wrong, and remembers each request.

Its own event loop runs in a thread, so synchronous tests, asynchronous tests and the real ``go`` command
can all use it::

    with FakeUpstream() as upstream:
        upstream.add("example.com/m", "v1.0.0", {"m.go": "package m\\n"})
        upstream.add("example.com/big", "v1.0.0", zip=big_zip("example.com/big", "v1.0.0", 60 << 20))
        upstream.query("example.com/m", "main", "v1.0.0")       # @v/main.info
        upstream.toolchain("1.99.0", "linux-amd64", {"bin/go": "#!/bin/sh\\n"})
        upstream.put("sumdb/sum.example/supported", b"")        # any free file
        upstream.fault("*.zip", Fault(truncate_after=1000), times=1)
        ...  # use upstream.url
        assert upstream.count("*/@v/v1.0.0.zip") == 2
        upstream.stop()   # connection refused from here on ...
        upstream.start()  # ... until it is back on the same port

Paths and patterns (fnmatch) are escaped, without prefix and leading slash: ``github.com/!azure/x/@v/list``.
See `tests.fakes.faults.Fault` for what can go wrong and `tests.fakes.gomodules` for the content.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fnmatch
import gzip
import random
import re
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from tests.fakes.faults import Fault, FaultPlan
from tests.fakes.gomodules import DEFAULT_TIME, FakeFile, GoModules, make_file
from tests.fakes.tls import server_context
from tests.fakes.wire import Answer, Pace, head, pieces, reset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(slots=True)
class Seen:
    """One request as it arrived, and what became of its answer."""

    method: str
    target: str
    """The request target, byte for byte (``%21`` and the query string are still there)."""
    path: str
    """Decoded path below the prefix, without leading slash."""
    headers: dict[str, str]
    """Names in lower case."""
    at: float
    """time.monotonic() on arrival."""
    status: int = 0
    """Status sent; 0 while none was."""
    sent: int = 0
    """Body bytes written so far. Written by the server's thread: may lag behind what a client has."""
    done: bool = False
    """The answer was written to its (perhaps faulty) end; False if the client left before."""


@dataclass(slots=True)
class FakeUpstream:
    """See the module's docstring. Options are fields and may be changed while it runs."""

    tls: bool = False
    """Serve https with a certificate of `tests.fakes.tls.authority` (127.0.0.1 and localhost)."""
    host: str = "127.0.0.1"
    """Host in `url`; ``localhost`` gives the same server another name."""
    prefix: str = ""
    """Path below which everything lives, e.g. ``/goproxy``; other paths are 404."""
    basic: tuple[str, str] | None = None
    """(user, password) without which the answer is 401."""
    bearer: str | None = None
    """Bearer token without which the answer is 401."""
    ranges: bool = True
    """Honour Range and If-Range; otherwise they are ignored."""
    etags: bool = True
    """Send strong ETags."""
    latency: float = 0.0
    """Seconds before each header."""
    sigma: float = 0.0
    """Spread of these seconds, which are lognormal around ``latency``; 0: always the same."""
    bandwidth: float | None = None
    """Bytes a second for each answer, None for no limit."""
    handler: Callable[[str], tuple[int, bytes] | None] | None = None
    """Asked first with the path; None means: look among the modules. Runs in the server's thread."""

    log: list[Seen] = field(default_factory=list, init=False)
    modules: GoModules = field(default_factory=GoModules, init=False)
    port: int = field(default=0, init=False)
    _faults: FaultPlan = field(default_factory=FaultPlan, init=False)
    _open: dict[asyncio.StreamWriter, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _stop: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _started: threading.Event = field(default_factory=threading.Event, init=False)

    # --- life ------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the port of last time if there was one."""
        assert self._thread is None, "already started"
        self._started.clear()
        self._thread = threading.Thread(target=self._run, name="fake-upstream", daemon=True)
        self._thread.start()
        assert self._started.wait(10), "the fake upstream did not start"
        assert self.port, "the fake upstream could not listen"

    def stop(self) -> None:
        """Drop every connection and refuse new ones. Safe to call twice."""
        if self._thread is not None:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
            self._thread = None

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._thread is not None

    @property
    def url(self) -> str:
        """Base URL, as it goes into GOPROXY."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}{self.prefix}"

    @property
    def connections(self) -> int:
        """Connections open now."""
        return len(self._open)

    # --- content and faults ----------------------------------------------------------------------

    def add(
        self,
        module: str,
        version: str,
        files: Mapping[str, bytes | str] | None = None,
        *,
        zip: bytes | Path | None = None,  # noqa: A002 - the extension's own name reads best at the call
        mod: bytes | str | None = None,
        time: str = DEFAULT_TIME,
        listed: bool = True,
    ) -> None:
        """Serve a module version; see `GoModules.add`."""
        self.modules.add(module, version, files, zip=zip, mod=mod, time=time, listed=listed)

    def query(self, module: str, query: str, version: str) -> None:
        """Let a branch, tag or commit answer with a version."""
        self.modules.query(module, query, version)

    def toolchain(self, go: str, platform: str, files: Mapping[str, bytes | str]) -> str:
        """Serve a Go toolchain; return its module version."""
        return self.modules.toolchain(go, platform, files)

    def put(
        self, path: str, content: bytes | str | Path, content_type: str = "text/plain; charset=utf-8"
    ) -> None:
        """Serve any other file."""
        self.modules.files[path] = make_file(content, content_type)

    def fault(self, pattern: str, fault: Fault, *, times: int | None = None) -> None:
        """Misbehave for requests whose path matches: ``times`` of them, or all. The newest rule wins."""
        self._faults.add(pattern, fault, times)

    def heal(self) -> None:
        """Forget every fault."""
        self._faults.clear()

    def requests(self, pattern: str = "*") -> list[Seen]:
        """Return the requests so far whose path matches."""
        return [seen for seen in self.log if fnmatch.fnmatchcase(seen.path, pattern)]

    def count(self, pattern: str = "*") -> int:
        """Count the requests so far whose path matches."""
        return len(self.requests(pattern))

    # --- the server ------------------------------------------------------------------------------

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            try:
                runner.run(self._main())
            finally:
                self._loop = None
                self._started.set()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(
            self._connection,
            "127.0.0.1",
            self.port,
            ssl=server_context() if self.tls else None,
            backlog=1024,
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        tasks = list(self._open.values())
        for writer in list(self._open):
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[writer] = task
        # drain() then waits until the kernel has everything: cuts and paces fall where they should.
        # 1 and not 0, with which asyncio's TLS transport never wakes a drain().
        writer.transport.set_write_buffer_limits(high=1, low=0)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            del self._open[writer]
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is to be closed."""
        seen = self._parse(await reader.readuntil(b"\r\n\r\n"))
        self.log.append(seen)
        fault = self._faults.take(seen.path)
        await asyncio.sleep(self.latency * random.lognormvariate(0.0, self.sigma) + fault.delay)
        if fault.close_header:
            return False
        if fault.stall_header:
            await reader.read(1)
            return False
        answer = self._answer(seen, fault)
        seen.status = answer.status
        writer.write(head(answer))
        await writer.drain()
        if seen.method != "HEAD":
            await self._body(seen, answer, writer)
        seen.done = True
        if fault.reset_after is not None:
            reset(writer)
            return False
        if fault.stall_after is not None:
            await reader.read(1)
            return False
        return not answer.close and seen.headers.get("connection", "").lower() != "close"

    def _parse(self, head: bytes) -> Seen:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        path = unquote(urlsplit(target).path)
        below = path.removeprefix(f"{self.prefix}/") if path.startswith(f"{self.prefix}/") else f"?{path}"
        return Seen(method, target, below, headers, time.monotonic())

    def _answer(self, seen: Seen, fault: Fault) -> Answer:
        if location := self._location(seen, fault):
            return self._error(302, b"", fault, {"Location": location})
        if not self._authorized(seen.headers.get("authorization", "")):
            return self._error(401, b"unauthorized\n", fault, {"Www-Authenticate": 'Basic realm="fake"'})
        if fault.status is not None and fault.status not in (200, 206):
            return self._error(
                fault.status, fault.body if fault.body is not None else b"fault\n", fault, {}
            )
        return self._content(seen, fault)

    def _content(self, seen: Seen, fault: Fault) -> Answer:
        if self.handler is not None and (given := self.handler(seen.path)) is not None:
            return self._file(seen, make_file(given[1]), given[0], fault)
        file = self.modules.find(seen.path)
        if fault.body is not None:
            kind = fault.content_type or (file.content_type if file else "text/plain; charset=utf-8")
            return self._file(seen, make_file(fault.body, kind), fault.status or 200, fault)
        if file is None:
            return self._error(404, f"not found: {seen.path}\n".encode(), fault, {})
        return self._file(seen, file, fault.status or 200, fault)

    def _location(self, seen: Seen, fault: Fault) -> str:
        if fault.redirect:
            return fault.redirect.replace("{path}", seen.path)
        hop = int(m[1]) if (m := re.search(r"[?&]hop=(\d+)", seen.target)) else 0
        return f"{self.prefix}/{seen.path.replace('!', '%21')}?hop={hop + 1}" if hop < fault.hops else ""

    def _authorized(self, authorization: str) -> bool:
        if self.basic is not None:
            pair = ":".join(self.basic).encode()
            return authorization == f"Basic {base64.b64encode(pair).decode()}"
        return self.bearer is None or authorization == f"Bearer {self.bearer}"

    def _error(self, status: int, body: bytes, fault: Fault, headers: dict[str, str]) -> Answer:
        file = make_file(body, fault.content_type or "text/plain; charset=utf-8")
        stop = 0 if status in (204, 304) else file.size
        return self._finish(Answer(status, file, 0, stop, headers, fault))

    def _file(self, seen: Seen, file: FakeFile, status: int, fault: Fault) -> Answer:
        if fault.gzip:
            packed = gzip.compress(bytes(file.read(0, file.size)), mtime=0)
            file = replace(make_file(packed, file.content_type), etag=file.etag)
        answer = Answer(
            status, file, 0, file.size, {"Accept-Ranges": "bytes"} if self.ranges else {}, fault
        )
        if self.etags:
            answer.headers["ETag"] = file.etag
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", seen.headers.get("range", ""))
        if self.ranges and wanted and seen.headers.get("if-range", file.etag) == file.etag:
            start, stop = int(wanted[1]), min(int(wanted[2] or file.size - 1) + 1, file.size)
            if start >= file.size:
                return self._error(416, b"", fault, {"Content-Range": f"bytes */{file.size}"})
            answer.status, answer.start, answer.stop = 206, start, stop
            right = f"bytes {start}-{stop - 1}/{file.size}"
            answer.headers["Content-Range"] = right if fault.content_range is None else fault.content_range
        return self._finish(answer)

    def _finish(self, answer: Answer) -> Answer:
        fault, headers = answer.fault, answer.headers
        headers["Content-Type"] = fault.content_type or answer.file.content_type
        if fault.gzip:
            headers["Content-Encoding"] = "gzip"
        answer.chunked = fault.chunked
        if fault.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif not fault.until_close:
            headers["Content-Length"] = str(answer.stop - answer.start + fault.declare)
        answer.close = fault.until_close or fault.declare != 0 or fault.cut is not None
        if answer.close:
            headers["Connection"] = "close"
        headers.update(fault.headers)
        answer.headers = {name: value for name, value in headers.items() if value}
        return answer

    async def _body(self, seen: Seen, answer: Answer, writer: asyncio.StreamWriter) -> None:
        pace = Pace(self.bandwidth, answer.fault.drip)
        for data in pieces(answer, pace.piece):
            if answer.chunked:
                writer.write(b"%x\r\n" % len(data))
                writer.write(data)
                writer.write(b"\r\n")
            else:
                writer.write(data)
            await writer.drain()
            seen.sent += len(data)
            await pace.wait(seen.sent)
        if answer.chunked and answer.fault.cut is None:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
