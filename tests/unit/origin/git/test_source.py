from __future__ import annotations

from modmirror.errors import NotExist
from modmirror.origin.access.git import GitAccess
from modmirror.origin.git.source import GitSource


async def reach() -> GitAccess:
    return GitAccess("https://git.test/x", "https")


async def test_unless_told_otherwise_git_does_all_and_the_place_stays() -> None:
    source = GitSource("https://git.test/x", reach, lambda: NotExist("it is not there"))
    assert await source.list_names("sha1") is None
    assert not await source.follow()
