from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.origin.access.vcs import VcsAccess, VcsSource
from modmirror.origin.fossil.command import Fossil
from modmirror.origin.fossil.repository import FossilRepository
from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.limits import RepositoryLimits
from modmirror.origin.processes.process import SEARCH_PATH, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("fossil", path=SEARCH_PATH) is None, reason="fossil is not installed"
)

LIMIT = 100


@dataclass
class Lab:
    """The remote side, with a checkout, a place for clones of it, and time."""

    root: Path
    clock: float = 1000.0
    home: KeptRepositories = field(init=False)

    def __post_init__(self) -> None:
        self.home = KeptRepositories(self.root / "kept", 1 << 30)
        self.home.open()
        (self.root / "work").mkdir()
        self.run("new", str(self.remote))
        self.run("open", str(self.remote))

    @property
    def remote(self) -> Path:
        return self.root / "remote.fossil"

    def run(self, *words: str) -> str:
        environ = {"PATH": SEARCH_PATH, "USER": "u", "FOSSIL_HOME": str(self.root)}
        done = subprocess.run(
            ["fossil", *words],
            cwd=self.root / "work",
            env=environ,
            check=True,
            timeout=60,
            capture_output=True,
        )
        return done.stdout.decode()

    def commit(self, text: str, *options: str) -> str:
        """Check in a go.mod and return the id as it is known here."""
        (self.root / "work" / "go.mod").write_text(text)
        self.run("addremove")
        self.run("commit", "-m", "m", "--no-warnings", "--hash", *options)
        said = self.run("info")
        (line,) = (line for line in said.splitlines() if line.startswith("checkout:"))
        return line.split()[1][:40]

    def open(self) -> FossilRepository:
        url = f"file://{self.remote}"

        async def reach() -> VcsAccess:
            return VcsAccess(url)

        tool = Tool("fossil", 2, SEARCH_PATH)
        source = VcsSource(url, reach, lambda: NotExist("it is not there"))
        limits = RepositoryLimits(refresh=60.0)
        return FossilRepository(
            Fossil(tool, tool), source, Terms(self.home, limits, ticks=lambda: self.clock)
        )


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.home.close()


async def test_names_are_those_of_the_remote_side_until_they_are_old(lab: Lab) -> None:
    one = lab.commit("module m\n", "--tag", "v1.0.0")
    repository = lab.open()
    refs = await repository.refs()
    assert (refs.head, refs.branches, refs.tags) == (one, {"trunk": one}, {"v1.0.0": one})
    two = lab.commit("module n\n")
    assert (await repository.refs()).head == one
    lab.clock += 60
    assert (await repository.refs()).head == two


async def test_only_the_digits_of_an_id_name_a_commit(lab: Lab) -> None:
    lab.commit("module m\n")
    repository = lab.open()
    for word in ("trunk", "tip", "0", "A" * 40, "a" * 6, "1234567'"):
        assert await repository.commit(word) is None
        assert await repository.find(word) is None
        with pytest.raises(NotExist, match="cannot be reached"):
            await repository.read(word, "go.mod", LIMIT)


async def test_a_commit_is_known_by_its_whole_id_and_found_by_its_start(lab: Lab) -> None:
    one = lab.commit("module m\n")
    repository = lab.open()
    known = await repository.commit(one)
    assert known is not None
    assert (known.id, known.short) == (one, one[:12])
    assert await repository.find(one[:7]) == known
    assert await repository.commit(one[:7]) is None


async def test_a_file_is_read_unless_it_is_larger_than_allowed(lab: Lab) -> None:
    one = lab.commit("module m\n")
    repository = lab.open()
    assert await repository.read(one, "go.mod", 9) == b"module m\n"
    assert await repository.read(one, "it's", 9) is None
    with pytest.raises(UpstreamBadAnswer, match="has 9 bytes, where 8 are allowed"):
        await repository.read(one, "go.mod", 8)


async def test_tags_before_a_commit_are_its_own_and_those_of_its_ancestors(lab: Lab) -> None:
    one = lab.commit("module m\n", "--tag", "v1.0.0")
    two = lab.commit("module n\n", "--tag", "v1.1.0")
    repository = lab.open()
    assert await repository.tags_before(one) == {"v1.0.0"}
    assert await repository.tags_before(two) == {"v1.0.0", "v1.1.0"}


async def test_an_archive_is_a_tar_of_all_files(lab: Lab) -> None:
    one = lab.commit("module m\n")
    async with lab.open().archive(one, "") as pieces:
        data = b"".join([piece async for piece in pieces])
    assert data[257:262] == b"ustar"
    assert b"module m\n" in data


async def test_a_repository_that_is_not_there_is_unreadable(lab: Lab) -> None:
    lab.remote.unlink()
    with pytest.raises(NotExist, match="it is not there"):
        await lab.open().refs()
