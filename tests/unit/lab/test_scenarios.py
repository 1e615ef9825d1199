from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.scenarios import find_in, shipped_texts

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {"one": "first", "two": "second"}


def joined(text: str, name: str) -> str:
    return f"{name}: {text}"


def test_shipped_texts_are_in_order_of_the_files_and_named_without_the_ending() -> None:
    names = list(shipped_texts("modmirror.lab.fault"))
    assert names == sorted(names, key="{}.toml".format)
    assert "cut" in names
    assert not any("." in name for name in names)


def test_a_name_is_looked_up_and_a_file_is_parsed(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("text")
    assert find_in("two", KNOWN, joined, others="") == "second"
    assert find_in(str(file), KNOWN, joined, others="") == "mine: text"


def test_an_unknown_name_is_told_what_is_known() -> None:
    with pytest.raises(ConfigError) as caught:
        find_in("three", KNOWN, joined, others="a song")
    assert caught.value.key == "SCENARIO"
    assert caught.value.hint == "known: one, two; or a song"


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"\xff", "it is not UTF-8 text")]
)
def test_a_file_that_cannot_be_read_is_wrong_input(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"mine\.toml cannot be read: {why}$"):
        find_in(str(file), KNOWN, joined, others="")
