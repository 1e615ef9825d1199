"""Puts a pure question to a repository: asks for the facts it wants, until it is answered or refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from cachetools import LRUCache

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

    from modmirror.origin.port import Refs, Repository
    from modmirror.origin.resolve.facts import Step

T = TypeVar("T")

_REPOSITORIES = 256
"""Whose facts are remembered."""


class Learned:
    """What earlier questions have learned of repositories, as long as their names stay the same.

    The files of a version are asked for one after the other, and all of them need the same facts.
    """

    def __init__(self) -> None:
        self._of: LRUCache[Repository, Facts] = LRUCache(_REPOSITORIES)

    def of(self, repository: Repository, refs: Refs) -> Facts:
        """Return what is known of a repository with these names; it may be added to."""
        kept = self._of.get(repository)
        if kept is None or kept.refs is not refs:
            kept = self._of[repository] = Facts(refs, vcs=repository.vcs)
        return kept.share()

    def keep(self, repository: Repository, facts: Facts) -> None:
        """Remember what was added."""
        kept = self._of.get(repository)
        if kept is not None and kept.refs is facts.refs:
            kept.adopt(facts)


async def ask(
    repository: Repository,
    question: Callable[[Facts], Step[T]],
    learned: Learned | None = None,
    pool: Executor | None = None,
) -> Done[T] | Refused:
    """Answer ``partial(revision, site, "main")`` and the like from a repository.

    Steps are thought through in ``pool``; None is the event loop's own. Without ``learned`` everything is
    asked anew.

    Raises:
        UpstreamError, NotExist, StorageError: as :class:`modmirror.origin.port.Repository` says.
    """
    learned = learned or Learned()
    facts = learned.of(repository, await repository.refs())
    while True:
        # A repository may have very many tags and a go.mod be very long: others go on meanwhile.
        step = await asyncio.get_running_loop().run_in_executor(pool, question, facts)
        match step:
            case Done() | Refused():
                learned.keep(repository, facts)
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
