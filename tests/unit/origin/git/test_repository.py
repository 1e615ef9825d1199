from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, StorageBroken, UpstreamError
from modmirror.origin.access.git import GitAccess
from modmirror.origin.git.repository import GitRepository
from modmirror.origin.git.source import GitSource
from modmirror.origin.keeping.tagchanges import TagChange
from modmirror.origin.keeping.terms import Terms
from tests.contract.repository_suite import LIMIT, small, untar
from tests.fakes.git_http import git_server
from tests.fakes.git_pack import GitObjects
from tests.fakes.git_remote import GitRemote
from tests.fakes.history import History

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    with git_server(tmp_path / "served") as server:
        yield GitRemote(server, tmp_path / "kept")


def kept(remote: GitRemote) -> list[Path]:
    return sorted(path for path in remote.folder.iterdir() if path.is_dir())


def break_packs(remote: GitRemote) -> None:
    for pack in remote.folder.rglob("*.pack"):
        pack.write_bytes(pack.read_bytes()[:40])


async def test_many_who_ask_at_once_cause_one_listing_and_one_fetch(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository, tip = remote.open("u/small"), remote.id_of(history.tip)
    await asyncio.gather(*(repository.commit(tip) for _ in range(30)))
    alone = GitRemote(remote.server, remote.folder.with_name("alone"))
    before = len(remote.server.requests)
    await alone.open("u/small").commit(tip)
    assert before == len(remote.server.requests) - before


async def test_a_failure_is_shared_by_those_who_wait_and_not_remembered(remote: GitRemote) -> None:
    remote.publish(small())
    repository = remote.open("u/small")
    remote.server.status = 500
    results = await asyncio.gather(*(repository.refs() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(result, UpstreamError) for result in results)
    assert len(remote.server.requests) <= 2
    remote.server.status = 0
    assert (await repository.refs()).head


async def test_a_caller_who_leaves_does_not_end_the_fetch(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository, tip = remote.open("u/small"), remote.id_of(history.tip)
    first = asyncio.create_task(repository.commit(tip))
    second = asyncio.create_task(repository.commit(tip))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is not None


async def test_a_moved_tag_and_a_deleted_one_are_reported(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    one, tip = history.tip.parents[0].parents[0], history.tip
    await repository.commit((await repository.refs()).head)
    history.tag("v1.0.0", of=tip)
    del history.tags["v1.1.0"]
    history.tag("v9.0.0")
    remote.publish(history)
    remote.pass_a_minute()
    await repository.refs()
    two = tip.parents[0]
    changes = (
        TagChange("v1.0.0", remote.id_of(one), remote.id_of(tip)),
        TagChange("v1.1.0", remote.id_of(two), ""),
    )
    assert remote.moved == [(repository.url, changes)]
    remote.pass_a_minute()
    await repository.refs()
    assert len(remote.moved) == 1


async def test_a_tag_that_moves_while_the_mirror_is_down_is_reported(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    await repository.commit((await repository.refs()).head)
    remote.restart()
    history.tag("v1.0.0")
    remote.publish(history)
    await remote.open("u/small").refs()
    ((_, (change,)),) = remote.moved
    assert (change.name, change.after) == ("v1.0.0", remote.id_of(history.tip))


async def test_an_evicted_repository_is_fetched_again(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository, tip = remote.open("u/small"), remote.id_of(history.tip)
    assert await repository.read(tip, "go.mod", LIMIT) == b"module changed\n"
    async with remote.home.use("other", "u", _make) as other:
        remote.home.max_bytes = 1
        async with remote.home.writing(other, lambda _: None):
            pass
        remote.home.max_bytes = 1 << 30
    assert len(kept(remote)) == 1
    assert await repository.read(tip, "go.mod", LIMIT) == b"module changed\n"
    assert await repository.read(tip, "none", LIMIT) is None
    assert await repository.tags_before(tip) == {"v1.0.0", "v1.1.0"}


async def _make(directory: Path) -> None:
    (directory / "x").write_text("x")


async def test_a_broken_copy_is_an_error_once_and_then_made_anew(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository, tip = remote.open("u/small"), remote.id_of(history.tip)
    assert await repository.commit(tip) is not None
    break_packs(remote)
    with pytest.raises(StorageBroken):
        await repository.read(tip, "go.mod", LIMIT)
    assert await repository.read(tip, "go.mod", LIMIT) == b"module changed\n"


async def test_an_archive_of_a_broken_copy_does_not_look_whole(remote: GitRemote) -> None:
    history = History("u/large")
    history.write({f"f{number}": b"%d\n" % number * 10_000 for number in range(50)})
    history.commit("one")
    remote.publish(history)
    repository, tip = remote.open("u/large"), remote.id_of(history.tip)
    assert len(await untar(repository, tip)) == 50
    for pack in remote.folder.rglob("*.pack"):
        content = bytearray(pack.read_bytes())
        content[len(content) // 2] ^= 0xFF
        pack.chmod(0o644)
        pack.write_bytes(content)
    with pytest.raises(StorageBroken):
        await untar(repository, tip)


async def test_locks_that_a_killed_git_left_are_no_obstacle(remote: GitRemote) -> None:
    history = small()
    remote.publish(history)
    repository = remote.open("u/small")
    await repository.commit((await repository.refs()).head)
    remote.restart()
    (directory,) = kept(remote)
    for name in ("shallow.lock", "packed-refs.lock", "refs/heads/main.lock", "HEAD.lock"):
        (directory / name).write_text("")
    assert await remote.open("u/small").tags_before(remote.id_of(history.tip)) == {"v1.0.0", "v1.1.0"}


async def test_repositories_read_with_other_keys_are_kept_apart(remote: GitRemote) -> None:
    remote.publish(small())
    url = f"{remote.server.url}/u/small"

    async def reach() -> GitAccess:
        return GitAccess(url, "http")

    for audience in ("", "team", "other team"):
        source = GitSource(url, reach, lambda: NotExist("not there"), audience)
        repository = GitRepository(remote.git, source, Terms(remote.home, remote.limits))
        await repository.commit((await repository.refs()).head)
    assert len(kept(remote)) == 3


async def test_what_is_asked_differs_from_what_is_shown(remote: GitRemote) -> None:
    remote.publish(small())
    asked = f"{remote.server.url}/u/small"

    async def reach() -> GitAccess:
        return GitAccess(asked, "http")

    source = GitSource("https://git.example.com/small", reach, lambda: NotExist("not there"))
    repository = GitRepository(remote.git, source, Terms(remote.home, remote.limits))
    assert repository.url == "https://git.example.com/small"
    remote.server.status = 500
    with pytest.raises(UpstreamError) as caught:
        await repository.refs()
    assert caught.value.upstream == "https://git.example.com/small"


async def test_what_cannot_be_reached_is_said_so(remote: GitRemote) -> None:
    remote.publish(small())
    with pytest.raises(NotExist, match="cannot be reached from any branch or tag"):
        await remote.open("u/small").read("0" * 40, "go.mod", LIMIT)


def alike(objects: GitObjects, parent: str) -> tuple[str, str]:
    """Add two commits whose ids begin with the same seven digits."""
    seen: dict[str, str] = {}
    tree = objects.raw_tree([])
    for number in range(1_000_000):
        text = (
            f"tree {tree}\nparent {parent}\nauthor a <a@x> 1 +0000\ncommitter c <c@x> 1 +0000\n\n{number}\n"
        )
        made = hashlib.sha1(f"commit {len(text)}\0{text}".encode()).hexdigest()  # noqa: S324 - git's own
        if made[:7] in seen:
            return objects.add("commit", seen[made[:7]].encode()), objects.add("commit", text.encode())
        seen[made[:7]] = text
    raise AssertionError("no two alike")


async def test_two_commits_that_begin_alike_are_not_guessed_between(remote: GitRemote) -> None:
    objects = GitObjects()
    base = objects.commit(small().tip)
    one, two = alike(objects, base)
    tree = objects.raw_tree([])
    tail = "author a <a@x> 2 +0000\ncommitter c <c@x> 2 +0000\n\nmerge\n"
    merge = objects.add("commit", f"tree {tree}\nparent {one}\nparent {two}\n{tail}".encode())
    objects.write(remote.server.root / "u/alike", {"refs/heads/main": merge})
    repository = remote.open("u/alike")
    assert await repository.find(one[:7]) is None
    for commit in (one, two):
        found = await repository.find(commit[:12])
        assert found is not None
        assert found.id == commit
