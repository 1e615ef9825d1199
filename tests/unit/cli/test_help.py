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
    assert "One of: debug,\n                          info, warning, error." in text


def test_help_of_serve_teaches_by_example() -> None:
    text = help_text(("serve",))
    assert text.count("\n  modmirror serve") == 3
    assert "go env -w GOPROXY=http://127.0.0.1:8080" in text
    assert "无需任何参数即可运行" in text


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_no_example_is_broken_where_a_shell_would_run_half_of_it(words: tuple[str, ...]) -> None:
    _, _, after = help_text(words).partition("\nExamples:\n\n")
    examples = after.partition("\n\n")[0].splitlines()
    assert all(line.startswith("  ") for line in examples)


def test_a_default_is_told_as_one_would_type_it() -> None:
    text = help_text(("lab", "load"))
    assert "Default: info, mod." in text
    assert "Length of a step. Default: 10." in text
    assert "Seconds that P99 may take. Default: 0.5." in text


def test_what_is_not_given_has_no_default() -> None:
    text = help_text(("lab", "probe"))
    assert "Default:" not in text
