from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.corpus.entries import (
    OWN,
    digest_of,
    draw,
    parse_corpus,
    public_corpus,
    read_corpus,
    read_pinned,
)

if TYPE_CHECKING:
    from pathlib import Path

TWO = """
[[stratum]]
name = "a"
modules = ["example.com/a@v1.0.0", "example.com/b@v1.0.0", "example.com/c@v1.0.0"]

[[stratum]]
name = "none"
exists = false
modules = ["example.com/no@v1.0.0"]
"""
SUM = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_the_corpus_that_is_built_in_has_every_kind_of_module() -> None:
    entries = public_corpus()
    strata = {entry.stratum for entry in entries}
    assert {"popular", "golang.org/x", "vanity", "upper-case", "major", "incompatible"} <= strata
    assert {"pseudo", "retracted", "large", "toolchain", "nonexistent"} <= strata
    assert {entry.stratum for entry in entries if not entry.exists} == {"nonexistent"}
    assert all(entry.module.file("zip") for entry in entries)


def test_a_file_gives_entries_by_stratum() -> None:
    entries = parse_corpus(TWO, "test")
    assert [(entry.stratum, entry.exists) for entry in entries] == [("a", True)] * 3 + [("none", False)]
    assert entries[0].module.file("info") == "example.com/a/@v/v1.0.0.info"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stratum = 1", "expected array, got int"),
        ("[[stratum]", "line 1"),
        ('[[stratum]]\nname = "a"\nmodules = ["example.com/a"]', "version"),
        ('[[stratum]]\nname = "a"\nmodules = ["UPPER@v1.0.0"]', "UPPER"),
        ('[[stratum]]\nname = "a"\nmodules = []', "names no module version"),
        ('[[stratum]]\nname = "a"\nmodules = ["a.b/c@v1.0.0", "a.b/c@v1.0.0"]', "a.b/c@v1.0.0 twice"),
    ],
)
def test_a_wrong_file_is_a_wrong_corpus(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse_corpus(text, "test")
    assert caught.value.key in {"--corpus", "stratum"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml") as caught:
        read_corpus(tmp_path / "gone.toml")
    assert caught.value.key == "--corpus"
    with pytest.raises(ConfigError, match=r"go\.sum") as caught:
        read_pinned(tmp_path / "go.sum")
    assert caught.value.key == "--from"


def test_a_go_sum_brings_its_hashes_along(tmp_path: Path) -> None:
    file = tmp_path / "go.sum"
    file.write_text(
        f"example.com/a v1.0.0 {SUM}\nexample.com/a v1.0.0/go.mod {SUM}\n"
        f"example.com/b v1.0.0/go.mod {SUM}\n"
    )
    (entry,) = read_pinned(file)
    assert (entry.stratum, entry.module.path) == (OWN, "example.com/a")
    assert (entry.zip_sum, entry.mod_sum) == (SUM, SUM)


def test_a_go_sum_with_a_wrong_line_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "go.sum"
    file.write_text("one two\n")
    with pytest.raises(ConfigError) as caught:
        read_pinned(file)
    assert caught.value.key == "--from"


def test_drawing_takes_from_every_stratum_in_turn_and_repeats_with_the_seed() -> None:
    entries = public_corpus()
    drawn = draw(entries, 22, Random(3))
    assert drawn == draw(entries, 22, Random(3))
    assert drawn != draw(entries, 22, Random(4))
    assert set(Counter(entry.stratum for entry in drawn).values()) == {2}
    assert set(draw(entries, 1000, Random(1))) == set(entries)


def test_the_digest_tells_corpora_apart() -> None:
    entries = parse_corpus(TWO, "test")
    assert digest_of(entries) == digest_of(parse_corpus(TWO, "elsewhere"))
    assert digest_of(entries) != digest_of(entries[:-1])
