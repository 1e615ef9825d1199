from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING

import pytest

from modmirror.origin.git import mirror as mirror_module
from modmirror.origin.git.mirror import make_mirror, mend_mirror
from modmirror.origin.port import Commit
from tests.contract.repository_suite import small
from tests.fakes.git_fixtures import FIXTURES
from tests.fakes.git_http import git_server
from tests.fakes.git_remote import GitRemote
from tests.fakes.history import History, day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modmirror.origin.git.refs import Format


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    with git_server(tmp_path / "served") as server:
        yield GitRemote(server, tmp_path / "kept")


def kept_directory(remote: GitRemote) -> Path:
    (directory,) = remote.folder.iterdir()
    return directory


def names_in(directory: Path, pattern: str = "*") -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob(pattern)}


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_a_mirror_is_bare_and_has_nothing_that_runs(tmp_path: Path, format_: Format) -> None:
    directory = tmp_path / "made"
    directory.mkdir()
    asyncio.run(make_mirror(directory, format_))
    words = ("rev-parse", "--is-bare-repository", "--show-object-format")
    command = ["git", f"--git-dir={directory}", *words]
    assert subprocess.run(command, capture_output=True, check=True).stdout == f"true\n{format_}\n".encode()
    assert (directory / "info/attributes").read_text() == "* -export-subst -export-ignore -filter\n"
    assert "hooks" not in names_in(directory)
    assert "bare = true" in (directory / "config").read_text()
    assert ("objectformat = sha256" in (directory / "config").read_text()) is (format_ == "sha256")


def test_what_a_killed_git_leaves_is_removed(tmp_path: Path) -> None:
    left = [
        "HEAD.lock",
        "packed-refs.lock",
        "shallow.lock",
        "refs/heads/main.lock",
        "objects/pack/tmp_pack_x",
    ]
    stay = ["HEAD", "packed-refs", "refs/heads/tmp_branch", "objects/pack/pack-1.pack", "objects/ab/cdef"]
    for name in left + stay:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    mend_mirror(tmp_path)
    assert {name for name in names_in(tmp_path) if (tmp_path / name).is_file()} == set(stay)


async def test_single_commits_come_without_history(remote: GitRemote) -> None:
    history = FIXTURES["u/ret"]()
    remote.publish(history)
    repository = remote.open("u/ret")
    for tag in ("v1.1.0", "v1.2.0"):
        assert await repository.commit((await repository.refs()).tags[tag]) is not None
    local = names_in(kept_directory(remote) / "refs")
    assert {name for name in local if "v1" in name} == {"tags/v1.1.0", "tags/v1.2.0"}
    assert "modmirror-complete" not in names_in(kept_directory(remote))


