"""What the adapters of hg, svn and fossil are told: the repository, and how it is reached.

Git has its own (:mod:`modmirror.origin.access.git`), because it can pin addresses and carry headers itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.origin.network.remote import parse_remote, without_userinfo

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from collections.abc import Set as AbstractSet

    from modmirror.origin.network.guard import Endpoint
    from modmirror.origin.network.remote import Remote


@dataclass(frozen=True, slots=True)
class VcsAccess:
    """One remote, ready to be asked. Its representation shows no secret."""

    url: str
    """What the tool is told to ask: rewritten, checked, without credentials."""
    endpoints: tuple[Endpoint, ...] = ()
    """Where its host may be reached, as judged and pinned; empty when an operator named the place. Not
    needed with an ``ssh_command``, which holds the address."""
    username: str = field(default="", repr=False)
    """For basic authentication over https, by hg and svn: fossil takes a password only in argv."""
    password: str = field(default="", repr=False)
    ssh_command: str = field(default="", repr=False)
    """What to run instead of ``ssh``, quoted for a shell; empty unless the URL is one of ssh."""
    ca_file: str = ""
    """PEM file of certificate authorities to trust instead of the system's; empty for those."""

    @property
    def scheme(self) -> str:
        """``https``, ``svn+ssh``, ``file`` and so on."""
        return self.url.partition("://")[0]


@dataclass(frozen=True, slots=True)
class VcsSource:
    """One remote repository as one route may read it."""

    url: str
    """As people know it, without credentials; what the tool asks is in the access."""
    reach: Callable[[], Awaitable[VcsAccess]]
    """Makes the access, anew before every contact: addresses change, secrets are renewed."""
    unreadable: Callable[[], NotExist]
    """Makes the error for a repository that is not there, or not for us."""
    audience: str = ""
    """Repositories read with different keys are kept apart: the name of the key, or empty."""


def remote_of(access: VcsAccess) -> Remote:
    """Return the URL of an access, taken apart. Raises NotExist when it is none."""
    try:
        return parse_remote(access.url)
    except ValueError as error:
        raise NotExist(f'"{without_userinfo(access.url)}" {error}') from error


def check_transport(tool: str, access: VcsAccess, schemes: AbstractSet[str]) -> None:
    """Refuse what is not plainly a URL of one of the schemes that a tool is used over.

    The access was checked where it was made; this is so that nothing else can reach argv (protocol.md D.9).

    Raises:
        NotExist: it is none.
    """
    if access.scheme not in schemes:
        reason = f"{tool} is not used over {without_userinfo(access.scheme)}"
        raise NotExist(reason, hint=f"it is over {', '.join(sorted(schemes - {'file'}))}")
    if access.scheme != "file":
        remote_of(access)


def can_be_asked_for(name: str) -> bool:
    """Tell whether a branch or tag has a name that a request can hold: text, and that was UTF-8."""
    return name.isprintable()
