"""Decides which files of a repository's directory belong in a module's zip (protocol.md C.4).

Takes what :mod:`modmirror.mod.tarscan` noted and says what goes in, what is left out and why, or that there
can be no zip. The rules differ from those for a zip made elsewhere (:mod:`modmirror.mod.modzip`): here
links, vendored packages and nested modules are still among the files, some judged and some not.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from modmirror.errors import NotExist, StorageBroken
from modmirror.mod.collisions import Collisions
from modmirror.mod.modfile import uses_new_vendor_rule
from modmirror.mod.modzip import MAX_MOD_BYTES, ROOT_FILE_LIMITS
from modmirror.mod.path import file_path_problem
from modmirror.mod.tarscan import TarMember
from modmirror.mod.vendored import is_vendored
from modmirror.mod.zipdir import MAX_DIRECTORY_BYTES, MAX_ENTRIES, on_one_line, show_name
from modmirror.mod.zipscan import MAX_CONTENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modmirror.mod.path import ModulePath
    from modmirror.mod.zipdir import ReadAt

MAX_NAME_BYTES = 65_535
"""Length of a name in a zip, which has 16 bits for it."""

_RECORD_BYTES = 46
"""What a zip's directory has for each name, besides the name."""
_SHOWN_PROBLEMS = 4
_RENAME = "Rename, move or remove them, then tag a new version: a module must extract on every system."
_SHRINK = (
    "Move large files elsewhere, or into a directory with a go.mod of its own, then tag a new version."
)


class DropReason(StrEnum):
    """Why a file is left out of the zip."""

    VENDORED = "in a vendor directory"
    NESTED = "in another module"
    HG_ARCHIVAL = "written by hg archive"
    SYMLINK = "a symbolic link"
    IRREGULAR = "neither a file nor a symbolic link"


class Dropped(NamedTuple):
    """A file that is left out. Bytes that are not UTF-8 stand as surrogate escapes."""

    path: str
    reason: DropReason


class ZipPlan(NamedTuple):
    """A zip to be written."""

    module_version: str
    """``module@version``, with which every name in the zip begins."""
    files: tuple[TarMember, ...]
    """Files in the archive, in its order."""
    inherited: bytes | None
    """Content of the repository's ``LICENSE``, when it comes last in the zip though not in the archive."""
    dropped: tuple[Dropped, ...]


def plan_zip(
    module: ModulePath,
    version: str,
    members: Sequence[TarMember],
    read_at: ReadAt,
    inherited: bytes | None = None,
) -> ZipPlan:
    """Choose the files of a module's zip from the files of its directory.

    ``read_at`` reads the archive of which ``members`` are; it is used for ``go.mod`` alone. ``inherited``
    is the ``LICENSE`` of the repository's root for a module in another directory, None for one in the root.
    ``module`` and ``version`` must have been checked.

    Raises:
        NotExist: the directory cannot be a module zip; the text names files, rules and what to do.
        StorageBroken: the kept archive is shorter than it was.
    """
    if any(member.path == "LICENSE" for member in members):
        inherited = None
    selection = _Selection(
        f"{module}@{version}", _nested_directories(members), new_rule=_has_new_rule(members, read_at)
    )
    for member in members:
        selection.add(member)
    if inherited is not None:
        selection.add(TarMember("LICENSE", "file", len(inherited), offset=0))
    selection.check()
    files = selection.files if inherited is None else selection.files[:-1]
    return ZipPlan(selection.module_version, tuple(files), inherited, tuple(selection.dropped))


