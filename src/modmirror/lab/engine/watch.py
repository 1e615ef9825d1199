"""Looks out for what makes a run doubtful while it goes on: other addresses, other certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.run.manifest import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.engine.port import TlsFacts
    from modmirror.lab.target import Target


class Watch:
    """Raises flags."""

    def __init__(self, flag: Callable[[Flag], None]) -> None:
        self._flag = flag
        self._issuers: dict[str, str] = {}

    def names_changed(self, host: str, pinned: str, found: str) -> None:
        """A name that resolved to ``pinned`` does so no more."""
        text = f"{host} was {pinned} and is now {found}; the first address was asked throughout"
        self._flag(Flag("dns_changed", text))

    def handshake(self, target: Target, facts: TlsFacts) -> None:
        """A certificate was shown."""
        first = self._issuers.setdefault(target.name, facts.issuer)
        if facts.issuer != first:
            self._flag(Flag("tls_intercepted", f"{target.name}: issued by {first}, then by {facts.issuer}"))
        elif target.issuer and target.issuer.lower() not in facts.issuer.lower():
            text = f"{target.name}: issued by {facts.issuer}, not by {target.issuer}"
            self._flag(Flag("tls_intercepted", text))
