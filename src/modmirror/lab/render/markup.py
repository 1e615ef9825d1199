"""Blocks of a document as HTML. Both languages are in it; the page shows one of them.

Nothing that came from outside reaches the page but through :func:`escaped`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from modmirror.lab.render.text import clean
from modmirror.lab.report.document import Chart, Code, Note, Table
from modmirror.lab.report.phrases import Phrase

if TYPE_CHECKING:
    from modmirror.lab.report.document import Block, Cell, Section

_ROLES = {"bad": "alert", "warn": "note", "good": "status", "plain": ""}
_COPY = Phrase("Copy", "复制")
_WORD = range(1, 16)
"""Letters of what has room in any table: an IPv4 address has 15."""


def escaped(text: str) -> str:
    """Return text for an element or an attribute in quotes."""
    return escape(clean(text), quote=True)


def both(phrase: Phrase) -> str:
    """Return a phrase in both languages, or once where they are the same."""
    if phrase.en == phrase.zh:
        return escaped(phrase.en)
    return f'<span lang="en">{escaped(phrase.en)}</span><span lang="zh">{escaped(phrase.zh)}</span>'


def section_markup(section: Section) -> str:
    """Return a section with its heading."""
    blocks = "\n".join(block_markup(block) for block in section.blocks)
    opening = f'<section id="{section.key}" aria-labelledby="{section.key}-title">'
    heading = f'<h2 id="{section.key}-title">{both(section.title)}</h2>'
    return f"{opening}\n{heading}\n{blocks}\n</section>"


def block_markup(block: Block) -> str:
    """Return one block."""
    match block:
        case Note(text, level):
            role = f' role="{_ROLES[level]}"' if _ROLES[level] else ""
            return f'<p class="note {level}"{role}>{both(text)}</p>'
        case Code(text, label):
            return _code(text, label)
        case Chart():
            return _chart(block)
        case Table():
            if block.folded:
                return _folded(block)
            return f"<h3>{both(block.caption)}</h3>\n{table_markup(block)}"


def table_markup(table: Table) -> str:
    """Return a table; its first column heads the rows."""
    head = "".join(f'<th scope="col">{both(column)}</th>' for column in table.columns)
    rows = "\n".join(f"<tr>{''.join(_cells(row))}</tr>" for row in table.rows)
    label = escaped(table.caption.pick("both"))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n'
        f'<table>\n<caption class="unseen">{both(table.caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _cells(row: tuple[Cell, ...]) -> list[str]:
    first, *rest = row
    return [f'<th scope="row"{_look(first)}>{both(first.text)}</th>', *(_cell(cell) for cell in rest)]


def _cell(cell: Cell) -> str:
    if not cell.detail.en:
        return f"<td{_look(cell, _kind(cell))}>{both(cell.text)}</td>"
    # An attribute does not follow the language of the page: the script takes the one that is meant.
    details = (
        f'title="{escaped(cell.detail.pick("both"))}" data-detail="{escaped(cell.detail.en)}" '
        f'data-detail-zh="{escaped(cell.detail.zh)}"'
    )
    return (
        f'<td{_look(cell, _kind(cell))}><button type="button" class="evidence" {details}>'
        f'{both(cell.text)}<span class="unseen"> {both(cell.detail)}</span></button></td>'
    )


def _look(cell: Cell, kind: str = "") -> str:
    names = " ".join(name for name in (kind, cell.level) if name not in {"", "plain"})
    return f' class="{names}"' if names else ""


def _kind(cell: Cell) -> str:
    """Return what a field holds, as the style sheet calls it: a word is never broken."""
    text = cell.text.en
    if cell.number:
        return "number"
    return "word" if text == cell.text.zh and len(text) in _WORD and " " not in text else ""


def _code(text: str, label: Phrase) -> str:
    body = "\n".join(escaped(line) for line in text.splitlines())
    button = f'<button type="button" class="copy">{both(_COPY)}</button>'
    return (
        f'<figure class="code"><figcaption>{both(label)} {button}</figcaption>'
        f"<pre><code>{body}</code></pre></figure>"
    )


def _chart(chart: Chart) -> str:
    title = f"{chart.key}-chart"
    return (
        f'<figure class="chart" data-chart="{chart.key}">\n'
        f'<figcaption><h3 id="{title}">{both(chart.title)}</h3><p>{both(chart.about)}</p></figcaption>\n'
        f'<div class="controls"></div>\n'
        f'<div class="plot" role="img" aria-labelledby="{title}"></div>\n'
        f"{_folded(chart.table)}\n</figure>"
    )


def _folded(table: Table) -> str:
    summary = f"<summary>{both(table.caption)} ({len(table.rows)})</summary>"
    return f"<details>{summary}\n{table_markup(table)}\n</details>"
