"""What remote sides for :mod:`tests.contract.repository_suite` share, whatever the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from modmirror.errors import NotExist
from modmirror.origin.access.vcs import VcsAccess, VcsSource
from modmirror.origin.keeping.kept import KeptRepositories
from modmirror.origin.keeping.terms import Terms
from modmirror.origin.limits import RepositoryLimits

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.origin.keeping.tagchanges import TagChange

ServerT = TypeVar("ServerT")


@dataclass
class KeptRemote(Generic[ServerT]):
    """Repositories of one server as a mirror keeps them, and knobs for other tests."""

    server: ServerT
    folder: Path
    """Gets what is kept of the repositories."""
    limits: RepositoryLimits = field(default_factory=RepositoryLimits)
    max_bytes: int = 1 << 30
    clock: float = 1000.0
    moved: list[tuple[str, tuple[TagChange, ...]]] = field(default_factory=list)
    """What was said of moved tags."""
    home: KeptRepositories = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not on disk."""
        self.home = KeptRepositories(self.folder, self.max_bytes, now=lambda: self.clock, lock_timeout=5.0)
        self.home.open()

    def pass_a_minute(self) -> None:
        """See the suite."""
        self.clock += 61

    @property
    def terms(self) -> Terms:
        """What a repository is opened on."""
        return Terms(
            self.home,
            self.limits,
            on_tags=lambda where, changes: self.moved.append((where, changes)),
            ticks=lambda: self.clock,
        )


def absent(url: str) -> NotExist:
    """Say what a mirror says of a repository that is not there."""
    return NotExist(f"{url} does not exist, or may not be read")


def vcs_source(url: str, **access: Any) -> VcsSource:
    """Return a source for hg, svn or fossil; ``access`` are further fields of the access."""

    async def reach() -> VcsAccess:
        return VcsAccess(url, **access)

    return VcsSource(url, reach, lambda: absent(url))
