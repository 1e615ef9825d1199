"""Names without git. What it says of real servers is in the contract of git, which is run with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamTimeout
from modmirror.origin.access.git import HttpAccess
from modmirror.origin.git import smarthttp
from modmirror.origin.git.smarthttp import SmartHttp
from modmirror.origin.network.guard import Pinned
from tests.contract.repository_suite import small
from tests.fakes.git_http import git_server
from tests.fakes.git_remote import GitRemote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[GitRemote]:
    with git_server(tmp_path / "served") as server:
        remote = GitRemote(server, tmp_path / "kept")
        remote.publish(small())
        yield remote


def http(timeout: float = 30.0) -> SmartHttp:
    return SmartHttp(timeout=timeout, ca_pem=b"", user_agent="modmirror/test", clock=time.monotonic)


def access(remote: GitRemote, name: str = "u/small") -> HttpAccess:
    return HttpAccess(f"{remote.server.url}/{name}", "https://git.test/small")


async def test_one_request_lists_the_names(remote: GitRemote) -> None:
    tip = remote.id_of(small().tip)
    listing = await http().names(access(remote), "sha1")
    assert listing is not None
    assert f"{tip}\trefs/heads/main\n".encode() in listing
    assert [method for method, _, _ in remote.server.requests] == ["POST"]


async def test_the_key_goes_along(remote: GitRemote) -> None:
    remote.server.authorization = "Bearer t0ken"
    there = access(remote)
    assert await http().names(there, "sha1") is None
    there = HttpAccess(there.url, there.name, authorization="Bearer t0ken")
    assert await http().names(there, "sha1") is not None


async def test_the_address_that_was_judged_is_asked(remote: GitRemote) -> None:
    port = int(remote.server.url.rpartition(":")[2])
    pinned = Pinned("git.test", 80, (("127.0.0.1", port),))
    there = HttpAccess(f"http://git.test:{port}/u/small", "https://git.test/small", pinned)
    assert await http().names(there, "sha1") is not None


@pytest.mark.parametrize("status", [301, 401, 403, 404, 429, 500])
async def test_whatever_is_no_success_is_left_to_git(remote: GitRemote, status: int) -> None:
    remote.server.status = status
    assert await http().names(access(remote), "sha1") is None


async def test_a_redirect_is_not_followed(remote: GitRemote) -> None:
    remote.server.location = remote.server.url
    assert await http().names(access(remote), "sha1") is None
    assert len(remote.server.requests) == 1


@pytest.mark.parametrize("listing", [b"", b"<html>", b"0000 and more"])
async def test_an_answer_that_is_none_is_left_to_git(remote: GitRemote, listing: bytes) -> None:
    remote.server.listing = listing
    assert await http().names(access(remote), "sha1") is None


async def test_a_server_that_knows_only_files_is_left_to_git(remote: GitRemote) -> None:
    remote.server.dumb = True
    assert await http().names(access(remote), "sha1") is None


async def test_objects_named_in_another_way_are_left_to_git(remote: GitRemote) -> None:
    assert await http().names(access(remote), "sha256") is None


async def test_nobody_there_is_left_to_git() -> None:
    assert await http().names(HttpAccess("http://127.0.0.1:1/x", "https://git.test/x"), "sha1") is None


async def test_an_endless_answer_is_given_up(remote: GitRemote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smarthttp, "MAX_ANSWER_BYTES", 100)
    assert await http().names(access(remote), "sha1") is None


async def test_a_server_that_hangs_is_waited_for_once(remote: GitRemote) -> None:
    remote.server.silent = True
    with pytest.raises(UpstreamTimeout, match=r"no list of names within 0\.05 s"):
        await http(0.05).names(access(remote), "sha1")
