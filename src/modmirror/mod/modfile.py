"""Reads what the mirror needs of a go.mod: module path, language version, retractions.

It reads the go.mod files of dependencies as the go command does: unknown directives, and those that count
in a main module only, are passed over. What is wrong in a directive that counts makes the whole file
unreadable, which here means: no language version, nothing retracted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from modmirror.mod import semver
from modmirror.mod.gomodlines import GO_SPACE, Directive, GoModError, go_text, read_directives, unquote
from modmirror.mod.path import split_path_version
from modmirror.mod.version import canonical_version, match_path_major

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GO_VERSION = re.compile(r"(?:[1-9][0-9]*)\.(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))?(?:[a-z]+[0-9]+)?")
_LAX_GO_VERSION = re.compile(r"v?((?:[1-9][0-9]*)\.(?:0|[1-9][0-9]*))[^0-9].*", re.DOTALL)
_RELEASE = re.compile(r"(?P<major>[0-9]+)\.(?P<minor>[0-9]+)(?:\.[0-9]+|[a-z]+(?:0|[1-9][0-9]*))?")

_NEW_VENDOR_RULE = ("1", "24")
"""protocol.md C.4: from this language version on, other files of vendor directories are left out."""

_REQUIRE_WORDS = 2

_Precedence: TypeAlias = tuple[object, ...]
"""Compares as versions do; what is no version comes first."""


@dataclass(frozen=True, slots=True)
class Retraction:
    """Versions that their author takes back: all from ``low`` to ``high``, both included."""

    low: str
    high: str
    rationale: str = ""
    """Comment of the directive, lines joined by newlines."""


def module_path_of(data: bytes) -> str:
    """Return the module path that a go.mod declares; empty when it declares none that can be read.

    protocol.md C.2: a scan of lines that no other mistake in the file can disturb. It knows no blocks.
    """
    for line in go_text(data).split("\n"):
        code = line.partition("//")[0].strip(GO_SPACE)
        argument = code.removeprefix("module")
        path = argument.strip(GO_SPACE)
        if argument == code or path in {"", argument}:
            continue
        if path[0] in '"`':
            return unquote(path) or ""
        return path
    return ""


def go_version_of(data: bytes) -> str:
    """Return the version in the ``go`` directive, such as ``1.24rc1``; empty when there is none to read."""
    try:
        return _parse(data).go
    except GoModError:
        return ""


def uses_new_vendor_rule(data: bytes) -> bool:
    """Say whether the files of vendor directories are chosen as from go 1.24 on (protocol.md C.4)."""
    release = _RELEASE.fullmatch(go_version_of(data))
    if release is None:
        return False
    return [(len(n), n) for n in release.group("major", "minor")] >= [(len(n), n) for n in _NEW_VENDOR_RULE]


def retractions_of(data: bytes) -> tuple[Retraction, ...]:
    """Return what a go.mod retracts, in its order; nothing when the file cannot be read."""
    if b"retract" not in data:
        # Most files retract nothing, and some are long.
        return ()
    try:
        return tuple(_parse(data).retractions)
    except GoModError:
        return ()


class RetractedVersions:
    """All versions that retractions take back: ``"v1.2.3" in retracted``. Build metadata does not count.

    A file may retract very many, so overlapping intervals are joined and then searched by halving.
    """

    def __init__(self, retractions: Iterable[Retraction]) -> None:
        self._lows: list[_Precedence] = []
        self._highs: list[_Precedence] = []
        for low, high in sorted((_precedence(each.low), _precedence(each.high)) for each in retractions):
            if self._highs and low <= self._highs[-1]:
                self._highs[-1] = max(self._highs[-1], high)
            elif low <= high:
                self._lows.append(low)
                self._highs.append(high)

    def __contains__(self, version: str) -> bool:
        wanted = _precedence(version)
        at = bisect_right(self._lows, wanted)
        return at > 0 and wanted <= self._highs[at - 1]


class _Reading:
    """What has been found in a file so far."""

    def __init__(self) -> None:
        self.go = ""
        self.retractions: list[Retraction] = []
        self._module_seen = False

    def take(self, directive: Directive) -> None:
        """Read one directive. Raises GoModError when it is one that counts, and wrong."""
        words = directive.words
        match directive.verb:
            case "go" if not directive.in_block:
                self._take_go(words)
            case "module":
                self._take_module(words)
            case "require":
                _check_require(words)
            case "ignore":
                _string(_only(words))
            case "retract":
                self._take_retract(words, directive.comment)
            case _:
                pass  # for main modules, or of a later go command

    def _take_go(self, words: Sequence[str]) -> None:
        if self.go:
            raise GoModError("two go directives")
        word = _only(words)
        if not _GO_VERSION.fullmatch(word):
            lax = _LAX_GO_VERSION.fullmatch(word)
            if lax is None:
                raise GoModError(f'"{word}" is no go version')
            word = lax[1]
        self.go = word

    def _take_module(self, words: Sequence[str]) -> None:
        if self._module_seen:
            raise GoModError("two module directives")
        self._module_seen = True
        _string(_only(words))

    def _take_retract(self, words: Sequence[str], comment: str) -> None:
        try:
            low, high = _interval(words)
        except GoModError:
            return  # a form of a later go command
        self.retractions.append(Retraction(low, high, comment))


def _precedence(version: str) -> _Precedence:
    return semver.sort_key(version)[:-1]


def _parse(data: bytes) -> _Reading:
    reading = _Reading()
    for directive in read_directives(data):
        reading.take(directive)
    return reading


def _check_require(words: Sequence[str]) -> None:
    if len(words) != _REQUIRE_WORDS:
        raise GoModError("a requirement is a path and a version")
    path, version = map(_string, words)
    canonical = canonical_version(version)
    split = split_path_version(path)
    if not canonical or split is None or not match_path_major(canonical, split[1]):
        raise GoModError(f"{path} cannot be required at {version}")


def _interval(words: Sequence[str]) -> tuple[str, str]:
    """Read ``v1.2.3`` or ``[v1.2.0, v1.2.9]``; what stands behind is left alone."""
    match words:
        case ["[", low, ",", high, "]", *_]:
            return _string(low), _string(high)
        case [version, *_] if version not in {"[", "("}:
            return (_string(version),) * 2
        case _:
            raise GoModError("no version and no interval")


def _only(words: Sequence[str]) -> str:
    if len(words) != 1:
        raise GoModError("one word was expected")
    return words[0]


def _string(word: str) -> str:
    """Return the text of a word, which may stand in double quotes and hold no other quotes."""
    if word.startswith('"'):
        text = unquote(word)
        if text is None:
            raise GoModError(f"{word} is badly quoted")
        return text
    if any(quote in word for quote in "\"'`"):
        raise GoModError(f"{word} holds a quote")
    return word
