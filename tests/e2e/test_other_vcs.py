"""Modules kept with hg, svn and fossil: the real go command builds them, and in direct mode agrees."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.differential.answers import GoSide
from tests.e2e.others import Others, others

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.differential.answers import Answer, Told
    from tests.e2e.conftest import NewMachine, StartMirror
    from tests.e2e.mirror import MirrorProcess

pytestmark = pytest.mark.go

SYSTEMS = ("hg", "svn", "fossil")
PROGRAM = """package main

import "{module}"

func main() {{ println(greet.Word()) }}
"""


class NewWorld(Protocol):
    """Starts the servers of some systems."""

    def __call__(self, *systems: str) -> Others: ...


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[NewWorld]:
    folder = tmp_path / "world"
    folder.mkdir()
    with ExitStack() as stack:
        yield lambda *systems: stack.enter_context(others(folder, *systems))


def mirror_of(world: Others, start_mirror: StartMirror) -> MirrorProcess:
    """Start a mirror that may ask over http and svn."""
    return start_mirror(world.config(insecure=["*.test"]), environ=world.environ())


@pytest.mark.parametrize("vcs", SYSTEMS)
def test_a_program_is_built_of_a_tagged_version(
    vcs: str, new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world(vcs)
    module = world.module(vcs)
    go = new_machine(mirror_of(world, start_mirror).url)
    assert go.run("list", "-m", "-versions", module).must().split() == [module, "v1.0.0", "v1.1.0"]
    main = go.module("app", {module: "v1.0.0"}, PROGRAM.format(module=module))
    assert "hello" in go.run("run", ".", cwd=main).stderr
    go.run("get", f"{module}@latest", cwd=main).must()
    assert "good day" in go.run("run", ".", cwd=main).stderr
    go.run("mod", "verify", cwd=main).must()


@pytest.mark.parametrize("vcs", SYSTEMS)
def test_a_branch_is_a_pseudo_version(
    vcs: str, new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world(vcs)
    module = world.module(vcs)
    go = new_machine(mirror_of(world, start_mirror).url)
    # A revision of svn says nothing of what came before it, nor of any branch but the trunk.
    known = {"svn": ("trunk", r"v0\.0\.0-20200103000000-0{11}4", "good evening")}
    branch, version, word = known.get(
        vcs, ("dev", r"v1\.1\.1-0\.20200104000000-[0-9a-f]{12}", "good night")
    )
    told = json.loads(go.run("mod", "download", "-json", f"{module}@{branch}").must())
    assert re.fullmatch(version, told["Version"])
    assert f'"{word}"' in (Path(told["Dir"]) / "greet.go").read_text()


# --- the go command in direct mode ---------------------------------------------------------------


def sides(world: Others, start_mirror: StartMirror, new_machine: NewMachine) -> tuple[GoSide, GoSide]:
    """Return the go command in direct mode, and behind a mirror."""
    direct = new_machine("direct", **world.settings())
    return GoSide(direct), GoSide(new_machine(mirror_of(world, start_mirror).url))


def test_of_hg_the_go_command_says_the_same_in_direct_mode(
    new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world("hg")
    module = world.module("hg")
    direct, mirrored = sides(world, start_mirror, new_machine)
    asked = [(module, query) for query in ("v1.0.0", "v1.1.0", "main", "dev")] + [
        (f"{module}/inner", "dev")
    ]
    expected = direct.download(asked)
    assert mirrored.download(asked) == expected
    assert all(told.answer.zip for told in expected.values())
    assert mirrored.versions([module]) == direct.versions([module]) == {module: (("v1.0.0", "v1.1.0"), "")}
    assert mirrored.latest([module]) == direct.latest([module])


def test_of_svn_the_go_command_says_the_same_of_revisions(
    new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world("svn")
    module = world.module("svn")
    direct, mirrored = sides(world, start_mirror, new_machine)
    # Revision 1 makes the trunk, 4 is the third commit, 3 is the second.
    for asked in ([(module, "4")], [(module, "v0.0.0-20200102000000-000000000003")]):
        expected = in_whole_seconds(direct.download(asked))
        assert in_whole_seconds(mirrored.download(asked)) == expected
        assert all(answer.zip for answer in expected)


def in_whole_seconds(found: Mapping[tuple[str, str], Told]) -> list[Answer]:
    """Return answers with times as a pseudo-version has them: svn knows millionths."""
    answers = [told.answer for told in found.values()]
    return [replace(answer, time=re.sub(r"\.[0-9]+", "", answer.time)) for answer in answers]


def test_a_tag_of_svn_is_a_version_here_and_none_for_the_go_command(
    new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world("svn")
    module = world.module("svn")
    direct, mirrored = sides(world, start_mirror, new_machine)
    assert direct.versions([module])[module][0] == ()
    assert mirrored.versions([module])[module][0] == ("v1.0.0", "v1.1.0")
    asked = [(module, "v1.0.0")]
    (without,), (told,) = direct.download(asked).values(), mirrored.download(asked).values()
    assert (without.answer.zip, told.answer.version) == ("", "v1.0.0")
    assert "unknown revision" in without.reason
    assert told.answer.zip.startswith("h1:")


def test_of_fossil_the_go_command_says_the_same_of_a_pseudo_version_without_tags(
    new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world("fossil")
    module = world.module("fossil")
    direct, mirrored = sides(world, start_mirror, new_machine)
    for query in ("trunk", "dev"):
        (found,) = direct.download([(module, query)]).values()
        asked = [(module, found.answer.version)]
        assert [told.answer for told in mirrored.download(asked).values()] == [found.answer]
        assert found.answer.version.startswith("v0.0.0-2020")
        assert found.answer.zip.startswith("h1:")


def test_a_tag_of_fossil_is_a_version_here_and_none_for_the_go_command(
    new_world: NewWorld, start_mirror: StartMirror, new_machine: NewMachine
) -> None:
    world = new_world("fossil")
    module = world.module("fossil")
    direct, mirrored = sides(world, start_mirror, new_machine)
    assert direct.versions([module])[module][0] == ()
    assert mirrored.versions([module])[module][0] == ("v1.0.0", "v1.1.0")
    (pseudo,), (told,) = (side.download([(module, "dev")]).values() for side in (direct, mirrored))
    assert told.answer.version == pseudo.answer.version.replace("v0.0.0-", "v1.1.1-0.")
