from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist
from modmirror.origin.access.vcs import VcsAccess
from modmirror.origin.hg.command import LOCAL, PHRASES, Hg, Place, configuration
from modmirror.origin.processes.process import SEARCH_PATH, Tool

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://hg.example.com/x"
ACCESS = VcsAccess(URL, username="me", password="s3cret")
# Says what it was started with, and what it would read, instead of doing anything.
FAKE = """#!/bin/sh
for word; do echo "arg=$word"; done
env
[ -z "$HGRCPATH" ] || sed 's/^/rc=/' "$HGRCPATH"
"""


@pytest.fixture
def hg(tmp_path: Path) -> Hg:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "hg").write_text(FAKE)
    (tmp_path / "bin" / "hg").chmod(0o755)
    tool = Tool("hg", 2, f"{tmp_path}/bin:{SEARCH_PATH}")
    return Hg(tool, tool)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "kept").mkdir()
    return Place("hg.example.com/x", tmp_path / "kept")


def marked(said: bytes, mark: str) -> list[str]:
    return [line.removeprefix(mark) for line in said.decode().splitlines() if line.startswith(mark)]


def environment(said: bytes) -> dict[str, str]:
    lines = (line for line in said.decode().splitlines() if not line.startswith(("arg=", "rc=")))
    return dict(line.split("=", 1) for line in lines)


async def test_nothing_is_inherited(hg: Hg, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HGRCPATH",
        "HGPLAIN",
        "HG",
        "HGEDITOR",
        "HOME",
        "HTTPS_PROXY",
        "PYTHONPATH",
        "AWS_SECRET",
    ):
        monkeypatch.setenv(name, "mine")
    environ = environment((await hg.ask(place, "version")).stdout)
    assert "mine" not in environ.values()
    assert (environ["HGRCPATH"], environ["HGRCSKIPREPO"], environ["HOME"]) == ("", "1", "/dev/null")


async def test_every_run_is_without_clone_bundles_and_subrepositories(hg: Hg, place: Place) -> None:
    asked = marked((await hg.ask(place, "log", "--limit=1")).stdout, "arg=")
    async with hg.read(place, ("log", "--limit=1"), LOCAL) as running:
        read = marked((await running.finish()).stdout, "arg=")
    contacted = marked((await hg.contact(place, ACCESS, LOCAL, "log", "--limit=1")).stdout, "arg=")
    assert asked == read == contacted
    assert asked[-2:] == ["log", "--limit=1"]
    assert {"--config=ui.clonebundles=false", "--config=subrepos.allowed=false"} <= set(asked[:-2])


async def test_the_remote_side_stands_in_the_configuration_only(hg: Hg, place: Place) -> None:
    said = (await hg.contact(place, ACCESS, LOCAL, "pull", "--", "origin")).stdout
    assert marked(said, "rc=") == configuration(ACCESS).splitlines()
    assert not any("s3cret" in word or URL in word for word in marked(said, "arg="))
    assert not any("s3cret" in value for value in environment(said).values())
    assert environment(said)["HGRCPATH"].startswith("/dev/fd/")


async def test_nothing_of_the_remote_side_is_left_on_disk(hg: Hg, place: Place) -> None:
    await hg.contact(place, ACCESS, LOCAL, "pull")
    assert list(place.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("access", "through"),
    [
        (VcsAccess(URL, (("192.0.2.1", 443),)), True),
        (VcsAccess(URL), False),
        (VcsAccess("ssh://hg@hg.example.com/x", (("192.0.2.1", 22),), ssh_command="ssh -4"), False),
    ],
)
async def test_judged_addresses_are_reached_through_a_relay(
    hg: Hg, place: Place, access: VcsAccess, *, through: bool
) -> None:
    lines = marked((await hg.contact(place, access, LOCAL, "pull")).stdout, "rc=")
    assert any(line.startswith("origin = http://127.0.0.1:") for line in lines) is through
    assert (f"origin = {access.url}" in lines) is not through


async def test_a_password_is_for_the_relay_where_there_is_one(hg: Hg, place: Place) -> None:
    access = VcsAccess(URL, (("192.0.2.1", 443),), "me", "s3cret")
    lines = marked((await hg.contact(place, access, LOCAL, "pull")).stdout, "rc=")
    (there,) = (line.removeprefix("origin = http://") for line in lines if line.startswith("origin = "))
    assert lines[-4:-2] == [f"it.prefix = {there}", "it.schemes = http"]


@pytest.mark.parametrize("scheme", ["static-http", "svn", "git", "bundle", "union"])
async def test_other_transports_are_refused(hg: Hg, place: Place, scheme: str) -> None:
    with pytest.raises(NotExist, match=f"hg is not used over {scheme}"):
        await hg.contact(place, VcsAccess(f"{scheme}://hg.example.com/x"), LOCAL, "pull")


def test_a_password_is_for_its_url_and_scheme_only() -> None:
    lines = configuration(ACCESS).splitlines()
    assert lines[lines.index("[auth]") + 1 :] == [
        "it.prefix = hg.example.com/x",
        "it.schemes = https",
        "it.username = me",
        "it.password = s3cret",
    ]


def test_only_what_the_access_has_is_configured() -> None:
    sections = [line for line in configuration(VcsAccess(URL)).splitlines() if line.startswith("[")]
    assert sections == ["[paths]"]
    whole = configuration(VcsAccess(URL, ssh_command="ssh -4", ca_file="/etc/ca.pem"))
    assert "[ui]\nssh = ssh -4\n" in whole
    assert "[web]\ncacerts = /etc/ca.pem\n" in whole


@pytest.mark.parametrize("end", ["\n", "\r", "\0", "\x7f"])
def test_nothing_in_an_access_can_begin_another_line(end: str) -> None:
    evil = f"x{end}[extensions]"
    for access in (
        VcsAccess(f"{URL}{evil}"),
        VcsAccess(URL, username=evil, password="s3cret"),
        VcsAccess(URL, password=evil),
        VcsAccess(URL, ssh_command=evil),
        VcsAccess(URL, ca_file=evil),
    ):
        with pytest.raises(NotExist, match="control characters") as caught:
            configuration(access)
        assert "s3cret" not in caught.value.reason


@pytest.mark.parametrize(
    ("said", "absent"),
    [
        ("abort: HTTP Error 404: Not Found", True),
        ("abort: authorization failed", True),
        ("remote: abort: repository x not found", True),
        ("hg@hg.example.com: Permission denied (publickey).", True),
        ("abort: HTTP Error 500: broken", False),
        ("abort: error: Connection refused", False),
    ],
)
def test_what_hg_says_of_a_repository_that_is_not_there(said: str, *, absent: bool) -> None:
    assert (PHRASES.absent.search(f"pulling\n{said}\n") is not None) is absent


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("warning: x\nabort: error: Connection refused\nabort: next\n", "Connection refused"),
        (
            "remote: Host key verification failed.\nabort: no suitable response\n",
            "Host key verification failed.",
        ),
    ],
)
def test_the_reason_is_what_hg_aborts_for(said: str, reason: str) -> None:
    match = PHRASES.reason.search(said)
    assert match is not None
    assert match[1] == reason
