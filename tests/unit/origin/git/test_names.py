from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.origin.access.git import GitAccess
from modmirror.origin.git.names import RemoteNames
from modmirror.origin.git.source import GitSource
from tests.contract.repository_suite import small
from tests.fakes.git_http import git_server
from tests.fakes.git_remote import GitRemote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modmirror.origin.git.refs import Format

A, B = "a" * 40, "b" * 40


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    with git_server(tmp_path / "served") as server:
        remote = GitRemote(server, tmp_path / "kept")
        remote.publish(small())
        yield remote


@dataclass
class Quick:
    """Lists names without git, as it is told to; remembers how it was asked."""

    listing: bytes | None = None
    asked: list[Format] = field(default_factory=list)

    async def __call__(self, format_: Format) -> bytes | None:
        self.asked.append(format_)
        return self.listing


def names(remote: GitRemote, quick: Quick) -> RemoteNames:
    url = f"{remote.server.url}/u/small"

    async def reach() -> GitAccess:
        return GitAccess(url, "http")

    source = GitSource(url, reach, lambda: NotExist("it is not there"), list_names=quick)
    return RemoteNames(remote.git, source, remote.folder, 60.0)


async def test_a_quick_listing_needs_no_git(remote: GitRemote) -> None:
    quick = Quick(f"{A}\tHEAD\n{A}\trefs/heads/main\n{B}\trefs/tags/v1.0.0\n".encode())
    found = await names(remote, quick).ask()
    assert (found.refs.head, found.refs.branches, found.refs.tags) == (A, {"main": A}, {"v1.0.0": B})
    assert remote.server.requests == []


async def test_a_listing_that_has_not_changed_is_not_read_again(remote: GitRemote) -> None:
    quick = Quick(f"{A}\tHEAD\n".encode())
    asking = names(remote, quick)
    first = await asking.ask()
    assert await asking.ask() is first
    quick.listing = f"{B}\tHEAD\n".encode()
    assert (await asking.ask()).refs.head == B


async def test_a_long_listing_is_read_all_the_same(remote: GitRemote) -> None:
    lines = [f"{A}\trefs/tags/v1.0.{number}\n" for number in range(2000)]
    found = await names(remote, Quick("".join(lines).encode())).ask()
    assert len(found.refs.tags) == 2000


async def test_where_only_git_can_it_is_not_tried_again(remote: GitRemote) -> None:
    quick = Quick()
    asking = names(remote, quick)
    found = await asking.ask()
    assert found.refs.head == remote.id_of(small().tip)
    await asking.ask()
    assert quick.asked == ["sha1"]


async def test_after_a_failure_it_is_tried_again(remote: GitRemote) -> None:
    quick = Quick()
    asking = names(remote, quick)
    remote.server.status = 500
    with pytest.raises(UpstreamUnavailable):
        await asking.ask()
    quick.listing = f"{A}\tHEAD\n".encode()
    assert (await asking.ask()).refs.head == A


async def test_the_other_way_to_name_objects_is_tried_once_git_knows_it(remote: GitRemote) -> None:
    quick = Quick()
    asking = names(remote, quick)
    remote.server.listing = _advertised("c" * 64)
    await asking.ask()
    await asking.ask()
    await asking.ask()
    assert quick.asked == ["sha1", "sha256"]


def _advertised(object_id: str) -> bytes:
    """A list of names in the first version of the protocol."""
    lines = ["# service=git-upload-pack\n", "", f"{object_id} HEAD\0object-format=sha256\n", ""]
    return "".join(f"{len(line) + 4:04x}{line}" if line else "0000" for line in lines).encode()
