"""What every version control system must do behind the port. An adapter's tests subclass this.

They provide a ``remote`` fixture: the remote side, made from a :class:`~tests.fakes.history.History`.
"""

from __future__ import annotations

import asyncio
import io
import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from modmirror.errors import NotExist, UpstreamBadAnswer, UpstreamError
from tests.fakes.history import History, Kind, day

if TYPE_CHECKING:
    from modmirror.origin.port import Repository
    from tests.fakes.history import Change

LIMIT = 1 << 20
AWKWARD = {
    "-x": b"dash\n",
    "sp ace": b"space\n",
    "世": b"wide\n",
    "a[b]*?": b"magic\n",
    ":(top)go.mod": b"spec\n",
}
"""Content of some files of :func:`small`, by path."""
NO_FILES = (
    "none",
    "a",
    "a/b",
    "go.mod/x",
    "link/c.txt",
    "a/../go.mod",
    "./go.mod",
    "",
    "/go.mod",
    "a//b/c.txt",
)
NO_DIRECTORIES = ("none", "a/none", "go.mod", "link", "a/..", "..", "*", "-x", "/a", ":/")


class Remote(Protocol):
    """The remote side, and time."""

    def publish(self, history: History) -> None:
        """Make (or replace) the repository named ``history.name``."""

    def id_of(self, change: Change) -> str:
        """Return the full id of a published commit."""

    def open(self, name: str) -> Repository:
        """Return the repository, kept in one place for the whole test, refreshed once a minute."""

    def pass_a_minute(self) -> None:
        """Make what is known of names old."""

    def break_down(self) -> None:
        """From now on every request fails."""


async def untar(repository: Repository, commit: str, directory: str = "") -> dict[str, bytes | str]:
    """Return what an archive holds of a directory: content by name, and ``-> target`` for symlinks."""
    async with repository.archive(commit, directory) as pieces:
        data = b"".join([piece async for piece in pieces])
    found: dict[str, bytes | str] = {}
    start = f"{directory}/" if directory else ""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            name = member.name.removeprefix(start)
            if name == member.name and start:
                continue
            if member.issym():
                found[name] = f"-> {member.linkname}"
            elif member.isreg():
                opened = archive.extractfile(member)
                assert opened is not None
                found[name] = opened.read()
    return found


def small() -> History:
    """Return three commits, two tags and a branch."""
    history = History("u/small")
    history.write({"go.mod": "module m\n", "a/b/c.txt": "deep\n", "-x": "dash\n", "sp ace": "space\n"})
    history.write({"世": "wide\n", "a[b]*?": "magic\n", ":(top)go.mod": "spec\n"})
    history.write({"link": "a/b", "a/up": "../go.mod"}, Kind.SYMLINK)
    history.write({"run": "#!\n"}, Kind.EXECUTABLE)
    history.commit("one", day(1))
    history.tag("v1.0.0")
    history.write({"go.mod": "module changed\n"})
    history.commit("two", day(2))
    history.annotate("v1.1.0", "a note")
    history.commit("three", day(3))
    return history


