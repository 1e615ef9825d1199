"""One remote repository, as whoever keeps it is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from modmirror.errors import NotExist
    from modmirror.origin.access.git import GitAccess
    from modmirror.origin.git.refs import Format


async def only_git(_format: Format) -> bytes | None:
    """Leave the listing of names to git."""
    return None


async def nowhere_else() -> bool:
    """Know no other place."""
    return False


@dataclass(frozen=True, slots=True)
class GitSource:
    """One remote repository as one route may read it."""

    url: str
    """As people know it, without credentials; what git asks is in the access."""
    reach: Callable[[], Awaitable[GitAccess]]
    """Makes the access, anew before every contact."""
    unreadable: Callable[[], NotExist]
    """Makes the error for a repository that is not there, or not for us."""
    audience: str = ""
    """Repositories read with different keys are kept apart, so that nobody is shown what only another may
    read: the name of the key, or empty."""
    list_names: Callable[[Format], Awaitable[bytes | None]] = only_git
    """Returns the lines of ``git ls-remote`` without git, or None where git has to be asked."""
    follow: Callable[[], Awaitable[bool]] = nowhere_else
    """Looks where the repository has moved to; True when ``reach`` leads there from now on."""
