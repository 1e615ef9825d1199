"""The parts of a document, with no idea of how they will look: every format shows the same ones.

Text in it may come from a server one does not trust: each format escapes what it prints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from modmirror.lab.report.phrases import EMPTY, Phrase, same

Level: TypeAlias = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table."""

    text: Phrase
    level: Level = "plain"
    detail: Phrase = EMPTY
    """Evidence, shown where there is room or on demand."""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption. The first column names the row."""

    caption: Phrase
    columns: tuple[Phrase, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False
    """Whether it is only for those who ask, where something can be folded."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence or two."""

    text: Phrase
    level: Level = "plain"


@dataclass(frozen=True, slots=True)
class Code:
    """Something to copy."""

    text: str
    label: Phrase


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture where pictures can be drawn, with the table behind it; elsewhere the table only."""

    key: str
    title: Phrase
    about: Phrase
    """How to read it, in one sentence."""
    table: Table


Block: TypeAlias = Table | Note | Code | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    key: str
    title: Phrase
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    title: Phrase
    sections: tuple[Section, ...]


def word(text: str, level: Level = "plain", detail: Phrase = EMPTY) -> Cell:
    """Return a field with a name or other text that is the same in both languages."""
    return Cell(same(text), level, detail)


def number(text: str | Phrase, level: Level = "plain") -> Cell:
    """Return a field with a number that is already in words."""
    return Cell(same(text) if isinstance(text, str) else text, level, number=True)


def without_blanks(table: Table) -> Table:
    """Return the table without the columns in which no row says anything."""
    if not table.rows:
        return table
    kept = [place for place in range(len(table.columns)) if any(row[place].text.en for row in table.rows)]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )
