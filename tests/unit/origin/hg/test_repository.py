from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist
from modmirror.origin.emptytar import EMPTY_TAR
from modmirror.origin.hg.repository import HgRepository
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.limits import RepositoryLimits
from tests.fakes.hg_directory import NEEDS_HG, HgDirectory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.origin.keeping.tagchanges import TagChange

pytestmark = NEEDS_HG

LIMIT = 100


@dataclass
class Lab(HgDirectory):
    """The remote side, time, and what was told of tags."""

    clock: float = 1000.0
    told: list[tuple[TagChange, ...]] = field(default_factory=list)

    def open(self, audience: str = "") -> HgRepository:
        return HgRepository(
            self.hg,
            self.source(audience),
            Terms(
                self.home,
                RepositoryLimits(refresh=60.0),
                on_tags=lambda _url, changes: self.told.append(changes),
                ticks=lambda: self.clock,
            ),
        )


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    made = Lab(tmp_path)
    await made.begin()
    yield made
    made.home.close()


async def test_names_are_those_of_the_remote_side_until_they_are_old(lab: Lab) -> None:
    one = await lab.commit("go.mod", "module m\n")
    repository = lab.open()
    assert (await repository.refs()).branches == {"default": one}
    two = await lab.commit("go.mod", "module n\n")
    assert (await repository.refs()).head == one
    lab.clock += 60
    assert (await repository.refs()).head == two


async def test_only_the_digits_of_an_id_name_a_commit(lab: Lab) -> None:
    await lab.commit("go.mod", "module m\n")
    repository = lab.open()
    for word in ("default", "tip", "all()", "0", "A" * 40, "-1", "a" * 6):
        assert await repository.commit(word) is None
        assert await repository.find(word) is None
        with pytest.raises(NotExist, match="cannot be reached"):
            await repository.read(word, "go.mod", LIMIT)


async def test_a_commit_is_known_by_its_whole_id_and_found_by_its_start(lab: Lab) -> None:
    node = await lab.commit("go.mod", "module m\n")
    repository = lab.open()
    assert await repository.commit(node[:12]) is None
    found = await repository.find(node[:12])
    assert found is not None
    assert found == await repository.commit(node)


async def test_a_file_is_read_as_it_is_stored(lab: Lab) -> None:
    node = await lab.commit("a/go.mod", "module m/a\r\n")
    repository = lab.open()
    assert await repository.read(node, "a/go.mod", LIMIT) == b"module m/a\r\n"
    for path in ("a", "go.mod", "../a/go.mod", "a//go.mod"):
        assert await repository.read(node, path, LIMIT) is None


async def test_a_directory_that_is_not_there_gives_an_empty_archive(lab: Lab) -> None:
    node = await lab.commit("go.mod", "module m\n")
    repository = lab.open()
    for directory in ("nowhere", "..", "/"):
        async with repository.archive(node, directory) as pieces:
            assert b"".join([piece async for piece in pieces]) == EMPTY_TAR


async def test_tags_count_on_the_commit_and_on_what_came_before(lab: Lab) -> None:
    one = await lab.commit("go.mod", "module m\n")
    await lab.run("tag", "--rev=.", "v1.0.0")
    two = await lab.commit("go.mod", "module n\n")
    repository = lab.open()
    assert await repository.tags_before(one) == await repository.tags_before(two) == {"v1.0.0"}


async def test_a_tag_that_was_moved_while_nobody_looked_is_told(lab: Lab) -> None:
    one = await lab.commit("go.mod", "module m\n")
    await lab.run("tag", f"--rev={one}", "v1.0.0")
    await lab.open().refs()
    two = await lab.commit("go.mod", "module n\n")
    await lab.run("tag", "--force", f"--rev={two}", "v1.0.0")
    await lab.open().refs()
    assert lab.told == [(("v1.0.0", one, two),)]


async def test_a_commit_that_the_remote_side_lost_cannot_be_reached(lab: Lab) -> None:
    lost = await lab.commit("go.mod", "module m\n")
    repository = lab.open()
    await repository.refs()
    await lab.begin()
    kept = await lab.commit("go.mod", "module other\n")
    lab.clock += 60
    assert await repository.commit(lost) is None
    assert await repository.commit(kept) is not None


async def test_a_clone_that_was_removed_is_made_again(lab: Lab) -> None:
    node = await lab.commit("go.mod", "module m\n")
    repository = lab.open()
    await repository.refs()
    (kept,) = lab.home.root.iterdir()
    async with lab.home.use("hg\0", lab.url, _not_made) as entry:
        await lab.home.discard(entry)
    assert not kept.exists()
    assert await repository.read(node, "go.mod", LIMIT) == b"module m\n"


async def test_readers_with_different_keys_have_clones_of_their_own(lab: Lab) -> None:
    await lab.commit("go.mod", "module m\n")
    for audience in ("", "one", "two"):
        await lab.open(audience).refs()
    assert len(list(lab.home.root.iterdir())) == 3


async def _not_made(directory: Path) -> None:
    pytest.fail(f"{directory} was there")
