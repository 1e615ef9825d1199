"""Where things are and what they are called: a test is found from its module, and the other way round."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import SRC, TESTS, modules, name, parsed

if TYPE_CHECKING:
    from pathlib import Path

UNIT = TESTS / "unit"
FORBIDDEN_FILES = re.compile(r"(utils?|common|helpers?|misc|core|managers?)")
FORBIDDEN_CLASSES = re.compile(r"\w*(Manager|Helper|Handler|Util|Utils)")


def has_behaviour(tree: ast.Module) -> bool:
    """Say whether a module does anything: ports and settings only declare."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [each for each in node.body if not isinstance(each, ast.Expr)]
            if body and not _is_property_of_a_value(node):
                return True
    return False


def _is_property_of_a_value(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "property" for each in node.decorator_list)


def source_names() -> set[str]:
    return {
        path.relative_to(SRC).with_suffix("").as_posix()
        for path in modules(SRC)
        if path.name != "__init__.py" and has_behaviour(parsed(path))
    }


def test_every_module_that_does_something_has_a_unit_test() -> None:
    missing = [
        module
        for module in sorted(source_names())
        if not (UNIT / module).with_name(f"test_{module.rpartition('/')[2]}.py").is_file()
    ]
    assert missing == []


def test_every_unit_test_belongs_to_a_module() -> None:
    stray = [
        name(path)
        for path in modules(UNIT)
        if path.name.startswith("test_")
        and not (SRC / path.relative_to(UNIT)).with_name(path.name.removeprefix("test_")).is_file()
    ]
    assert stray == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = [name(path) for path in modules(SRC) if FORBIDDEN_FILES.fullmatch(path.stem)]
    folders = [name(path) for path in SRC.rglob("*/") if FORBIDDEN_FILES.fullmatch(path.name)]
    assert named + folders == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    found = [
        f"{name(path)}::{node.name}"
        for path in modules(SRC)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and FORBIDDEN_CLASSES.fullmatch(node.name)
    ]
    assert found == []


@pytest.mark.parametrize("path", [path for path in modules(SRC) if path.name == "__init__.py"], ids=name)
def test_an_init_file_holds_a_docstring_only(path: Path) -> None:
    tree = parsed(path)
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.mark.parametrize("path", [path for path in modules(SRC) if path.name != "__init__.py"], ids=name)
def test_a_module_says_what_it_knows(path: Path) -> None:
    assert ast.get_docstring(parsed(path))


def test_test_folders_are_no_packages() -> None:
    assert [name(path) for path in modules(TESTS) if path.name == "__init__.py"] == []
