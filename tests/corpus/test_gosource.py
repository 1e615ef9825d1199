from __future__ import annotations

import pytest

from tests.corpus.gosource import GoHeader, read_header

HEADER = """// Copyright. import "not/this"
/* package wrong
import "nor/this" */
package main // import "example.com/p"

import "fmt"
import (
\tnamed "example.com/a" // note
\t_ "example.com/b"; . `example.com/c`
)

var x = "not/an/import"
"""


def test_imports_end_at_the_first_declaration() -> None:
    assert read_header(HEADER) == GoHeader(
        "main", ("fmt", "example.com/a", "example.com/b", "example.com/c"), ignored=False
    )


@pytest.mark.parametrize("line", ["//go:build ignore", "// +build ignore", "//go:build ignore && linux"])
def test_ignored_file_is_marked(line: str) -> None:
    assert read_header(f"{line}\n\npackage main\n").ignored


@pytest.mark.parametrize("text", ["", "\x00\xff", "package", 'import "a"', '"unclosed'])
def test_what_is_not_go_has_no_imports(text: str) -> None:
    assert read_header(text) == GoHeader("", (), ignored=False)
