"""A TOML file with the line of each key, which the standard parser does not tell."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEADER = re.compile(r"(\[\[?)\s*([A-Za-z0-9_-]+)\s*(\]\]?)")
_KEY = re.compile(r"\"?([A-Za-z0-9_-]+)\"?\s*(?:\.\s*\"?([A-Za-z0-9_-]+)\"?\s*)?=")
# A string in any of the four forms, a comment, or one character that matters for where a statement ends.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Document:
    """Parsed content, and the line on which each key begins."""

    content: Mapping[str, object]
    lines: Mapping[str, int]
    """By ``section.key``, ``section[0].key`` or ``section``; a key missing here has no line of its own."""

    def line(self, table: str, key: str) -> int:
        """Return the line of a key, else that of its table, else 0."""
        section = table.partition("[")[0]
        names = (f"{table}.{key}", table, section, f"{section}[0]")
        return next((self.lines[name] for name in names if name in self.lines), 0)


def parse_document(text: str) -> Document:
    """Parse a file of one level of tables.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML; the message has line and column.
    """
    return Document(tomllib.loads(text), _lines(text))


def _lines(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    count: dict[str, int] = {}
    table = ""
    for number, statement in _statements(text):
        if header := _HEADER.match(statement):
            table = name = header[2]
            if header[1] == "[[":
                table = f"{name}[{count.get(name, 0)}]"
                count[name] = count.get(name, 0) + 1
            lines.setdefault(table, number)
        elif key := _KEY.match(statement):
            parts = [part for part in (table, key[1], key[2]) if part]
            lines.setdefault(".".join(parts), number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each statement with its first line; a value in brackets may go over many lines."""
    depth = start = 0
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth = max(0, depth - 1)
            case "\n" if depth == 0:
                yield from _statement(text, start, token.end())
                start = token.end()
    yield from _statement(text, start, len(text))


def _statement(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    statement = text[start:end]
    stripped = statement.lstrip()
    if stripped and not stripped.startswith("#"):
        blank = len(statement) - len(stripped)
        yield text.count("\n", 0, start + blank) + 1, stripped
