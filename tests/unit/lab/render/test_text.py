from __future__ import annotations

from modmirror.lab.render.text import Style, clean, width_of, write_text
from modmirror.lab.report.document import Cell, Chart, Code, Document, Note, Section, Table, number, word
from modmirror.lab.report.facts import Flag
from modmirror.lab.report.phrases import Phrase, same
from modmirror.lab.report.writing import write_document
from tests.fakes.lab_runs import rich_report

TABLE = Table(
    Phrase("Times", "耗时"),
    (Phrase("mirror", "镜像"), Phrase("median", "中位数")),
    ((word("a"), number("1.20 s")), (word("long-name", "bad"), number("900 ms"))),
)


def shown(*blocks: Note | Code | Table | Chart, style: Style | None = None) -> list[str]:
    document = Document(same("T"), (Section("s", same("S"), blocks),))
    return write_text(document, style or Style()).splitlines()[3:]


def test_columns_stand_below_each_other_and_numbers_to_the_right() -> None:
    assert shown(TABLE) == [
        "",
        "  Times",
        "  mirror     median",
        "  a          1.20 s",
        "  long-name  900 ms",
    ]


def test_a_chinese_letter_takes_two_columns() -> None:
    assert width_of("镜像 a") == 6
    assert shown(TABLE, style=Style(language="zh"))[2:4] == ["  镜像       中位数", "  a          1.20 s"]


def test_a_table_wider_than_the_terminal_stands_field_by_field() -> None:
    assert shown(TABLE, style=Style(width=18))[1:4] == ["  Times", "  a", "    median  1.20 s"]


def test_no_line_is_wider_than_the_terminal_where_words_can_be_wrapped() -> None:
    lines = shown(Note(same("word " * 60)), style=Style(width=50))
    assert max(map(len, lines)) <= 50


def test_a_level_has_a_sign_so_that_colour_is_not_needed() -> None:
    assert shown(Note(same("x"), "bad"), Note(same("y"), "good"), Note(same("z"), "warn")) == [
        "  ✗ x",
        "  ✓ y",
        "  ! z",
    ]


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in write_text(write_document(rich_report()), Style())


def test_with_colour_bad_is_red() -> None:
    assert shown(Note(same("x"), "bad"), style=Style(colour=True)) == ["\x1b[31m  ✗ x\x1b[0m"]


def test_a_server_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b[2Jb\r\u202ec\nd") == "a�[2Jb��c d"
    lines = "\n".join(
        shown(Note(same("\x1b]0;x\x07")), Table(same("t"), (same("m"),), ((Cell(same("\x1b[1m")),),)))
    )
    assert "\x1b" not in lines


def test_something_to_copy_stands_alone_on_its_lines() -> None:
    assert shown(Code("one\ntwo", same("Paste"))) == ["", "  Paste:", "    one", "    two"]


def test_where_there_are_no_pictures_the_table_behind_them_is_shown() -> None:
    assert shown(Chart("k", same("title"), same("about"), TABLE)) == shown(TABLE)


def test_an_invalid_run_says_so_before_all_else() -> None:
    text = write_text(write_document(rich_report(flags=(Flag("drift", "by 12 %"),))), Style())
    assert text.splitlines()[3].startswith("  ✗ INVALID RUN")
