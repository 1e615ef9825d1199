"""The mirror that is rehearsed with, as a process of its own: ``modmirror serve``, or any other command."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Error

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.emulate.sumdb import EmulatedSumdb

START_LIMIT = 60.0
_STOP_LIMIT = 10.0
_POLL = 0.02
_ANNOUNCED = re.compile(r"listening on (http\S+?),")
_SAID_BYTES = 2000

# Seconds of modmirror's own defaults: what users have, in the length of the scenario's seconds.
_CONNECT, _FIRST_BYTE, _STALL, _SHUN = 10.0, 60.0, 30.0, 600.0
LIST_TTL = 2.0
"""Lists are kept for much less than by default, so that a rehearsal sees many refreshes."""


class NotStarted(Error):
    """The mirror under test did not start."""


@dataclass(frozen=True, slots=True)
class World:
    """What the mirror is told about its surroundings."""

    directory: Path
    upstreams: tuple[str, ...]
    sumdb: EmulatedSumdb
    sumdb_url: str
    """Base of the checksum database, which no fault concerns."""
    scale: float = 1.0
    ca_file: Path | None = None
    wrapper: tuple[str, ...] = ()


class Subject:
    """A running mirror. :meth:`start` returns its URL."""

    def __init__(self, world: World, command: str = "") -> None:
        """``command`` is another mirror's, with ``{port}``, ``{upstream}``, ``{dir}``."""
        self._world = world
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    @property
    def code(self) -> int | None:
        """Exit code; None while it runs, or before."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> str:
        """Start, and wait until it can be asked. Raises NotStarted, ConfigError."""
        try:
            async with asyncio.timeout(START_LIMIT):
                return await (self._start_other() if self._command else self._start_own())
        except TimeoutError as error:
            raise NotStarted(f"it was not ready after {START_LIMIT:.0f} s", hint=self._said()) from error

    async def stop(self) -> None:
        """End it, and whatever it has started."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                await asyncio.wait_for(process.wait(), _STOP_LIMIT)
            except ProcessLookupError:
                # It ended by itself just now.
                return
            except TimeoutError:
                continue
            return

    async def _start_own(self) -> str:
        file = self._world.directory / "modmirror.toml"
        file.write_text(own_config(self._world), encoding="utf-8")
        await self._launch([sys.executable, "-m", "modmirror", "serve", "--config", str(file)])
        while not (found := _ANNOUNCED.search(self._said())):
            await self._look()
        return found[1]

    async def _start_other(self) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        try:
            text = self._command.format(
                port=port, upstream=self._world.upstreams[0], dir=self._world.directory
            )
            words = shlex.split(text)
        except (KeyError, ValueError, IndexError) as error:
            raise ConfigError(
                "--target-command",
                f"{error} is not understood",
                hint="write it with {port}, {upstream} and {dir} only",
            ) from error
        await self._launch(words)
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await self._look()
            else:
                writer.close()
                return f"http://127.0.0.1:{port}"

    async def _launch(self, words: list[str]) -> None:
        environ = {"PATH": os.environ.get("PATH", ""), "HOME": str(self._world.directory)}
        with (self._world.directory / "said").open("wb") as said:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self._world.wrapper,
                    *words,
                    stdout=said,
                    stderr=said,
                    env=environ,
                    start_new_session=True,
                )
            except OSError as error:
                raise NotStarted(f"{words[0]} cannot be started: {error.strerror}") from error

    async def _look(self) -> None:
        if self.code is not None:
            raise NotStarted(f"it ended with code {self.code}", hint=self._said())
        await asyncio.sleep(_POLL)

    def _said(self) -> str:
        file = self._world.directory / "said"
        return file.read_text(encoding="utf-8", errors="replace")[-_SAID_BYTES:] if file.exists() else ""


def own_config(world: World) -> str:
    """Return the configuration of a modmirror in this world."""
    scale = world.scale
    lines = [
        "[server]",
        "port = 0",
        "drain = 0.0",
        "shutdown_timeout = 1.0",
        "[storage]",
        f"path = {json.dumps(str(world.directory / 'store'))}",
        "[log]",
        'access = ""',
        "[http]",
        f"connect_timeout = {_CONNECT * scale}",
        f"first_byte_timeout = {_FIRST_BYTE * scale}",
        f"stall_timeout = {_STALL * scale}",
        *([f"ca_file = {json.dumps(str(world.ca_file))}"] if world.ca_file else []),
        "[fill]",
        f"shun = {_SHUN * scale}",
        "[freshness]",
        f"ttl = {LIST_TTL * scale}",
        "stale_while_revalidate = 0.0",
        "negative_ttl = 0.0",
        "[[route]]",
        f"from = {json.dumps(list(world.upstreams))}",
        "[[sumdb]]",
        f"name = {json.dumps(world.sumdb.name)}",
        f"key = {json.dumps(world.sumdb.key)}",
        f"from = {json.dumps([world.sumdb_url])}",
    ]
    return "\n".join(lines) + "\n"
