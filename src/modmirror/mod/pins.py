"""What a build pins: module versions named by a go.sum, a go.mod, a go.work.sum or a plain list.

Only a go.sum names everything that a build may fetch, with hashes. A go.mod from go 1.17 on names what is
compiled; what else is needed to choose versions is known to its go.sum only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.errors import InvalidTarget
from modmirror.mod.gomodlines import Directive, GoModError, go_text, read_directives, unquote
from modmirror.mod.path import ModulePath, check_path
from modmirror.mod.version import check_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

File: TypeAlias = Literal["info", "mod", "zip"]
TOOLCHAIN = ModulePath("golang.org/toolchain")

_EVERY_FILE: tuple[File, ...] = ("info", "mod", "zip")
_SUM_FIELDS = 3
_GO_MOD = "/go.mod"
_COMMENT = re.compile(r"(\s|^)(#|//).*")
_TOOLCHAIN_NAME = re.compile(r"go1\.[0-9][0-9A-Za-z.-]*")
_RELEASE_WITH_TOOLCHAIN = re.compile(r"1\.(2[1-9]|[3-9][0-9])(\.[0-9]+|rc[0-9]+)")
"""``go 1.21.0`` asks for a toolchain of that name; ``go 1.21`` and older lines for none."""


class PinsError(ValueError):
    """A file that names no module versions in any way that is understood. Its text tells the line."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One module version, and which of its files a build fetches."""

    module: ModulePath
    version: str
    files: tuple[File, ...] = _EVERY_FILE
    mod_sum: str = ""
    """``h1:`` of its go.mod, where known."""
    zip_sum: str = ""
    """``h1:`` of its zip, where known."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What one or more files pin."""

    pins: tuple[Pin, ...] = ()
    toolchains: tuple[str, ...] = ()
    """Names such as ``go1.24.1``."""
    complete: bool = True
    """False when the build may fetch more than this: the source was a go.mod."""
    passed_over: tuple[str, ...] = ()
    """What is not fetched from anywhere, and why; for people."""


def read_pins(name: str, data: bytes) -> Pins:
    """Read a file by what its name or, failing that, its content says it is.

    Raises:
        PinsError: it is none of the known kinds, or wrong in a line.
    """
    text = go_text(data)
    if name.endswith((".mod", ".work")) or re.search(r"^\s*module\s", text, re.MULTILINE):
        return _of_go_mod(data)
    if name.endswith(".sum") or re.search(r"^\S+\s+v\S+\s+h1:", text, re.MULTILINE):
        return _of_go_sum(text)
    return _of_list(text)


def join(several: Iterable[Pins]) -> Pins:
    """Put together what several files pin: each module version once, in order of path and version."""
    found = Pins()
    known: dict[tuple[str, str], Pin] = {}
    for each in several:
        for pin in each.pins:
            key = pin.module, pin.version
            known[key] = _joined(known[key], pin) if key in known else pin
        found = Pins(
            (),
            tuple(dict.fromkeys(found.toolchains + each.toolchains)),
            found.complete and each.complete,
            found.passed_over + each.passed_over,
        )
    return replace(found, pins=tuple(known[key] for key in sorted(known)))


def toolchain_pins(toolchains: Iterable[str], platforms: Sequence[str]) -> tuple[Pin, ...]:
    """Return the module versions of toolchains for platforms such as ``linux/amd64``."""
    return tuple(
        Pin(TOOLCHAIN, f"v0.0.1-{name}.{platform.replace('/', '-')}", ("zip",))
        for name in toolchains
        for platform in platforms
    )


def _joined(one: Pin, other: Pin) -> Pin:
    """Both speak of the same version: everything that either wants, and whatever hash is known."""
    for kind, before, after in (
        ("go.mod", one.mod_sum, other.mod_sum),
        ("zip", one.zip_sum, other.zip_sum),
    ):
        if before and after and before != after:
            raise PinsError(f"two hashes for the {kind} of {one.module}@{one.version}")
    files = tuple(each for each in _EVERY_FILE if each in one.files or each in other.files)
    return replace(
        one, files=files, mod_sum=one.mod_sum or other.mod_sum, zip_sum=one.zip_sum or other.zip_sum
    )


# --- go.sum and go.work.sum ---