class _Selection:
    """Files judged one after the other."""

    def __init__(self, module_version: str, nested: Sequence[str], *, new_rule: bool) -> None:
        self.module_version = module_version
        self.files: list[TarMember] = []
        self.dropped: list[Dropped] = []
        self._nested = nested
        self._new_rule = new_rule
        self._collisions = Collisions()
        self._content_bytes = 0
        self._directory_bytes = 0
        self._problems: list[str] = []
        self._refused = 0

    def add(self, member: TarMember) -> None:
        """Take a file in, leave it out, or note what is wrong with it."""
        # The order is part of the rules: of files in vendored packages and nested modules not even the name
        # is looked at, while the name of a symbolic link must be right although it is left out.
        problem = "" if _is_clean(member.path) else "the path is not clean"
        reason = None if problem else self._reason_by_path(member.path)
        if reason is None:
            problem = problem or self._problem(member)
            reason = _reason_by_kind(member)
        if problem:
            self._refused += 1
            if self._refused <= _SHOWN_PROBLEMS:
                self._problems.append(f"{_shown(member.path)}: {on_one_line(problem)}")
        elif reason is not None:
            self.dropped.append(Dropped(member.path, reason))
        else:
            self.files.append(member)
            self._content_bytes += member.size
            self._directory_bytes += _RECORD_BYTES + self._name_bytes(member.path)

    def check(self) -> None:
        """Raise NotExist when what was added cannot be a zip."""
        if self._refused:
            more = self._refused - len(self._problems)
            shown = [*self._problems, f"and {more} more"] if more else self._problems
            raise NotExist(
                "\n".join([f"{self.module_version} has files that no module zip may hold", *shown]),
                hint=_RENAME,
            )
        for number, limit, unit in (
            (self._content_bytes, MAX_CONTENT_BYTES, "bytes"),
            (len(self.files), MAX_ENTRIES, "files"),
            (self._directory_bytes, MAX_DIRECTORY_BYTES, "bytes of file names"),
        ):
            if number > limit:
                raise NotExist(
                    f"{self.module_version} is too large: {number} {unit}, at most {limit}", hint=_SHRINK
                )

    def _reason_by_path(self, path: str) -> DropReason | None:
        if is_vendored(path, new_rule=self._new_rule):
            return DropReason.VENDORED
        before = bisect_right(self._nested, path)
        if before and path.startswith(self._nested[before - 1]):
            return DropReason.NESTED
        return DropReason.HG_ARCHIVAL if path == ".hg_archival.txt" else None

    def _problem(self, member: TarMember) -> str:
        path = member.path
        try:
            if self._name_bytes(path) > MAX_NAME_BYTES:
                return "the name is too long"
        except UnicodeEncodeError:
            return "the name is not UTF-8"
        if path != "go.mod" and path.lower() == "go.mod":
            return "go.mod must be in lower case"
        limit = ROOT_FILE_LIMITS.get(path, MAX_CONTENT_BYTES)
        if member.kind == "file" and member.size > limit:
            return f"too large ({member.size} bytes; at most {limit})"
        return file_path_problem(path) or self._collisions.problem(path)

    def _name_bytes(self, path: str) -> int:
        return len(self.module_version) + 1 + len(path.encode())


def _reason_by_kind(member: TarMember) -> DropReason | None:
    if member.kind == "symlink":
        return DropReason.SYMLINK
    return None if member.kind == "file" else DropReason.IRREGULAR


def _nested_directories(members: Iterable[TarMember]) -> list[str]:
    """Return the directories of other modules with a slash behind, sorted, none within another."""
    # So sorted, the only one that can hold a path is the last that is not greater than the path.
    outermost: list[str] = []
    for directory in sorted(
        member.path[: -len("go.mod")]
        for member in members
        if member.kind == "file" and member.path[-len("/go.mod") :].lower() == "/go.mod"
    ):
        if not outermost or not directory.startswith(outermost[-1]):
            outermost.append(directory)
    return outermost


def _has_new_rule(members: Iterable[TarMember], read_at: ReadAt) -> bool:
    """Read the module's own go.mod, which is the one in the archive: conversions may have changed it."""
    for member in members:
        if member.path == "go.mod" and member.kind == "file" and member.size <= MAX_MOD_BYTES:
            data = read_at(member.offset, member.size)
            if len(data) != member.size:
                raise StorageBroken("a kept archive is shorter than it was")
            return uses_new_vendor_rule(data)
    return False


def _is_clean(path: str) -> bool:
    """Say whether no element of a relative path is empty or could be left out."""
    # "../" in front cannot be left out: the rules for names refuse it, unless the file is dropped before.
    elements = path.split("/")
    climbing = next((at for at, element in enumerate(elements) if element != ".."), len(elements))
    return not {"", ".", ".."}.intersection(elements[climbing:])


def _shown(path: str) -> str:
    return show_name(path.encode("utf-8", "surrogateescape"))
