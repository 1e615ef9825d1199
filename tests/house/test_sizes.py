"""Sizes beyond which a reader gets lost. An exemption is listed here, and goes when no longer needed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.house.tree import SRC, TESTS, modules, name, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_FILE = {SRC: 500, TESTS: 800}
MAX_FUNCTION = {SRC: 60, TESTS: 80}
MAX_CLASS = 250
MAX_DEPTH = 2
EXEMPT: dict[str, str] = {}
"""``path`` or ``path::function`` to the reason why it may be larger."""


def too_large() -> Iterator[str]:
    for folder in (SRC, TESTS):
        for path in modules(folder):
            if len(path.read_text(encoding="utf-8").splitlines()) > MAX_FILE[folder]:
                yield name(path)
            yield from _functions_and_classes(path, folder)


def _functions_and_classes(path: Path, folder: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            limit = MAX_FUNCTION[folder]
        elif isinstance(node, ast.ClassDef) and folder is SRC:
            limit = MAX_CLASS
        else:
            continue
        if (node.end_lineno or 0) - node.lineno + 1 > limit:
            yield f"{name(path)}::{node.name}"


def test_files_functions_and_classes_stay_small() -> None:
    assert sorted(set(too_large()) - set(EXEMPT)) == []


def test_an_exemption_that_is_no_longer_needed_is_gone() -> None:
    assert sorted(set(EXEMPT) - set(too_large())) == []


def test_packages_are_not_nested_deeper_than_two() -> None:
    deep = [name(path) for path in modules(SRC) if len(path.relative_to(SRC).parts) > MAX_DEPTH + 1]
    assert deep == []
