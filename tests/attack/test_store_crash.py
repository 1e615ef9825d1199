"""The store's process dies at any instant; afterwards nothing is wrong, partial or unlisted."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.storage.filesystem import FilesystemStorage
from tests.contract.storage_suite import content
from tests.fakes.crashing_store import content_of, keys, put_one
from tests.fakes.faulty_os import each_call
from tests.fakes.store_tree import leftovers, lists_out_of_step, module_files

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


class Victims:
    """Makes processes that put into a store, one after the other, and see them die."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.crashing_store"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def die(
        self, root: Path, seed: int, *, kill_at: int = 0, opening: bool = False, after: float = 0.0
    ) -> list[str]:
        """Let one run until it is killed; return the paths whose puts had returned."""
        assert self._process.stdin
        assert self._process.stdout
        order = {"root": str(root), "seed": seed, "kill_at": kill_at, "opening": opening}
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())
        promised: list[str] = []
        pid, opened = 0, False
        for line in iter(self._process.stdout.readline, b""):
            match line.decode().split():
                case ["pid", number]:
                    pid = int(number)
                case ["open"]:
                    opened = True
                case ["dead", code]:
                    assert int(code) == -signal.SIGKILL
                    return promised
                case [path]:
                    promised.append(path)
            if after and pid and opened:
                threading.Timer(after, os.kill, (pid, signal.SIGKILL)).start()
                after = 0.0
        pytest.fail("the victims' process ended by itself")

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(10) == 0


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    victims = Victims()
    yield victims
    victims.close()


async def assert_whole(root: Path, promised: list[str]) -> None:
    """Open the store again and hold it against what it promised."""
    store = await FilesystemStorage.open_store(root)
    assert store.database.moved_aside == ""
    files = module_files(root)
    assert set(promised) <= files.keys()
    for path, data in files.items():
        if path.endswith((".info", ".mod", ".zip")):
            assert data == content_of(path)
        elif path.endswith(".ziphash"):
            assert data == b"h1:test="
            assert path.removesuffix("hash") in files
    assert lists_out_of_step(root) == []
    assert leftovers(root) == []
    await store.close()


async def test_no_system_call_of_a_put_is_a_bad_moment_to_die(victims: Victims, tmp_path: Path) -> None:
    promised: list[str] = []
    for nth in each_call():
        root = tmp_path / f"{nth}"
        promised = victims.die(root, seed=7, kill_at=nth)
        await assert_whole(root, promised)
        # The fill that died is simply repeated.
        store = await FilesystemStorage.open_store(root)
        for _, key in zip(range(3), keys(7), strict=False):
            await put_one(store, key)
            assert await content(store, key) == content_of(key.path)
        await store.close()
        if len(promised) > 3:  # an info, a mod and a zip, and into the next version
            break


async def test_no_system_call_of_an_opening_is_a_bad_moment_to_die(
    victims: Victims, tmp_path: Path
) -> None:
    for nth in each_call():
        root = tmp_path / f"{nth}"
        store = await FilesystemStorage.open_store(root)
        await put_one(store, next(keys(7)))
        await store.close()
        # What a crash between the .mod and its list leaves, and a spool and a staged file beside it.
        stray = root / "x.test/a/@v/v1.0.0.mod"
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(content_of("x.test/a/@v/v1.0.0.mod"))
        (root / ".modmirror/journal").write_bytes(b"x.test/a\nx.test/b\n")
        for part in ("spool", "tmp"):
            (root / ".modmirror" / part / "3").write_bytes(b"half")
        promised = victims.die(root, seed=8, kill_at=nth, opening=True)
        await assert_whole(root, promised)
        if promised:
            break


async def test_a_store_killed_again_and_again_stays_whole(victims: Victims, tmp_path: Path) -> None:
    rng = random.Random(20_240_229)
    promised: list[str] = []
    for seed in range(400):
        # On a busy machine little is promised before a death: then more than these have to die.
        if seed >= 40 and len(promised) > 40:
            break
        promised += victims.die(tmp_path, seed, after=rng.uniform(0.0005, 0.04))
        await assert_whole(tmp_path, promised)
    assert len(promised) > 40
