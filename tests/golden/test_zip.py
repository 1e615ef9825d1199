"""Trees and the zips that belong to them, one rule a file: what the go command makes of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modmirror.errors import NotExist
from tests.fakes.go_trees import Case, GoTrees
from tests.fakes.go_zips import find_go
from tests.fakes.trees import Link, build
from tests.fakes.zips import slow_h1

FOLDER = Path(__file__).parent / "zip"
_FILE = re.compile(r"^-- (.*) --$\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Golden:
    """One file of the folder: what it says of the tree, and the tree."""

    case: Case
    hash: str
    """Empty: there is no zip."""
    want_error: str
    drops: list[str] = field(default_factory=list)


def read(name: str) -> Golden:
    head, *rest = _FILE.split((FOLDER / name).read_text(encoding="utf-8"))
    lines = [line.partition("=") for line in head.splitlines()[1:]]
    values = {key: value for key, _, value in lines}
    bare = [value for key, _, value in lines if key == "bare"]
    tree = dict(_member(path, text, bare) for path, text in zip(rest[::2], rest[1::2], strict=True))
    assert set(values) <= {"path", "version", "directory", "hash", "want_error", "bare", "drops"}
    assert ("hash" in values) != ("want_error" in values)
    return Golden(
        Case(tree, values["path"], values["version"], values.get("directory", "")),
        values.get("hash", ""),
        values.get("want_error", ""),
        [value for key, _, value in lines if key == "drops"],
    )


def _member(path: str, text: str, bare: list[str]) -> tuple[str, bytes | Link]:
    """A link is written ``name -> target``; ``bare`` names files without a newline at the end."""
    name, arrow, target = path.partition(" -> ")
    if arrow:
        return name, Link(target)
    return path, (text.removesuffix("\n") if path in bare else text).encode()


GOLDEN = sorted(path.name for path in FOLDER.glob("*.txt"))
ZIPS = [name for name in GOLDEN if read(name).hash]
REFUSED = [name for name in GOLDEN if not read(name).hash]


@pytest.mark.matrix("T100")
@pytest.mark.matrix("T103")
@pytest.mark.matrix("T104")
@pytest.mark.matrix("T105")
@pytest.mark.matrix("T106")
@pytest.mark.matrix("T107")
@pytest.mark.matrix("T108")
@pytest.mark.matrix("T109")
@pytest.mark.matrix("T110")
@pytest.mark.matrix("T111")
@pytest.mark.matrix("T112")
@pytest.mark.matrix("T113")
@pytest.mark.matrix("T114")
@pytest.mark.matrix("T115")
@pytest.mark.matrix("T117")
@pytest.mark.matrix("T119")
@pytest.mark.matrix("T120")
@pytest.mark.matrix("T121")
@pytest.mark.matrix("T126")
@pytest.mark.parametrize("name", ZIPS)
def test_zip_has_the_recorded_hash_and_leaves_out_what_is_named(name: str) -> None:
    golden = read(name)
    built = build(*golden.case)
    assert (built.zip.h1, slow_h1(built.data)) == (golden.hash, golden.hash)
    assert sorted(f"{path}: {reason}" for path, reason in built.dropped.items()) == golden.drops


@pytest.mark.matrix("T112")
@pytest.mark.matrix("T116")
@pytest.mark.matrix("T118")
@pytest.mark.matrix("T126")
@pytest.mark.parametrize("name", REFUSED)
def test_tree_that_breaks_a_rule_is_refused_with_the_reason(name: str) -> None:
    golden = read(name)
    with pytest.raises(NotExist) as caught:
        build(*golden.case)
    assert golden.want_error in caught.value.reason


@pytest.mark.go
def test_go_command_agrees_with_what_is_recorded(tmp_path: Path) -> None:
    command = find_go()
    if command is None:
        pytest.skip("needs the go command")
    answers = GoTrees(command, tmp_path).ask(read(name).case for name in GOLDEN)
    assert dict(zip(GOLDEN, answers, strict=True)) == {name: read(name).hash for name in GOLDEN}