async def test_complete_mirrors_fetch_in_full_from_then_on(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    await repository.tags_before((await repository.refs()).head)
    assert "modmirror-complete" in names_in(kept_directory(remote))
    history.commit("four", day(4))
    history.tag("v2.0.0")
    remote.publish(history)
    remote.pass_a_minute()
    assert await repository.commit(remote.id_of(history.tip)) is not None
    assert "shallow" not in names_in(kept_directory(remote))


@pytest.mark.parametrize("complete", [False, True], ids=["shallow", "complete"])
async def test_many_fetches_do_not_leave_many_packs(
    remote: GitRemote, monkeypatch: pytest.MonkeyPatch, *, complete: bool
) -> None:
    monkeypatch.setattr(mirror_module, "_MAX_PACKS", 5)
    history = History("u/many")
    repository = remote.open("u/many")
    for number in range(12):
        history.write({f"f{number}": f"{number}\n"})
        history.commit(f"{number}", day(number + 1))
        history.tag(f"v1.0.{number}")
        remote.publish(history)
        remote.pass_a_minute()
        tip = remote.id_of(history.tip)
        assert await repository.read(tip, f"f{number}", 100) == f"{number}\n".encode()
        if complete:
            await repository.tags_before(tip)
    assert len(names_in(kept_directory(remote), "*.pack")) <= 6
    first = (await repository.refs()).tags["v1.0.0"]
    assert await repository.read(first, "f0", 100) == b"0\n"
    assert len(await repository.tags_before(tip)) == 12


async def test_a_crash_before_completion_is_known_does_no_harm(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    tip = remote.id_of(history.tip)
    await repository.tags_before(tip)
    (kept_directory(remote) / "modmirror-complete").unlink()
    remote.restart()
    assert await remote.open("u/small").tags_before(tip) == {"v1.0.0", "v1.1.0"}


async def test_after_a_restart_nothing_is_fetched_that_is_there(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    tip = remote.id_of(history.tip)
    await remote.open("u/small").tags_before(tip)
    remote.restart()
    remote.server.status_of_packs = 500
    repository = remote.open("u/small")
    assert await repository.tags_before(tip) == {"v1.0.0", "v1.1.0"}
    assert await repository.find(remote.id_of(history.tip.parents[0])[:12]) is not None


async def test_a_name_may_move_on_between_listing_and_fetching(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    listed = (await repository.refs()).head
    history.commit("four", day(4))
    remote.publish(history)
    assert await repository.commit(listed) is not None


async def test_a_commit_that_is_lost_between_listing_and_fetching_is_none(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    listed = (await repository.refs()).head
    history.reset(history.tip.parents[0])
    history.commit("three again", day(5))
    remote.publish(history)
    assert await repository.commit(listed) is None


async def test_rewritten_history_is_followed(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    old = remote.id_of(history.tip)
    assert await repository.tags_before(old) == {"v1.0.0", "v1.1.0"}
    history.reset(history.tip.parents[0].parents[0])
    history.tags.pop("v1.1.0")
    history.commit("another two", day(9))
    remote.publish(history)
    remote.pass_a_minute()
    assert await repository.tags_before(remote.id_of(history.tip)) == {"v1.0.0"}
    assert await repository.commit(old) is None


async def test_a_branch_may_become_a_folder_of_branches(remote: GitRemote) -> None:
    history = small()
    history.branch("release")
    remote.publish(history)
    repository = remote.open("u/small")
    await repository.tags_before(remote.id_of(history.tip))
    history.branches["release/v1"] = history.branches.pop("release")
    history.commit("four", day(4))
    remote.publish(history)
    remote.pass_a_minute()
    assert await repository.tags_before(remote.id_of(history.tip)) == {"v1.0.0", "v1.1.0"}


async def test_a_repository_that_lost_a_shallow_commit_can_be_completed(remote: GitRemote) -> None:
    history = small()
    history.switch("gone")
    gone = history.commit("gone soon", day(4))
    remote.publish(history)
    repository = remote.open("u/small")
    assert await repository.commit(remote.id_of(gone)) is not None
    del history.branches["gone"]
    remote.publish(history)
    remote.pass_a_minute()
    tip = remote.id_of(history.branches["main"])
    assert await repository.tags_before(tip) == {"v1.0.0", "v1.1.0"}
    assert await repository.find(remote.id_of(gone)[:12]) is None


async def test_a_repository_that_is_another_one_now_is_followed(remote: GitRemote) -> None:
    remote.publish(small())
    repository = remote.open("u/small")
    await repository.tags_before((await repository.refs()).head)
    other = History("u/small")
    other.write({"go.mod": "module other\n"})
    other.commit("unrelated", day(8))
    remote.publish(other)
    remote.pass_a_minute()
    assert await repository.read(remote.id_of(other.tip), "go.mod", 100) == b"module other\n"
    assert await repository.tags_before(remote.id_of(other.tip)) == frozenset()


def many_tags(count: int) -> History:
    history = History()
    for number in range(count):
        history.write({"f": f"{number}\n"})
        history.commit(f"change {number}", day(number + 1))
        history.tag(f"v1.0.{number}")
    return history


async def test_tags_wanted_during_a_fetch_are_fetched_together(remote: GitRemote) -> None:
    history = many_tags(8)
    remote.publish(history)
    repository = remote.open(history.name)
    commits = list((await repository.refs()).tags.values())
    before = len(remote.server.requests)
    found = await asyncio.gather(*(repository.commit(commit) for commit in commits))
    assert [commit.id for commit in found if commit] == commits
    one_by_one = 3 * len(commits)
    assert len(remote.server.requests) - before < one_by_one / 2


async def test_a_tag_that_is_gone_spoils_only_its_own_fetch(remote: GitRemote) -> None:
    history = many_tags(5)
    remote.publish(history)
    repository = remote.open(history.name)
    tags = dict((await repository.refs()).tags)
    gone = tags.pop("v1.0.3")
    del history.tags["v1.0.3"]
    remote.publish(history)
    asked = [repository.commit(commit) for commit in (*tags.values(), gone)]
    *found, _ = await asyncio.gather(*asked, return_exceptions=True)
    assert [commit.id for commit in found if isinstance(commit, Commit)] == list(tags.values())
