from __future__ import annotations

from datetime import UTC, datetime

import pytest

from modmirror.origin.git.objects import (
    ObjectHeader,
    is_full_id,
    is_prefix,
    parse_commit,
    parse_header,
)
from modmirror.origin.port import Commit

ID = "a" * 40


def commit(*lines: str) -> bytes:
    return "\n".join([f"tree {ID}", *lines, "", "message", ""]).encode()


@pytest.mark.parametrize("length", [40, 64])
def test_a_full_id_has_forty_or_sixty_four_digits(length: int) -> None:
    assert is_full_id("0" * length)
    assert not is_full_id("0" * (length - 1))
    assert not is_full_id("A" * length)
    assert not is_full_id("0" * length + "\n")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("abcdef", False),
        ("abcdef0", True),
        ("ABCDEF0", False),
        ("a" * 65, False),
        ("g" * 9, False),
        ("١" * 9, False),  # noqa: RUF001 - a digit, but not one of ours
    ],
)
def test_a_prefix_has_seven_digits_or_more(text: str, is_one: bool) -> None:
    assert is_prefix(text) is is_one


def test_a_header_says_what_an_object_is() -> None:
    assert parse_header(f"{ID} blob 123".encode()) == ObjectHeader(ID, "blob", 123)


@pytest.mark.parametrize(
    "line", [f"{ID} missing", "main:x missing", f"{ID} ambiguous", "", f"{ID} blob x", f"{ID} blob 1 "]
)
def test_anything_else_is_no_object(line: str) -> None:
    assert parse_header(line.encode()) is None


def test_a_commits_time_is_its_committers() -> None:
    content = commit("author a <a@x> 1262304000 +0000", "committer c d <c@x> 1588662000 +0500")
    assert parse_commit(ID, content) == Commit(ID, "a" * 12, datetime(2020, 5, 5, 7, tzinfo=UTC))


def test_only_the_header_is_looked_at() -> None:
    content = commit("author a <a@x> 1 +0000") + b"\ncommitter evil <e@x> 5 +0000\n"
    assert parse_commit(ID, content) is None
    signed = commit("committer c <c@x> 7 +0000", "gpgsig x", " committer evil <e@x> 5 +0000")
    assert parse_commit(ID, signed) == Commit(ID, "a" * 12, datetime.fromtimestamp(7, UTC))


@pytest.mark.parametrize(
    "line",
    [
        "committer c <c@x>",
        "committer c <c@x> x +0000",
        "committer c <c@x> 999999999999 +0000",
        "committer c <c@x> 9999999999999 +0000",
        "committer c 5 +0000",
    ],
)
def test_a_time_that_is_none_makes_no_commit(line: str) -> None:
    assert parse_commit(ID, commit("author a <a@x> 1 +0000", line)) is None


@pytest.mark.parametrize("name", ["", "a > b", "<", "committer"])
def test_a_committers_name_may_be_anything(name: str) -> None:
    assert parse_commit(ID, commit(f"committer {name} <c@x> 86400 -1200")) is not None
