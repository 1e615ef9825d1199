"""Finds the directory that is a module's root at a commit, and its go.mod (protocol.md C.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod.modfile import module_path_of
from modmirror.mod.path import split_path_version
from modmirror.origin.resolve.facts import NeedFile

if TYPE_CHECKING:
    from modmirror.origin.resolve.facts import Case

GO_MOD = "go.mod"
_SHOWN_PATH = 200


@dataclass(frozen=True, slots=True)
class ModuleRoot:
    """Where a module's files are."""

    directory: str
    """In the repository; ``""`` is its root."""
    go_mod: bytes | None
    """As it is stored; None when there is none and the module may do without."""


@dataclass(frozen=True, slots=True)
class _GoMod:
    """One candidate."""

    directory: str
    data: bytes | None
    path: str
    """The module path it declares."""

    @property
    def name(self) -> str:
        return f"{self.directory}/{GO_MOD}" if self.directory else GO_MOD

    @property
    def shown(self) -> str:
        """The declared path as it can stand in a text, whatever somebody wrote there."""
        cut = self.path if len(self.path) <= _SHOWN_PATH else self.path[:_SHOWN_PATH] + "..."
        return cut.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def find_root(case: Case, commit_id: str, version: str) -> ModuleRoot:
    """Find a module's root; ``version`` is for the text of errors. Raises NotExist."""
    site = case.site
    places = [site.code_dir, *([site.major_dir] if site.major_dir else [])]
    files = [NeedFile(commit_id, f"{place}/{GO_MOD}" if place else GO_MOD) for place in places]
    case.facts.require(*files)
    first, *rest = (
        _GoMod(place, data, module_path_of(data or b""))
        for place, data in zip(places, map(case.facts.get, files), strict=True)
    )
    below = rest[0] if rest and rest[0].data is not None else None
    subject = f"{site.module}@{version}"
    fits = first.data is not None and _fits(first.path, site.path_major)
    if below is not None:
        chosen = _below_chosen(case, subject, first if fits else None, below)
    elif fits:
        chosen = first
    elif first.data is not None:
        raise _wrong_path(case, subject, first)
    elif site.code_dir or site.path_major.startswith("/"):
        raise _missing(case, subject)
    else:
        return ModuleRoot("", None)
    return ModuleRoot(chosen.directory, chosen.data)


def _below_chosen(case: Case, subject: str, first: _GoMod | None, below: _GoMod) -> _GoMod:
    """Judge a go.mod in a directory for the major version: it must be right, and the only one."""
    if not _is_major(below.path, case.site.path_major):
        raise _wrong_path(case, subject, below)
    if first is not None:
        raise NotExist(
            f"{subject}: {first.name} and {below.name} both declare a {case.site.path_major} path",
            hint="only one of the two may",
        )
    return below


def _fits(declared: str, path_major: str) -> bool:
    # Paths without a version may stand in for gopkg.in ones, as they once could: golang.org/issue/34254.
    return _is_major(declared, path_major) or (not path_major and declared.startswith("gopkg.in/"))


def _is_major(declared: str, path_major: str) -> bool:
    """Say whether the declared path allows the versions that ``path_major`` stands for."""
    major = _major_of(declared)
    if major is None:
        return False
    if not path_major:
        return major[1:].removesuffix("-unstable") in {"", "v0", "v1"}
    # The first character is left out: /v2 and .v2 allow the same versions.
    return bool(major) and major[1:] == path_major[1:]


def _major_of(declared: str) -> str | None:
    """Return the major version suffix of a declared path, None when there is no path or a wrong suffix."""
    split = split_path_version(declared) if declared else None
    return None if split is None else split[1]


def _wrong_path(case: Case, subject: str, found: _GoMod) -> NotExist:
    site = case.site
    if not found.path:
        return NotExist(
            f"{subject}: {found.name} is missing its module path",
            hint=f"it should be a file, not a link, with the line: module {site.module}",
        )
    major = _major_of(found.path)
    if major is None:
        return NotExist(f'{subject}: {found.name} declares a malformed module path "{found.shown}"')
    also = f", and there is no {site.major_dir}/{GO_MOD}" if found.directory != site.major_dir != "" else ""
    right = site.path_for(major[1:].removesuffix("-unstable"))
    return NotExist(
        f'{subject}: {found.name} declares module "{found.shown}", which is of another major version{also}',
        hint=f"at this revision the path would be {right}" if right else f"it should declare {site.module}",
    )


def _missing(case: Case, subject: str) -> NotExist:
    site = case.site
    places = f"{site.tag_prefix}{GO_MOD}" + (f" nor {site.major_dir}/{GO_MOD}" if site.major_dir else "")
    if site.path_major:
        hint = (
            f"without a {GO_MOD} that says {site.path_major} there is no such major version of the module"
        )
    else:
        hint = f"a directory without a {GO_MOD} belongs to the module around it: a package of {site.root}?"
    return NotExist(f"{subject}: there is no {places}", hint=hint)
