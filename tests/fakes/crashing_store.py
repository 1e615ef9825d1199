"""A process that puts module versions into a store until it is killed.

Run as a program (``python -m tests.fakes.crashing_store``) it is told what to do on its standard input, one
JSON object a line: ``root``, ``seed``, ``kill_at`` (0, or the number of the system call right before which
it kills itself) and ``opening`` (count from the opening of the store on, not from the first put). For each
it forks a child that opens the store, prints ``open`` and then the path of every file whose put has
returned, and is waited for. Forking spares a new interpreter for each death.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.storage.filesystem import FilesystemStorage
from modmirror.storage.port import BlobKey
from tests.fakes.faulty_os import FaultyOs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.storage.port import Extension

_MODULES = ("x.test/a", "x.test/B", "x.test/a/b", "y.test/c/v2")


def content_of(path: str) -> bytes:
    """The bytes that belong under a path, so that anybody can tell wrong ones."""
    unit = hashlib.sha256(path.encode()).digest()
    return unit * (2000 if path.endswith(".zip") else 3)


def keys(seed: int) -> Iterator[BlobKey]:
    """Endless module files, each version whole before the next, like fills."""
    rng = random.Random(seed)
    extensions: tuple[Extension, ...] = ("info", "mod", "zip")
    while True:
        module = rng.choice(_MODULES)
        version = f"v{2 if module.endswith('v2') else 1}.{rng.randrange(1000)}.{seed}"
        for extension in extensions:
            yield BlobKey(escape_path(check_path(module)), escape_version(version), extension)


async def put_one(store: FilesystemStorage, key: BlobKey) -> None:
    """Put one file the way a fill does: zips by way of a spool."""
    data = content_of(key.path)
    digest = hashlib.sha256(data).hexdigest()
    if key.extension != "zip":
        await store.put(key, data, digest)
        return
    spool = await store.spool()
    for start in range(0, len(data), 10_000):
        spool.write(data[start : start + 10_000])
    await store.put(key, spool, digest, "h1:test=")
    spool.close()


async def _put_until_killed(root: Path, seed: int, kill_at: int, *, opening: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        faults = FaultyOs(patch)
        if opening:
            faults.kill(kill_at)
        store = await FilesystemStorage.open_store(root)
        say("open")
        if kill_at and not opening:
            faults.kill(kill_at)
        for key in keys(seed):
            await put_one(store, key)
            # As a put returns it has promised: what is said here must be there afterwards.
            say(key.path)


def say(line: str) -> None:
    """Print at once: what waits in a buffer would die with the process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Obey standard input."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            order["root"] = Path(order["root"])
            asyncio.run(_put_until_killed(**order))
        say(f"pid {child}")
        _, status = os.waitpid(child, 0)
        say(f"dead {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
