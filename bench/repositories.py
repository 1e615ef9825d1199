"""Repositories that the mirror and the go command both read, over the same transport.

Both know them as ``https://github.com/bench/NAME``, and both are led to one loopback server that speaks
smart HTTP by ``git http-backend``: the mirror by ``rewrite``, git below the go command by ``insteadOf``.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from bench.client import fetch
from bench.machine import tool
from tests.e2e.go import GoCommand
from tests.e2e.mirror import MirrorProcess
from tests.fakes.git_http import git_server
from tests.fakes.large_git import LARGE, SMALL, Size, write_large

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path

    from tests.e2e.mirror import Table

HOST = "https://github.com/"
SIZES = {"small": SMALL, "large": LARGE}
TINY = Size(files=20, tags=4, commits=8)
MANY = tuple(f"tiny{number}" for number in range(120))
"""Repositories of the size TINY: as many as a service with a few direct dependencies has in all."""
_CACHE = "repositories-1"
"""Raise the number when :mod:`tests.fakes.large_git` writes something else."""


def module_of(name: str) -> str:
    """Return the module in a repository."""
    return f"github.com/bench/{name}"


class Repositories:
    """The server, and mirrors and machines that read from it, each starting with nothing."""

    def __init__(self, work: Path, scratch: Path, stack: ExitStack) -> None:
        """Keep repositories in ``work`` from run to run, and all else in ``scratch``."""
        self._root = work / _CACHE
        self._scratch = scratch
        self._stack = stack
        self._count = 0

    @cached_property
    def url(self) -> str:
        """Where the repositories are."""
        for name, size in {**SIZES, **dict.fromkeys(MANY, TINY)}.items():
            directory = self._root / "bench" / name
            if not directory.exists():
                directory.parent.mkdir(parents=True, exist_ok=True)
                write_large(directory, module_of(name), size)
        return self._stack.enter_context(git_server(self._root)).url

    @contextmanager
    def mirror(self, settings: Mapping[str, Table] | None = None) -> Iterator[MirrorProcess]:
        """Start a mirror that has nothing, with further tables of settings."""
        route = {"match": ["*"], "from": ["direct"], "sumdb": "off", "rewrite": [f"{HOST} -> {self.url}"]}
        directory = self._fresh("mirror")
        with MirrorProcess(directory, {"route": [route], **(settings or {})}) as mirror:
            yield mirror
        shutil.rmtree(directory)

    @contextmanager
    def machine(self, proxy: str = "direct") -> Iterator[GoCommand]:
        """A developer's machine that has nothing."""
        tool("go")
        directory = self._fresh("machine")
        directory.mkdir(parents=True)
        config = directory / "gitconfig"
        config.write_text(f'[url "{self.url}/"]\n\tinsteadOf = {HOST}\n')
        settings = {"GOVCS": "*:git", "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
        yield GoCommand(directory, proxy, settings)
        shutil.rmtree(directory)

    def _fresh(self, what: str) -> Path:
        self._count += 1
        return self._scratch / f"{what}{self._count}"


def download(mirror: MirrorProcess, wanted: Sequence[tuple[str, str]]) -> None:
    """Ask a mirror as ``go mod download`` does: versions of modules at once, files of each in turn."""

    def one(module: str, version: str) -> None:
        for extension in ("info", "mod", "zip"):
            fetch(f"{mirror.url}/{module}/@v/{version}.{extension}")

    with ThreadPoolExecutor(len(wanted)) as pool:
        list(pool.map(one, *zip(*wanted, strict=True)))
