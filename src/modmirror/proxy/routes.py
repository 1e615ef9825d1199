"""Which upstreams serve which modules, and how one is asked after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from cachetools import LRUCache

from modmirror.errors import BadZip, HashMismatch, NotExist, UpstreamError
from modmirror.mod.patterns import match_prefix_patterns
from modmirror.proxy.journey import Chain, Journey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from modmirror.measure.score import Class
    from modmirror.mod.path import ModulePath
    from modmirror.protocol.chain import Link
    from modmirror.protocol.target import ModuleTarget
    from modmirror.proxy.memory import Shunned
    from modmirror.upstream.guide import Guide
    from modmirror.upstream.port import Upstream

T = TypeVar("T")

TOOLCHAIN = "golang.org/toolchain"
"""Always verified, whatever a route says (protocol.md B.1, E)."""


@dataclass(frozen=True, slots=True)
class Route:
    """A chain of upstreams and the rules for what comes through it."""

    match: tuple[str, ...]
    links: tuple[Link, ...]
    upstreams: Mapping[str, Upstream]
    """By the name used in ``links``."""
    sumdb: Literal["off", "proxy", "verify"] = "verify"
    sumdb_down: Literal["closed", "open"] = "open"
    offline: bool = False
    """Nobody is asked for its modules."""
    guide: Guide | None = None
    """Keeps scores and breakers. Without one, upstreams are asked one after another."""
    measured: bool = False
    """Whether upstreams joined by ``|`` are asked in the order of their scores."""

    @property
    def private(self) -> bool:
        """Whether its modules are private: their names are for nobody outside."""
        return self.sumdb == "off"

    def verifies(self, module: str) -> bool:
        """Say whether files of ``module`` are checked against the checksum database."""
        return self.sumdb == "verify" or module == TOOLCHAIN

    def fails_closed(self, module: str) -> bool:
        """Say whether files are refused while the checksum database cannot be asked."""
        return self.sumdb_down == "closed" or module == TOOLCHAIN

    async def first(
        self, target: ModuleTarget, shunned: Shunned, attempt: Callable[[Upstream], Awaitable[T]]
    ) -> T:
        """Try upstreams in chain order until one attempt succeeds (protocol.md A.14).

        Raises the chain's verdict: NotExist when all that were asked said so, else an UpstreamError or
        VerificationError; and at once whatever is not the upstream's doing, such as a full store or a
        checksum database that is down or lies.
        """
        journey = self.begin("meta", target, shunned)
        while (upstream := journey.next()) is not None:
            try:
                found = await attempt(upstream)
            except (BadZip, HashMismatch) as error:
                shunned.add(target, upstream.name, error.reason)
                journey.failed(upstream, error, lenient=True)
            except (UpstreamError, NotExist) as error:
                journey.failed(upstream, error)
            else:
                journey.came(upstream)
                return found
        raise journey.error

    def begin(self, asked: Class, target: ModuleTarget, shunned: Shunned) -> Journey:
        """Set out for one file."""
        return Journey(self.chain, asked, target.module, shunned.doubts(target))

    @property
    def chain(self) -> Chain:
        """Its upstreams in declared order."""
        return Chain(self.links, self.upstreams, self.guide, self.measured)


class Routes:
    """Finds the route of a module: the first whose pattern matches."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        self._found: LRUCache[str, Route] = LRUCache(10_000)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def of(self, module: ModulePath) -> Route:
        """Return the route of ``module``. Raises NotExist when no pattern matches."""
        route = self._found.get(module)
        if route is None:
            route = self._find(module)
            self._found[module] = route
        return route

    def is_offline(self, module: ModulePath) -> bool:
        """Say whether nobody is asked for ``module``. False without a route: that is said elsewhere."""
        try:
            return self.of(module).offline
        except NotExist:
            return False

    def _find(self, module: ModulePath) -> Route:
        for route in self._routes:
            if match_prefix_patterns(route.match, module):
                return route
        raise no_route(module)


def no_route(module: str) -> NotExist:
    """Return the error for a module that no route matches."""
    return NotExist(
        f"no route of this mirror matches {module}",
        hint='add a [[route]] whose match covers it, or a last one with match = ["*"]',
    )
