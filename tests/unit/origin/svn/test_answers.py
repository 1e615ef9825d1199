from __future__ import annotations

from datetime import UTC, datetime

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.port import Commit
from modmirror.origin.svn import answers
from modmirror.origin.svn.answers import (
    Info,
    PathChange,
    parse_changes,
    parse_history,
    parse_info,
    parse_names,
    parse_revision,
    plain_copies,
)

URL = "https://svn.example.com/x/trunk"
LOG = b"""<log>
<logentry revision="7"><date>2020-01-02T03:04:05.678901Z</date></logentry>
<logentry revision="3"><date>2020-01-01T00:00:00.000000Z</date></logentry>
<logentry revision="2"></logentry>
<logentry revision="0"><date>2019-01-01T00:00:00.000000Z</date></logentry>
</log>"""
TRUNK = ("/x/trunk", 3)


def info(relative: str = "^/x/a%20b", revision: str = "7", kind: str = "dir") -> bytes:
    return (
        f'<info><entry kind="{kind}" revision="{revision}"><relative-url>{relative}</relative-url>'
        "<repository><uuid>abc</uuid></repository></entry></info>"
    ).encode()


@pytest.mark.parametrize("text", ["", "-1", "r1", "1\n", "1.0", "HEAD", "\u0661", "1" * 13])
def test_a_revision_is_a_short_decimal_number(text: str) -> None:
    assert parse_revision("0012") == 12
    assert parse_revision(text) is None


def test_info_says_where_in_the_repository_the_url_is() -> None:
    assert parse_info(URL, info()) == Info("abc", "/x/a b", 7, is_directory=True)
    assert not parse_info(URL, info(kind="file")).is_directory


@pytest.mark.parametrize(
    "output", [b"", b"<info", b"<info/>", info(relative="/x"), info(revision="HEAD"), info(revision="")]
)
def test_info_without_its_place_is_a_bad_answer(output: bytes) -> None:
    with pytest.raises(UpstreamBadAnswer) as caught:
        parse_info(URL, output)
    assert caught.value.upstream == URL


def test_a_revision_that_changed_nothing_here_is_the_one_before_it() -> None:
    history = parse_history(URL, LOG)
    third = Commit("3", "000000000003", datetime(2020, 1, 1, tzinfo=UTC))
    assert history.head == "7"
    assert [history.at(revision) for revision in (2, 3, 6)] == [None, third, third]
    assert history.at(9) == Commit("7", "000000000007", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_an_empty_history_has_no_head() -> None:
    history = parse_history(URL, b"<log/>")
    assert (history.head, history.at(1)) == ("", None)


def test_changes_come_oldest_first_and_parents_first() -> None:
    log = b"""<log><logentry revision="5"><paths>
    <path>/x/tags/v1/a</path><path copyfrom-path="/x/trunk" copyfrom-rev="3">/x/tags/v1</path>
    </paths></logentry><logentry revision="4"><paths><path>/x/tags</path></paths></logentry></log>"""
    assert parse_changes(URL, log) == [
        PathChange(4, "/x/tags", None),
        PathChange(5, "/x/tags/v1", TRUNK),
        PathChange(5, "/x/tags/v1/a", None),
    ]


def test_only_directories_are_tags_and_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_names(URL, b"v1.0.0/\nREADME\nv1.1.0/\n") == ["v1.0.0", "v1.1.0"]
    monkeypatch.setattr(answers, "MAX_TAGS", 1)
    with pytest.raises(UpstreamBadAnswer, match="more than 1 tags"):
        parse_names(URL, b"v1.0.0/\nv1.1.0/\n")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([PathChange(4, "/x/tags/v1", TRUNK)], {"v1": 3}),
        ([PathChange(4, "/x/tags/v1", ("/x/trunk/a", 3))], {}),
        ([PathChange(4, "/x/tags/v1", ("/x/branches/b", 3))], {}),
        ([PathChange(4, "/x/tags/v1", None)], {}),
        ([PathChange(4, "/x/tags/v1", TRUNK), PathChange(5, "/x/tags/v1/a", None)], {}),
        ([PathChange(4, "/x/tags/v1", TRUNK), PathChange(5, "/x/tags/v10/a", None)], {"v1": 3}),
        ([PathChange(4, "/x/tags/v1", None), PathChange(5, "/x/tags/v1", TRUNK)], {"v1": 3}),
        ([PathChange(4, "/x/tags/gone", TRUNK)], {}),
        ([PathChange(4, "/other/tags/v1", TRUNK)], {}),
    ],
)
def test_a_tag_is_an_untouched_copy_of_the_whole_trunk(
    changes: list[PathChange], found: dict[str, int]
) -> None:
    assert plain_copies(["v1"], "/x/tags", changes, "/x/trunk") == found
