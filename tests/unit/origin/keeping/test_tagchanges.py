from __future__ import annotations

import pytest

from modmirror.origin.keeping.tagchanges import TagChange, format_tags, parse_tags, tag_changes

ONE, TWO = "1" * 40, "2" * 40


def test_a_moved_tag_is_a_change() -> None:
    assert tag_changes({"v1": ONE}, {"v1": TWO}) == (TagChange("v1", ONE, TWO),)


def test_a_deleted_tag_is_a_change() -> None:
    assert tag_changes({"v1": ONE, "v2": TWO}, {"v2": TWO}) == (TagChange("v1", ONE, ""),)


def test_a_new_tag_is_no_change() -> None:
    assert tag_changes({}, {"v1": ONE}) == ()


def test_changes_come_in_the_order_of_names() -> None:
    changes = tag_changes({"b": ONE, "a": ONE, "c": ONE}, {})
    assert [change.name for change in changes] == ["a", "b", "c"]


@pytest.mark.parametrize("tags", [{}, {"v1": ONE}, {"a/b/v1": ONE, "v1.0.0+meta": TWO, "αβ": ONE}])
def test_what_is_written_down_can_be_read(tags: dict[str, str]) -> None:
    assert parse_tags(format_tags(tags)) == tags


def test_a_line_that_is_cut_off_is_left_out() -> None:
    whole = format_tags({"v1": ONE, "v2": TWO})
    for length in range(len(whole)):
        assert set(parse_tags(whole[:length]).items()) <= {("v1", ONE), ("v2", TWO)}
