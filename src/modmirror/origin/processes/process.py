"""Runs a version control tool on input that a stranger chose, and is sure to end it.

A tool is found once, by absolute path, in a fixed list of directories: never in the current one. It gets an
argument list (no shell), an environment made from nothing, its own session, limits on memory, file size,
processes and processor time, and a time by the clock; then its whole process group is ended. Output is
streamed and bounded. This knows nothing of any tool; errors carry the ``source`` that the caller names.

The limits are set by ``prlimit`` of util-linux, which then becomes the tool. Setting them between fork and
exec would run Python code in the fork of a process with threads; setting them from outside after the start
would miss a child that was quicker. It costs half a millisecond.
"""

from __future__ import annotations

import asyncio
import math
import os
import resource
import shutil
import subprocess
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Overloaded, UpstreamTimeout, UpstreamUnavailable
from modmirror.origin.processes.orphans import MARK, owner
from modmirror.origin.processes.running import Running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from modmirror.origin.processes.running import Finished

SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where tools are looked for, and what they get as ``PATH``."""

_PROCESSES = 4096
"""RLIMIT_NPROC counts the threads of the whole user, ours too: it only stops a tool that runs wild."""
_CPU_FACTOR = 8
"""Processor seconds for each second by the clock: git packs on several threads. Only matters for a tool
whose mirror was killed; a living one ends it by the clock."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run may use."""

    seconds: float
    """By the clock, waiting for a free place included."""
    output_bytes: int = 1 << 20
    """Of standard output; more is an UpstreamBadAnswer."""
    file_bytes: int = 1 << 34
    """Of any one file it writes."""
    memory_bytes: int = 4 << 30
    """Of address space, for each process."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, without the tool's own name."""

    source: str
    """On whose behalf: the display name in errors, free of credentials."""
    arguments: tuple[str, ...]
    directory: Path
    """Where it runs."""
    environ: Mapping[str, str] = field(repr=False)
    """All variables it gets besides PATH and whose it is. They may be secret."""
    stdin: bytes = b""
    """Small: it must fit into a pipe at once."""
    keep: tuple[int, ...] = ()
    """File descriptors that it and its children hold open, such as a lock."""


class Tool:
    """One program, and how many of it may run at once. Callers beyond that wait."""

    def __init__(self, name: str, slots: int, search_path: str = SEARCH_PATH) -> None:
        """Find the program.

        Raises:
            ConfigError: it, or ``prlimit``, is not installed.
        """
        self.name = name
        self._search_path = _absolute(search_path)
        self._program = _find(name, self._search_path)
        self._prlimit = _find("prlimit", self._search_path)
        self._owner = owner()
        self._slots = asyncio.Semaphore(slots)
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, command: Command, bounds: Bounds) -> Finished:
        """Run to the end and return what was said, whatever the exit code.

        Raises:
            UpstreamTimeout: it took too long.
            UpstreamBadAnswer: it wrote more than allowed.
            UpstreamUnavailable: it could not be started.
            Overloaded: no place became free in time.
        """
        async with self.start(command, bounds) as running:
            return await running.finish()

    @asynccontextmanager
    async def start(self, command: Command, bounds: Bounds) -> AsyncIterator[Running]:
        """Run while the body of the ``async with`` lasts; then it is ended, should it not have by itself.

        Raises what :meth:`run` does, in the body too.
        """
        waiting = True
        clock = asyncio.timeout(bounds.seconds)
        try:
            async with clock, self._slots:
                waiting = False
                running = self._spawn(command, bounds)
                try:
                    yield running
                finally:
                    await self._end(running)
        except TimeoutError as error:
            if not clock.expired():
                raise
            if waiting:
                raise Overloaded(f"too many runs of {self.name} at once", retry_after=10.0) from error
            reason = f"{self.name} did not finish within {bounds.seconds:g} seconds"
            raise UpstreamTimeout(command.source, reason) from error

    async def close(self) -> None:
        """Wait for runs whose callers have left to be gone."""
        await asyncio.gather(*self._ending)

    def _spawn(self, command: Command, bounds: Bounds) -> Running:
        # Not by the event loop: uvloop forks, and the page tables of this whole process are copied for it.
        # That costs several times as much as a small tool, and nobody is served meanwhile. This is vfork.
        try:
            process = subprocess.Popen(
                (self._prlimit, *_limits(bounds), "--", self._program, *command.arguments),
                bufsize=0,
                stdin=subprocess.PIPE if command.stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=command.directory,
                env={"PATH": self._search_path, MARK: self._owner, **command.environ},
                start_new_session=True,
                pass_fds=command.keep,
            )
            running = _watched(process, command.source, bounds.output_bytes)
        except OSError as error:
            reason = f"{self.name} could not be started: {error.strerror}"
            raise UpstreamUnavailable(command.source, reason) from error
        if process.stdin is not None:
            # It may have ended without reading: what it says of that counts.
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(command.stdin)
        return running

    async def _end(self, running: Running) -> None:
        # Whoever asked may be cancelled while this waits: the end comes anyway.
        task = asyncio.create_task(running.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        await asyncio.shield(task)


def _watched(process: subprocess.Popen[bytes], source: str, output_bytes: int) -> Running:
    try:
        return Running(process, source, output_bytes)
    except OSError:
        with process:
            process.kill()
        raise


def _absolute(search_path: str) -> str:
    # An empty or relative entry would stand for the current directory (CVE-2021-3115).
    return os.pathsep.join(folder for folder in search_path.split(os.pathsep) if os.path.isabs(folder))  # noqa: PTH117  # no Path needed


def _find(name: str, search_path: str) -> str:
    found = shutil.which(name, path=search_path)
    if found is None:
        package = "util-linux" if name == "prlimit" else name
        raise ConfigError(
            "origin", f"{name} is not in {search_path}", hint=f"Install {package}, or leave direct out."
        )
    return found


def _limits(bounds: Bounds) -> list[str]:
    wanted = {
        "as": (resource.RLIMIT_AS, bounds.memory_bytes),
        "core": (resource.RLIMIT_CORE, 0),
        "cpu": (resource.RLIMIT_CPU, math.ceil(bounds.seconds * _CPU_FACTOR)),
        "fsize": (resource.RLIMIT_FSIZE, bounds.file_bytes),
        "nproc": (resource.RLIMIT_NPROC, _PROCESSES),
    }
    return [f"--{name}={_within(kind, value)}" for name, (kind, value) in wanted.items()]


def _within(kind: int, value: int) -> int:
    """Return a limit that we may set: no higher than our own."""
    _, hard = resource.getrlimit(kind)
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
