from __future__ import annotations

import pytest

from modmirror.origin.treepaths import is_plain_path


@pytest.mark.parametrize("path", ["go.mod", "a/b", "-x", " ", ".x", "...", "a\\b", "世", ":(top)x"])
def test_names_are_plain_paths(path: str) -> None:
    assert is_plain_path(path)


@pytest.mark.parametrize("path", ["", "/", "a/", "/a", "a//b", ".", "..", "a/..", "./a", "a\nb", "a\0b"])
def test_what_a_tool_might_take_for_more_than_a_name_is_no_plain_path(path: str) -> None:
    assert not is_plain_path(path)
