"""The three questions that a GOPROXY answers: list, @latest, and what a revision is.

Each takes one step: it is answered, refused, or says which facts it needs first.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod.version import INCOMPATIBLE
from modmirror.origin.resolve.convert import Resolved, convert, made_up_go_mod
from modmirror.origin.resolve.facts import Case, NeedCommit, take_step
from modmirror.origin.resolve.listing import newest, retracted_by, tagged_versions
from modmirror.origin.resolve.locate import Located, locate
from modmirror.protocol.listing import format_list

if TYPE_CHECKING:
    from modmirror.origin.resolve.facts import Facts, Step
    from modmirror.origin.resolve.site import ModuleSite


def versions(site: ModuleSite, facts: Facts) -> Step[tuple[str, ...]]:
    """``list``: lowest first. Refused when the module does not exist (protocol.md A.7)."""
    return take_step(_versions, site, facts)


def version_list(site: ModuleSite, facts: Facts) -> Step[bytes]:
    """``list`` as text: :func:`versions`, worked out once as long as the names stay the same."""
    return take_step(_version_list, site, facts)


def latest(site: ModuleSite, facts: Facts) -> Step[Resolved]:
    """``@latest`` (protocol.md A.11)."""
    return take_step(_latest, site, facts)


def revision(site: ModuleSite, query: str, facts: Facts) -> Step[Resolved]:
    """``.info``, ``.mod`` and ``.zip`` of a version, or of a branch, tag or commit id (protocol.md A.9)."""
    return take_step(partial(_revision, query=query), site, facts)


def _versions(case: Case) -> tuple[str, ...]:
    found = tuple(tagged_versions(case))
    if found:
        case.note(f"{len(found)} tags are versions of the module")
    else:
        # An empty list means that the module is there, without versions. Is it?
        case.note("no tag is a version of the module: does it exist at HEAD?")
        _at_head(case)
    return found


def _version_list(case: Case) -> bytes:
    return case.facts.derive(("list", case.site), lambda: format_list(_versions(case)))


def _revision(case: Case, query: str) -> Resolved:
    return convert(case, locate(case, query), query)


def _latest(case: Case) -> Resolved:
    found = tagged_versions(case)
    newest_of_all = newest(found)
    if newest_of_all:
        retracted = retracted_by(case, _revision(case, newest_of_all).go_mod)
        case.note(f"{newest_of_all} is the newest version, and its go.mod says which are retracted")
        left = [version for version in found if version not in retracted]
        chosen = newest(_without_needless_incompatible(case, left))
        if chosen:
            return _revision(case, chosen)
        case.note("all versions are retracted")
    return _at_head(case)


def _without_needless_incompatible(case: Case, found: list[str]) -> list[str]:
    """Leave out ``+incompatible`` versions when a compatible one is a module by its own will."""
    compatible = [version for version in found if not version.endswith(INCOMPATIBLE)]
    if not compatible or len(compatible) == len(found):
        return found
    is_module = _revision(case, compatible[-1]).go_mod != made_up_go_mod(case.site.module)
    return compatible if is_module else found


def _at_head(case: Case) -> Resolved:
    head = case.facts.refs.head
    commit = case.facts.get(NeedCommit(head)) if head else None
    if commit is None:
        raise NotExist(f"{case.site.module}: the repository has no commits on its default branch")
    case.note(f"HEAD is commit {commit.id}")
    return convert(case, Located(commit, ""), "")
