from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.replay.build import read_build
from tests.fakes.builds import NEEDED, write_go_sum

if TYPE_CHECKING:
    from pathlib import Path

H1 = "h1:" + "A" * 43 + "="


def test_a_go_sum_is_its_graph_and_then_its_downloads(tmp_path: Path) -> None:
    build = read_build([write_go_sum(tmp_path)], "sum.golang.org")
    assert len(build.graph) == 5
    assert {fetch.kind for chain in build.graph for fetch in chain} == {"mod"}
    assert [[fetch.kind for fetch in chain] for chain in build.downloads] == [["info", "zip"]] * 4
    assert "github.com/!lab/!camel!case/@v/v1.0.0.zip" in {chain[1].path for chain in build.downloads}
    assert all(chain[1].digest.startswith("h1:") for chain in build.downloads)
    assert set(build.versions) == {f"{path}@{version}" for path, version in NEEDED}
    assert build.name == "go.sum"


def test_what_has_no_hash_is_looked_up_in_the_checksum_database(tmp_path: Path) -> None:
    file = tmp_path / "go.mod"
    file.write_text("module example.com/m\n\ngo 1.20\n\nrequire example.com/Lab v1.0.0\n")
    (chain,) = read_build([file], "sum.golang.org").downloads
    assert [fetch.kind for fetch in chain] == ["info", "lookup", "zip"]
    assert chain[1].path == "sumdb/sum.golang.org/lookup/example.com/!lab@v1.0.0"
    (chain,) = read_build([file], "").downloads
    assert [fetch.kind for fetch in chain] == ["info", "zip"]


def test_two_builds_of_the_same_files_have_one_digest(tmp_path: Path) -> None:
    file = write_go_sum(tmp_path)
    assert read_build([file], "").digest == read_build([file], "").digest
    other = tmp_path / "list"
    other.write_text("example.com/a@v1.0.0\n")
    assert read_build([file], "").digest != read_build([other], "").digest


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "No such file"),
        ({"go.sum": "one two\n"}, "line 1"),
        ({"go.sum": f"example.com/a v1.0.0/go.mod {H1}\n"}, "no module version"),
        (
            {"go.sum": f"example.com/a v1.0.0 {H1}\n", "b.sum": f"example.com/a v1.0.0 {H1[:-2]}B=\n"},
            "two hashes",
        ),
    ],
)
def test_what_is_no_build_is_named(tmp_path: Path, files: dict[str, str], words: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_build([tmp_path / name for name in files or ("none",)], "")
