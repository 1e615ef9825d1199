from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, StorageBroken
from modmirror.origin.hg.clone import Clone, make_clone, mend_clone
from modmirror.origin.limits import RepositoryLimits
from modmirror.origin.processes.process import Bounds
from tests.fakes.hg_directory import NEEDS_HG, HgDirectory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.origin.keeping.kept import Kept

pytestmark = NEEDS_HG

BOUNDS = Bounds(seconds=60.0)


class Lab(HgDirectory):
    def clone_in(self, kept: Kept) -> Clone:
        return Clone(self.hg, kept, self.home, self.source(), RepositoryLimits())

    async def make(self, directory: Path) -> None:
        await make_clone(self.hg, self.url, directory)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    made = Lab(tmp_path)
    await made.begin()
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
    await lab.begin()
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
