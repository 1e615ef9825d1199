"""Asks pure questions of model repositories, in the words of the tests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from modmirror.mod.path import check_path
from modmirror.origin.ask import ask
from modmirror.origin.resolve.facts import Done, Refused
from modmirror.origin.resolve.questions import latest, revision, versions
from modmirror.origin.resolve.site import ModuleSite
from tests.fakes.recorded_repositories import recorded

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.origin.resolve.convert import Resolved
    from modmirror.origin.resolve.facts import Facts, Step
    from tests.fakes.model_repository import ModelRepository

T = TypeVar("T")

OWNER = "github.com/u/"


def site_of(module: str, subdir: str = "") -> ModuleSite:
    """Place ``maj/v2`` in the repository ``github.com/u/maj``."""
    return ModuleSite(check_path(OWNER + module), OWNER + module.partition("/")[0], subdir)


async def answer(repository: ModelRepository, question: Callable[[Facts], Step[T]]) -> T:
    """Return the answer, or raise the refusal."""
    match await ask(repository, question):
        case Done(result=result):
            return result
        case Refused(error=error):
            raise error


async def list_of(module: str, repository: ModelRepository | None = None) -> str:
    """Return ``list`` in one line."""
    listed = await answer(repository or _recorded(module), partial(versions, site_of(module)))
    return " ".join(listed)


async def resolve(module: str, query: str, repository: ModelRepository | None = None) -> Resolved:
    """Return what ``query`` is."""
    return await answer(repository or _recorded(module), partial(revision, site_of(module), query))


async def version_of(module: str, query: str, repository: ModelRepository | None = None) -> str:
    """Return the version that ``query`` resolves to."""
    return (await resolve(module, query, repository)).version


async def latest_of(module: str, repository: ModelRepository | None = None) -> str:
    """Return the version in ``@latest``."""
    return (await answer(repository or _recorded(module), partial(latest, site_of(module)))).version


def _recorded(module: str) -> ModelRepository:
    return recorded(module.partition("/")[0])
