"""Which versions a repository's tags make (protocol.md A.7, A.10), and which of them are taken back."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod import semver
from modmirror.mod.modfile import RetractedVersions, retractions_of
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.version import INCOMPATIBLE, match_path_major
from modmirror.origin.resolve.directory import GO_MOD, find_root
from modmirror.origin.resolve.facts import NeedCommit, NeedFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.origin.port import Commit
    from modmirror.origin.resolve.facts import Case

MAX_TOPS = 8
"""How often the highest tag may turn out to point at no commit before the others are taken as they are."""


def tagged_versions(case: Case) -> list[str]:
    """Return all versions that belong in a list, lowest first, retracted ones included."""
    compatible = compatible_versions(case)
    incompatible = _incompatible_versions(case, compatible) if case.site.may_be_incompatible else []
    return compatible + [version + INCOMPATIBLE for version in incompatible]


def compatible_versions(case: Case) -> list[str]:
    """Return the versions that agree with the module path, lowest first."""
    return _of_commits(case, _agreeing_versions(case))


def newest(versions: Sequence[str]) -> str:
    """Return the highest release, else the highest prerelease, else an empty string; lowest first."""
    releases = [version for version in versions if not semver.prerelease(version)]
    return (releases or versions or [""])[-1]


def retracted_versions(case: Case) -> RetractedVersions:
    """Return what the newest compatible version takes back; nothing where its go.mod cannot be had.

    As the go command does: the newest counts here even if its tag points at no commit, and it is left out
    of lists.
    """
    version = newest(_agreeing_versions(case))
    commit = _tagged(case, version) if version else None
    if commit is None:
        return RetractedVersions([])
    try:
        go_mod = find_root(case, commit.id, version).go_mod or b""
    except NotExist:
        go_mod = b""
    return retracted_by(case, go_mod)


def retracted_by(case: Case, go_mod: bytes) -> RetractedVersions:
    """Return what a go.mod takes back."""
    return case.facts.derive(("retracted", go_mod), lambda: RetractedVersions(retractions_of(go_mod)))


def _agreeing_versions(case: Case) -> list[str]:
    major = case.site.path_major
    if major.endswith("-unstable"):
        return []  # the tags belong to the module path without it
    return [version for version in _canonical_versions(case) if match_path_major(version, major)]


def _canonical_versions(case: Case) -> list[str]:
    tags = case.facts.version_tags(case.site.tag_prefix)
    return [tag.version for tag in tags if tag.canonical and not is_pseudo_version(tag.version)]


def _incompatible_versions(case: Case, compatible: list[str]) -> list[str]:
    """Return versions from v2 on of a repository that does not use modules (protocol.md A.10)."""
    candidates = [v for v in _canonical_versions(case) if not match_path_major(v, "")]
    if not candidates or (compatible and _have_go_mod(case, compatible[-1:])):
        return []
    majors = [list(group) for _, group in groupby(candidates, key=semver.major)]
    case.facts.require(*(_need(case, top) for group in majors for top in _tops(group)))
    majors = [kept for kept in (_of_commits(case, group) for group in majors) if kept]
    skipped = _have_go_mod(case, [group[-1] for group in majors])
    return [version for group in majors if group[-1] not in skipped for version in group]


def _have_go_mod(case: Case, versions: list[str]) -> set[str]:
    """Return those whose commit has a go.mod at its root."""
    commits = {version: commit for version in versions if (commit := _tagged(case, version))}
    files = {version: NeedFile(commit.id, GO_MOD) for version, commit in commits.items()}
    case.facts.require(*files.values())
    return {version for version, file in files.items() if case.facts.get(file) is not None}


def _of_commits(case: Case, versions: list[str]) -> list[str]:
    """Leave out the newest versions as long as their tags point at no commit.

    Clients ask for the newest first, and can do nothing when that fails. The others are not looked at:
    that would take the whole repository.
    """
    kept = list(versions)
    for _ in range(MAX_TOPS):
        tops = _tops(kept)
        case.facts.require(*(_need(case, version) for version in tops))
        gone = {version for version in tops if _tagged(case, version) is None}
        if not gone:
            break
        case.note(f"left out, because their tags point at no commit: {' '.join(sorted(gone))}")
        kept = [version for version in kept if version not in gone]
    return kept


def _tops(versions: list[str]) -> list[str]:
    """Return the versions that clients ask for first: the highest, and the highest release."""
    return sorted({versions[-1], newest(versions)}) if versions else []


def _tagged(case: Case, version: str) -> Commit | None:
    return case.facts.get(_need(case, version))


def _need(case: Case, version: str) -> NeedCommit:
    return NeedCommit(case.facts.refs.tags[case.site.tag_prefix + version])
