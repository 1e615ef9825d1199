from __future__ import annotations

from modmirror.origin.access.git import GitAccess, HttpAccess
from modmirror.origin.network.guard import Pinned

SECRET = ("http.https://git.test/x.extraHeader", "Authorization: Bearer s3cret")


def test_configuration_goes_into_numbered_variables_after_those_that_are_there() -> None:
    access = GitAccess("https://git.test/x", "https", (("a.b", "c"), SECRET))
    assert access.environment(3) == {
        "GIT_CONFIG_COUNT": "5",
        "GIT_CONFIG_KEY_3": "a.b",
        "GIT_CONFIG_VALUE_3": "c",
        "GIT_CONFIG_KEY_4": SECRET[0],
        "GIT_CONFIG_VALUE_4": SECRET[1],
        "GIT_ALLOW_PROTOCOL": "https",
    }


def test_an_ssh_command_is_given_when_there_is_one() -> None:
    environ = GitAccess("ssh://git.test/x", "ssh", ssh_command="ssh -F /dev/null").environment()
    assert environ == {
        "GIT_CONFIG_COUNT": "0",
        "GIT_ALLOW_PROTOCOL": "ssh",
        "GIT_SSH_COMMAND": "ssh -F /dev/null",
    }


def test_no_representation_shows_a_secret() -> None:
    assert "s3cret" not in repr(GitAccess("https://git.test/x", "https", (SECRET,)))


def test_a_server_is_known_by_its_place_and_address_alone() -> None:
    pinned = Pinned("git.test", 8443, (("8.8.8.8", 8443),))
    one = HttpAccess("https://git.test:8443/a/b", "https://git.test/a/b", pinned, "Bearer s3cret")
    other = HttpAccess("https://git.test:8443/c", "https://git.test/c", pinned)
    elsewhere = HttpAccess("https://git.test:8443/c", "https://git.test/c")
    assert one.server() == other.server() != elsewhere.server()
    assert "s3cret" not in repr(one)
