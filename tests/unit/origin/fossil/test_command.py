from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist
from modmirror.origin.access.vcs import VcsAccess
from modmirror.origin.fossil.command import WRONG_PROJECT, Fossil, Place
from modmirror.origin.processes.process import SEARCH_PATH, Bounds, Tool

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://fossil.example.com/x"
ACCESS = VcsAccess(URL, username="me", password="s3cret")
BOUNDS = Bounds(seconds=60.0)
# Says what it was started with instead of doing anything.
ECHO = """for word; do echo "arg=$word"; done
env
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "kept").mkdir()
    return Place("fossil.example.com/x", tmp_path / "kept")


def fake(tmp_path: Path, script: str) -> Fossil:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "fossil").write_text(f"#!/bin/sh\n{script}")
    (tmp_path / "bin" / "fossil").chmod(0o755)
    tool = Tool("fossil", 2, f"{tmp_path}/bin:{SEARCH_PATH}")
    return Fossil(tool, tool)


def words(said: bytes) -> list[str]:
    lines = said.decode().splitlines()
    return [line.removeprefix("arg=") for line in lines if line.startswith("arg=")]


async def test_nothing_is_inherited(tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HOME",
        "FOSSIL_HOME",
        "FOSSIL_USER",
        "HTTPS_PROXY",
        "http_proxy",
        "SSL_CERT_FILE",
        "EDITOR",
    ):
        monkeypatch.setenv(name, "from outside")
    said = (await fake(tmp_path, ECHO).clone(place, ACCESS, BOUNDS)).stdout.decode()
    assert "from outside" not in said
    assert f"FOSSIL_HOME={place.directory}\n" in said


async def test_no_password_is_given(tmp_path: Path, place: Place) -> None:
    finished = await fake(tmp_path, ECHO).clone(place, ACCESS, BOUNDS)
    assert words(finished.stdout)[-3:] == ["--", URL, "clone.fossil"]
    assert b"s3cret" not in finished.stdout


async def test_authorities_of_an_operator_are_trusted(tmp_path: Path, place: Place) -> None:
    finished = await fake(tmp_path, ECHO).clone(place, VcsAccess(URL, ca_file="/etc/ca.pem"), BOUNDS)
    assert "SSL_CERT_FILE=/etc/ca.pem" in finished.stdout.decode().splitlines()


async def test_judged_addresses_are_reached_through_a_relay(tmp_path: Path, place: Place) -> None:
    fossil, access = fake(tmp_path, ECHO), VcsAccess(URL, (("192.0.2.1", 443),))
    for contact in (fossil.clone, fossil.pull):
        said = words((await contact(place, access, BOUNDS)).stdout)
        assert len([word for word in said if re.fullmatch(r"http://127\.0\.0\.1:\d+/x", word)]) == 1
        assert URL not in said


@pytest.mark.parametrize("scheme", ["ssh", "svn+ssh", "git", ""])
async def test_other_transports_are_refused(tmp_path: Path, place: Place, scheme: str) -> None:
    fossil = fake(tmp_path, 'touch "$FOSSIL_HOME/started"')
    for contact in (fossil.clone, fossil.pull):
        with pytest.raises(NotExist, match="fossil is not used over"):
            await contact(place, VcsAccess(f"{scheme}://fossil.example.com/x"), BOUNDS)
    assert not list(place.directory.iterdir())


async def test_a_kept_clone_is_asked_for_reading_only(tmp_path: Path, place: Place) -> None:
    asked = words((await fake(tmp_path, ECHO).query(place, "SELECT 1")).stdout)
    assert asked[:5] == ["sql", "-R", "clone.fossil", "--readonly", "-list"]
    assert "SELECT 1" in asked[5]


@pytest.mark.parametrize(
    ("script", "fine"),
    [
        ("echo 'Round-trips: 1   Artifacts sent: 0  received: 0'", True),
        ("printf 'Round-trips: 1\\rRound-trips: 2   Artifacts sent: 0'", True),
        ("echo 'Round-trips: 1'; echo '*** time skew *** server is fast' >&2", True),
        ("echo 'Round-trips: 1'; echo 'server says: 404 Not Found' >&2", False),
        ("echo 'Round-trips: 1'; echo 'Error: wrong project'", False),
        ("echo 'Round-trips: 1'; exit 1", False),
        ("true", False),
    ],
)
async def test_the_exit_code_of_a_pull_tells_how_it_went(
    tmp_path: Path, place: Place, script: str, *, fine: bool
) -> None:
    finished = await fake(tmp_path, script).pull(place, ACCESS, BOUNDS)
    assert (finished.code == 0) is fine


async def test_what_a_failed_pull_said_is_among_its_errors(tmp_path: Path, place: Place) -> None:
    script = "echo 'Round-trips: 1'; echo 'Error: wrong project'"
    finished = await fake(tmp_path, script).pull(place, ACCESS, BOUNDS)
    assert WRONG_PROJECT.search(finished.stderr)
