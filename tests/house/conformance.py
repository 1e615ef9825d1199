"""Which test proves which row of the matrix. Run as a module it writes the page's last column again."""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from functools import cache

from tests.house.tree import ROOT, TESTS, modules, name, parsed

PAGE = ROOT / "docs" / "conformance.md"
NO_ROWS = frozenset({81, 99, 125})
"""Numbers that the matrix leaves out."""
OF_CLIENTS = range(90, 94)
"""Rows about what the go command does with two proxies; a mirror cannot break them."""
ROWS = tuple(f"T{number}" for number in range(1, 175) if number not in NO_ROWS and number not in OF_CLIENTS)
_ROW = re.compile(r"^\| (T\d+) \|((?:[^|\\]|\\.)*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)


@cache
def marked() -> dict[str, set[str]]:
    """Return the test files by the row that they are marked with."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in modules(TESTS):
        for node in ast.walk(parsed(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "matrix"
            ):
                for argument in node.args:
                    assert isinstance(argument, ast.Constant), (
                        f"{name(path)}:{node.lineno}: write the row out"
                    )
                    found[str(argument.value)].add(name(path))
    return found


def page_rows() -> dict[str, tuple[list[str], list[str]]]:
    """Return the code files and test files that the page names, by row."""
    text = PAGE.read_text(encoding="utf-8")
    return {
        row: (re.findall(r"`([\w/.]+)`", code), re.findall(r"\(\.\./([\w/.]+)\)", tests))
        for row, _, code, tests in _ROW.findall(text)
    }


def main() -> None:
    """Write the column of tests."""
    tests = marked()

    def filled(match: re.Match[str]) -> str:
        links = ", ".join(f"[{os.path.basename(path)}](../{path})" for path in sorted(tests[match[1]]))  # noqa: PTH119
        return f"| {match[1]} |{match[2]}|{match[3]}| {links} |".replace("|  |", "| |")

    PAGE.write_text(_ROW.sub(filled, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
