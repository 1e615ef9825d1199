"""Thousands of nearly right go.mod files, read by our code and by the go command's own."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.mod.gomodlines import GoModError, read_directives
from modmirror.mod.modfile import go_version_of, module_path_of, retractions_of, uses_new_vendor_rule
from tests.fakes.go_modfiles import GoModAnswer, GoModFiles
from tests.fakes.go_zips import find_go

if TYPE_CHECKING:
    from collections.abc import Sequence

GO = find_go()
pytestmark = [pytest.mark.go, pytest.mark.skipif(GO is None, reason="there is no go command here")]

FILES = 6_000
PIECES = [
    *[
        "module x.y/z\n",
        'module "x.y/z/v2" // c\n',
        "module `x.y\r/z`\n",
        "module (\n x.y/z\n)\n",
        "module\n",
    ],
    *[
        "go 1.24\n",
        "go 1.23.9\n",
        "go 1.24rc1\n",
        "go 1.24.1rc1\n",
        "go v1.24-foo\n",
        "go 1.24x\n",
        "go 2.0\n",
    ],
    *[
        "go 1\n",
        "go (\n 1.24\n)\n",
        'go "1.24"\n',
        "go 1.100000000000000000000\n",
        "go 1.24rc01\n",
        "go 1.9\n",
    ],
    *[
        "require x.y/a v1.0.0\n",
        "require x.y/a/v2 v1.0.0\n",
        "require x.y/a v1.0.0+incompatible // indirect\n",
    ],
    *['require (\n "x.y/a" v1\n\n gopkg.in/b.v2 v2.0.0//x\n)\n', "require x.y/a main\n", "ignore ./x\n"],
    *[
        "retract v1.0.0\n",
        "retract [v1.0.0, v1.2.0] // why\n",
        "// top\n// more\nretract v1\n",
        "retract v1 v2\n",
    ],
    *['// block\nretract ( // open\n v1.0.0 // a\n\n v1.1.0\n // b\n\n // c\n [ v1 , "v2" ]\n) // shut\n'],
    *["retract (\n v1.0.0\n v1.1.0\n)\n", "//far\n\nretract foo\n", "retract [v1, v2\n", "retract ()\n"],
    *[
        "unknown x [ y\n",
        "unknown a b (\n c\n)\n",
        "// text\n",
        "\n",
        "\r\n",
        "exclude x v1\n",
        "(\n",
        ")\n",
    ],
    *["toolchain go1.24\n", 'x "a\\\nb"\n', "replace a => b\n", "x ( )\n", "x ( y\n", "\ufeff", "tool x\n"],
]
BITS = [
    *[
        "",
        " ",
        "\t",
        "\n",
        "\r",
        '"',
        "`",
        "'",
        "//",
        "/*",
        "/",
        "(",
        ")",
        "[",
        "]",
        ",",
        "{",
        "\\",
        "\\x41",
    ],
    *[
        "v",
        "1",
        ".",
        "go",
        "module ",
        "retract ",
        "\u00a0",
        "\u2003",
        "\u00e9",
        "\u200b",
        "\x00",
        "\x1c",
        "\x85",
    ],
    *["\\101", "\\u00e9", "\\ud800", "\\U00110000", "\\'", "\\400", "+incompatible", "// Deprecated: x"],
]
RAW = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbf\xbd"]


def make_files() -> list[bytes]:
    rng = random.Random(20240101)
    files = []
    for _ in range(FILES):
        text = "".join(rng.choices(PIECES, k=rng.randrange(1, 6)))
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(BITS) + text[at + rng.randrange(2) :]
        data = text.encode()
        if rng.random() < 0.1:
            at = rng.randrange(len(data) + 1)
            data = data[:at] + rng.choice(RAW) + data[at:]
        files.append(data)
    return files


def shown(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def splits(data: bytes) -> bool:
    try:
        list(read_directives(data))
    except GoModError:
        return False
    return True


def ours(data: bytes) -> GoModAnswer:
    retracted = [
        [shown(each.low), shown(each.high), shown(each.rationale)] for each in retractions_of(data)
    ]
    return GoModAnswer(
        shown(module_path_of(data)),
        go_version_of(data),
        uses_new_vendor_rule(data),
        retracted,
        splits(data),
    )


def different(
    files: Sequence[bytes], answers: Sequence[GoModAnswer]
) -> list[tuple[bytes, GoModAnswer, GoModAnswer]]:
    found = []
    for data, go in zip(files, answers, strict=True):
        mine = ours(data)
        # Whether what counts is right shows in the other answers only.
        agree = mine.readable or not go.readable
        same = replace(mine, readable=go.readable) == go
        if not (agree and same):
            found.append((data, go, mine))
    return found


def test_our_reading_of_go_mod_is_that_of_the_go_command(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert GO is not None
    files = make_files()
    answers = GoModFiles(GO, tmp_path_factory.mktemp("modfiles")).ask(files)
    assert different(files, answers) == []
    # The corpus would prove little if nearly all of it were refused.
    assert FILES // 3 < sum(answer.readable for answer in answers) < FILES
    assert sum(bool(answer.retracted) for answer in answers) > FILES // 20
