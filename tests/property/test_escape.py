from __future__ import annotations

from hypothesis import given

from modmirror.errors import InvalidTarget
from modmirror.mod.escape import escape_path, escape_version, unescape_path, unescape_version
from modmirror.mod.path import ModulePath, path_problem
from tests.property.strategies import module_paths, near_names, versions


@given(module_paths)
def test_unescaping_an_escaped_path_gives_it_back(path: ModulePath) -> None:
    assert unescape_path(escape_path(path)) == path


@given(versions)
def test_unescaping_an_escaped_version_gives_it_back(version: str) -> None:
    assert unescape_version(escape_version(version)) == version


@given(module_paths)
def test_escaped_paths_hold_no_capitals_so_that_case_never_matters(path: ModulePath) -> None:
    escaped = escape_path(path)
    assert escaped == escaped.lower()
    if path != path.lower() and path_problem(path.lower()) == "":
        assert escape_path(ModulePath(path.lower())) != escaped


@given(near_names)
def test_what_unescapes_is_the_one_spelling_of_its_name(text: str) -> None:
    try:
        path = unescape_path(text)
    except InvalidTarget:
        pass
    else:
        assert escape_path(path) == text
    try:
        version = unescape_version(text)
    except InvalidTarget:
        pass
    else:
        assert escape_version(version) == text
