"""Escaped paths and versions: the spelling on the wire and on disk (protocol.md A.2).

Each upper-case letter becomes ``!`` and its lower-case form, so that two names that differ only in case
stay apart on file systems that ignore case. Percent-encoding is another layer and not known here.
"""

from __future__ import annotations

import re
from typing import NewType

from modmirror.errors import InvalidTarget
from modmirror.mod.path import ModulePath, check_path, element_problem

EscapedPath = NewType("EscapedPath", str)
"""A module path fit for URLs, cache keys and file names."""

EscapedVersion = NewType("EscapedVersion", str)
"""A version, or a revision name, fit for URLs, cache keys and file names."""

_UPPER = re.compile(r"[A-Z]")
_ESCAPED = re.compile(r"(?:[\x00-\x20\x22-\x40\x5b-\x7f]|![a-z])*")
"""ASCII without capitals, and each ``!`` before a lower-case letter."""
_BANG = re.compile(r"![a-z]")


def escape_path(path: ModulePath) -> EscapedPath:
    """Escape a module path. It cannot fail, because a module path is ASCII and holds no ``!``."""
    return EscapedPath(_escape(path))


def unescape_path(escaped: str) -> ModulePath:
    """Return the module path that ``escaped`` stands for.

    Raises:
        InvalidTarget: bad escaping, or not a module path.
    """
    return check_path(_unescape(escaped))


def escape_version(version: str) -> EscapedVersion:
    """Escape a version or revision name.

    Raises:
        InvalidTarget: no proxy can be asked for it (a slash, a leading dash, not ASCII, ...).
    """
    return EscapedVersion(_escape(_check_name(version)))


def unescape_version(escaped: str) -> str:
    """Return the version or revision name that ``escaped`` stands for.

    Raises:
        InvalidTarget: bad escaping, or a name that :func:`escape_version` would refuse.
    """
    return _check_name(_unescape(escaped))


def _check_name(version: str) -> str:
    # One file name, and never something that a version control tool could take for an option.
    problem = element_problem(version, "file")
    if not problem and (version.startswith("-") or "!" in version or not version.isascii()):
        problem = "it begins with a dash, holds an exclamation mark or is not ASCII"
    if problem:
        raise InvalidTarget(f'disallowed version string "{version}": {problem}')
    return version


def _escape(text: str) -> str:
    return _UPPER.sub(lambda letter: "!" + letter[0].lower(), text)


def _unescape(escaped: str) -> str:
    if not _ESCAPED.fullmatch(escaped):
        raise InvalidTarget(
            f'malformed escaping in "{escaped}": capitals are written as ! and a lower-case letter'
        )
    return _BANG.sub(lambda pair: pair[0][1].upper(), escaped)
