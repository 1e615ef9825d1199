from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import StorageBroken, UpstreamBusy
from modmirror.origin.keeping.kept import KeptRepositories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modmirror.origin.keeping.kept import Kept

KIB = 1024


async def make(directory: Path) -> None:
    (directory / "HEAD").write_text("ref\n")


def mend(directory: Path) -> None:
    for path in directory.glob("*.lock"):
        path.unlink()


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        self.now += 100
        return self.now


def kept_in(root: Path, max_bytes: int = 1 << 20, clock: Clock | None = None) -> KeptRepositories:
    made = KeptRepositories(root, max_bytes, now=clock or Clock(), lock_timeout=0.2)
    made.open()
    return made


async def grow(home: KeptRepositories, url: str, size: int) -> Kept:
    """Use a repository and write so many bytes into it."""
    async with home.use("git", url, make) as kept:
        async with home.writing(kept, mend):
            fill(kept.directory / "pack", size)
        return kept


def fill(path: Path, size: int) -> None:
    path.write_bytes(b"x" * size)


def inside(directory: Path) -> set[str]:
    """Return the names in a directory."""
    return {path.name for path in directory.iterdir()}


@contextmanager
def locked(directory: Path) -> Iterator[int]:
    """Hold the lock as a tool does that outlives its mirror."""
    held = os.open(directory, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield held
    finally:
        os.close(held)


# --- making and finding --------------------------------------------------------------------------


async def test_a_repository_is_made_once_and_found_again(tmp_path: Path) -> None:
    made: list[Path] = []

    async def counted(directory: Path) -> None:
        made.append(directory)
        await make(directory)

    home = kept_in(tmp_path)
    for _ in range(2):
        async with home.use("git", "https://a.example/x", counted) as kept:
            assert (kept.directory / "HEAD").read_text() == "ref\n"
    async with kept_in(tmp_path).use("git", "https://a.example/x", counted) as kept:
        assert kept.source == "https://a.example/x"
    assert len(made) == 1


async def test_its_directory_says_nothing_and_nests_nowhere(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    for url in ("https://a.example/../../etc", "https://a.example/x/.git", "https://a.example/x"):
        async with home.use("git", url, make) as kept:
            assert kept.directory.parent == tmp_path
            assert len(kept.directory.name) == 64
    assert len(inside(tmp_path)) == 3


async def test_another_system_at_the_same_url_is_another_repository(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as one, home.use("hg", "u", make) as two:
        assert one.directory != two.directory


async def test_only_what_is_kept_is_found(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    assert home.find("git", "u") is None
    async with home.use("git", "u", make) as kept:
        assert home.find("git", "u") == kept.directory


async def test_many_at_once_make_it_once(tmp_path: Path) -> None:
    made = 0

    async def slowly(directory: Path) -> None:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        await make(directory)

    home = kept_in(tmp_path)

    async def use() -> Path:
        async with home.use("git", "u", slowly) as kept:
            return kept.directory

    assert len(set(await asyncio.gather(*(use() for _ in range(10))))) == 1
    assert made == 1


async def test_what_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    async def fails(directory: Path) -> None:
        fill(directory / "half", 10)
        raise ValueError("no")

    home = kept_in(tmp_path)
    with pytest.raises(ValueError, match="no"):
        async with home.use("git", "u", fails):
            pass
    assert inside(tmp_path) == set()
    async with home.use("git", "u", make) as kept:
        assert kept.ready


async def test_a_disk_that_fails_is_the_stores_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageBroken):
        KeptRepositories(tmp_path / "file", 1).open()


# --- writing -------------------------------------------------------------------------------------


async def test_writers_take_turns_and_readers_do_not_wait(tmp_path: Path) -> None:
    home, order = kept_in(tmp_path), list[str]()

    async def write(name: str) -> None:
        async with home.use("git", "u", make) as kept, home.writing(kept, mend):
            order.append(f"{name} begins")
            async with home.use("git", "u", make):
                await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    await asyncio.gather(write("one"), write("two"))
    assert order in (
        ["one begins", "one ends", "two begins", "two ends"],
        ["two begins", "two ends", "one begins", "one ends"],
    )


async def test_a_tool_from_before_a_crash_keeps_writers_out(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as kept:
        with locked(kept.directory), pytest.raises(UpstreamBusy) as caught:
            async with home.writing(kept, mend):
                pass
        assert caught.value.retry_after is not None
        async with home.writing(kept, mend):
            pass


async def test_a_child_of_a_killed_mirror_holds_the_lock(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as kept:
        async with home.writing(kept, mend) as held:
            child = await asyncio.create_subprocess_exec("sleep", "1000", pass_fds=(held,))
        with pytest.raises(UpstreamBusy):
            async with home.writing(kept, mend):
                pass
        child.kill()
        await child.wait()
        async with home.writing(kept, mend):
            pass


async def test_a_write_that_was_cut_off_is_mended_at_once(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as kept:
        with suppress(ValueError):
            async with home.writing(kept, mend):
                fill(kept.directory / "HEAD.lock", 1)
                raise ValueError("cut off")
        assert inside(kept.directory) == {"HEAD", "modmirror-used"}


async def test_a_write_that_a_crash_cut_off_is_mended_before_the_next(tmp_path: Path) -> None:
    async with kept_in(tmp_path).use("git", "u", make) as kept:
        fill(kept.directory / "HEAD.lock", 1)
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as kept, home.writing(kept, mend):
        assert "HEAD.lock" not in inside(kept.directory)


# --- space ---------------------------------------------------------------------------------------


async def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    home = kept_in(tmp_path, 250 * KIB)
    one = await grow(home, "one", 100 * KIB)
    two = await grow(home, "two", 100 * KIB)
    async with home.use("git", "one", make):
        pass
    three = await grow(home, "three", 100 * KIB)
    assert inside(tmp_path) == {one.directory.name, three.directory.name}
    assert two.directory.name not in inside(tmp_path)
    assert home.used_bytes <= 250 * KIB


async def test_what_is_in_use_stays(tmp_path: Path) -> None:
    home = kept_in(tmp_path, 150 * KIB)
    one = await grow(home, "one", 100 * KIB)
    async with home.use("git", "one", make):
        await grow(home, "two", 100 * KIB)
        assert one.directory.name in inside(tmp_path)
    await grow(home, "three", 1)
    assert one.directory.name not in inside(tmp_path)


async def test_the_order_of_use_outlives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    home = kept_in(tmp_path, 1 << 20, clock)
    one = await grow(home, "one", 100 * KIB)
    two = await grow(home, "two", 100 * KIB)
    async with home.use("git", "one", make):
        pass
    home = kept_in(tmp_path, 250 * KIB, clock)
    assert home.used_bytes >= 200 * KIB
    await grow(home, "three", 100 * KIB)
    assert one.directory.name in inside(tmp_path)
    assert two.directory.name not in inside(tmp_path)


async def test_one_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    first = await grow(home, "u", KIB)
    await home.discard(first)
    assert inside(tmp_path) == set()
    async with home.use("git", "u", make) as kept:
        assert kept is not first
        assert (kept.directory / "HEAD").read_text() == "ref\n"


async def test_one_that_vanished_may_be_discarded(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    kept = await grow(home, "u", KIB)
    shutil.rmtree(kept.directory)
    await home.discard(kept)
    async with home.use("git", "u", make) as fresh:
        assert fresh.ready


# --- crashes -------------------------------------------------------------------------------------


def test_what_was_half_made_or_half_removed_is_swept(tmp_path: Path) -> None:
    for name in (".new-0", ".old-0"):
        (tmp_path / name / "objects").mkdir(parents=True)
    (tmp_path / "somebody's file").write_text("x")
    kept_in(tmp_path)
    assert inside(tmp_path) == {"somebody's file"}


CRASHES = """
import asyncio, os, sys
from pathlib import Path
from modmirror.origin.keeping.kept import KeptRepositories

async def make(directory):
    (directory / "HEAD").write_text("ref\\n")
    if sys.argv[2] == "making":
        os._exit(9)

async def main():
    home = KeptRepositories(Path(sys.argv[1]), 1)
    home.open()
    async with home.use("git", "u", make) as kept, home.writing(kept, lambda path: None):
        (kept.directory / "HEAD.lock").write_text("")
        if sys.argv[2] == "writing":
            os._exit(9)
    await home.discard(kept)

import modmirror.origin.keeping.kept as module
if sys.argv[2] == "removing":
    module._remove = lambda path: os._exit(9)
asyncio.run(main())
"""


@pytest.mark.parametrize("instant", ["making", "writing", "removing"])
async def test_a_mirror_killed_at_any_instant_leaves_whole_repositories_or_none(
    tmp_path: Path, instant: str
) -> None:
    command = [sys.executable, "-c", CRASHES, str(tmp_path), instant]
    child = await asyncio.create_subprocess_exec(*command)
    assert await child.wait() == 9
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as kept, home.writing(kept, mend):
        names = inside(kept.directory)
    assert names == {"HEAD", "modmirror-used"}
    assert inside(tmp_path) == {kept.directory.name}


async def test_files_are_stored_beside_a_repository(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    async with home.use("git", "u", make) as kept:
        assert await home.load(kept.directory, "note") == b""
        await home.store(kept, "note", b"one")
        await home.store(kept, "note", b"two")
        assert await home.load(kept.directory, "note") == b"two"
        await home.discard(kept)
        await home.store(kept, "note", b"nowhere to put it, and no matter")
    assert inside(tmp_path) == set()


async def test_a_scratch_directory_is_empty_private_and_gone_at_the_end(tmp_path: Path) -> None:
    home = kept_in(tmp_path)
    async with home.scratch("u") as first, home.scratch("u") as second:
        assert first != second
        assert inside(first) == set()
        assert first.stat().st_mode & 0o777 == 0o700
        (first / "deep").mkdir()
        fill(first / "deep" / "file", KIB)
    assert inside(tmp_path) == set()


async def test_a_scratch_directory_of_a_killed_mirror_is_swept(tmp_path: Path) -> None:
    async with kept_in(tmp_path).scratch("u") as scratch:
        fill(scratch / "file", KIB)
        kept_in(tmp_path)
        assert inside(tmp_path) == set()


async def test_a_scratch_directory_on_a_broken_disk_is_the_stores_failure(tmp_path: Path) -> None:
    home = kept_in(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(StorageBroken, match="files of u cannot be written"):
        async with home.scratch("u"):
            pytest.fail("there is no directory")
