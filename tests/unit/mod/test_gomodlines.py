from __future__ import annotations

import pytest

from modmirror.mod.gomodlines import Directive, GoModError, go_text, read_directives, unquote


def read(text: str) -> list[Directive]:
    return list(read_directives(text.encode()))


def test_a_line_is_a_verb_and_words() -> None:
    assert read('a b\t"c d" `e f`\r\ng [v1, v2]//x\n') == [
        Directive("a", ("b", '"c d"', "`e f`"), ""),
        Directive("g", ("[", "v1", ",", "v2", "]"), "x"),
    ]


def test_the_lines_of_a_block_share_its_verb() -> None:
    assert read("a (\n\tb c\n\n\td (\n)\ne\n") == [
        Directive("a", ("b", "c"), "", in_block=True),
        Directive("a", ("d", "("), "", in_block=True),
        Directive("e", (), ""),
    ]


@pytest.mark.parametrize(
    "text", ["a ()\n", "a ( ) // c\n", "a b (\n\tc\n)\n", "a (\n)", "", "\n \t\n", "// c"]
)
def test_empty_and_nameless_blocks_hold_no_directive(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "verb", "words"),
    [("(\n", "(", ()), (") x", ")", ("x",)), ("a ( b", "a", ("(", "b")), ("a ( ) b", "a", ("(", ")", "b"))],
)
def test_brackets_elsewhere_are_words(text: str, verb: str, words: tuple[str, ...]) -> None:
    assert read(text) == [Directive(verb, words, "")]


@pytest.mark.parametrize(
    "text",
    [
        "a (\n",
        "a (\n\tb",
        "a (\n) b\n",
        '"',
        '"a\n"',
        "`a\n`",
        '"a\\',
        "/*",
        "a/*",
        "\x01",
        "\u00a0",
        "\u2028",
    ],
)
def test_what_the_go_command_cannot_split_is_refused(text: str) -> None:
    with pytest.raises(GoModError):
        read(text)


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        *[
            ('""', ""),
            ('"a b"', "a b"),
            ("`a\\n\r`", "a\\n"),
            (r'"\a\b\f\n\r\t\v\\\""', '\a\b\f\n\r\t\v\\"'),
        ],
        *[(r'"\x41\101\u00e9\U0001F600"', "AA\u00e9\U0001f600"), (r'"\xc3\xa9"', "\u00e9")],
        *[(r'"\xff"', "\udcff"), ('"\udcff"', "\ufffd"), ("`\udcff`", "\udcff")],
    ],
)
def test_literals_are_unquoted_as_go_does(literal: str, text: str) -> None:
    assert unquote(literal) == text


@pytest.mark.parametrize(
    "literal",
    [
        *["", '"', "`", "'a'", "a", '"a`', '"a"b', '"a"b"', "`a`b`", '"\\"', '"\\q"', '"\\\'"', '"\\x4"'],
        *['"\\400"', '"\\18"', '"\\ud800"', '"\\U00110000"', '"a\nb"', '"a\\\nb"'],
    ],
)
def test_other_literals_are_refused(literal: str) -> None:
    assert unquote(literal) is None


def test_text_keeps_every_byte() -> None:
    assert go_text(b"a\xff\xc3\xa9").encode("utf-8", "surrogateescape") == b"a\xff\xc3\xa9"
