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
    expression = _compile_prefixes(tuple(patterns))
    return expression is not None and expression.fullmatch(path) is not None


def match_glob(glob: str, name: str) -> bool:
    """Say whether the whole ``name`` matches; a malformed glob matches nothing."""
    compiled = _compile(glob)
    return compiled is not None and compiled.fullmatch(name) is not None


def glob_problem(glob: str) -> str:
    """Say that a glob is malformed, or return the empty string."""
    return "" if _compile(glob) else f'"{glob}" is not a valid pattern: a class or a backslash is left open'


class _Malformed(Exception):
    """The glob cannot be read."""


@lru_cache(maxsize=1024)
def _compile_prefixes(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """Make one expression of all patterns: they are held against the path of every request."""
    alternatives = []
    for number, pattern in enumerate(patterns):
        glob = pattern.removesuffix("/")
        expression = _expression(glob) if glob else None
        if expression is not None:
            # First find the elements behind those that the glob is for; it must leave just these over.
            # Leaving any whole elements over would not do: a class may match a slash.
            rest = f"(?=[^/]*(?:/[^/]*){{{glob.count('/')}}}(?P<rest{number}>(?:/.*)?)\\Z)"
            alternatives.append(f"{rest}{expression}(?P=rest{number})")
    return re.compile("|".join(alternatives), re.DOTALL) if alternatives else None


@lru_cache(maxsize=1024)
def _compile(glob: str) -> re.Pattern[str] | None:
    expression = _expression(glob)
    return None if expression is None else re.compile(expression, re.DOTALL)


def _expression(glob: str) -> str | None:
    """Translate a glob into a regular expression; None if it is malformed."""
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
    return expression


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
