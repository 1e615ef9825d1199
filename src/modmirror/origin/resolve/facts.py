"""What is known of a repository, what else is wanted, and how an answer comes about step by step.

A question is a function of what is known. When it lacks a fact it says so, the shell asks the repository,
and the question is put again, until it is answered or refused. Facts are true for good, because commits do
not change; only the names in ``refs`` are of one moment.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from modmirror.errors import NotExist
from modmirror.origin.port import Commit
from modmirror.origin.resolve.tags import VersionTag, version_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from modmirror.origin.port import Refs
    from modmirror.origin.resolve.site import ModuleSite

MAX_GO_MOD_BYTES = 16 << 20
"""protocol.md A.12."""
_KEPT = 4096
"""Facts that are kept of one repository from question to question, some hundred bytes each."""
_KEPT_BYTES = 1 << 20
"""Of go.mod files among them."""

_NOTHING = object()

T = TypeVar("T")


class Need(Generic[T]):
    """One question to a repository (:class:`modmirror.origin.port.Repository`), answered by a ``T``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class NeedCommit(Need[Commit | None]):
    """``commit(id)``."""

    id: str


@dataclass(frozen=True, slots=True)
class NeedPrefix(Need[Commit | None]):
    """``find(prefix)``."""

    prefix: str


@dataclass(frozen=True, slots=True)
class NeedFile(Need[bytes | None]):
    """``read(commit, path, limit)``."""

    commit: str
    path: str
    limit: int = MAX_GO_MOD_BYTES


@dataclass(frozen=True, slots=True)
class NeedTagsBefore(Need[frozenset[str]]):
    """``tags_before(commit)``."""

    commit: str


class Unknown(Exception):
    """A question cannot go on without these facts. Never leaves this package."""

    def __init__(self, needs: tuple[Need[Any], ...]) -> None:
        super().__init__(needs)
        self.needs = needs


class Facts:
    """All that has been learned of one repository since its names were read."""

    def __init__(self, refs: Refs, *, vcs: str = "git") -> None:
        self.refs = refs
        self.vcs = vcs
        self._known: dict[Need[Any], object] = {}
        self._derived: dict[Hashable, object] = {}

    def share(self) -> Facts:
        """Return facts to add to, which begin with all of these."""
        shared = Facts(self.refs, vcs=self.vcs)
        shared._known = dict(self._known)
        shared._derived = self._derived
        return shared

    def adopt(self, shared: Facts) -> None:
        """Add what has been learned since :meth:`share`, within bounds.

        Commits that were not there are left out, and all that was worked out along with them: a name may
        have moved while its commit was looked for, and back again.
        """
        kept = {need: answer for need, answer in shared._known.items() if _is_for_good(need, answer)}
        self._known |= kept
        files = sum(len(answer) for answer in self._known.values() if isinstance(answer, bytes))
        if files > _KEPT_BYTES or len(self._known) > _KEPT:
            self._known.clear()
        if len(kept) < len(shared._known) or len(self._derived) > _KEPT:
            self._derived.clear()

    def learn(self, need: Need[T], answer: T) -> None:
        """Add what the repository answered."""
        self._known[need] = answer

    def get(self, need: Need[T]) -> T:
        """Return a fact. Raises Unknown."""
        self.require(need)
        return cast("T", self._known[need])

    def require(self, *needs: Need[Any]) -> None:
        """Ask for several facts in one round. Raises Unknown with those that are not known yet."""
        missing = tuple(need for need in dict.fromkeys(needs) if need not in self._known)
        if missing:
            raise Unknown(missing)

    def derive(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what follows from facts and takes time to work out, made once."""
        made = self._derived.get(key, _NOTHING)
        if made is _NOTHING:
            made = self._derived[key] = make()
        return cast("T", made)

    def version_tags(self, prefix: str) -> tuple[VersionTag, ...]:
        """Return the tags that name versions below a tag prefix, lowest version first."""
        return self.derive(("version tags", prefix), lambda: version_tags(self.refs.tags, prefix))

    def tags_on(self, commit_id: str) -> list[str]:
        """Return the names of all tags on a commit, in order."""
        return self.derive("tags by commit", self._tags_by_commit).get(commit_id, [])

    def _tags_by_commit(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name, commit_id in sorted(self.refs.tags.items()):
            found[commit_id].append(name)
        return found


@dataclass(frozen=True, slots=True)
class Case:
    """A question about one module: its site, what is known, and the steps taken, for people to read."""

    site: ModuleSite
    facts: Facts
    trail: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a step to the trail."""
        self.trail.append(text)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The question is answered."""

    result: T
    trail: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """These facts are needed first. All can be asked for at the same time."""

    needs: tuple[Need[Any], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no such thing; ``error`` says why and what would be right."""

    error: NotExist
    trail: tuple[str, ...]


Step: TypeAlias = Done[T] | Wanted | Refused


def _is_for_good(need: Need[Any], answer: object) -> bool:
    """Tell whether an answer stays true as long as the names stay the same."""
    return answer is not None or isinstance(need, NeedFile)


def take_step(question: Callable[[Case], T], site: ModuleSite, facts: Facts) -> Step[T]:
    """Put the question, with what is known so far."""
    case = Case(site, facts)
    try:
        return Done(question(case), tuple(case.trail))
    except Unknown as unknown:
        return Wanted(unknown.needs)
    except NotExist as error:
        return Refused(error, tuple(case.trail))
