from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.hg import answers
from modmirror.origin.hg.answers import commit_of, is_full_id, is_prefix, names_of, parse_changes
from modmirror.origin.port import Commit, Refs

if TYPE_CHECKING:
    from modmirror.origin.hg.answers import Change

URL = "https://hg.example.com/x"


def node(rev: int) -> str:
    return f"{rev:x}" * 40


def change(rev: int, branch: str = "default", *, closed: bool = False, **more: Any) -> Change:
    made: dict[str, Any] = {
        "rev": rev,
        "node": node(rev),
        "date": [1_577_836_800.0, -3600],
        "branch": branch,
        "tags": [],
        "bookmarks": [],
        "extras": {"branch": branch} | ({"close": "1"} if closed else {}),
    }
    (parsed,) = parse_changes(URL, json.dumps([made | more]).encode())
    return parsed


@pytest.mark.parametrize(
    ("text", "full", "prefix"),
    [
        ("a" * 40, True, True),
        ("a" * 41, False, False),
        ("a" * 7, False, True),
        ("a" * 6, False, False),
        ("A" * 40, False, False),
        ("a" * 39 + "\n", False, False),
        ("a" * 40 + "\n", False, False),
        ("1234567)", False, False),
        ("", False, False),
    ],
)
def test_ids_are_lower_case_hexadecimal_digits_and_nothing_else(
    text: str, *, full: bool, prefix: bool
) -> None:
    assert (is_full_id(text), is_prefix(text)) == (full, prefix)


@pytest.mark.parametrize("output", [b"", b"warning\n[]", b"[", b"\xff"])
def test_what_is_not_json_is_a_bad_answer(output: bytes) -> None:
    with pytest.raises(UpstreamBadAnswer, match="JSON") as caught:
        parse_changes(URL, output)
    assert caught.value.upstream == URL


def test_a_repository_without_changesets_has_no_names() -> None:
    assert names_of(URL, parse_changes(URL, b"[]")) == Refs("", {}, {})


def test_head_is_the_last_changeset() -> None:
    assert names_of(URL, [change(2, "other"), change(1)]).head == node(2)


def test_of_several_heads_the_last_open_one_is_the_branch() -> None:
    changes = [change(3, closed=True), change(1), change(2)]
    assert names_of(URL, changes).branches == {"default": node(2)}


def test_a_closed_branch_is_still_a_name() -> None:
    changes = [change(1), change(2, "old", closed=True)]
    assert names_of(URL, changes).branches == {"default": node(1), "old": node(2)}


def test_a_bookmark_hides_a_branch_of_the_same_name() -> None:
    changes = [change(1, bookmarks=["default", "mark"]), change(2)]
    assert names_of(URL, changes).branches == {"default": node(1), "mark": node(1)}


def test_tip_is_not_a_tag() -> None:
    assert names_of(URL, [change(1, tags=["v1.0.0", "tip"])]).tags == {"v1.0.0": node(1)}


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_NAMES", 2)
    assert names_of(URL, [change(1, tags=["v1"])]).tags == {"v1": node(1)}
    with pytest.raises(UpstreamBadAnswer, match="more than 2"):
        names_of(URL, [change(1, tags=["v1"], bookmarks=["mark"])])


def test_a_commit_has_its_time_in_utc_and_a_short_id() -> None:
    assert commit_of(change(10)) == Commit("a" * 40, "a" * 12, datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("seconds", [1e18, -1e18, float("inf"), float("nan")])
def test_a_commit_whose_time_is_none_is_no_commit(seconds: float) -> None:
    assert commit_of(change(1, date=[seconds, 0])) is None
