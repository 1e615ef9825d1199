from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.settings.toml import parse_document

TEXT = '''\
# a comment with [brackets] and "quotes"
sumdb = []

[server]  # trailing
host = "a#b]"   # comment
trusted_proxies = [
    "10.0.0.0/8",  # ] not the end
    "fe80::/10",
]
port = 9
"drain" = 1

[log]
access = """
[server]
port = 1
"""
level = 'it"s'

[[route]]
from = ["x"]
[[route]]

match = ["*"]
'''


def test_every_key_has_its_line() -> None:
    document = parse_document(TEXT)
    assert document.lines == {
        "sumdb": 2,
        "server": 4,
        "server.host": 5,
        "server.trusted_proxies": 6,
        "server.port": 10,
        "server.drain": 11,
        "log": 13,
        "log.access": 14,
        "log.level": 18,
        "route[0]": 20,
        "route[0].from": 21,
        "route[1]": 22,
        "route[1].match": 24,
    }


def test_dotted_keys_and_inline_tables_have_a_line_too() -> None:
    document = parse_document('server.port = 1\nlog = {level = "info"}\n')
    assert document.line("server", "port") == 1
    assert document.line("log", "level") == 2
    assert document.line("fill", "parallel") == 0


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="line 2"):
        parse_document("a = 1\nb = ?\n")


VALUES = st.sampled_from(
    ["1", '"a"', '"]#\\""', "'''\n[x]\n'''", "[\n1, # ]\n2]", '"""a\n\\"""b\n"""', "{a = [1]}", "true"]
)
NOISE = st.sampled_from(["", "\n", "# c\n", "\n  # [x]\n", "\n\n"])


@given(st.lists(st.tuples(NOISE, VALUES), min_size=1, max_size=8))
def test_lines_are_right_whatever_stands_between(parts: list[tuple[str, str]]) -> None:
    text, expected = "[s]\n", {"s": 1}
    for number, (noise, value) in enumerate(parts):
        text += noise
        expected[f"s.k{number}"] = text.count("\n") + 1
        text += f"k{number} = {value}\n"
    assert parse_document(text).lines == expected
