from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.origin.access.git import GitAccess
from modmirror.origin.git.command import LOCAL, Git, Place
from modmirror.origin.processes.process import SEARCH_PATH, Bounds, Tool

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "Authorization: Basic c2VjcmV0"
ACCESS = GitAccess("https://git.example.com/x", "https", (("http.extraHeader", SECRET),))
# Says what it was started with instead of doing anything.
FAKE = '#!/bin/sh\nfor word; do echo "arg=$word"; done\nenv\n'


@pytest.fixture
def git(tmp_path: Path) -> Git:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(FAKE)
    (tmp_path / "bin" / "git").chmod(0o755)
    tool = Tool("git", 2, f"{tmp_path}/bin:{SEARCH_PATH}")
    return Git(tool, tool)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "kept").mkdir()
    return Place("git.example.com/x", tmp_path / "kept")


def arguments(said: bytes) -> list[str]:
    return [line.removeprefix("arg=") for line in said.decode().splitlines() if line.startswith("arg=")]


def environment(said: bytes) -> dict[str, str]:
    lines = (line for line in said.decode().splitlines() if not line.startswith("arg="))
    return dict(line.split("=", 1) for line in lines)


def config(said: bytes) -> list[tuple[str, str]]:
    environ = environment(said)
    count = range(int(environ["GIT_CONFIG_COUNT"]))
    return [(environ[f"GIT_CONFIG_KEY_{each}"], environ[f"GIT_CONFIG_VALUE_{each}"]) for each in count]


async def listed(git: Git, place: Place) -> bytes:
    async with git.list_remote(place, ACCESS, LOCAL) as running:
        return (await running.finish()).stdout


async def test_nothing_is_inherited(git: Git, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "HOME", "HTTPS_PROXY", "AWS_SECRET"):
        monkeypatch.setenv(name, "mine")
    environ = environment((await git.ask(place, "version")).stdout)
    assert "mine" not in environ.values()
    assert environ["GIT_DIR"] == str(place.directory)
    assert environ["HOME"] == "/dev/null"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_PROTOCOL_FROM_USER", "0"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_LFS_SKIP_SMUDGE", "1"),
        ("LC_ALL", "C"),
    ],
)
async def test_the_environment_is_the_hardened_one(git: Git, place: Place, name: str, value: str) -> None:
    assert environment((await git.ask(place, "version")).stdout)[name] == value
    assert environment(await listed(git, place))[name] == value


@pytest.mark.parametrize(
    "pair",
    [
        ("protocol.allow", "never"),
        ("core.hooksPath", "/dev/null"),
        ("core.fsmonitor", "false"),
        ("core.attributesFile", "/dev/null"),
        ("credential.helper", ""),
        ("http.followRedirects", "false"),
        ("transfer.bundleURI", "false"),
        ("submodule.recurse", "false"),
        ("core.autocrlf", "input"),
        ("core.eol", "lf"),
        ("filter.lfs.smudge", ""),
        ("safe.bareRepository", "explicit"),
    ],
    ids=lambda pair: pair[0],
)
async def test_the_configuration_is_the_hardened_one(git: Git, place: Place, pair: tuple[str, str]) -> None:
    assert pair in config((await git.ask(place, "version")).stdout)
    assert pair in config(await listed(git, place))


async def test_without_a_remote_no_transport_is_open(git: Git, place: Place) -> None:
    assert environment((await git.ask(place, "version")).stdout)["GIT_ALLOW_PROTOCOL"] == ""


async def test_an_access_opens_its_transport_and_adds_to_the_configuration(git: Git, place: Place) -> None:
    said = await listed(git, place)
    assert environment(said)["GIT_ALLOW_PROTOCOL"] == "https"
    assert config(said)[-1] == ("http.extraHeader", SECRET)
    assert config(said)[:-1] == config((await git.ask(place, "version")).stdout)


async def test_ssh_runs_what_the_access_says_and_never_asks(git: Git, place: Place) -> None:
    access = GitAccess("ssh://git@git.example.com/x", "ssh", ssh_command="ssh -F none")
    said = (await git.fetch(place, access, (), ("a:b",), LOCAL)).stdout
    assert environment(said)["GIT_SSH_COMMAND"] == "ssh -F none"
    assert "BatchMode=yes" in environment(await listed(git, place))["GIT_SSH_COMMAND"]


async def test_secrets_are_in_no_argument(git: Git, place: Place) -> None:
    said = (await git.fetch(place, ACCESS, ("--prune",), ("a:b",), LOCAL)).stdout
    assert not any("c2VjcmV0" in word for word in arguments(said) + arguments(await listed(git, place)))


async def test_words_from_outside_come_after_the_options(git: Git, place: Place) -> None:
    words = arguments((await git.fetch(place, ACCESS, ("--depth=1",), ("+a:b", "c:d"), LOCAL)).stdout)
    assert words[0] == "fetch"
    assert words[-4:] == ["--end-of-options", ACCESS.url, "+a:b", "c:d"]
    assert {"--no-tags", "--no-write-fetch-head", "--depth=1"} <= set(words[:-4])
    assert arguments(await listed(git, place)) == ["ls-remote", "--quiet", "--end-of-options", ACCESS.url]


async def test_names_are_listed_outside_of_any_repository(git: Git, place: Place) -> None:
    environ = environment(await listed(git, place))
    assert "GIT_DIR" not in environ
    assert environ["GIT_CEILING_DIRECTORIES"] == str(place.directory.parent)


async def test_kept_copies_are_asked_though_all_fetches_hang(tmp_path: Path, place: Place) -> None:
    (tmp_path / "bin").mkdir()
    for name, script in (("git", FAKE), ("hanging", "#!/bin/sh\nsleep 1000\n")):
        (tmp_path / "bin" / name).write_text(script)
        (tmp_path / "bin" / name).chmod(0o755)
    search = f"{tmp_path}/bin:{SEARCH_PATH}"
    git = Git(Tool("git", 1, search), Tool("hanging", 1, search))
    async with git.list_remote(place, ACCESS, Bounds(20.0)):
        assert (await git.ask(place, "version")).code == 0
