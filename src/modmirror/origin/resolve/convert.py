"""Turns a commit into a version of the module (protocol.md A.9, convert)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from modmirror.errors import NotExist
from modmirror.mod import semver
from modmirror.mod.pseudo import is_pseudo_version, pseudo_version
from modmirror.mod.version import INCOMPATIBLE, canonical_version
from modmirror.origin.resolve.canonical import check_canonical, fitting
from modmirror.origin.resolve.facts import NeedTagsBefore
from modmirror.origin.resolve.listing import retracted_versions
from modmirror.origin.resolve.pseudo import check_base_is_not_on, check_pseudo_version
from modmirror.origin.resolve.tags import version_tag, version_tags

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath
    from modmirror.mod.version import Version
    from modmirror.origin.port import Commit
    from modmirror.origin.resolve.canonical import Checked
    from modmirror.origin.resolve.facts import Case
    from modmirror.origin.resolve.locate import Located
    from modmirror.origin.resolve.tags import VersionTag


@dataclass(frozen=True, slots=True)
class Resolved:
    """A version of a module, and where its files are."""

    module: ModulePath
    version: Version
    commit: Commit
    ref: str
    """``refs/tags/...`` of the version's tag; empty for a pseudo-version."""
    directory: str
    """Root of the module in the repository; ``""`` is the repository's root."""
    subdir: str
    """Directory that tags are named for: ``directory`` without a major version directory."""
    stored_go_mod: bytes | None
    """go.mod as it is stored; None when the module has none."""

    @property
    def go_mod(self) -> bytes:
        """What ``.mod`` answers: the stored bytes, or a made-up file (protocol.md A.12)."""
        if self.stored_go_mod is not None:
            return self.stored_go_mod
        return made_up_go_mod(self.module)


class _Tagged(NamedTuple):
    """What the tags on a commit are good for."""

    version: str
    """Version of the commit; empty when no tag makes one."""
    base: str
    """Base for a pseudo-version; empty when the tags give none."""


def made_up_go_mod(module: ModulePath) -> bytes:
    """Return the go.mod of a module that has none. Clients tell it by these very bytes."""
    return f"module {module}\n".encode()


def convert(case: Case, located: Located, query: str) -> Resolved:
    """Find the version of a commit that was asked for as ``query`` (empty for HEAD). Raises NotExist."""
    commit = located.commit
    if is_pseudo_version(query):
        _check_canonical_spelling(case, query)
        # Cheap checks first: the base may take the whole history.
        checked = check_canonical(case, commit.id, query, query)
        check_pseudo_version(case, commit, query)
        return _resolved(case, commit, checked)
    asked = version_tag(located.tag, case.site.tag_prefix) if located.tag else None
    if asked is not None and asked.canonical and not is_pseudo_version(asked.version):
        try:
            return _resolved(case, commit, check_canonical(case, commit.id, asked.version, query))
        except NotExist as error:
            case.note(f"{asked.name} will not do: {error.reason}")
    tagged = _by_tags_on(case, commit, query)
    version = tagged.version
    if is_pseudo_version(version):
        raise NotExist(
            f"{case.site.module}@{query or 'latest'}: the highest tag on the commit, "
            f"{case.site.tag_prefix}{version}, looks like a pseudo-version",
            hint="such a tag cannot be a version; it would have to be removed",
        )
    if version:
        case.note(f"the commit bears a tag for {version}")
    else:
        base = tagged.base or _base_before(case, commit, query)
        version = pseudo_version(case.site.major, base, commit.time, commit.short)
        # Otherwise .info would name a version that has no .mod and no .zip.
        check_base_is_not_on(case, commit, version, base)
        case.note(
            f"it comes after {base}" if base else "no version that counts is tagged on it or before it"
        )
    return _resolved(case, commit, check_canonical(case, commit.id, version, query))


def _check_canonical_spelling(case: Case, query: str) -> None:
    if query != canonical_version(query):
        raise NotExist(
            f"{case.site.module}@{query}: invalid pseudo-version: build metadata {semver.build(query)}",
            hint=f"ask for {canonical_version(query)}",
        )


def _by_tags_on(case: Case, commit: Commit, query: str) -> _Tagged:
    """Choose among the tags on the commit: the one asked for, else the highest that counts."""
    tags = version_tags(case.facts.tags_on(commit.id), case.site.tag_prefix)
    alike = [tag for tag in tags if query and semver.compare(tag.version, query) == 0]
    if any(tag.canonical for tag in alike):
        return _Tagged(alike[0].version, "")
    canonical = fitting(case, commit.id, [tag for tag in tags if tag.canonical], query)
    # Spelt with build metadata the tag asked for could be one of several: it is a base at most.
    return _Tagged(_highest(case, canonical), alike[0].version if alike else "")


def _base_before(case: Case, commit: Commit, query: str) -> str:
    """Return the highest version tagged before the commit, empty when there is none."""
    tags = fitting(case, commit.id, case.facts.version_tags(case.site.tag_prefix), query)
    if not tags:
        return ""  # and the history, which may be long, need not be known
    before = case.facts.get(NeedTagsBefore(commit.id))
    return _highest(case, [tag for tag in tags if tag.name in before])


def _highest(case: Case, tags: list[VersionTag]) -> str:
    """Return the highest version that is not retracted; tags come lowest first."""
    if not tags:
        return ""
    retracted = retracted_versions(case)
    return next((tag.version for tag in reversed(tags) if tag.version not in retracted), "")


def _resolved(case: Case, commit: Commit, checked: Checked) -> Resolved:
    version, root = checked
    made = "has its go.mod" if root.go_mod is not None else "has no go.mod, so that one is made up"
    case.note(f"version {version}: {root.directory or 'the root of the repository'} {made}")
    tag = "" if is_pseudo_version(version) else case.site.tag_prefix + version.removesuffix(INCOMPATIBLE)
    return Resolved(
        module=case.site.module,
        version=version,
        commit=commit,
        ref=f"refs/tags/{tag}" if tag else "",
        directory=root.directory,
        subdir=case.site.code_dir,
        stored_go_mod=root.go_mod,
    )
