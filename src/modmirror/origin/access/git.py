"""What git has to be given so that it reaches one repository, and nothing beyond it.

Made anew for every run of git and every request: addresses change, tokens expire.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from modmirror.origin.network.guard import Pinned


@dataclass(frozen=True, slots=True)
class GitAccess:
    """One remote, ready to be asked. Its representation shows no secret."""

    url: str
    """What git is told to ask: rewritten, checked, without credentials."""
    protocol: str
    """The one transport that may be used, as in ``GIT_ALLOW_PROTOCOL``: https, ssh, http, git or file."""
    config: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Configuration by key, for ``GIT_CONFIG_COUNT`` in the environment and never for argv: it may hold
    an Authorization header. Pins the address and forbids redirects, which would leave both behind."""
    ssh_command: str = field(default="", repr=False)
    """Value of ``GIT_SSH_COMMAND``, quoted for the shell; empty unless the protocol is ssh."""

    def environment(self, first: int = 0) -> dict[str, str]:
        """Return the variables to add; ``first`` is how many configuration entries come before these."""
        pairs = list(enumerate(self.config, start=first))
        found = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in pairs}
        found |= {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in pairs}
        found |= {"GIT_CONFIG_COUNT": str(first + len(pairs)), "GIT_ALLOW_PROTOCOL": self.protocol}
        return found | ({"GIT_SSH_COMMAND": self.ssh_command} if self.ssh_command else {})


@dataclass(frozen=True, slots=True)
class HttpAccess:
    """One remote, ready to be asked over HTTP without git. Its representation shows no secret."""

    url: str
    """As in :class:`GitAccess`."""
    name: str
    """What errors call it."""
    pinned: Pinned | None = None
    """Where its host may be reached; None when an operator named the place."""
    authorization: str = field(default="", repr=False)
    """Value of the header; empty for none."""

    def server(self) -> Self:
        """Return the same for whatever else is asked of its host: without path and secret."""
        scheme, _, rest = self.url.partition("://")
        return replace(self, url=f"{scheme}://{rest.partition('/')[0]}", name="", authorization="")
