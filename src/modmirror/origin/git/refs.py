"""Reads what ``git ls-remote`` says. Pure; the lines were written by a stranger's server."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.port import Refs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Format = Literal["sha1", "sha256"]

MAX_LINES = 1_000_000
"""Names of all kinds. Pull requests are among them: the largest projects have some hundred thousand."""
MAX_NAMES = 200_000
"""Branches and tags, which are held in memory."""
_MAX_LINE_BYTES = 4096

_LINE = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\t(\S+)")
_HEADS, _TAGS, _PEELED = "refs/heads/", "refs/tags/", "^{}"
# git check-ref-format, as far as it matters: what could be taken for anything but one name.
_NO_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|^\.|\.$|/$|\.lock(/|$)")


@dataclass(frozen=True, slots=True)
class RemoteRefs:
    """What the names of a remote repository point at."""

    refs: Refs
    format: Format
    """How its objects are named."""
    digest: str
    """Differs whenever a branch or tag points at another object; see :func:`digest_of`."""
    names: Mapping[str, str] = field(repr=False)
    """For each commit that a name leads to, the full name that is fetched with the least effort: a plain
    tag before an annotated one, which is a further object; a tag before a branch, which moves."""


class RefsReader:
    """Fed with the output in pieces of any size. Every method raises UpstreamBadAnswer for nonsense."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rest = b""
        self._lines = 0
        self._objects: dict[str, str] = {}
        self._peeled: dict[str, str] = {}
        self._id_length = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > _MAX_LINE_BYTES:
            self._line(self._rest)

    def finish(self) -> RemoteRefs:
        """Return what was read."""
        if self._rest:
            raise UpstreamBadAnswer(self._source, "its list of names is cut short")
        peeled = self._objects | self._peeled
        branches = {name.removeprefix(_HEADS): to for name, to in peeled.items() if name.startswith(_HEADS)}
        tags = {name.removeprefix(_TAGS): to for name, to in peeled.items() if name.startswith(_TAGS)}
        own = {name: to for name, to in self._objects.items() if name != "HEAD"}
        return RemoteRefs(
            Refs(self._objects.get("HEAD", ""), branches, tags),
            "sha256" if self._id_length == 64 else "sha1",  # noqa: PLR2004  # hexadecimal digits of SHA-256
            digest_of(f"{to} {name}" for name, to in own.items()),
            self._names(),
        )

    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        tags = [name for name in self._objects if name.startswith(_TAGS) and name not in self._peeled]
        for name in (*tags, *self._peeled, *self._objects):
            # HEAD comes first of all in a listing, and is asked for by name only if nothing else will do.
            if name != "HEAD":
                found.setdefault(self._peeled.get(name, self._objects.get(name, "")), name)
        if "HEAD" in self._objects:
            found.setdefault(self._objects["HEAD"], "HEAD")
        return found

    def _line(self, line: bytes) -> None:
        self._lines += 1
        if self._lines > MAX_LINES:
            raise UpstreamBadAnswer(self._source, f"it has more than {MAX_LINES} names")
        match = _LINE.fullmatch(line)
        if match is None or len(line) > _MAX_LINE_BYTES:
            raise UpstreamBadAnswer(self._source, f"its list of names has the line {line[:80]!r}")
        if len(match[1]) != (self._id_length or len(match[1])):
            raise UpstreamBadAnswer(self._source, "its list of names has ids of two lengths")
        self._id_length = len(match[1])
        self._note(match[1].decode(), match[2].decode("utf-8", "replace"))

    def _note(self, object_id: str, name: str) -> None:
        plain = name.removesuffix(_PEELED)
        # A name that is not UTF-8 cannot be asked for; git would not store one that is malformed.
        if not (name == "HEAD" or is_kept_name(plain)):
            return
        (self._objects if plain == name else self._peeled)[plain] = object_id
        if max(len(self._objects), len(self._peeled)) > MAX_NAMES:
            raise UpstreamBadAnswer(self._source, f"it has more than {MAX_NAMES} branches and tags")


def is_kept_name(name: str) -> bool:
    """Tell whether a reference is a branch or tag with a name that git allows."""
    return name.startswith((_HEADS, _TAGS)) and not _NO_NAME.search(name) and "\ufffd" not in name


def digest_of(lines: Iterable[str]) -> str:
    """Return a digest of ``ID NAME`` lines for the branches and tags of a repository, in any order."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
