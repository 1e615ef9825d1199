from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.corpus.modules import link, write_tree
from tests.corpus.packages import Package, Unpacked
from tests.corpus.sources import find_sources

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "github.com/u/lib/lib.go": 'package lib\nimport "golang.org/x/dep"\n',
    "github.com/u/lib/vendor/v/v.go": "package v\n",
    "github.com/u/lib/v2/go.mod": "module github.com/u/lib/v2\n",
    "github.com/u/lib/v2/lib.go": 'package lib\nimport "github.com/u/lib"\n',
    "github.com/u/lib/testdata/broken.go": 'package broken\nimport "golang.org/x/nowhere"\n',
    "github.com/u/only/v3/only.go": "package only\n",
    "golang.org/x/dep/dep.go": 'package dep\nimport "fmt"\n',
    "golang.org/x/dep/cmd/tool/main.go": "package main\n",
    "gopkg.in/u/y.v1/y.go": "package y\n",
}


@pytest.fixture
def unpacked(tmp_path: Path) -> Unpacked:
    package = Package("golang-test-dev", "1.2.3-1", tmp_path / "none.deb")
    for name, text in FILES.items():
        file = tmp_path / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "src/github.com/Old").mkdir()
    (tmp_path / "src/github.com/Old/dep").symlink_to("../../golang.org/x/dep")
    owners = {name.rpartition("/")[0]: package for name in FILES} | {"github.com/Old/dep": package}
    return Unpacked(tmp_path / "src", owners)


def test_modules_are_found_where_their_paths_say(unpacked: Unpacked) -> None:
    assert [source.name for source in find_sources(unpacked)] == [
        "github.com/Old/dep@v1.2.3",
        "github.com/u/lib@v1.2.3",
        "github.com/u/lib/v2@v2.0.0",
        "github.com/u/only/v3@v3.0.0",
        "golang.org/x/dep@v1.2.3",
        "gopkg.in/u/y.v1@v1.2.3",
    ]


def test_vendored_and_nested_files_stay_out(unpacked: Unpacked) -> None:
    lib = {source.path: source for source in find_sources(unpacked)}["github.com/u/lib"]
    assert [name for name, _ in lib.files] == ["lib.go", "testdata/broken.go"]


def test_requirements_are_what_is_imported_directly_and_beyond(unpacked: Unpacked) -> None:
    modules = {module.source.path: module for module in link(find_sources(unpacked))}
    assert modules["github.com/u/lib/v2"].go_mod == (
        "module github.com/u/lib/v2\n\ngo 1.18\n\n"
        "require github.com/u/lib v1.2.3\n"
        "require golang.org/x/dep v1.2.3 // indirect\n"
    )


def test_two_builds_write_the_same_bytes(unpacked: Unpacked, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_tree(link(find_sources(unpacked)), tmp_path / name, lambda _done, _total: None)
    trees = [
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*.*")
            if file.is_file()
        }
        for name in ("one", "two")
    ]
    assert trees[0] == trees[1]
    assert len(trees[0]) == 6 * 3
