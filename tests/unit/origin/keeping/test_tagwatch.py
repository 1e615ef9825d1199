from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.keeping.tagchanges import TagChange
from modmirror.origin.keeping.tagwatch import TAGS_FILE, TagWatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

URL = "https://vcs.example.com/x"
ONE, TWO = "1" * 40, "2" * 40


async def make(directory: Path) -> None:
    (directory / "made").touch()


class Watched:
    """One kept repository and what was told of its tags."""

    def __init__(self, root: Path) -> None:
        self.told: list[tuple[str, tuple[TagChange, ...]]] = []
        self.home = KeptRepositories(root, 1 << 20)
        self.home.open()
        self.restart()

    def restart(self) -> None:
        self.watch = TagWatch(self.home, lambda url, changes: self.told.append((url, changes)))

    async def see(self, tags: Mapping[str, str]) -> None:
        async with self.home.use("hg", URL, make) as kept:
            await self.watch.see(kept, tags)

    def file(self) -> Path:
        directory = self.home.find("hg", URL)
        assert directory is not None
        return directory / TAGS_FILE


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path / "kept")
    yield made
    made.home.close()


async def test_tags_seen_for_the_first_time_are_no_news(watched: Watched) -> None:
    await watched.see({"v1": ONE})
    assert watched.told == []


async def test_a_tag_that_moves_or_goes_is_told_once(watched: Watched) -> None:
    await watched.see({"v1": ONE, "v2": ONE})
    for _ in range(2):
        await watched.see({"v1": TWO})
    assert watched.told == [(URL, (TagChange("v1", ONE, TWO), TagChange("v2", ONE, "")))]


async def test_a_tag_that_moves_while_the_mirror_is_down_is_told(watched: Watched) -> None:
    await watched.see({"v1": ONE})
    watched.restart()
    await watched.see({"v1": TWO})
    assert watched.told == [(URL, (TagChange("v1", ONE, TWO),))]


async def test_what_was_told_is_not_told_again_after_a_restart(watched: Watched) -> None:
    await watched.see({"v1": ONE})
    await watched.see({"v1": TWO})
    watched.restart()
    await watched.see({"v1": TWO})
    assert len(watched.told) == 1


async def test_nothing_is_written_when_nothing_changes(watched: Watched) -> None:
    await watched.see({"v1": ONE})
    watched.file().unlink()
    await watched.see({"v1": ONE})
    assert not watched.file().exists()
    await watched.see({"v1": ONE, "v2": TWO})
    assert watched.file().is_file()
