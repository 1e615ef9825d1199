"""How ``--help`` looks: two columns, no colour, the same text on every terminal and in the docs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cyclopts.help import PlainFormatter

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

WIDTH = 80
"""Of a terminal that nobody made larger."""
_COLUMN = 26
_SAY_NOTHING = (None, "", '""', "None", "True", "False", "()")
"""Defaults that mean "not given": where something follows from that, the meaning says so."""


class TwoColumns(PlainFormatter):
    """Names on the left, meanings wrapped on the right."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print one group of verbs or flags."""
        del options
        if not panel.entries:
            return
        lines = [f"{panel.title}:"]
        for entry in panel.entries:
            lines += _lines(console, entry)
        console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def _lines(console: Console, entry: HelpEntry) -> list[str]:
    with console.capture() as captured:
        console.print(entry.description, highlight=False, markup=False, soft_wrap=True)
    meaning = captured.get().strip()
    if entry.choices:
        meaning += f" One of: {', '.join(entry.choices)}."
    if entry.default not in _SAY_NOTHING:
        meaning += f" Default: {_plain(entry.default)}."
    label = "  " + ", ".join(entry.display_labels_with_metavar)
    wrapped = textwrap.wrap(meaning, WIDTH - _COLUMN) or [""]
    if len(label) >= _COLUMN - 1:
        return [label, *(" " * _COLUMN + line for line in wrapped)]
    first, *rest = wrapped
    return [f"{label:<{_COLUMN}}{first}".rstrip(), *(" " * _COLUMN + line for line in rest)]


def _plain(default: str | None) -> str:
    """Write a default as one would type it: ``info, mod`` for a tuple, ``45`` for 45.0."""
    text = str(default).strip("()").replace("'", "")
    return text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text
