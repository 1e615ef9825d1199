from __future__ import annotations

import pytest

from modmirror.cli.help import WIDTH
from modmirror.cli.reference.commands import SHOWN, help_text


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_help_fits_the_width_and_holds_no_escapes(words: tuple[str, ...]) -> None:
    text = help_text(words)
    assert text
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert "\x1b" not in text


def test_meanings_stand_in_one_column() -> None:
    text = help_text(("serve",))
    assert "\n  --port INT              TCP port; 0 picks a free one and prints it.\n" in text
    assert "One of: debug, info,\n                          warning, error." in text


def test_help_of_serve_teaches_by_example() -> None:
    text = help_text(("serve",))
    assert text.count("\n  modmirror serve") == 3
    assert "go env -w GOPROXY=http://127.0.0.1:8080" in text
    assert "无需任何参数即可运行" in text
