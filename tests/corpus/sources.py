"""Which directories of the unpacked sources are modules, and what their files import."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from modmirror.mod.path import file_path_problem, path_problem
from tests.corpus.gosource import read_header
from tests.corpus.versions import module_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.corpus.packages import Package, Unpacked

_THREE_ELEMENTS = frozenset(
    {
        "github.com",
        "gitlab.com",
        "bitbucket.org",
        "golang.org",
        "code.google.com",
        "git.sr.ht",
        "salsa.debian.org",
    }
)
"""Hosts where a repository is ``host/owner/name``."""
_MODULE_LINE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_MAJOR = re.compile(r"/v[0-9]+")


@dataclass(frozen=True)
class GoPackage:
    """One directory of Go files. ``imports`` holds those of tests too."""

    path: str
    """Import path."""
    imports: frozenset[str]
    is_program: bool


@dataclass(frozen=True)
class Source:
    """One module: a directory, without the modules nested in it."""

    path: str
    version: str
    has_go_mod: bool
    is_link: bool
    """A second name of another directory, as old import paths have."""
    package: str
    """Debian's name of the package it came from."""
    files: tuple[tuple[str, Path], ...]
    """Path in the module and file to read, sorted. go.mod is not among them: the corpus writes its own."""
    go_packages: Mapping[str, GoPackage] = field(default_factory=dict)
    """By directory within the module; ``""`` is the root."""

    @property
    def name(self) -> str:
        """``path@version``."""
        return f"{self.path}@{self.version}"


def find_sources(unpacked: Unpacked) -> list[Source]:
    """All modules, sorted by path. A linked directory becomes a module of its own, under its own name."""
    found: list[Source] = []
    for directory in _module_directories(unpacked.root, unpacked.root):
        source = _read_source(directory, unpacked)
        if source is not None:
            found.append(source)
    return sorted({source.path: source for source in found}.values(), key=lambda source: source.path)


def _module_directories(directory: Path, root: Path) -> Iterator[Path]:
    """Yield module directories below ``directory``, outer before inner."""
    inside = _is_module_root(directory, root)
    if inside:
        yield directory
    for entry in _entries(directory):
        if entry.is_dir() and (not entry.is_symlink() or not inside):
            yield from _nested(Path(entry.path)) if inside else _module_directories(Path(entry.path), root)


def _nested(directory: Path) -> Iterator[Path]:
    """Yield the directories with a go.mod of their own inside a module."""
    if (directory / "go.mod").is_file():
        yield directory
    for entry in _entries(directory):
        if entry.is_dir(follow_symlinks=False):
            yield from _nested(Path(entry.path))


def _is_module_root(directory: Path, root: Path) -> bool:
    """True for a repository, and for its ``v2`` directory when there is nothing beside it."""
    elements = directory.relative_to(root).parts
    if not elements:
        return False
    if elements[0] == "gopkg.in":
        return re.search(r"\.v[0-9]+$", elements[-1]) is not None
    entries = _entries(directory)
    if any(entry.is_file() for entry in entries):
        return len(elements) >= 3 or elements[0] not in _THREE_ELEMENTS
    only_majors = all(_MAJOR.fullmatch("/" + entry.name) for entry in entries)
    return len(elements) == 3 and elements[0] in _THREE_ELEMENTS and not only_majors


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _read_source(directory: Path, unpacked: Unpacked) -> Source | None:
    """Return the module in ``directory``, or None when nobody could ask for it by that path."""
    place = directory.relative_to(unpacked.root).as_posix()
    declared = _declared_path(directory)
    nested = not _is_outermost(directory, unpacked.root)
    follows = declared == place or (declared.startswith(place) and _MAJOR.fullmatch(declared[len(place) :]))
    path = declared if follows and not directory.is_symlink() else place
    package = _owner(directory, unpacked)
    if (nested and not follows) or path_problem(path) or package is None:
        return None
    has_go_mod = bool(declared)
    version = module_version(package.version, path, has_go_mod=has_go_mod)
    files = tuple(sorted(_files(directory, directory, unpacked.root)))
    packages = _go_packages(path, files)
    return Source(path, version, has_go_mod, directory.is_symlink(), package.name, files, packages)


def _declared_path(directory: Path) -> str:
    go_mod = directory / "go.mod"
    if not go_mod.is_file():
        return ""
    match = _MODULE_LINE.search(go_mod.read_text(errors="replace"))
    return match[1] if match else ""


def _is_outermost(directory: Path, root: Path) -> bool:
    parents = (parent for parent in directory.parents if parent.is_relative_to(root))
    return not any(_is_module_root(parent, root) for parent in parents)


def _owner(directory: Path, unpacked: Unpacked) -> Package | None:
    """The package of the directory's own files, else of the first file below it."""
    place = directory.relative_to(unpacked.root).as_posix()
    if place in unpacked.owners:
        return unpacked.owners[place]
    below = (path for path in unpacked.owners if path.startswith(place + "/"))
    return unpacked.owners.get(min(below, default=""))


def _files(directory: Path, top: Path, root: Path) -> Iterator[tuple[str, Path]]:
    """Yield what belongs in the zip: links resolved, nested modules and unfit names left out."""
    for entry in _entries(directory):
        path = Path(entry.path)
        name = path.relative_to(top).as_posix()
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "vendor" and not (path / "go.mod").is_file():
                yield from _files(path, top, root)
        elif entry.is_file() and not file_path_problem(name) and entry.name.lower() != "go.mod":
            yield name, path


def _go_packages(module: str, files: Iterable[tuple[str, Path]]) -> dict[str, GoPackage]:
    imports: dict[str, set[str]] = {}
    programs: set[str] = set()
    for name, path in files:
        if not name.endswith(".go") or _is_hidden(name):
            continue
        header = read_header(path.read_text(errors="replace"))
        directory = name.rpartition("/")[0]
        imports.setdefault(directory, set()).update(header.imports)
        if header.package == "main" and not header.ignored and not name.endswith("_test.go"):
            programs.add(directory)
    return {
        directory: GoPackage(f"{module}/{directory}".rstrip("/"), frozenset(wanted), directory in programs)
        for directory, wanted in sorted(imports.items())
    }


def _is_hidden(name: str) -> bool:
    """True for files in directories that the go command does not look into."""
    return any(part == "testdata" or part[0] in "._" for part in PurePosixPath(name).parts)
