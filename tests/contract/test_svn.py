from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.contract.repository_suite import LIMIT, RepositorySuite, small
from tests.fakes.history import History, day
from tests.fakes.svn_server import SvnRemote, svn_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.repository_suite import Remote


class TestSvn(RepositorySuite):
    """Revisions are numbers of one line: there are no branches beside the trunk, and no ancestry."""

    @pytest.fixture
    def remote(self, tmp_path: Path) -> Iterator[SvnRemote]:
        with svn_server(tmp_path / "served") as server:
            yield SvnRemote(server, tmp_path / "kept")

    async def test_names_and_what_they_point_at(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        refs = await remote.open("u/small").refs()
        two = history.tip.parents[0]
        assert (refs.head, refs.branches) == (
            remote.id_of(history.tip),
            {"trunk": remote.id_of(history.tip)},
        )
        assert refs.tags == {"v1.0.0": remote.id_of(two.parents[0]), "v1.1.0": remote.id_of(two)}

    async def test_a_repository_without_commits_has_no_head(self, remote: Remote) -> None:
        remote.publish(History("u/none"))
        repository = remote.open("u/none")
        empty_trunk = await repository.refs()
        assert (empty_trunk.head, empty_trunk.tags) == ("1", {})
        assert await repository.read("1", "go.mod", LIMIT) is None

    async def test_a_commit_exists_no_more_when_its_branch_has_gone(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        gone = remote.id_of(history.tip)
        assert await repository.commit(gone) is not None
        history.reset(history.tip.parents[0].parents[0])
        history.tags.clear()
        remote.publish(history)
        remote.pass_a_minute()
        assert await repository.commit(gone) is None

    async def test_a_tag_keeps_a_commit_that_is_on_no_branch(self, remote: Remote) -> None:
        history = small()
        history.switch("branch")
        history.commit("elsewhere", day(5))
        history.tag("v9.0.0")
        remote.publish(history)
        assert "v9.0.0" not in (await remote.open("u/small").refs()).tags

    async def test_tags_before_a_commit_are_its_own_and_those_of_its_ancestors(
        self, remote: Remote
    ) -> None:
        history = small()
        remote.publish(history)
        assert await remote.open("u/small").tags_before(remote.id_of(history.tip)) == frozenset()

    async def test_a_merge_has_the_tags_of_both_sides(self, remote: Remote) -> None:
        pytest.skip("svn has no merges")

    async def test_ancestry_is_right_after_a_single_version_was_asked_for(self, remote: Remote) -> None:
        pytest.skip("svn has no ancestry")

    async def test_many_callers_at_once_all_get_their_answers(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        tip, one = remote.id_of(history.tip), remote.id_of(history.tip.parents[0].parents[0])
        files = await asyncio.gather(
            *(repository.read(commit, "go.mod", LIMIT) for commit in (tip, one) * 5)
        )
        assert files == [b"module changed\n", b"module m\n"] * 5
