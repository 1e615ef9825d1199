from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.repository_suite import RepositorySuite, small
from tests.fakes.fossil_server import FossilRemote, fossil_server
from tests.fakes.history import day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.repository_suite import Remote


class TestFossil(RepositorySuite):
    @pytest.fixture
    def remote(self, tmp_path: Path) -> Iterator[FossilRemote]:
        with fossil_server(tmp_path / "served") as server:
            yield FossilRemote(server, tmp_path / "kept")

    async def test_names_and_what_they_point_at(self, remote: Remote) -> None:
        """A branch begins with a check-in of its own: there are none that only point at one."""
        history = small()
        two = history.tip.parents[0]
        history.switch("other/name")
        other = history.commit("four", day(4))
        remote.publish(history)
        refs = await remote.open("u/small").refs()
        three = remote.id_of(other.parents[0])
        assert refs.head == three
        assert refs.branches == {"main": three, "trunk": three, "other/name": remote.id_of(other)}
        assert refs.tags == {"v1.0.0": remote.id_of(two.parents[0]), "v1.1.0": remote.id_of(two)}
