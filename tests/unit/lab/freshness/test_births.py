from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.freshness.births import Birth, named_birth, parse_births, read_births

if TYPE_CHECKING:
    from pathlib import Path

LINE = b'{"Path":"example.com/a","Version":"v1.0.0","Timestamp":"1970-01-01T00:01:40.5Z"}\n'


def test_a_line_of_an_index_is_a_birth() -> None:
    (birth,) = parse_births(LINE + b"\n")
    assert birth == Birth(BenchModule("example.com/a", "v1.0.0"), 100.5)
    assert named_birth(birth.name, 100.5) == birth


@pytest.mark.parametrize(
    ("path", "version"),
    [("example.com/a", "v0.0.0-20200101000000-abcdefabcdef"), ("UPPER", "v1.0.0"), ("example.com/a", "v1")],
)
def test_what_no_list_names_is_left_out(path: str, version: str) -> None:
    line = f'{{"Path":"{path}","Version":"{version}","Timestamp":"2026-01-01T00:00:00Z"}}'
    assert parse_births(line.encode()) == ()


@pytest.mark.parametrize(
    "line",
    [
        b"<html>",
        b"{}",
        b"\xff",
        b'{"Path":"a.b/c","Version":"v1.0.0","Timestamp":"yesterday"}',
        b'{"Path":"a.b/c","Version":"v1.0.0","Timestamp":"2026-01-01T00:00:00"}',
    ],
)
def test_another_line_is_named_by_its_number(line: bytes) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_births(LINE + line)


def test_a_file_must_be_there_and_name_a_version(tmp_path: Path) -> None:
    file = tmp_path / "tags"
    with pytest.raises(ConfigError, match="tags"):
        read_births(file)
    for content in (b"", b"nonsense"):
        file.write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            read_births(file)
        assert caught.value.key == "--versions"
    file.write_bytes(LINE)
    assert len(read_births(file)) == 1
