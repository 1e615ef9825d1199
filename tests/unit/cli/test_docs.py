from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.docs import PAGES, render
from modmirror.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docs", str(tmp_path / "reference")]) == 0
    assert {path.name for path in (tmp_path / "reference").iterdir()} == set(PAGES)
    assert (tmp_path / "reference" / "cli.md").read_text() == render("cli.md")
    assert capsys.readouterr().out.count("\n") == len(PAGES)
