"""The document as Markdown that any viewer shows, and that no server's text can break out of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modmirror.lab.render.text import clean
from modmirror.lab.report.document import Chart, Code, Note, Table

if TYPE_CHECKING:
    from modmirror.lab.report.document import Block, Document, Level
    from modmirror.lab.report.phrases import Language

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LINKS = re.compile(r"(?i)(https?|ftp)(:)|(www)(\.)|(\w)(@)")
_LABELS: dict[Level, str] = {"plain": "", "good": "✓ ", "warn": "⚠ ", "bad": "**✗** "}


def write_markdown(document: Document, language: Language) -> str:
    """Return the document as Markdown with GitHub's tables."""
    parts = [f"# {escape(document.title.pick(language))}"]
    for section in document.sections:
        parts.append(f"## {escape(section.title.pick(language))}")
        parts += (_block(block, language) for block in section.blocks)
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows letter by letter; addresses do not become links."""
    # A name or a reason is no link that a reader should follow, and a viewer should not fetch it.
    return (
        _LINKS.sub(_unlinked, _ACTIVE.sub(r"\\\1", clean(text))).replace("&", "&amp;").replace("\x00", "&#")
    )


def _unlinked(found: re.Match[str]) -> str:
    before, mark = (part for part in found.groups() if part is not None)
    return f"{before}\x00{ord(mark)};"


def _block(block: Block, language: Language) -> str:
    match block:
        case Note(text, level):
            body = escape(text.pick(language))
            return f"> **{body}**" if level == "bad" else f"{_LABELS[level]}{body}"
        case Code(text, label):
            # Longer than any fence within.
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
            lines = "\n".join(clean(line) for line in text.splitlines())
            return f"{escape(label.pick(language))}:\n\n{fence}text\n{lines}\n{fence}"
        case Chart():
            return _table(block.table, language)
        case Table():
            return _table(block, language)


def _table(table: Table, language: Language) -> str:
    head = [escape(column.pick(language)) for column in table.columns]
    right = [any(row[place].number for row in table.rows) for place in range(len(head))]
    lines = [_line(head), _line(["---:" if each else "---" for each in right])]
    lines += (_line([escape(cell.text.pick(language)) for cell in row]) for row in table.rows)
    return f"### {escape(table.caption.pick(language))}\n\n" + "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
