"""Version lists: the text of ``@v/list`` (protocol.md A.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.mod import semver
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.version import Version, version_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from modmirror.mod.path import ModulePath


def parse_list(data: bytes, module: ModulePath) -> tuple[Version, ...]:
    """Return what of a list is usable, ascending and each once.

    Only canonical versions that agree with the path are kept: a line such as ``v1.5`` kills the go
    command, and a pseudo-version or a second column costs it a request each.
    """
    versions = {
        Version(word)
        for word in _first_words(data)
        if not is_pseudo_version(word) and not version_problem(module, word)
    }
    return tuple(sorted(versions, key=semver.sort_key))


def format_list(versions: Iterable[str]) -> bytes:
    """Write a list: ascending, a newline after each version."""
    return "".join(f"{version}\n" for version in sorted(versions, key=semver.sort_key)).encode()


def looks_like_list(data: bytes) -> bool:
    """Tell a list from another text that an upstream sent with status 200: a login page, an error.

    A list is blank, or has at least one line that begins with a semantic version; it holds no NUL byte
    and does not begin with ``<`` or ``{``. The go command would take any text for an empty list, and an
    empty list says "no versions" to everyone behind the mirror.
    """
    text = data.lstrip()
    if not text:
        return True
    if text.startswith((b"<", b"{")) or b"\0" in text:
        return False
    return any(semver.is_valid(word) for word in _first_words(text))


def _first_words(data: bytes) -> Iterator[str]:
    for line in data.split(b"\n"):
        words = line.split(maxsplit=1)
        if words and words[0].isascii():
            yield words[0].decode("ascii")
