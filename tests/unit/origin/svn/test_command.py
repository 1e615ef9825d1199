from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist
from modmirror.origin.access.vcs import VcsAccess
from modmirror.origin.processes.process import SEARCH_PATH, Bounds, Tool
from modmirror.origin.svn.command import NO_SUCH_PATH, PHRASES, Svn, Target, Words, plain_url

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://svn.example.com/x/trunk"
BOUNDS = Bounds(seconds=60.0)
PINNED = (("192.0.2.1", 443),)
# Says what it was started with, and what it was told, instead of doing anything.
FAKE = """#!/bin/sh
for word; do echo "arg=$word"; done
env
sed 's/^/in=/'
"""


class Lab:
    """A stand-in for svn, which tells of its own start."""

    def __init__(self, root: Path) -> None:
        (root / "bin").mkdir()
        (root / "bin" / "svn").write_text(FAKE)
        (root / "bin" / "svn").chmod(0o755)
        self.directory = root / "kept"
        self.directory.mkdir()
        self.svn = Svn(Tool("svn", 2, f"{root}/bin:{SEARCH_PATH}"))

    async def say(self, access: VcsAccess, words: Words = Words("info")) -> list[str]:  # noqa: B008  # frozen
        finished = await self.svn.ask(access.url, self.directory, access, BOUNDS, words)
        return finished.stdout.decode().splitlines()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


async def test_nothing_is_inherited(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "SVN_SSH", "SVN_EDITOR", "HTTPS_PROXY", "AWS_SECRET", "LANG"):
        monkeypatch.setenv(name, "mine")
    said = await lab.say(VcsAccess(URL))
    assert not [line for line in said if line.endswith("=mine")]
    assert {"HOME=/dev/null", "LC_ALL=C.UTF-8"} <= set(said)


async def test_the_target_stands_behind_the_end_of_options(lab: Lab) -> None:
    words = Words("export", ("--quiet",), Target("a", 3), ("into",))
    said = [line for line in await lab.say(VcsAccess(URL), words) if line.startswith("arg=")]
    assert said[0] == "arg=export"
    assert said[-4:] == ["arg=--quiet", "arg=--", f"arg={URL}/a@3", "arg=into"]
    assert {"arg=--non-interactive", "arg=--no-auth-cache"} <= set(said)
    assert f"arg=--config-dir={lab.directory}/config" in said


async def test_a_password_goes_in_by_standard_input_only(lab: Lab) -> None:
    said = await lab.say(VcsAccess(URL, username="me", password="s3cret"))
    assert [line for line in said if "s3cret" in line] == ["in=s3cret"]
    assert {"arg=--username=me", "arg=--password-from-stdin"} <= set(said)


async def test_without_a_password_nothing_is_said_of_one(lab: Lab) -> None:
    said = await lab.say(VcsAccess(URL))
    assert "arg=--password-from-stdin" not in said
    assert not [line for line in said if line.startswith("in=")]


@pytest.mark.parametrize(
    ("access", "through"),
    [
        (VcsAccess(URL, PINNED), True),
        (VcsAccess(URL), False),
        (VcsAccess("svn://svn.example.com/x", PINNED), False),
    ],
)
async def test_judged_addresses_are_reached_through_a_gate(
    lab: Lab, access: VcsAccess, *, through: bool
) -> None:
    said = await lab.say(access)
    assert ("arg=--config-option=servers:global:http-proxy-host=127.0.0.1" in said) is through


async def test_the_port_of_ssh_goes_to_ssh(lab: Lab) -> None:
    said = await lab.say(VcsAccess("svn+ssh://me@svn.example.com:2222/x", ssh_command="ssh -4"))
    assert "SVN_SSH=ssh -4 -p 2222" in said
    assert "arg=svn+ssh://me@svn.example.com/x@" in said


@pytest.mark.parametrize("scheme", ["git", "ssh", "svn+evil"])
async def test_other_transports_are_refused(lab: Lab, scheme: str) -> None:
    with pytest.raises(NotExist, match="svn is not used over"):
        await lab.say(VcsAccess(f"{scheme}://svn.example.com/x"))


@pytest.mark.parametrize(
    ("address", "url"),
    [("192.0.2.1", "svn://192.0.2.1:3690/x"), ("2001:db8::1", "svn://[2001:db8::1]:3690/x")],
)
def test_svn_itself_is_given_the_address(address: str, url: str) -> None:
    assert plain_url(VcsAccess("svn://svn.example.com/x", ((address, 3690),))) == url


@pytest.mark.parametrize(
    ("target", "argument"),
    [
        (Target(), f"{URL}@"),
        (Target(revision=3), f"{URL}@3"),
        (Target("a/b", 3), f"{URL}/a/b@3"),
        (Target("a@7"), f"{URL}/a%407@"),
        (Target("a b%", 3), f"{URL}/a%20b%25@3"),
        (Target("tags", 3, beside=True), "https://svn.example.com/x/tags@3"),
    ],
)
def test_nothing_in_a_path_is_taken_for_a_revision(target: Target, argument: str) -> None:
    assert target.below(URL) == argument


@pytest.mark.parametrize(
    ("said", "absent", "no_path"),
    [
        ("svn: E170000: URL doesn't exist", True, True),
        ("svn: E160013: path not found", True, True),
        ("svn: E170001: Authorization failed", True, False),
        ("svn: E195007: refers to a directory", False, True),
        ("svn: E000111: Connection refused", False, False),
        ("u@vcs.example.com: Permission denied (publickey).\nsvn: E210002: To better debug", True, False),
    ],
)
def test_what_svn_says_of_what_is_not_there(said: str, *, absent: bool, no_path: bool) -> None:
    assert (PHRASES.absent.search(said) is not None) is absent
    assert (NO_SUCH_PATH.search(said) is not None) is no_path


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("svn: E170013: Unable to connect\nsvn: E000111: Connection refused\n", "Connection refused"),
        (
            "Host key verification failed.\r\nsvn: E210002: To better debug\n",
            "Host key verification failed.",
        ),
    ],
)
def test_the_reason_is_not_the_line_that_only_says_there_was_trouble(said: str, reason: str) -> None:
    match = PHRASES.reason.search(said)
    assert match is not None
    assert match[1].strip() == reason
