"""The document on a terminal: as wide as it is, in colour where that is wished for, plain in a log."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.report.document import Chart, Code, Note, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modmirror.lab.report.document import Block, Document, Level
    from modmirror.lab.report.phrases import Language

_COLOURS: dict[Level, str] = {"plain": "", "good": "32", "warn": "33", "bad": "31"}
_SIGNS: dict[Level, str] = {"plain": "", "good": "✓ ", "warn": "! ", "bad": "✗ "}
_UNPRINTABLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]"
)
"""Controls of terminals, of lines and of the direction of writing, and what XML forbids."""
_GAP = 2
NARROW = 40


@dataclass(frozen=True, slots=True)
class Style:
    """How a terminal is."""

    width: int = 100
    """Columns."""
    colour: bool = False
    language: Language = "en"


def write_text(document: Document, style: Style) -> str:
    """Return the document as lines that end with a newline."""
    lines = [_coloured(document.title.pick(style.language), "1", style)]
    for section in document.sections:
        lines += ["", _coloured(section.title.pick(style.language), "1;36", style)]
        for block in section.blocks:
            lines += ["", *_block(block, style)] if not isinstance(block, Note) else _block(block, style)
    return "\n".join(lines) + "\n"


def width_of(text: str) -> int:
    """Return how many columns a terminal needs: a Chinese letter takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def clean(text: str) -> str:
    """Return text without what would steer a terminal: a server may have written it."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).replace("\n", " ")


def _block(block: Block, style: Style) -> list[str]:
    match block:
        case Note(text, level):
            return _note(clean(text.pick(style.language)), level, style)
        case Code(text, label):
            return [
                f"  {label.pick(style.language)}:",
                *(f"    {clean(line)}" for line in text.splitlines()),
            ]
        case Chart():
            return _table(block.table, style)
        case Table():
            return _table(block, style)


def _note(text: str, level: Level, style: Style) -> list[str]:
    lines = textwrap.wrap(_SIGNS[level] + text, max(NARROW, style.width) - 4) or [""]
    return [_coloured(f"  {line}", _COLOURS[level], style) for line in lines]


def _table(table: Table, style: Style) -> list[str]:
    head = [clean(column.pick(style.language)) for column in table.columns]
    rows = [[clean(cell.text.pick(style.language)) for cell in row] for row in table.rows]
    widths = [max(width_of(row[place]) for row in (head, *rows)) for place in range(len(head))]
    title = f"  {clean(table.caption.pick(style.language))}"
    if sum(widths) + _GAP * (len(widths) + 1) > style.width:
        return [title, *_stacked(head, rows)]
    right = [any(row[place].number for row in table.rows) for place in range(len(head))]
    lines = [title, "  " + _coloured(_joined(head, widths, right), "2", style)]
    for row, texts in zip(table.rows, rows, strict=True):
        cells = (
            _coloured(_padded(text, width, right=to_right), _COLOURS[cell.level], style)
            for cell, text, width, to_right in zip(row, texts, widths, right, strict=True)
        )
        lines.append("  " + (" " * _GAP).join(cells).rstrip())
    return lines


def _stacked(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table that is too wide with one field a line, under the name of its row."""
    widest = max(width_of(each) for each in head)
    for row in rows:
        yield f"  {row[0]}"
        for name, text in zip(head[1:], row[1:], strict=True):
            if text:
                yield f"    {_padded(name, widest, right=False)}  {text}"


def _joined(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = (
        _padded(text, width, right=to_right)
        for text, width, to_right in zip(texts, widths, right, strict=True)
    )
    return (" " * _GAP).join(cells).rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - width_of(text))
    return blank + text if right else text + blank


def _coloured(text: str, colour: str, style: Style) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if style.colour and colour and text.strip() else text
