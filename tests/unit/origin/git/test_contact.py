from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.origin.access.rewrite import parse_rewrites
from modmirror.origin.access.route import RouteAccess, RouteRules
from modmirror.origin.discovery.inquiry import Site
from modmirror.origin.discovery.pages import Pages
from modmirror.origin.git.contact import MOVED_SECONDS, Contact
from modmirror.origin.git.repository import GitRepository
from modmirror.origin.git.smarthttp import SmartHttp
from modmirror.origin.git.source import GitSource
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.network.guard import AddressGuard
from modmirror.origin.network.networks import parse_networks
from tests.contract.repository_suite import small
from tests.fakes.git_http import git_server
from tests.fakes.git_remote import GitRemote
from tests.fakes.tls import ca_pem, write_ca

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from modmirror.origin.network.guard import Endpoint

HOST = "git.test"


class Renamed:
    """A repository on a host of its own, over https, that can be renamed there."""

    def __init__(self, remote: GitRemote, folder: Path) -> None:
        self.remote = remote
        self.ca_file = write_ca(folder)
        self.url = f"https://{HOST}:{remote.server.url.rpartition(':')[2]}"
        self.clock = 1000.0

    def contact(self, *rewrites: str) -> Contact:
        async def resolve(_host: str, port: int) -> Sequence[Endpoint]:
            return [("127.0.0.1", port)]

        rules = RouteRules(ca_file=str(self.ca_file), rewrites=parse_rewrites(rewrites))
        access = RouteAccess(rules, AddressGuard(resolve, parse_networks(["loopback"])))
        pages = Pages(access, timeout=20.0, ca_pem=ca_pem(), user_agent="modmirror/test")
        http = SmartHttp(
            timeout=20.0, ca_pem=ca_pem(), user_agent="modmirror/test", clock=lambda: self.clock
        )
        site = Site("git.test/old", "git", f"{self.url}/u/old")
        return Contact(site, access, http, pages, lambda: self.clock)

    def repository(self, contact: Contact) -> GitRepository:
        source = GitSource(
            f"{self.url}/u/old",
            contact.reach,
            lambda: NotExist("it is not there"),
            list_names=contact.list_names,
            follow=contact.follow,
        )
        remote = self.remote
        return GitRepository(
            remote.git, source, Terms(remote.home, remote.limits, ticks=lambda: self.clock)
        )

    def rename(self, there: str) -> None:
        self.remote.server.renamed = {"/u/old": there}

    @property
    def asked(self) -> list[str]:
        """Which repositories were asked for, in order."""
        return [target.split("/info/")[0].split("/git-")[0] for _, target, _ in self.remote.server.requests]


@pytest.fixture
def renamed(tmp_path: Path) -> Iterator[Renamed]:
    with git_server(tmp_path / "served", tls=True, names=(HOST,)) as server:
        remote = GitRemote(server, tmp_path / "kept")
        remote.publish(small())
        yield Renamed(remote, tmp_path)


async def test_a_repository_renamed_on_its_host_is_read_where_it_is_now(renamed: Renamed) -> None:
    renamed.rename("/u/small")
    repository = renamed.repository(renamed.contact())
    refs = await repository.refs()
    commit = await repository.commit(refs.head)
    assert commit is not None
    assert refs.head == commit.id == renamed.remote.id_of(small().tip)
    assert repository.url.endswith("/u/old")


async def test_the_new_place_is_asked_at_once_for_some_minutes(renamed: Renamed) -> None:
    renamed.rename("/u/small")
    repository = renamed.repository(renamed.contact())
    await repository.refs()
    renamed.remote.server.requests.clear()
    renamed.clock += 100
    await repository.refs()
    assert set(renamed.asked) == {"/u/small"}
    renamed.clock += MOVED_SECONDS
    await repository.refs()
    assert "/u/old" in renamed.asked


async def test_a_rename_to_another_host_is_not_followed(renamed: Renamed) -> None:
    renamed.rename("https://a.test/u/small")
    with pytest.raises(UpstreamUnavailable, match="redirects to another place"):
        await renamed.repository(renamed.contact()).refs()
    assert set(renamed.asked) == {"/u/old"}


async def test_what_an_operator_wrote_is_not_followed(renamed: Renamed) -> None:
    renamed.rename("/u/small")
    contact = renamed.contact(f"{renamed.url}/u/ -> {renamed.url}/other/")
    assert not await contact.follow()


async def test_a_repository_that_stayed_is_nowhere_new(renamed: Renamed) -> None:
    assert not await renamed.contact().follow()


async def test_names_come_without_git_over_https(renamed: Renamed) -> None:
    history = small()
    history.name = "u/old"
    renamed.remote.publish(history)
    listing = await renamed.contact().list_names("sha1")
    assert listing is not None
    assert renamed.remote.id_of(small().tip).encode() in listing


async def test_a_directory_is_left_to_git(renamed: Renamed) -> None:
    contact = renamed.contact(f"{renamed.url}/u/ -> file:///srv/git/")
    assert await contact.list_names("sha1") is None
