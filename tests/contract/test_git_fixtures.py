"""The repositories of the matrix, written without git, are what git made of the recorded recipes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fakes.git_fixtures import FIXTURES, RECORDED, commit_of, write_fixtures
from tests.fakes.git_pack import GitObjects, write_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.git_pack import Algorithm


def git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("name", "ref"), RECORDED, ids=":".join)
def test_commit_ids_are_the_recorded_ones(name: str, ref: str) -> None:
    assert commit_of(FIXTURES[name](), ref) == RECORDED[name, ref]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("name", ["u/nm", "u/nest", "u/tags", "u/nocommit"])
def test_git_finds_nothing_wrong(name: str, algorithm: Algorithm, tmp_path: Path) -> None:
    history = FIXTURES["u/nm" if (name, algorithm) == ("u/nest", "sha256") else name]()
    objects = write_git(history, tmp_path / "repository", algorithm)
    assert git(tmp_path / "repository", "fsck", "--strict", "--full") == ""
    for branch, change in history.branches.items():
        assert git(tmp_path / "repository", "rev-parse", f"refs/heads/{branch}").strip() == objects.commit(
            change
        )


def test_all_are_written_where_a_server_expects_them(tmp_path: Path) -> None:
    assert write_fixtures(tmp_path) == tmp_path
    assert {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("HEAD")} == set(
        FIXTURES
    )


def test_a_tree_can_hold_what_git_would_refuse(tmp_path: Path) -> None:
    objects = GitObjects()
    blob = objects.add("blob", b"[core]\n")
    objects.write(tmp_path / "evil", {"refs/tags/x": objects.raw_tree([("100644", b".git", blob)])})
    assert git(tmp_path / "evil", "ls-tree", "--name-only", "x") == ".git\n"