class RepositorySuite:
    """Rules of the port, in its order."""

    # --- names -----------------------------------------------------------------------------------

    async def test_names_and_what_they_point_at(self, remote: Remote) -> None:
        history = small()
        history.branch("other/name")
        remote.publish(history)
        refs = await remote.open("u/small").refs()
        tip = remote.id_of(history.tip)
        one, two = history.tip.parents[0].parents[0], history.tip.parents[0]
        assert refs.head == tip
        assert refs.branches == {"main": tip, "other/name": tip}
        assert refs.tags == {"v1.0.0": remote.id_of(one), "v1.1.0": remote.id_of(two)}

    async def test_a_repository_without_commits_has_no_head(self, remote: Remote) -> None:
        remote.publish(History("u/none"))
        refs = await remote.open("u/none").refs()
        assert (refs.head, refs.branches, refs.tags) == ("", {}, {})

    async def test_the_default_branch_is_head(self, remote: Remote) -> None:
        history = small()
        history.switch("trunk")
        history.commit("on trunk", day(4))
        history.head = "trunk"
        remote.publish(history)
        assert (await remote.open("u/small").refs()).head == remote.id_of(history.branches["trunk"])

    async def test_names_are_asked_again_only_when_old(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        first = await repository.refs()
        history.commit("four", day(4))
        history.tag("v1.2.0")
        remote.publish(history)
        assert await repository.refs() == first
        remote.pass_a_minute()
        later = await repository.refs()
        assert later.head == later.tags["v1.2.0"] == remote.id_of(history.tip)

    # --- failures --------------------------------------------------------------------------------

    async def test_no_such_repository_does_not_exist(self, remote: Remote) -> None:
        with pytest.raises(NotExist):
            await remote.open("u/nothing").refs()

    async def test_a_failure_is_never_an_answer(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        remote.break_down()
        with pytest.raises(UpstreamError):
            await repository.refs()
        with pytest.raises(UpstreamError):
            await repository.commit("0" * 40)
        with pytest.raises(UpstreamError):
            await repository.find("0" * 12)
        with pytest.raises(UpstreamError):
            await repository.read(remote.id_of(history.tip), "nothing", LIMIT)
        with pytest.raises(UpstreamError):
            await repository.tags_before(remote.id_of(history.tip))
        with pytest.raises(UpstreamError):
            await untar(repository, remote.id_of(history.tip))

    # --- commits ---------------------------------------------------------------------------------

    async def test_a_commit_has_its_id_and_its_committer_time(self, remote: Remote) -> None:
        history = History("u/one")
        history.write({"f": "1\n"})
        history.commit("one", datetime(2020, 5, 5, 7, 0, 9, tzinfo=UTC), authored=day(1))
        remote.publish(history)
        full = remote.id_of(history.tip)
        commit = await remote.open("u/one").commit(full)
        assert commit is not None
        assert commit.id == full
        assert len(commit.short) == 12
        assert commit.time == datetime(2020, 5, 5, 7, 0, 9, tzinfo=UTC)

    async def test_a_commit_that_no_name_points_at_is_found_by_its_id(self, remote: Remote) -> None:
        history = small()
        history.commit("four", day(4))
        remote.publish(history)
        between = history.tip.parents[0]
        commit = await remote.open("u/small").commit(remote.id_of(between))
        assert commit is not None
        assert commit.time == day(3)

    @pytest.mark.parametrize("digit", ["0", "f"])
    async def test_an_id_of_no_commit_gives_nothing(self, remote: Remote, digit: str) -> None:
        remote.publish(small())
        assert await remote.open("u/small").commit(digit * 40) is None

    async def test_only_what_can_be_reached_exists(self, remote: Remote) -> None:
        history = small()
        before = history.tip
        hidden = history.commit("proposed", day(5))
        history.hidden["refs/pull/1/head"] = hidden
        history.reset(before)
        remote.publish(history)
        repository = remote.open("u/small")
        assert await repository.commit(remote.id_of(hidden)) is None
        assert await repository.find(remote.id_of(hidden)[:12]) is None
        assert await repository.commit(remote.id_of(before)) is not None

    async def test_a_commit_exists_no_more_when_its_branch_has_gone(self, remote: Remote) -> None:
        history = small()
        history.switch("gone")
        gone = history.commit("gone soon", day(6))
        remote.publish(history)
        repository = remote.open("u/small")
        assert await repository.commit(remote.id_of(gone)) is not None
        del history.branches["gone"]
        remote.publish(history)
        remote.pass_a_minute()
        assert await repository.commit(remote.id_of(gone)) is None
        assert await repository.find(remote.id_of(gone)[:12]) is None

    async def test_a_tag_keeps_a_commit_that_is_on_no_branch(self, remote: Remote) -> None:
        history = small()
        before = history.tip
        lone = history.commit("lone", day(5))
        history.tag("v9.0.0")
        history.reset(before)
        remote.publish(history)
        commit = await remote.open("u/small").commit(remote.id_of(lone))
        assert commit is not None

    async def test_a_commit_is_found_by_the_start_of_its_id(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        for change in (history.tip, history.tip.parents[0].parents[0]):
            full = remote.id_of(change)
            for length in (7, 12, 13, len(full)):
                found = await repository.find(full[:length])
                assert found is not None
                assert found.id == full

    async def test_a_start_that_fits_no_commit_finds_nothing(self, remote: Remote) -> None:
        remote.publish(small())
        assert await remote.open("u/small").find("0123456789ab") is None

    # --- files -----------------------------------------------------------------------------------

    async def test_files_are_read_as_they_are_stored(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        tip, one = remote.id_of(history.tip), remote.id_of(history.tip.parents[0].parents[0])
        assert await repository.read(tip, "go.mod", LIMIT) == b"module changed\n"
        assert await repository.read(one, "go.mod", LIMIT) == b"module m\n"
        assert await repository.read(tip, "a/b/c.txt", LIMIT) == b"deep\n"
        assert await repository.read(tip, "run", LIMIT) == b"#!\n"

    async def test_awkward_names_are_names(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository, tip = remote.open("u/small"), remote.id_of(history.tip)
        read = {path: await repository.read(tip, path, LIMIT) for path in AWKWARD}
        assert read == AWKWARD

    async def test_a_symlink_reads_as_the_text_of_its_target(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        assert await remote.open("u/small").read(remote.id_of(history.tip), "a/up", LIMIT) == b"../go.mod"

    async def test_what_is_no_file_is_not_there(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository, tip = remote.open("u/small"), remote.id_of(history.tip)
        read = {path: await repository.read(tip, path, LIMIT) for path in NO_FILES}
        assert read == dict.fromkeys(NO_FILES)

    async def test_a_file_over_the_limit_is_refused(self, remote: Remote) -> None:
        history = History("u/large")
        history.write({"exact": b"x" * 1000, "more": b"x" * 1001, "much": b"x" * 3_000_000})
        history.commit("one")
        remote.publish(history)
        repository, tip = remote.open("u/large"), remote.id_of(history.tip)
        assert await repository.read(tip, "exact", 1000) == b"x" * 1000
        for path in ("more", "much"):
            with pytest.raises(UpstreamBadAnswer):
                await repository.read(tip, path, 1000)

    async def test_nothing_is_told_of_a_commit_that_cannot_be_reached(self, remote: Remote) -> None:
        history = small()
        before = history.tip
        hidden = remote.id_of(history.commit("proposed", day(5)))
        history.reset(before)
        remote.publish(history)
        repository = remote.open("u/small")
        with pytest.raises(NotExist):
            await repository.read(hidden, "go.mod", LIMIT)
        with pytest.raises(NotExist):
            await repository.tags_before(hidden)
        with pytest.raises(NotExist):
            await untar(repository, hidden)

    # --- ancestry --------------------------------------------------------------------------------

    async def test_tags_before_a_commit_are_its_own_and_those_of_its_ancestors(
        self, remote: Remote
    ) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        two = history.tip.parents[0]
        assert await repository.tags_before(remote.id_of(history.tip)) == {"v1.0.0", "v1.1.0"}
        assert await repository.tags_before(remote.id_of(two)) == {"v1.0.0", "v1.1.0"}
        assert await repository.tags_before(remote.id_of(two.parents[0])) == {"v1.0.0"}

    async def test_a_merge_has_the_tags_of_both_sides(self, remote: Remote) -> None:
        history = small()
        history.switch("side", history.tip.parents[0].parents[0])
        history.write({"side": "1\n"})
        side = history.commit("side", day(4))
        history.tag("v2.0.0")
        history.switch("main")
        merged = history.merge(side, "merge", day(5))
        history.commit("after", day(6))
        history.tag("v3.0.0")
        remote.publish(history)
        repository = remote.open("u/small")
        assert await repository.tags_before(remote.id_of(merged)) == {"v1.0.0", "v1.1.0", "v2.0.0"}
        assert await repository.tags_before(remote.id_of(side)) == {"v1.0.0", "v2.0.0"}

    async def test_ancestry_is_right_after_a_single_version_was_asked_for(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        tip = remote.id_of(history.tip)
        assert await repository.commit(tip) is not None
        assert await untar(repository, tip)
        assert await repository.tags_before(tip) == {"v1.0.0", "v1.1.0"}

    # --- archives --------------------------------------------------------------------------------

    async def test_an_archive_holds_the_files_of_a_commit(self, remote: Remote) -> None:
        history = small()
        history.remove("a[b]*?", ":(top)go.mod", "世", "-x")
        history.commit("plain names", day(7))
        remote.publish(history)
        assert await untar(remote.open("u/small"), remote.id_of(history.tip)) == {
            "a/b/c.txt": b"deep\n",
            "a/up": "-> ../go.mod",
            "go.mod": b"module changed\n",
            "link": "-> a/b",
            "run": b"#!\n",
            "sp ace": b"space\n",
        }

    async def test_an_archive_of_a_directory_holds_all_that_is_below_it(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository, tip = remote.open("u/small"), remote.id_of(history.tip)
        assert await untar(repository, tip, "a") == {"b/c.txt": b"deep\n", "up": "-> ../go.mod"}
        assert await untar(repository, tip, "a/b") == {"c.txt": b"deep\n"}

    async def test_an_archive_of_what_is_no_directory_is_empty(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository, tip = remote.open("u/small"), remote.id_of(history.tip)
        found = {directory: await untar(repository, tip, directory) for directory in NO_DIRECTORIES}
        assert found == {directory: {} for directory in NO_DIRECTORIES}

    async def test_awkward_directories_are_directories(self, remote: Remote) -> None:
        history = History("u/awkward")
        for directory in ("-d", "sp ace", "a*", ":(x)", "世"):
            history.write({f"{directory}/f": f"{directory}\n"})
        history.write({"ab/f": "not me\n"})
        history.commit("one")
        remote.publish(history)
        repository, tip = remote.open("u/awkward"), remote.id_of(history.tip)
        for directory in ("-d", "sp ace", "a*", ":(x)", "世"):
            assert await untar(repository, tip, directory) == {"f": f"{directory}\n".encode()}

    async def test_an_archive_may_be_left_early(self, remote: Remote) -> None:
        history = History("u/large")
        history.write({f"f{number}": bytes(1_000_000) for number in range(5)})
        history.commit("one")
        remote.publish(history)
        repository, tip = remote.open("u/large"), remote.id_of(history.tip)
        async with repository.archive(tip, "") as pieces:
            async for _ in pieces:
                break
        assert len(await untar(repository, tip)) == 5

    # --- many at once ----------------------------------------------------------------------------

    async def test_many_callers_at_once_all_get_their_answers(self, remote: Remote) -> None:
        history = small()
        remote.publish(history)
        repository = remote.open("u/small")
        tip, one = remote.id_of(history.tip), remote.id_of(history.tip.parents[0].parents[0])
        files, tags = await asyncio.gather(
            asyncio.gather(*(repository.read(commit, "go.mod", LIMIT) for commit in (tip, one) * 5)),
            asyncio.gather(*(repository.tags_before(commit) for commit in (tip, one) * 3)),
        )
        assert files == [b"module changed\n", b"module m\n"] * 5
        assert tags == [frozenset({"v1.0.0", "v1.1.0"}), frozenset({"v1.0.0"})] * 3
