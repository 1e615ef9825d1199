from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from modmirror.errors import ConfigError
from modmirror.origin.access.ssh import check_path, ssh_command, write_key
from modmirror.origin.network.guard import Pinned
from modmirror.origin.network.remote import parse_remote

KEY, HOSTS = Path("/keys/id"), Path("/keys/known_hosts")


def command(url: str = "ssh://git@git.test/x", **options: str) -> list[str]:
    remote = parse_remote(url)
    pinned = Pinned(remote.host, remote.real_port, (("192.0.2.7", remote.real_port),))
    return shlex.split(ssh_command(KEY, HOSTS, remote=remote, pinned=pinned, **options))


def test_one_key_known_hosts_and_nothing_of_this_machine() -> None:
    words = command()
    assert words[:3] == ["ssh", "-F", "/dev/null"]
    assert {
        "-oBatchMode=yes",
        "-oStrictHostKeyChecking=yes",
        "-oIdentitiesOnly=yes",
        "-oIdentityAgent=none",
        "-oGlobalKnownHostsFile=/dev/null",
        "-oIdentityFile=/keys/id",
        "-oUserKnownHostsFile=/keys/known_hosts",
    } <= set(words)


def test_the_address_is_pinned_and_the_host_key_looked_up_by_name() -> None:
    assert {"-oHostName=192.0.2.7", "-oHostKeyAlias=git.test"} <= set(command())
    assert "-oHostKeyAlias=[git.test]:2222" in command("ssh://git.test:2222/x")


def test_without_a_pin_the_name_is_used() -> None:
    text = ssh_command(KEY, HOSTS, remote=parse_remote("ssh://git.test/x"), pinned=None)
    assert "HostName" not in text


def test_a_user_of_the_access_comes_before_that_of_the_url() -> None:
    assert "-oUser=ci" in command(user="ci")
    assert not [word for word in command() if word.startswith("-oUser=")]


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh")
@pytest.mark.parametrize(
    "folder", ["plain", "with space", "per%cent%h", "it's", "#hash", "dollar$HOME;x&y"]
)
def test_ssh_reads_the_options_as_they_are_meant(folder: str, tmp_path: Path) -> None:
    home = tmp_path / folder
    home.mkdir()
    key, hosts = home / "id", home / "known_hosts"
    remote = parse_remote("ssh://git@git.test:2222/x")
    pinned = Pinned("git.test", 2222, (("192.0.2.7", 2222),))
    text = ssh_command(key, hosts, user="ci", remote=remote, pinned=pinned)
    said = subprocess.run(
        ["sh", "-c", f"{text} -G -p 2222 git@git.test"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    told = dict(line.split(" ", 1) for line in said if " " in line)
    assert (told["hostname"], told["hostkeyalias"], told["user"]) == ("192.0.2.7", "[git.test]:2222", "ci")
    assert told["identityfile"].replace("%%", "%") == str(key)
    assert told["userknownhostsfile"].replace("%%", "%").strip('"') == str(hosts)
    assert (told["batchmode"], told["stricthostkeychecking"], told["identitiesonly"]) == (
        "yes",
        "true",
        "yes",
    )


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a${HOME}b"])
def test_a_path_that_ssh_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_path("access[0].secret_file", Path("/keys") / name)
    assert caught.value.key == "access[0].secret_file"


def test_a_path_is_made_absolute() -> None:
    assert check_path("k", Path("id")).is_absolute()


def test_a_key_is_written_for_this_user_only_and_ends_with_a_newline(tmp_path: Path) -> None:
    first = write_key(tmp_path / "keys", "-----BEGIN\nx\r\n")
    assert first.read_text() == "-----BEGIN\nx\n"
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert write_key(tmp_path / "keys", "-----BEGIN\nx") == first
