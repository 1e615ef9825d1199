from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, StorageBroken
from modmirror.origin.hg.clone import Clone, make_clone, mend_clone
from modmirror.origin.hg.command import Hg, Place
from modmirror.origin.kept import KeptRepositories
from modmirror.origin.process import SEARCH_PATH, Bounds, Tool
from modmirror.origin.vcs import VcsAccess, VcsLimits, VcsSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.origin.kept import Kept

BESIDE = Path(sys.executable).parent
pytestmark = pytest.mark.skipif(
    shutil.which("hg", path=f"{BESIDE}:{SEARCH_PATH}") is None,
    reason="hg is neither beside this Python nor installed",
)

BOUNDS = Bounds(seconds=60.0)


@dataclass
class Lab:
    """A repository in a directory, which stands for the remote side, and a place for its clone."""

    root: Path
    hg: Hg = field(init=False)
    home: KeptRepositories = field(init=False)

    def __post_init__(self) -> None:
        tool = Tool("hg", 2, f"{BESIDE}:{SEARCH_PATH}")
        self.hg = Hg(tool, tool)
        self.home = KeptRepositories(self.root / "kept", 1 << 30)
        self.home.open()
        self.remote.mkdir()

    @property
    def remote(self) -> Path:
        return self.root / "remote"

    @property
    def url(self) -> str:
        return f"file://{self.remote}"

    async def run(self, *arguments: str) -> str:
        finished = await self.hg.ask(Place(self.url, self.remote), *arguments)
        assert finished.code == 0, finished.stderr
        return finished.stdout.decode()

    async def commit(self, path: str, text: str) -> str:
        """Commit one file to the remote side and return the id."""
        (self.remote / path).parent.mkdir(parents=True, exist_ok=True)
        (self.remote / path).write_text(text)
        await self.run("commit", "--addremove", "--message=m", "--date=2020-01-01 00:00 +0000")
        return await self.run("log", "--rev=.", "--template={node}")

    def clone_in(self, kept: Kept) -> Clone:
        async def reach() -> VcsAccess:
            return VcsAccess(self.url)

        source = VcsSource(self.url, reach, lambda: NotExist("it is not there"))
        return Clone(self.hg, kept, self.home, source, VcsLimits())

    async def make(self, directory: Path) -> None:
        await make_clone(self.hg, self.url, directory)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    made = Lab(tmp_path)
    await made.run("init", ".")
    yield made
    made.home.close()


@pytest.fixture
async def clone(lab: Lab) -> AsyncIterator[Clone]:
    async with lab.home.use("hg", lab.url, lab.make) as kept:
        yield lab.clone_in(kept)


def test_only_the_locks_of_a_killed_hg_are_removed(tmp_path: Path) -> None:
    stay = {".hg/store/00changelog.i", ".hg/store/journal", ".hg/store/data/lock"}
    for name in {".hg/wlock", ".hg/store/lock"} | stay:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for _ in range(2):  # there may be none
        mend_clone(tmp_path)
        left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
        assert left == stay


async def test_a_new_clone_is_empty(clone: Clone) -> None:
    assert await clone.changes("all()") == []
    assert await clone.commit("0" * 40) is None


async def test_what_is_pulled_can_be_found_by_the_start_of_its_id(lab: Lab, clone: Clone) -> None:
    node = await lab.commit("go.mod", "module m\n")
    assert await clone.pull() is True
    for digits in (node, node[:7]):
        found = await clone.commit(digits)
        assert found is not None
        assert (found.id, found.short, found.time.year) == (node, node[:12], 2020)


@pytest.mark.parametrize("digits", ["0" * 40, "f" * 40])
async def test_what_hg_makes_up_is_no_commit(lab: Lab, clone: Clone, digits: str) -> None:
    await lab.commit("go.mod", "module m\n")
    await clone.pull()
    assert await clone.commit(digits) is None


async def test_a_clone_has_no_working_copy(lab: Lab, clone: Clone) -> None:
    await lab.commit("go.mod", "module m\n")
    await clone.pull()
    assert not list(clone.kept.directory.glob("*.mod"))


async def test_a_pull_says_when_the_remote_side_has_lost_something(lab: Lab, clone: Clone) -> None:
    await lab.commit("go.mod", "module m\n")
    assert await clone.pull() is True
    assert await clone.pull() is True
    shutil.rmtree(lab.remote / ".hg")
    await lab.run("init", ".")
    await lab.commit("other", "unrelated\n")
    assert await clone.pull() is False


async def test_a_repository_that_is_not_there_leaves_no_clone(lab: Lab, clone: Clone) -> None:
    shutil.rmtree(lab.remote)
    with pytest.raises(NotExist, match="it is not there"):
        await clone.pull()
    assert list(lab.home.root.iterdir()) == []


async def test_a_clone_outlives_a_remote_side_that_is_gone(lab: Lab, clone: Clone) -> None:
    node = await lab.commit("go.mod", "module m\n")
    await clone.pull()
    shutil.rmtree(lab.remote)
    with pytest.raises(NotExist, match="it is not there"):
        await clone.pull()
    assert await clone.commit(node) is not None
    assert clone.kept.directory.is_dir()


async def test_an_archive_holds_what_is_at_or_below_a_path(lab: Lab, clone: Clone) -> None:
    await lab.commit("a/go.mod", "module m/a\n")
    node = await lab.commit("go.mod", "module m\n")
    await clone.pull()
    async with clone.archive(node, "a", BOUNDS) as pieces:
        assert pieces is not None
        data = b"".join([piece async for piece in pieces])
    assert b"module m/a\n" in data
    assert b"module m\n" not in data


async def test_there_is_no_archive_of_nothing(lab: Lab, clone: Clone) -> None:
    node = await lab.commit("go.mod", "module m\n")
    await clone.pull()
    async with clone.archive(node, "nowhere", BOUNDS) as pieces:
        assert pieces is None
    assert clone.kept.directory.is_dir()


async def test_a_clone_that_cannot_be_read_is_given_up(lab: Lab, clone: Clone) -> None:
    await lab.commit("go.mod", "module m\n")
    await clone.pull()
    (clone.kept.directory / ".hg" / "requires").write_text("no-such-thing\n")
    with pytest.raises(StorageBroken, match="cannot be read"):
        await clone.changes("all()")
    assert not clone.kept.directory.exists()
