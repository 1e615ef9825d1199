r"""Patterns for module paths, as in GOPRIVATE (protocol.md B.1).

The globs are those of Go's ``path.Match``: ``*`` and ``?`` stop at a slash, ``[a-z]`` and ``[^a-z]`` are
classes, a backslash takes the next character as it is. Each is compared with as many leading elements of
a path as it has itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def match_prefix_patterns(patterns: Sequence[str], path: str) -> bool:
    """Say whether a pattern matches ``path`` or its leading elements.

    A final slash of a pattern is ignored, blanks are not trimmed, empty and malformed patterns match
    nothing: :func:`glob_problem` finds those beforehand.
    """
    return any(_match_prefix(pattern.removesuffix("/"), path) for pattern in patterns)


def match_glob(glob: str, name: str) -> bool:
    """Say whether the whole ``name`` matches; a malformed glob matches nothing."""
    compiled = _compile(glob)
    return compiled is not None and compiled.fullmatch(name) is not None


def glob_problem(glob: str) -> str:
    """Say that a glob is malformed, or return the empty string."""
    return "" if _compile(glob) else f'"{glob}" is not a valid pattern: a class or a backslash is left open'


def _match_prefix(glob: str, path: str) -> bool:
    if not glob:
        return False
    wanted = glob.count("/") + 1
    elements = path.split("/")
    return len(elements) >= wanted and match_glob(glob, "/".join(elements[:wanted]))


class _Malformed(Exception):
    """The glob cannot be read."""


@lru_cache(maxsize=1024)
def _compile(glob: str) -> re.Pattern[str] | None:
    try:
        pieces = _pieces(glob)
    except _Malformed:
        return None
    first, *rest = pieces
    expression = first
    for number, piece in enumerate(rest, start=1):
        # Atomic, so that many stars cannot make matching slow: the leftmost fit of a piece is always
        # good enough, save for the last one, which has to reach the end.
        last = number == len(rest)
        expression += rf"[^/]*?{piece}" if last else rf"(?>[^/]*?{piece})"
    return re.compile(expression, re.DOTALL)


def _pieces(glob: str) -> list[str]:
    """Translate what stands between the stars into regular expressions of fixed width."""
    pieces = [""]
    at = 0
    while at < len(glob):
        character = glob[at]
        if character == "*":
            pieces.append("")
            at += 1
        elif character == "[":
            piece, at = _class(glob, at + 1)
            pieces[-1] += piece
        elif character == "?":
            pieces[-1] += "[^/]"
            at += 1
        else:
            literal, at = _literal(glob, at)
            pieces[-1] += re.escape(literal)
    return pieces


def _class(glob: str, at: int) -> tuple[str, int]:
    """Read a class whose bracket ends before ``at``; return its expression and where to go on."""
    negated = glob.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not ranges or not glob.startswith("]", at):
        low, at = _class_member(glob, at)
        high = low
        if glob.startswith("-", at):
            high, at = _class_member(glob, at + 1)
        ranges.append((low, high))
    # A range the wrong way round is legal and holds nothing.
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if not inside:
        return ("." if negated else r"(?!)"), at + 1
    return f"[{'^' if negated else ''}{inside}]", at + 1


def _class_member(glob: str, at: int) -> tuple[str, int]:
    if glob[at : at + 1] in {"", "-", "]"}:
        raise _Malformed
    return _literal(glob, at)


def _literal(glob: str, at: int) -> tuple[str, int]:
    at += glob[at] == "\\"
    if at == len(glob):
        raise _Malformed
    return glob[at], at + 1
