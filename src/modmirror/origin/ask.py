"""Puts a pure question to a repository: asks for the facts it wants, until it is answered or refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from modmirror.origin.resolve.facts import (
    Done,
    Facts,
    Need,
    NeedCommit,
    NeedFile,
    NeedPrefix,
    NeedTagsBefore,
    Refused,
    Wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from modmirror.origin.port import Repository
    from modmirror.origin.resolve.facts import Step

T = TypeVar("T")


async def ask(
    repository: Repository, question: Callable[[Facts], Step[T]], pool: Executor | None = None
) -> Done[T] | Refused:
    """Answer ``partial(revision, site, "main")`` and the like from a repository.

    Steps are thought through in ``pool``; None is the event loop's own.

    Raises:
        UpstreamError, NotExist, StorageError: as :class:`modmirror.origin.port.Repository` says.
    """
    facts = Facts(await repository.refs(), vcs=repository.vcs)
    while True:
        # A repository may have very many tags and a go.mod be very long: others go on meanwhile.
        step = await asyncio.get_running_loop().run_in_executor(pool, question, facts)
        match step:
            case Done() | Refused():
                return step
            case Wanted(needs):
                await _learn(repository, facts, needs)
            case _:
                assert_never(step)


async def _learn(repository: Repository, facts: Facts, needs: tuple[Need[Any], ...]) -> None:
    """Ask for one fact after the other: most repositories answer one question at a time anyway."""
    for need in needs:
        match need:
            case NeedCommit(id=commit_id):
                facts.learn(need, await repository.commit(commit_id))
            case NeedPrefix(prefix=prefix):
                facts.learn(need, await repository.find(prefix))
            case NeedFile(commit=commit_id, path=path, limit=limit):
                facts.learn(need, await repository.read(commit_id, path, limit))
            case NeedTagsBefore(commit=commit_id):
                facts.learn(need, await repository.tags_before(commit_id))
            case _:
                raise AssertionError(need)
