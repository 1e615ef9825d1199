from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, StorageBroken, UpstreamBadAnswer
from modmirror.origin.git.command import Git
from modmirror.origin.git.local import LocalGit
from modmirror.origin.git.objects import ObjectHeader
from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.processes.process import Tool
from modmirror.origin.processes.running import Finished
from tests.contract.repository_suite import small
from tests.fakes.git_pack import GitObjects, write_git

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TIP = GitObjects().commit(small().tip)


@pytest.fixture
def home(tmp_path: Path) -> KeptRepositories:
    made = KeptRepositories(tmp_path / "kept", 1 << 30)
    made.open()
    return made


@pytest.fixture
async def local(home: KeptRepositories) -> AsyncIterator[LocalGit]:
    """A mirror with the small history, there without having been fetched."""

    async def make(directory: Path) -> None:
        write_git(small(), directory)

    git = Git(Tool("git", 4), Tool("git", 1))
    async with home.use("git", "git.example.com/small", make) as kept:
        yield LocalGit(git, kept, home)


def truncate_packs(local: LocalGit) -> None:
    for pack in local.place.directory.rglob("*.pack"):
        pack.write_bytes(pack.read_bytes()[:40])


def is_kept(home: KeptRepositories) -> bool:
    return home.find("git", "git.example.com/small") is not None


async def test_git_is_asked(local: LocalGit) -> None:
    assert (await local.ask("rev-parse", "main")).decode().strip() == TIP


async def test_an_object_says_what_it_is(local: LocalGit) -> None:
    async with local.object(TIP) as (header, pieces):
        assert header is not None
        assert (header.id, header.type) == (TIP, "commit")
        content = await local.whole(header, pieces, 1000)
    assert content.startswith(b"tree ")
    assert len(content) == header.size


@pytest.mark.parametrize("name", ["0" * 40, "none", f"{TIP}:none", f"{TIP}:link/c.txt"])
async def test_an_object_may_be_missing(local: LocalGit, name: str) -> None:
    async with local.object(name) as (header, _):
        assert header is None


async def test_a_file_is_a_blob(local: LocalGit) -> None:
    assert await local.file(f"{TIP}:go.mod", 1000) == b"module changed\n"
    assert await local.file(f"{TIP}:a", 1000) is None
    assert await local.file(f"{TIP}:none", 1000) is None


async def test_a_file_over_the_limit_is_not_read(local: LocalGit) -> None:
    assert await local.file(f"{TIP}:go.mod", 15) is not None
    with pytest.raises(UpstreamBadAnswer, match="15 bytes, where 14"):
        await local.file(f"{TIP}:go.mod", 14)


async def test_a_tree_is_a_directory(local: LocalGit) -> None:
    assert await local.is_tree(f"{TIP}:a/b")
    assert not await local.is_tree(f"{TIP}:go.mod")
    assert not await local.is_tree(f"{TIP}:none")


async def test_a_stream_raises_at_its_end_when_git_failed(local: LocalGit) -> None:
    pieces = []
    with pytest.raises(StorageBroken):
        async with local.stream("log", "--format=%H", "main", "none") as stream:
            pieces = [piece async for piece in stream]
    assert pieces == []


async def test_a_file_of_a_commit_that_is_missing_is_no_missing_file(
    local: LocalGit, home: KeptRepositories
) -> None:
    with pytest.raises(StorageBroken, match="lacks the files"):
        await local.file(f"{'0' * 40}:go.mod", 1000)
    assert not is_kept(home)


async def test_a_mirror_that_cannot_be_read_is_given_up(local: LocalGit, home: KeptRepositories) -> None:
    truncate_packs(local)
    with pytest.raises(StorageBroken):
        await local.file(f"{TIP}:go.mod", 1000)
    assert not is_kept(home)


async def test_a_mirror_whose_tree_has_a_bad_name_is_kept(local: LocalGit, home: KeptRepositories) -> None:
    with pytest.raises(NotExist):
        await local.check(Finished(255, b"", "error: invalid path '.git/x'\n"))
    assert is_kept(home)


async def test_content_that_ends_early_is_a_broken_mirror(local: LocalGit, home: KeptRepositories) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"short"

    with pytest.raises(StorageBroken, match="cut short"):
        await local.whole(ObjectHeader("0" * 40, "blob", 100), pieces(), 1000)
    assert not is_kept(home)
