"""Mercurial repositories written through hg's own library, without a working copy or a process.

Tags are a file in hg: they go into a changeset of their own that comes before all others, so that the tree
and the id of no other depend on them.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.fakes.history import Change, Entry, Kind, Note, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.fakes.history import History, Target

_USER = b"u <u@x>"
_NULL = bytes(20)


@dataclass
class HgHistory:
    """What a history becomes in hg."""

    history: History
    nodes: dict[Change, bytes] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        """Make a repository in a directory that is not there yet."""
        tags = {name: peeled(target) for name, target in self.history.tags.items()}
        if tags:
            with _repository(directory.with_name(f"{directory.name}.draft")) as draft:
                self._commit_all(draft)
            lines = [
                b"%s %s\n" % (self.nodes[of].hex().encode(), name.encode()) for name, of in tags.items()
            ]
        with _repository(directory) as repo:
            if tags:
                entry = {".hgtags": Entry(b"".join(lines))}
                _commit(repo, Change("tags", entry, (), day(1), day(1)), (), self.history.head)
            self._commit_all(repo)
            self._hide(repo)
            self._bookmark(repo)

    def _commit_all(self, repo: Any) -> None:
        names = named_branches(self.history)
        for change in in_order(self.history):
            parents = tuple(self.nodes[parent] for parent in change.parents)
            self.nodes[change] = _commit(repo, change, parents, names[change])

    def _hide(self, repo: Any) -> None:
        secret = [self.nodes[change] for change in self.history.hidden.values()]
        if secret:
            phases = import_module("mercurial.phases")
            with repo.lock(), repo.transaction(b"hide") as transaction:
                phases.retractboundary(repo, transaction, phases.secret, secret)

    def _bookmark(self, repo: Any) -> None:
        names = named_branches(self.history)
        marks = [
            (name.encode(), self.nodes[tip])
            for name, tip in self.history.branches.items()
            if names[tip] != name
        ]
        with repo.wlock(), repo.lock(), repo.transaction(b"bookmark") as transaction:
            repo._bookmarks.applychanges(repo, transaction, marks)


def named_branches(history: History) -> dict[Change, str]:
    """Say on which branch each change was made: the default one has all it can have."""
    found: dict[Change, str] = {}
    first = {history.head: history.branches[history.head]} if history.head in history.branches else {}
    for name, tip in {**first, **history.branches}.items():
        at: Change | None = tip
        while at is not None and at not in found:
            found[at] = name
            at = at.parents[0] if at.parents else None
    return {change: found.get(change, "stray") for change in in_order(history)}


def in_order(history: History) -> Iterator[Change]:
    """Yield every change after its parents, those of the default branch as late as possible."""
    seen: set[Change] = set()
    others = [tip for name, tip in history.branches.items() if name != history.head]
    last = [history.branches[history.head]] if history.head in history.branches else []
    waiting = [*last, *others, *(peeled(tag) for tag in history.tags.values()), *history.hidden.values()]
    while waiting:
        change = waiting[-1]
        missing = [parent for parent in change.parents if parent not in seen]
        if missing:
            waiting += missing
        else:
            waiting.pop()
            if change not in seen:
                seen.add(change)
                yield change


def peeled(target: Target) -> Change:
    """Return the change that a tag is on."""
    while isinstance(target, Note):
        target = target.of
    assert isinstance(target, Change), "only git tags anything else"
    return target


def _repository(directory: Path) -> Any:
    ui = import_module("mercurial.ui").ui()
    ui.setconfig(b"ui", b"quiet", b"true")
    directory.parent.mkdir(parents=True, exist_ok=True)
    return closing(import_module("mercurial.hg").repository(ui, str(directory).encode(), create=True))


def _commit(repo: Any, change: Change, parents: tuple[bytes, ...], branch: str) -> bytes:
    context = import_module("mercurial.context")
    before: Mapping[str, Entry] = {}
    for parent in change.parents:
        before = {**before, **parent.tree}
    touched = {*before, *change.tree}

    def content(_: object, made: object, path: bytes) -> Any:
        entry = change.tree.get(path.decode())
        if entry is None:
            return None
        link, executable = entry.kind is Kind.SYMLINK, entry.kind is Kind.EXECUTABLE
        return context.memfilectx(repo, made, path, entry.data, islink=link, isexec=executable)

    made = context.memctx(
        repo,
        (*parents, _NULL, _NULL)[:2],
        change.message.encode(),
        sorted(path.encode() for path in touched),
        content,
        user=_USER,
        date=(change.committed.timestamp(), 0),
        extra={b"branch": branch.encode()},
    )
    node: bytes = repo.commitctx(made)
    return node
