"""Repositories that change, and machines whose git is set up in odd ways."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.e2e.matrix.conftest import Direct, config, h1
from tests.fakes.git_fixtures import FIXTURES
from tests.fakes.git_pack import write_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import Tables
    from tests.fakes.history import History

pytestmark = pytest.mark.xdist_group("matrix")

IMPATIENT: Tables = {
    "freshness": {"ttl": 0, "stale_while_revalidate": 0, "negative_ttl": 0},
    "origin": {"refresh": 0},
}
SMUDGED = """
[filter "lfs"]
\tsmudge = tr a-z A-Z
\tclean = cat
\trequired = true
[core]
\tattributesFile = {attributes}
\tautocrlf = true
\teol = crlf
"""


def publish(history: History, folder: Path) -> None:
    """Put a repository in the place of the one that is there."""
    made = folder.parent / f"{folder.name}.new"
    write_git(history, made)
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)


@pytest.fixture
def ops() -> History:
    return FIXTURES["u/ops"]()


@pytest.fixture
def impatient(tmp_path: Path, start_mirror: StartMirror) -> Direct:
    """A mirror that looks at the repository each time."""
    return Direct(start_mirror(config(tmp_path / "repositories") | IMPATIENT))


@pytest.mark.matrix("T38")
def test_a_tag_that_appears_is_listed(impatient: Direct, ops: History, tmp_path: Path) -> None:
    place = tmp_path / "repositories/u/ops"
    publish(ops, place)
    assert impatient.versions("ops") == "v1.0.0"
    assert "unknown revision" in impatient.refusal("ops/@v/v1.1.0.info")
    ops.tag("v1.1.0")
    publish(ops, place)
    assert impatient.versions("ops") == "v1.0.0 v1.1.0"
    assert impatient.info("ops", "v1.1.0")["Version"] == "v1.1.0"
    assert impatient.latest("ops")["Version"] == "v1.1.0"


@pytest.mark.matrix("T39")
def test_what_was_served_of_a_deleted_tag_is_served_on(
    impatient: Direct, ops: History, tmp_path: Path
) -> None:
    place = tmp_path / "repositories/u/ops"
    ops.tag("v1.1.0")
    publish(ops, place)
    before = (impatient.mod("ops", "v1.1.0"), impatient.zip("ops", "v1.1.0"), impatient.versions("ops"))
    del ops.tags["v1.1.0"]
    publish(ops, place)
    after = (impatient.mod("ops", "v1.1.0"), impatient.zip("ops", "v1.1.0"), impatient.versions("ops"))
    assert after == before
    assert "tag changed" in impatient.mirror.log


def test_a_moved_tag_does_not_change_what_was_served(
    impatient: Direct, ops: History, tmp_path: Path
) -> None:
    place = tmp_path / "repositories/u/ops"
    publish(ops, place)
    before = (impatient.info("ops", "v1.0.0"), impatient.zip("ops", "v1.0.0"))
    ops.write({"evil.go": "package evil\n"})
    ops.commit("evil")
    ops.tag("v1.0.0")
    publish(ops, place)
    assert impatient.versions("ops") == "v1.0.0"
    assert (impatient.info("ops", "v1.0.0"), impatient.zip("ops", "v1.0.0")) == before
    assert "tag changed" in impatient.mirror.log


@pytest.mark.matrix("T102")
def test_no_filter_of_the_machine_changes_a_zip(
    repositories: Path, tmp_path: Path, start_mirror: StartMirror
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "attributes").write_text("* export-ignore filter=lfs\n")
    (home / ".gitconfig").write_text(SMUDGED.format(attributes=home / "attributes"))
    environ = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "filter.lfs.smudge",
        "GIT_CONFIG_VALUE_0": "tr a-z A-Z",
    }
    direct = Direct(start_mirror(config(repositories), environ=environ))
    assert h1(direct.zip("attr", "v1.0.0")) == "h1:Q5Kao0J26c9yBMjgctq5hVz7m6E6oadjZVMj2JX2/vo="
