from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.origin.access.vcs import VcsAccess, VcsSource
from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.limits import RepositoryLimits
from modmirror.origin.processes.process import SEARCH_PATH, Tool
from modmirror.origin.svn.command import Svn
from modmirror.origin.svn.repository import SvnRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    any(shutil.which(name, path=SEARCH_PATH) is None for name in ("svn", "svnadmin")),
    reason="svn and svnadmin are not both installed",
)

LIMIT = 100


class Lab:
    """A repository on disk as the remote side, and time."""

    def __init__(self, root: Path) -> None:
        self.remote = root / "remote"
        self.files = root / "files"
        self.top = f"file://{self.remote}"
        self.clock = 1000.0
        self.home = KeptRepositories(root / "kept", 1 << 30)
        self.home.open()
        subprocess.run(["svnadmin", "create", self.remote], check=True, timeout=60)
        self.svn("mkdir", "--message=m", f"{self.top}/trunk", f"{self.top}/tags")  # revision 1
        self.svn("checkout", "--quiet", f"{self.top}/trunk", str(self.files))

    def svn(self, *arguments: str) -> None:
        subprocess.run(["svn", *arguments], check=True, timeout=60, stdout=subprocess.DEVNULL)

    def commit(self, path: str, text: str) -> None:
        """Commit one file: one revision more."""
        (self.files / path).parent.mkdir(exist_ok=True)
        (self.files / path).write_text(text)
        self.svn("add", "--quiet", "--force", "--parents", str(self.files / path))
        self.svn("commit", "--quiet", "--message=m", str(self.files))

    def copy(self, name: str) -> None:
        """Copy the trunk to a tag: one revision more."""
        self.svn("copy", "--message=m", f"{self.top}/trunk", f"{self.top}/tags/{name}")

    def open(self, place: str = "trunk", limits: RepositoryLimits | None = None) -> SvnRepository:
        url = f"{self.top}/{place}"

        async def reach() -> VcsAccess:
            return VcsAccess(url)

        source = VcsSource(url, reach, lambda: NotExist("it is not there"), "")
        tool = Svn(Tool("svn", 2, SEARCH_PATH))
        return SvnRepository(
            tool, source, Terms(self.home, limits or RepositoryLimits(), ticks=lambda: self.clock)
        )


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.home.close()


async def unpacked(repository: SvnRepository, commit_id: str, directory: str) -> dict[str, bytes]:
    async with repository.archive(commit_id, directory) as pieces:
        data = b"".join([piece async for piece in pieces])
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            found[member.name] = file.read()
    return found


async def test_names_are_those_of_the_remote_side_until_they_are_old(lab: Lab) -> None:
    lab.commit("go.mod", "module m\n")
    repository = lab.open()
    assert (await repository.refs()).branches == {"trunk": "2"}
    lab.commit("go.mod", "module n\n")
    assert (await repository.refs()).head == "2"
    lab.clock += 60
    assert (await repository.refs()).head == "3"


async def test_a_tag_is_the_revision_of_the_trunk_it_was_copied_from(lab: Lab) -> None:
    lab.commit("go.mod", "module m\n")
    lab.copy("v1.0.0")
    lab.svn("mkdir", "--message=m", f"{lab.top}/tags/v1.1.0")
    assert (await lab.open().refs()).tags == {"v1.0.0": "2"}


async def test_a_revision_that_changed_nothing_here_is_found_as_the_one_before(lab: Lab) -> None:
    lab.commit("go.mod", "module m\n")
    lab.copy("v1.0.0")
    repository = lab.open()
    found = await repository.find("3")
    assert found is not None
    assert (found.id, found.short) == ("2", "000000000002")
    assert await repository.commit("2") == found
    assert await repository.commit("3") is None
    assert await repository.find("4") is None


async def test_only_known_revisions_can_be_read(lab: Lab) -> None:
    repository = lab.open()
    for word in ("HEAD", "{2020-01-01}", "-1", "0", "9", ""):
        assert await repository.commit(word) is None
        with pytest.raises(NotExist):
            await repository.read(word, "go.mod", LIMIT)


async def test_a_file_is_read_as_it_was(lab: Lab) -> None:
    lab.commit("a/go.mod", "module m/a\r\n")
    lab.commit("a/go.mod", "module changed\n")
    repository = lab.open()
    assert await repository.read("2", "a/go.mod", LIMIT) == b"module m/a\r\n"
    for path in ("a", "go.mod", "../trunk/a/go.mod"):
        assert await repository.read("2", path, LIMIT) is None


async def test_a_link_is_read_as_its_target(lab: Lab) -> None:
    (lab.files / "link").symlink_to("a/go.mod")
    lab.commit("go.mod", "module m\n")
    lab.svn("add", "--quiet", str(lab.files / "link"))
    lab.commit("other", "")
    repository = lab.open()
    assert await repository.read("3", "link", LIMIT) == b"a/go.mod"


async def test_an_archive_holds_what_is_below_a_directory(lab: Lab) -> None:
    lab.commit("go.mod", "module m\n")
    lab.commit("a/go.mod", "module m/a\n")
    repository = lab.open()
    whole = {"go.mod": b"module m\n", "a/go.mod": b"module m/a\n"}
    assert await unpacked(repository, "3", "") == whole
    assert await unpacked(repository, "3", "a") == {"a/go.mod": b"module m/a\n"}
    for nothing in ("nowhere", "../tags", "go.mod"):
        assert await unpacked(repository, "3", nothing) == {}


async def test_an_archive_is_bounded(lab: Lab) -> None:
    lab.commit("one", "x" * 600_000)
    lab.commit("two", "x" * 600_000)
    repository = lab.open(limits=RepositoryLimits(archive_bytes=1_000_000))
    assert await unpacked(repository, "2", "") == {"one": b"x" * 600_000}
    with pytest.raises(UpstreamBadAnswer, match="more than 1000000 bytes"):
        await unpacked(repository, "3", "")


async def test_there_is_no_ancestry(lab: Lab) -> None:
    assert await lab.open().tags_before("1") == frozenset()


@pytest.mark.parametrize("place", ["nowhere", "trunk/go.mod"])
async def test_what_is_no_directory_is_no_repository_and_leaves_nothing(lab: Lab, place: str) -> None:
    lab.commit("go.mod", "module m\n")
    with pytest.raises(NotExist, match="it is not there"):
        await lab.open(place).refs()
    assert list(lab.home.root.iterdir()) == []
