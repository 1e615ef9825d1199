"""Archives that git itself makes are read as what they are, also of trees that nobody should write."""

from __future__ import annotations

import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist
from modmirror.mod.tarscan import TarScan
from tests.fakes.git_pack import MODES, GitObjects
from tests.fakes.history import Change, Entry, Kind, day
from tests.fakes.trees import Link, build_from_tar, root_licence, tree_tar

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.mod.tarscan import TarMember
    from tests.fakes.trees import Built, Tree

NAMES = [
    *[
        "go.mod",
        "LICENSE",
        "p.go",
        "vendor/modules.txt",
        "vendor/x/x.go",
        "sub/go.mod",
        "sub/s.go",
        "GO.SUM",
    ],
    *["sub/deep/d.go", "sub/LICENSE", "a/vendor/v.go", "\u4e16.go", "vendor/x/\udcff"],
    *["d" * 90 + "/" + "f" * 90, "e" * 200 + "/" + "f" * 50, "sub/" + "g" * 200, "h/" * 130 + "i"],
]


def entry(content: bytes | Link) -> Entry:
    if isinstance(content, Link):
        return Entry(content.target.encode(), Kind.SYMLINK)
    return Entry(content)


def run_archive(folder: Path, objects: GitObjects, tree: str) -> subprocess.CompletedProcess[bytes]:
    """Put objects into a bare repository and have git archive a tree of them."""
    objects.write(folder, {"refs/heads/main": objects.commit(Change("c", {}, (), day(1), day(1)))})
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", str(folder), "archive", "--format=tar", tree],
        env={**kept, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        check=False,
    )


def archived(folder: Path, objects: GitObjects, tree: str) -> bytes:
    """The archive of a tree that git finds nothing wrong with."""
    done = run_archive(folder, objects, tree)
    assert done.returncode == 0, done.stderr
    return done.stdout


def random_tree(rng: random.Random) -> Tree:
    chosen = rng.sample(NAMES, rng.randrange(1, len(NAMES)))
    return {
        name: Link("t" * rng.choice([1, 99, 101, 3000]))
        if rng.random() < 0.2
        else rng.randbytes(rng.randrange(1500))
        for name in chosen
    }


def outcome(archive: bytes, directory: str, inherited: bytes | None) -> Built | str:
    try:
        return build_from_tar(archive, directory=directory, inherited=inherited)
    except NotExist as error:
        return error.reason


@pytest.mark.parametrize("seed", range(20))
def test_zip_of_an_archive_by_git_is_that_of_the_tree(seed: int, tmp_path: Path) -> None:
    tree = random_tree(random.Random(seed))
    objects = GitObjects()
    archive = archived(tmp_path, objects, objects.tree({path: entry(each) for path, each in tree.items()}))
    for directory in ("", "sub"):
        inherited = root_licence(tree) if directory else None
        ours, gits = (outcome(each, directory, inherited) for each in (tree_tar(tree), archive))
        if isinstance(ours, str) or isinstance(gits, str):
            assert ours == gits
        else:
            assert (ours.data, ours.dropped) == (gits.data, gits.dropped)


def members(archive: bytes) -> tuple[TarMember, ...]:
    scan = TarScan("repository")
    scan.feed(archive)
    return scan.finish()


@pytest.mark.matrix("T122")
def test_submodule_is_an_empty_directory(tmp_path: Path) -> None:
    objects = GitObjects()
    tree = objects.tree({"third": Entry(b"1" * 40, Kind.SUBMODULE), "p.go": Entry(b"package p")})
    built = build_from_tar(archived(tmp_path, objects, tree))
    assert built.paths == ["p.go"]


def test_commit_without_files_gives_an_archive_without_members(tmp_path: Path) -> None:
    objects = GitObjects()
    assert members(archived(tmp_path, objects, objects.tree({}))) == ()


@pytest.mark.parametrize(
    "name", [b"..", b".", b"../../evil", b"/etc/passwd", b"a//b", b".git", b"a\nb", b"a:b"]
)
def test_name_that_nothing_may_have_is_refused_by_git_or_by_us(name: bytes, tmp_path: Path) -> None:
    objects = GitObjects()
    file = objects.add("blob", b"evil")
    inner = objects.raw_tree([(MODES[Kind.FILE], b"x", file)])
    trees = [
        objects.raw_tree([(MODES[Kind.FILE], name, file)]),
        objects.raw_tree([("40000", name, inner)]),
        objects.raw_tree([("40000", b"sub", objects.raw_tree([("40000", name, inner)]))]),
    ]
    for number, tree in enumerate(trees):
        done = run_archive(tmp_path / str(number), objects, tree)
        if done.returncode:
            assert b"invalid path" in done.stderr
        else:
            with pytest.raises(NotExist, match="no module zip may hold"):
                build_from_tar(done.stdout)


def test_name_that_a_tree_has_twice_is_refused(tmp_path: Path) -> None:
    objects = GitObjects()
    one, other = objects.add("blob", b"1"), objects.add("blob", b"2")
    tree = objects.raw_tree([(MODES[Kind.FILE], b"x", one), (MODES[Kind.FILE], b"x", other)])
    with pytest.raises(NotExist, match="comes twice"):
        build_from_tar(archived(tmp_path, objects, tree))


def test_tree_below_a_link_of_the_same_name_is_refused(tmp_path: Path) -> None:
    objects = GitObjects()
    inner = objects.raw_tree([(MODES[Kind.FILE], b"authorized_keys", objects.add("blob", b"key"))])
    link = objects.add("blob", b"/root")
    tree = objects.raw_tree([(MODES[Kind.SYMLINK], b"a", link), ("40000", b"a", inner)])
    with pytest.raises(NotExist, match="both a file and a directory"):
        build_from_tar(archived(tmp_path, objects, tree))
