"""Decides whether a commit may bear a version: go.mod, major version, ``+incompatible`` (protocol.md A.9).

Here a branch that is called like a version is refused (CVE-2022-23773).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from modmirror.errors import NotExist
from modmirror.mod import semver
from modmirror.mod.version import INCOMPATIBLE, Version, canonical_version, match_path_major
from modmirror.origin.resolve.directory import GO_MOD, ModuleRoot, find_root
from modmirror.origin.resolve.facts import NeedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.origin.resolve.facts import Case
    from modmirror.origin.resolve.tags import VersionTag


class Checked(NamedTuple):
    """A version that the commit may bear, and where the module's files are."""

    version: Version
    root: ModuleRoot


def check_canonical(case: Case, commit_id: str, version: str, query: str) -> Checked:
    """Return ``version`` of the commit, with ``+incompatible`` where it belongs.

    ``query`` is what was asked for, empty for HEAD. Raises NotExist.
    """
    root = find_root(case, commit_id, query or version)
    if version == query.removesuffix(INCOMPATIBLE):
        version = query
    base = version.removesuffix(INCOMPATIBLE)
    problem: NotExist | None = None
    if match_path_major(base, case.site.path_major):
        if version != base:
            problem = _not_incompatible(case, version)
    elif _can_be_incompatible(case, commit_id, base, query):
        version = base + INCOMPATIBLE
    else:
        problem = _wrong_major(case, version)
    _check_is_tag(case, version, query)
    if problem is not None:
        raise problem
    return Checked(Version(version), root)


def fitting(case: Case, commit_id: str, tags: Sequence[VersionTag], query: str) -> list[VersionTag]:
    """Return the tags whose major versions the module may have at the commit."""
    path_major = case.site.path_major
    agree = {tag.name: match_path_major(tag.version, path_major) for tag in tags}
    others = {semver.major(tag.version) for tag in tags if not agree[tag.name]}
    if case.site.may_be_incompatible:
        case.facts.require(
            *(need for major in sorted(others) for need in _go_mods(commit_id, major, query))
        )
    allowed = {major for major in others if _can_be_incompatible(case, commit_id, major, query)}
    return [tag for tag in tags if agree[tag.name] or semver.major(tag.version) in allowed]


def _can_be_incompatible(case: Case, commit_id: str, version: str, query: str) -> bool:
    """Say whether a version from v2 on may be had without a path that ends in it."""
    if not case.site.may_be_incompatible:
        return False
    needs = _go_mods(commit_id, semver.major(version), query)
    case.facts.require(*needs)
    return all(case.facts.get(need) is None for need in needs)


def _go_mods(commit_id: str, major: str, query: str) -> list[NeedFile]:
    """Return the files that must not be there for an incompatible version."""
    at_root = NeedFile(commit_id, GO_MOD)
    # Whoever spells it out may have it where a vN directory exists: golang.org/issue/51324.
    return (
        [at_root] if query.endswith(INCOMPATIBLE) else [at_root, NeedFile(commit_id, f"{major}/{GO_MOD}")]
    )


def _check_is_tag(case: Case, version: str, query: str) -> None:
    """Refuse to answer a canonical version with another one."""
    if not query or query != canonical_version(query):
        return
    asked = query.removesuffix(INCOMPATIBLE)
    if asked != version.removesuffix(INCOMPATIBLE):
        raise NotExist(
            f"{case.site.module}@{query}: this resolves to version {version}, because {asked} is not a tag",
            hint="a branch cannot be a version; ask for it by the version it resolves to",
        )


def _not_incompatible(case: Case, version: str) -> NotExist:
    return NotExist(
        f"{case.site.module}@{version}: {INCOMPATIBLE} is not allowed here: "
        f"major version {semver.major(version)} is compatible with the module path",
        hint=f"ask for {version.removesuffix(INCOMPATIBLE)}",
    )


def _wrong_major(case: Case, version: str) -> NotExist:
    site = case.site
    right = site.path_for(semver.major(version))
    if site.path_major:
        reason = f"the module path ends in {site.path_major}, so its versions begin with {site.major}"
    else:
        reason = f"there is a {GO_MOD}, so from v2 on the module path must end in the major version"
    return NotExist(f"{site.module}@{version}: {reason}", hint=f"the path of this version would be {right}")