def _of_go_sum(text: str) -> Pins:
    pins: list[Pins] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        if len(words) != _SUM_FIELDS:
            raise PinsError(f"line {number}: a line of a go.sum has three words, this one {len(words)}")
        path, version, h1 = words
        if not h1.startswith("h1:"):
            continue  # a hash of a later go command: the go command passes it over as well
        if version.endswith(_GO_MOD):
            module, version = _checked(number, path, version.removesuffix(_GO_MOD))
            pin = Pin(module, version, ("mod",), mod_sum=h1)
        else:
            module, version = _checked(number, path, version)
            pin = Pin(module, version, zip_sum=h1)
        pins.append(Pins((pin,)))
    return join(pins)


# --- a plain list ---


def _of_list(text: str) -> Pins:
    pins: list[Pin] = []
    toolchains: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = _COMMENT.sub("", line).split()
        match words:
            case []:
                continue
            case ["toolchain", name]:
                toolchains.append(_toolchain(number, name))
            case [word] if "@" in word:
                path, _, version = word.partition("@")
                pins.append(Pin(*_checked(number, path, version)))
            case _:
                raise PinsError(f'line {number}: expected PATH@VERSION, got "{line.strip()}"')
    return join([Pins((pin,)) for pin in pins] + [Pins(toolchains=tuple(toolchains))])


# --- go.mod and go.work ---


@dataclass(slots=True)
class _Requirements:
    """What the directives of a go.mod have said so far."""

    required: dict[str, str] = field(default_factory=dict)
    excluded: set[tuple[str, str]] = field(default_factory=set)
    replaced: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """By path and version (empty: any) to path and version (empty: a directory)."""
    go: str = ""
    toolchain: str = ""

    def take(self, directive: Directive) -> None:
        match directive.verb, [_plain(word) for word in directive.words]:
            case "require", [path, version]:
                self.required[path] = version
            case "exclude", [path, version]:
                self.excluded.add((path, version))
            case "replace", [path, "=>", *new]:
                self.replaced[path, ""] = _replacement(new)
            case "replace", [path, version, "=>", *new]:
                self.replaced[path, version] = _replacement(new)
            case "toolchain", [name]:
                self.toolchain = name
            case "go", [release]:
                self.go = release
            case (("require" | "exclude" | "replace"), words):
                raise PinsError(f'"{directive.verb} {" ".join(words)}" is not understood')
            case _:
                pass  # module, retract, tool, use and the like name no version to fetch

    def toolchains(self) -> tuple[str, ...]:
        if self.toolchain.startswith("go"):
            return (self.toolchain,)
        return (f"go{self.go}",) if _RELEASE_WITH_TOOLCHAIN.fullmatch(self.go) else ()


def _of_go_mod(data: bytes) -> Pins:
    said = _Requirements()
    try:
        for directive in read_directives(data):
            said.take(directive)
    except GoModError as error:
        raise PinsError(str(error)) from error
    pins: list[Pin] = []
    passed_over: list[str] = []
    for path, version in said.required.items():
        if (path, version) in said.excluded:
            passed_over.append(f"{path}@{version} is excluded")
            continue
        new = said.replaced.get((path, version)) or said.replaced.get((path, ""))
        if new is not None and not new[1]:
            passed_over.append(f"{path}@{version} is replaced by the directory {new[0]}")
            continue
        pins.append(Pin(*_checked(0, *(new or (path, version)))))
    found = join([Pins((pin,)) for pin in pins])
    return replace(found, toolchains=said.toolchains(), complete=False, passed_over=tuple(passed_over))


def _replacement(words: Sequence[str]) -> tuple[str, str]:
    match words:
        case [directory]:
            return directory, ""
        case [path, version]:
            return path, version
        case _:
            raise PinsError(f'"=> {" ".join(words)}" is not understood')


def _plain(word: str) -> str:
    return unquote(word) or word if word[:1] in {'"', "`"} else word


# --- what all of them check ---


def _checked(number: int, path: str, version: str) -> tuple[ModulePath, str]:
    try:
        module = check_path(path)
        return module, check_version(module, version)
    except InvalidTarget as error:
        where = f"line {number}: " if number else ""
        raise PinsError(f"{where}{error.reason}") from error


def _toolchain(number: int, name: str) -> str:
    if not _TOOLCHAIN_NAME.fullmatch(name):
        raise PinsError(f'line {number}: "{name}" is no toolchain such as go1.24.1')
    return name
