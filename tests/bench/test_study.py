from __future__ import annotations

from typing import TYPE_CHECKING

from bench.study import write_tree
from modmirror.lab.demo.cast import world
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.content import World, answer
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from tests.fakes.chance import Fixed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tree_holds_what_a_good_mirror_answers(tmp_path: Path) -> None:
    modules = world(1)
    write_tree(modules, tmp_path)
    emulated = World(modules, EmulatedSumdb(modules))
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) > 3 * len(modules.releases())
    for file in files:
        path = f"/{file.relative_to(tmp_path)}"
        found = answer(emulated, Behaviour(), path, {}, 1e12, Fixed())
        assert (found.status, found.body) == (200, file.read_bytes()), path
