"""The modules of one route, made straight from their repositories (``direct``).

A path leads to a repository (:mod:`~modmirror.origin.discovery`), the repository answers facts, and the
pure part (:mod:`~modmirror.origin.resolve`) makes of them what a GOPROXY answers.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from modmirror.errors import NotExist
from modmirror.origin.ask import Learned, ask
from modmirror.origin.resolve.facts import Done
from modmirror.origin.resolve.info import format_origin_info
from modmirror.origin.resolve.questions import latest, revision, version_list
from modmirror.origin.resolve.site import ModuleSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from modmirror.mod.path import ModulePath
    from modmirror.origin.discovery.discovery import Discovery
    from modmirror.origin.discovery.inquiry import Site
    from modmirror.origin.port import Repository
    from modmirror.origin.resolve.convert import Resolved
    from modmirror.origin.resolve.facts import Facts, Step
    from modmirror.origin.zips import MadeZip, ZipMaker

T = TypeVar("T")

MOD = "mod"
"""The "version control system" of a go-import tag that names a GOPROXY instead of a repository."""


class Repositories(Protocol):
    """Opens the repository of a site, under the rules of the same route."""

    async def open(self, site: Site) -> Repository:
        """Return the one repository of a site; the same object for the same repository.

        Raises NotExist (its tool is not there, or may not be used).
        """


@dataclass(frozen=True, slots=True)
class Answered:
    """A version of a module, and the repository that it is in."""

    resolved: Resolved
    repository: Repository
    trail: tuple[str, ...]
    """How it was found, step by step, for people."""
    age: float = 0.0
    """Seconds since the names were asked for that it was found by."""

    @property
    def info(self) -> bytes:
        """The JSON of ``.info``."""
        return format_origin_info(self.resolved, vcs=self.repository.vcs, url=self.repository.url)


@dataclass(frozen=True, slots=True)
class Listed:
    """The versions of a module."""

    text: bytes
    """As ``list`` has them: lowest first, one a line."""
    age: float
    """Seconds since the tags were asked for."""


class Modules:
    """Answers what a GOPROXY answers, from repositories.

    Every method raises NotExist for what does not exist or cannot be a module, with a text that says what
    would be right; Denied for a host that may not be asked; UpstreamError and StorageError for failures.
    """

    def __init__(self, discovery: Discovery, repositories: Repositories, zips: ZipMaker) -> None:
        self._discovery = discovery
        self._repositories = repositories
        self._zips = zips
        self._learned = Learned()

    async def site(self, module: ModulePath) -> Site:
        """Return where the module path leads."""
        return await self._discovery.find(module)

    async def versions(self, module: ModulePath) -> Listed:
        """``list``."""
        done, _, age = await self._ask(module, lambda place: partial(version_list, place))
        return Listed(done.result, age)

    async def latest(self, module: ModulePath) -> Answered:
        """``@latest``."""
        done, repository, age = await self._ask(module, lambda place: partial(latest, place))
        return Answered(done.result, repository, done.trail, age)

    async def revision(self, module: ModulePath, query: str) -> Answered:
        """A version, branch, tag or commit id."""
        done, repository, age = await self._ask(module, lambda place: partial(revision, place, query))
        return Answered(done.result, repository, done.trail, age)

    @asynccontextmanager
    async def zip(self, module: ModulePath, version: str) -> AsyncIterator[MadeZip]:
        """Make a version's zip; it is gone when the ``async with`` is left."""
        answered = await self.revision(module, version)
        async with self._zips.make(answered.repository, answered.resolved) as made:
            yield made

    async def _ask(
        self, module: ModulePath, question: Callable[[ModuleSite], Callable[[Facts], Step[T]]]
    ) -> tuple[Done[T], Repository, float]:
        site = await self._discovery.find(module)
        try:
            return await self._ask_at(site, module, question)
        except NotExist:
            if not site.assumed:
                raise
            # Taken from what its prefix says: the path itself may know better.
            site = await self._discovery.find(module, afresh=True)
            return await self._ask_at(site, module, question)

    async def _ask_at(
        self,
        site: Site,
        module: ModulePath,
        question: Callable[[ModuleSite], Callable[[Facts], Step[T]]],
    ) -> tuple[Done[T], Repository, float]:
        repository = await self._repositories.open(site)
        await repository.refs()
        # Before the question: should names be asked for meanwhile, the answer is newer than this says.
        age = repository.age
        step = await ask(repository, question(ModuleSite(module, site.root, site.subdir)), self._learned)
        if isinstance(step, Done):
            return step, repository, age
        raise step.error
