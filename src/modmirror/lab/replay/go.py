"""The same build with the real go command, on a machine that has fetched nothing yet."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError, Error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LIMIT = 900.0
"""Seconds for one build."""


class GoFailed(Error):
    """The go command did not download a build."""


@dataclass(frozen=True, slots=True)
class GoDownload:
    """Runs ``go mod download`` with nothing of this machine's own set-up."""

    binary: Path
    versions: tuple[str, ...]
    """``PATH@VERSION``."""
    now: Callable[[], float]

    async def seconds(self, proxy: str) -> float:
        """Return how long one download took, from an empty module cache. Raises GoFailed."""
        with tempfile.TemporaryDirectory(prefix="modmirror-replay-") as directory:
            began = self.now()
            process = await asyncio.create_subprocess_exec(
                str(self.binary), "mod", "download", *self.versions,
                cwd=directory, env=environment(directory, proxy, self.binary),
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                async with asyncio.timeout(_LIMIT):
                    _, said = await process.communicate()
            except TimeoutError as error:
                raise GoFailed(f"go mod download took longer than {_LIMIT:.0f} s") from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            taken = self.now() - began
        if process.returncode:
            words = said.decode(errors="replace").strip().splitlines()
            raise GoFailed(f"go mod download: {words[0] if words else 'failed without a word'}")
        return taken


def environment(directory: str, proxy: str, binary: Path) -> dict[str, str]:
    """Return all variables that the go command gets."""
    return {
        "HOME": directory,
        "PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "GOENV": "off",
        "GOPATH": f"{directory}/go",
        "GOMODCACHE": f"{directory}/modules",
        "GOCACHE": f"{directory}/cache",
        "GOPROXY": proxy,
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        # The module cache is read-only else, and could not be removed.
        "GOFLAGS": "-modcacherw",
        "GOTELEMETRY": "off",
    }


def find_go() -> Path:
    """Return the go command: of the virtual environment, or on PATH. Raises ConfigError."""
    beside = Path(sys.prefix) / "bin" / "go"
    found = str(beside) if beside.is_file() else shutil.which("go")
    if not found:
        raise ConfigError("--go", "there is no go command on PATH", hint="install Go, or leave --go out")
    return Path(found)


def command_line(versions: Sequence[str]) -> int:
    """Return the bytes that versions take on a command line."""
    return sum(len(version) + 1 for version in versions)
