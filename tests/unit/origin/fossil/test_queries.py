from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.fossil import queries
from modmirror.origin.fossil.queries import (
    File,
    ancestors_query,
    commit_of,
    commits_query,
    file_of,
    file_query,
    is_full_id,
    is_prefix,
    names_of,
    rows,
    with_end,
)
from modmirror.origin.port import Commit, Refs

URL = "https://fossil.example.com/x"
ONE, TWO = "1" * 40, "2" * 40


@pytest.mark.parametrize(
    ("text", "full", "prefix"),
    [
        ("a" * 40, True, True),
        ("a" * 41, False, False),
        ("a" * 7, False, True),
        ("a" * 6, False, False),
        ("A" * 40, False, False),
        ("a" * 40 + "\n", False, False),
        ("1234567'", False, False),
        ("", False, False),
    ],
)
def test_ids_are_lower_case_hexadecimal_digits_and_nothing_else(
    text: str, *, full: bool, prefix: bool
) -> None:
    assert (is_full_id(text), is_prefix(text)) == (full, prefix)


@pytest.mark.parametrize("digits", ["", "trunk", "1234567'", "1234567*", "A" * 40, "a" * 41])
def test_nothing_but_digits_gets_into_sql(digits: str) -> None:
    with pytest.raises(ValueError, match="only digits"):
        commits_query(digits)
    with pytest.raises(ValueError, match="only digits"):
        ancestors_query(digits)
    with pytest.raises(ValueError, match="only digits"):
        file_query(digits, "go.mod", 1)


def test_a_path_gets_into_sql_as_digits() -> None:
    path = "it's"
    asked = file_query(ONE, path, 10)
    assert path not in asked
    assert f"X'{path.encode().hex()}'" in asked


def test_an_answer_says_that_it_came_to_its_end() -> None:
    with sqlite3.connect(":memory:") as database:
        said = [row[0] for row in database.execute(with_end("SELECT json_array(1, 'a')"))]
    database.close()
    assert rows("\n".join(said).encode()) == [[1, "a"]]
    assert rows(said[0].encode()) is None


@pytest.mark.parametrize("output", [b"", b"\n", b"Error: near line 1\n"])
def test_what_has_no_end_is_no_answer(output: bytes) -> None:
    assert rows(output) is None


def test_an_answer_without_rows_is_one() -> None:
    assert rows(b"[]\n") == []


def test_a_line_break_in_a_name_does_not_end_a_row() -> None:
    assert rows(json.dumps(["a\nb"]).encode() + b"\n[]\n") == [["a\nb"]]


def test_no_names_are_no_head() -> None:
    assert names_of(URL, []) == Refs("", {}, {})


def test_head_is_trunk_and_what_propagates_is_a_branch() -> None:
    found = [["trunk", 2, ONE, 1.0], ["other", 2, TWO, 2.0], ["v1.0.0", 1, ONE, 1.0]]
    assert names_of(URL, found) == Refs(ONE, {"trunk": ONE, "other": TWO}, {"v1.0.0": ONE})


@pytest.mark.parametrize("newest", [0, 1])
def test_a_name_stands_for_the_newest_check_in_that_has_it(newest: int) -> None:
    found = [["trunk", 2, ONE, 1.0 - newest], ["trunk", 1, TWO, float(newest)]]
    assert names_of(URL, found) == Refs((ONE, TWO)[newest], {"trunk": (ONE, TWO)[newest]}, {})


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_NAMES", 1)
    assert names_of(URL, [["v1", 1, ONE, 1.0]]).tags == {"v1": ONE}
    with pytest.raises(UpstreamBadAnswer, match="more than 1 ") as caught:
        names_of(URL, [["v1", 1, ONE, 1.0], ["v2", 1, ONE, 1.0]])
    assert caught.value.upstream == URL


def test_a_commit_has_its_time_in_utc_and_a_short_id() -> None:
    assert commit_of([ONE, "1577836800"]) == Commit(ONE, "1" * 12, datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("seconds", [None, "", "9" * 30, "never"])
def test_a_commit_whose_time_is_none_is_no_commit(seconds: str | None) -> None:
    assert commit_of([ONE, seconds]) is None


def test_a_file_is_empty_larger_than_allowed_or_missing() -> None:
    assert file_of([0, ""]) == File(0, b"")
    assert file_of([2, "FF0A"]) == File(2, b"\xff\n")
    assert file_of([3, None]) == File(3, None)
    assert file_of([None, None]) is None


def test_a_strange_letter_in_a_name_is_no_end_of_a_line() -> None:
    assert rows(with_end_mark('["a\u2028b"]\n')) == [["a\u2028b"]]


def with_end_mark(text: str) -> bytes:
    return f"{text}[]\n".encode()
