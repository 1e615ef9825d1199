"""Questions to a kept mirror that need no network: objects, files, archives."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.errors import StorageBroken, UpstreamBadAnswer
from modmirror.origin.git.command import LOCAL, Place
from modmirror.origin.git.failures import local_failure
from modmirror.origin.git.objects import parse_header

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from typing import Self

    from modmirror.errors import Error
    from modmirror.origin.git.command import Git
    from modmirror.origin.git.objects import ObjectHeader
    from modmirror.origin.keeping.kept import Kept, KeptRepositories
    from modmirror.origin.processes.process import Bounds
    from modmirror.origin.processes.running import Finished, Running

_MAX_HEADER_BYTES = 4096
_TAKEN = replace(LOCAL, output_bytes=1 << 62)
"""For output that is looked at as it comes; whoever does knows when to stop."""


class LocalGit:
    """Asks git about one kept mirror. A mirror that cannot be read is removed, to be made anew.

    All methods raise StorageBroken for that, and what
    :meth:`modmirror.origin.processes.process.Tool.run` raises.
    """

    def __init__(self, git: Git, kept: Kept, home: KeptRepositories) -> None:
        self.place = Place(kept.source, kept.directory)
        self._git = git
        self._kept = kept
        self._home = home

    async def ask(self, *arguments: str) -> bytes:
        """Return what git says of the mirror.

        Raises:
            StorageBroken: it failed, so the mirror is given up.
        """
        finished = await self._git.ask(self.place, *arguments)
        await self.check(finished)
        return finished.stdout

    async def check(self, finished: Finished) -> None:
        """Raise what a failed command means."""
        if finished.code:
            raise await self._given_up(local_failure(self.place.source, finished))

    async def _given_up(self, error: Error) -> Error:
        """Return an error; a mirror that cannot be read is removed, to be made anew by the next caller."""
        if isinstance(error, StorageBroken):
            await self._home.discard(self._kept)
        return error

    @asynccontextmanager
    async def object(self, name: str) -> AsyncIterator[tuple[ObjectHeader | None, AsyncIterator[bytes]]]:
        """Yield what an object is, None for one that is missing, and the start of a stream of its content.

        The stream has more behind the content. Objects are named as in ``git cat-file``.
        """
        async with self._objects(name) as said:
            yield await self._header(said), said

    async def file(self, name: str, limit: int) -> bytes | None:
        """Return a blob, or None when there is none of this name.

        Raises:
            UpstreamBadAnswer: it is larger than ``limit``.
            StorageBroken: it is missing because all of its commit is.
        """
        commit, _, _ = name.partition(":")
        # Both at once: files that are not there are asked for often, and a second run costs as much again.
        async with self._objects(name, f"{commit}^{{tree}}") as said:
            header = await self._header(said)
            if header is not None:
                return await self.whole(header, said, limit) if header.type == "blob" else None
            tree = await self._header(said)
        if tree is None or tree.type != "tree":
            lacking = f"the kept copy of {self.place.source} lacks the files of commit {commit}"
            raise await self._given_up(StorageBroken(lacking))
        return None

    async def is_tree(self, name: str) -> bool:
        """Tell whether there is a tree of this name."""
        async with self.object(name) as (header, _):
            return header is not None and header.type == "tree"

    async def whole(self, header: ObjectHeader, pieces: AsyncIterator[bytes], limit: int) -> bytes:
        """Return the content of an object of at most ``limit`` bytes."""
        if header.size > limit:
            reason = f"a file of {header.size} bytes, where {limit} are allowed"
            raise UpstreamBadAnswer(self.place.source, reason)
        content = bytearray()
        async for piece in pieces:
            content += piece
            if len(content) > header.size:
                return bytes(content[: header.size])
        broken = f"the kept copy of {self.place.source} is cut short at object {header.id}"
        raise await self._given_up(StorageBroken(broken))

    @asynccontextmanager
    async def stream(self, *arguments: str, bounds: Bounds = _TAKEN) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yield a stream of what git says, which raises at its end if git failed."""
        async with self._git.read(self.place, arguments, bounds) as running:

            async def pieces() -> AsyncGenerator[bytes]:
                async for piece in running:
                    yield piece
                await self.check(await running.finish())

            async with aclosing(pieces()) as stream:
                yield stream

    @asynccontextmanager
    async def _objects(self, *names: str) -> AsyncIterator[_Said]:
        lines = "".join(f"{name}\n" for name in names).encode()
        async with self._git.read(self.place, ("cat-file", "--batch"), _TAKEN, lines) as running:
            yield _Said(running, _MAX_HEADER_BYTES + len(lines) * 4)

    async def _header(self, said: _Said) -> ObjectHeader | None:
        line = await said.line()
        if line is None:
            raise await self._given_up(local_failure(self.place.source, await said.running.finish()))
        return parse_header(line)


class _Said:
    """The output of ``git cat-file --batch``: lines where they are expected, else pieces of any size."""

    def __init__(self, running: Running, longest: int) -> None:
        self.running = running
        self._longest = longest
        self._rest = b""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        rest, self._rest = self._rest, b""
        return rest or await anext(self.running)

    async def line(self) -> bytes | None:
        """Return the next line, or None when there is none, or none of a sensible length."""
        read = b""
        async for piece in self:
            read += piece
            if b"\n" in read or len(read) > self._longest:
                break
        line, newline, self._rest = read.partition(b"\n")
        return line if newline else None
