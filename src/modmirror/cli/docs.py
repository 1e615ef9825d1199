"""``modmirror docs DIR``: the reference pages, written again. ``make docs`` runs it; users need not."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations

from cyclopts import App

PAGES = {
    "config.md": "modmirror.cli.reference.config",
    "cli.md": "modmirror.cli.reference.commands",
    "errors.md": "modmirror.cli.reference.errors",
    "metrics.md": "modmirror.cli.reference.metrics",
}
"""File name to the module whose ``page()`` makes it."""

app = App(name="docs", help_epilogue="")


@app.default
def write(directory: Path, /) -> None:
    """Write every reference page into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (directory / name).write_text(render(name), encoding="utf-8")
        print(directory / name)


def render(name: str) -> str:
    """Return the text of one page."""
    page: str = import_module(PAGES[name]).page()
    return page
