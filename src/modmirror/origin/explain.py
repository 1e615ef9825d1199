"""How a version of a module is made from its repository, told step by step.

The same parts answer as for a request, so what is told is what happens. A failure does not end the story
early: the steps before it are what helps to mend it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from modmirror.errors import Error
from modmirror.mod.dirhash import h1_of_go_mod
from modmirror.mod.modfile import module_path_of
from modmirror.origin.ask import ask
from modmirror.origin.discovery.inquiry import Site
from modmirror.origin.modules import MOD, Answered
from modmirror.origin.resolve.facts import Refused
from modmirror.origin.resolve.questions import latest, revision
from modmirror.origin.resolve.site import ModuleSite
from modmirror.origin.resolve.tags import version_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.mod.path import ModulePath
    from modmirror.mod.zipplan import Dropped
    from modmirror.origin.discovery.discovery import Discovery
    from modmirror.origin.modules import Repositories
    from modmirror.origin.port import Repository
    from modmirror.origin.zips import ZipMaker

_SHOWN_TAGS = 10


class Step(NamedTuple):
    """One thing that was found out."""

    topic: str
    """``route``, ``discovery``, ``repository``, ``tags``, ``version``, ``go.mod`` or ``zip``."""
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A version, and the files that a GOPROXY has for it."""

    answered: Answered
    go_mod_h1: str
    zip_h1: str
    zip_size: int
    files: int
    dropped: tuple[Dropped, ...]
    """Files of the module's directory that are not in the zip."""
    declared: str
    """The path in its go.mod; the module's own where that is made up."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The path leads to another GOPROXY, which is asked for everything."""

    url: str


Outcome: TypeAlias = Found | Elsewhere | Error


@dataclass(frozen=True, slots=True)
class Explanation:
    """The steps that were taken, and how it ended."""

    steps: tuple[Step, ...]
    outcome: Outcome


class Explainer:
    """Tells how a route makes its modules, with the parts of :class:`modmirror.origin.modules.Modules`."""

    def __init__(self, discovery: Discovery, repositories: Repositories, zips: ZipMaker) -> None:
        self._discovery = discovery
        self._repositories = repositories
        self._zips = zips

    async def explain(self, module: ModulePath, query: str) -> Explanation:
        """Resolve ``query`` (a version, branch, tag or commit id; empty for ``@latest``).

        Raises nothing of the error tree: a failure is an outcome.
        """
        steps: list[Step] = []
        try:
            outcome: Outcome = await self._outcome(module, query, steps)
        except Error as error:
            outcome = error
        return Explanation(tuple(steps), outcome)

    async def _outcome(self, module: ModulePath, query: str, steps: list[Step]) -> Outcome:
        explained = await self._discovery.explain(module)
        steps += [Step("discovery", text) for text in explained.trail]
        site = explained.outcome
        if not isinstance(site, Site):
            return site
        if site.vcs == MOD:
            steps.append(Step("repository", f"none: the GOPROXY {site.url} has the modules of {site.root}"))
            return Elsewhere(site.url)
        repository = await self._repositories.open(site)
        steps.append(Step("repository", f"{site.vcs} {repository.url}, root {site.root}"))
        return await self._from_repository(
            repository, ModuleSite(module, site.root, site.subdir), query, steps
        )

    async def _from_repository(
        self, repository: Repository, place: ModuleSite, query: str, steps: list[Step]
    ) -> Outcome:
        steps.append(Step("tags", _about_tags((await repository.refs()).tags, place)))
        question = partial(revision, place, query) if query else partial(latest, place)
        answer = await ask(repository, question)
        steps += [Step("version", text) for text in answer.trail]
        if isinstance(answer, Refused):
            return answer.error
        answered = Answered(answer.result, repository, answer.trail)
        steps.append(Step("go.mod", _about_go_mod(answered)))
        return await self._with_zip(answered, steps)

    async def _with_zip(self, answered: Answered, steps: list[Step]) -> Found:
        async with self._zips.make(answered.repository, answered.resolved) as made:
            plan = made.plan
            count = len(plan.files) + (plan.inherited is not None)
            text = f"files: {count}, bytes: {made.size}, files left out: {len(plan.dropped)}"
            if plan.inherited is not None:
                text += ", LICENSE taken from the root of the repository"
            steps.append(Step("zip", text))
            return Found(
                answered,
                go_mod_h1=h1_of_go_mod(answered.resolved.go_mod),
                zip_h1=made.h1,
                zip_size=made.size,
                files=count,
                dropped=plan.dropped,
                declared=module_path_of(answered.resolved.go_mod),
            )


def _about_tags(names: Mapping[str, str], place: ModuleSite) -> str:
    prefix = place.tag_prefix
    begin = f"versions of the module are tagged {prefix}vX.Y.Z"
    tags = [tag.name for tag in version_tags(names, prefix)]
    shown = ", ".join(tags[-_SHOWN_TAGS:])
    if not tags:
        return f"{begin}; none of the repository's {len(names)} tags is such"
    if len(tags) > _SHOWN_TAGS:
        return f"{begin}; the repository has {len(tags)}, the highest of them: {shown}"
    return f"{begin}; the repository has {shown}"


def _about_go_mod(answered: Answered) -> str:
    resolved = answered.resolved
    if resolved.stored_go_mod is None:
        return "there is none; one is made up that holds the module path alone"
    return f"{resolved.directory}/go.mod" if resolved.directory else "go.mod at the root of the repository"
