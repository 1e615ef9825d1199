"""One file on its way through a pool of upstreams: who is left to ask, and what the others said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import NotExist, UpstreamRefused, UpstreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.errors import Error
    from modmirror.routing.outcome import Permit
    from modmirror.routing.plan import Plan, Question
    from modmirror.upstream.guide import Guide
    from modmirror.upstream.port import Upstream


@dataclass(slots=True)
class Trip:
    """What is known of one file while it is being looked for."""

    guide: Guide
    question: Question
    plan: Plan
    upstreams: Mapping[str, Upstream]
    """By display name."""
    is_barred: Callable[[str], bool]
    """Whether an upstream is no rival: after a bad file of this module it is asked last, or not at all."""
    said: dict[str, Error] = field(default_factory=dict)
    """What upstreams have answered that was not the file, by display name."""
    running: set[str] = field(default_factory=set)
    hedged: bool = False
    """Whether a second request has been sent for slowness: once is enough."""

    def admit(self, upstream: Upstream) -> Permit:
        """Give leave to ask. Raises UpstreamUnavailable when not."""
        return self.guide.admit(upstream.name, panic=upstream.name == self.plan.panic)

    def rival(self) -> tuple[Upstream, Permit] | None:
        """Return somebody else who can be asked now, with leave to do so."""
        for name in self._left():
            try:
                return self.upstreams[name], self.admit(self.upstreams[name])
            except UpstreamUnavailable:
                continue
        return None

    @property
    def has_rivals(self) -> bool:
        """Whether somebody is left to ask."""
        return bool(self._left())

    def has_instead(self, upstream: str) -> bool:
        """Tell whether somebody else is left who is known to be well, and not known to lack the module."""
        router, now = self.guide.router, self.guide.now()
        return any(
            name != upstream
            and router.is_usable(name, now)
            and not router.lacks(name, self.question.module, now)
            for name in self._left()
        )

    def came(self, upstream: str) -> None:
        """Note that the file came from ``upstream``: those who have none, or not for us, lack it."""
        for name, error in self.said.items():
            if isinstance(error, NotExist | UpstreamRefused) and name != upstream:
                self.guide.router.lacked(name, self.question.module, self.guide.now())

    def _left(self) -> list[str]:
        if not self.question.measured:
            return []  # a declared order is asked one after another
        taken = self.running | self.said.keys()
        return [name for name in self.plan.order if name not in taken and not self.is_barred(name)]
