"""Finds the commit that a revision names: a tag, a branch, HEAD, the beginning of an id (protocol.md A.9).

A revision is only ever compared with names; nothing but hexadecimal digits of it reaches a tool.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod import semver
from modmirror.mod.pseudo import is_pseudo_version, pseudo_version_revision
from modmirror.mod.version import INCOMPATIBLE
from modmirror.origin.resolve.facts import NeedCommit, NeedPrefix

if TYPE_CHECKING:
    from modmirror.origin.port import Commit
    from modmirror.origin.resolve.facts import Case
    from modmirror.origin.resolve.site import ModuleSite

_HEX_ID = re.compile(r"[0-9a-f]{7,64}")
_NUMBER = re.compile(r"[0-9]{1,12}")
_LOOKS_LIKE_ID = re.compile(r"[0-9A-Fa-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Located:
    """A commit, and how it was found."""

    commit: Commit
    tag: str
    """The tag that was asked for; empty when it was found in another way."""


def revision_of(site: ModuleSite, query: str) -> str:
    """Return the name to look for: ``sub/v1.0.0`` for ``v1.0.0`` of a module in ``sub``."""
    if not semver.is_valid(query):
        return query
    if is_pseudo_version(query):
        return pseudo_version_revision(query)
    return site.tag_prefix + query.removesuffix(INCOMPATIBLE)


def locate(case: Case, query: str) -> Located:
    """Find the commit for a query. Raises NotExist."""
    _check_whole(case, query)
    facts, refs = case.facts, case.facts.refs
    name = revision_of(case.site, query)
    if name in refs.tags:
        found, how = facts.get(NeedCommit(refs.tags[name])), f"the tag {name}"
    elif name in refs.branches:
        found, how = facts.get(NeedCommit(refs.branches[name])), f"the branch {name}"
    elif name == "HEAD" and refs.head:
        found, how = facts.get(NeedCommit(refs.head)), "HEAD"
    else:
        found, how = _by_id(case, query, name), f"the commit id {name}"
    if found is None:
        raise NotExist(
            f"{case.site.module}@{query}: {how} is no commit that can be reached from a branch or tag"
        )
    case.note(f"{query} is {how}: commit {found.id} of {found.time:%Y-%m-%d %H:%M:%S} UTC")
    return Located(found, name if name in refs.tags else "")


def _check_whole(case: Case, query: str) -> None:
    """Refuse ``v1`` and ``v1.2``: the go command looks those up in the list and never asks for them."""
    canonical = semver.canonical(query)
    if canonical and not query.startswith(canonical):
        raise NotExist(
            f"{case.site.module}@{query}: {query} is not a whole version",
            hint=f"ask for one of the versions in the list that begin with {query}",
        )


def _by_id(case: Case, query: str, name: str) -> Commit | None:
    facts = case.facts
    if facts.vcs == "svn" and _NUMBER.fullmatch(name):
        return facts.get(NeedPrefix(name.lstrip("0") or "0"))
    if not _HEX_ID.fullmatch(name):
        raise _unknown_revision(case, query, name)
    refs = facts.refs
    named = {refs.head, *refs.branches.values(), *refs.tags.values()}
    known = sorted(each for each in named if each.startswith(name))
    if len(known) > 1:
        raise NotExist(
            f"{case.site.module}@{query}: {name} is the beginning of more than one commit id",
            hint=f"give more digits, such as {known[0]} or {known[1]}",
        )
    found = facts.get(NeedCommit(known[0]) if known else NeedPrefix(name))
    if found is None:
        raise _unknown_revision(case, query, name)
    return found


def _unknown_revision(case: Case, query: str, name: str) -> NotExist:
    return NotExist(f"{case.site.module}@{query}: unknown revision {name}", hint=_advice(case, query, name))


def _advice(case: Case, query: str, name: str) -> str:
    """Say what may have been meant."""
    if is_pseudo_version(query) or _HEX_ID.fullmatch(name):
        return "no branch or tag leads to such a commit; pull requests and deleted branches do not count"
    if semver.is_valid(query):
        return _advice_on_version(case, query, name)
    if _LOOKS_LIKE_ID.fullmatch(name):
        return "a commit id is given in lower case, with at least 7 digits"
    return "there is no such branch or tag"


def _advice_on_version(case: Case, query: str, name: str) -> str:
    site, tags = case.site, case.facts.refs.tags
    wanted = semver.canonical(query)
    alike = [tag.name for tag in case.facts.version_tags(site.tag_prefix) if tag.version == wanted]
    if alike:
        return f"there is a tag {alike[0]}: ask for that revision by its whole name"
    if site.tag_prefix and query in tags:
        return (
            f"the tag {query} is a version of the module at the repository's root; "
            f"versions of this one are tagged {name}"
        )
    if query[1:] in tags:
        return f"there is a tag {query[1:]}, but tags of Go versions begin with v"
    return f"a tag {name} would make this version"
