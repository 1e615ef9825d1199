from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import ConfigError
from modmirror.origin.access.keys import HeaderKey, KeyTools, SshKey, best_key, open_keys
from modmirror.origin.access.secret import Places, basic
from modmirror.origin.network.remote import parse_remote
from modmirror.origin.settings import AccessSettings
from tests.fakes.engine import FakeClock
from tests.fakes.github_app import NOW, Api, pem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from modmirror.origin.access.keys import Key

ENV = {"PASSWORD": "hunter2", "TOKEN": "t0ken", "OTHER": "0ther", "EVIL": "a\r\nX-Evil: b"}
NETRC = "machine git.test login ci password n3trc\nmachine git.test:8443 login other password 0ther"


@pytest.fixture
def tools(tmp_path: Path) -> KeyTools:
    (tmp_path / "known_hosts").write_text("git.test ssh-ed25519 AAAA\n")
    (tmp_path / "id").write_text("-----BEGIN\nx\n")
    (tmp_path / "netrc").write_text(NETRC)
    environ = ENV | {"APP_KEY": pem(), "NETRC": NETRC}

    def read_file(path: str) -> str:
        return (tmp_path / path).read_text()

    return KeyTools(Places(environ, read_file), tmp_path / "keys", Api(), FakeClock(NOW))


def token(url: str, env: str = "TOKEN", **more: Any) -> AccessSettings:
    return AccessSettings(name=more.pop("name", "x"), kind="token", url=url, secret_env=env, **more)


def password(username: str = "ci", env: str = "PASSWORD") -> AccessSettings:
    return AccessSettings(
        name="p", kind="password", url="https://git.test/a", username=username, secret_env=env
    )


def netrc(**more: Any) -> AccessSettings:
    return AccessSettings(name="n", kind="netrc", **more)


def ssh(**more: Any) -> AccessSettings:
    settings = {"url": "ssh://git.test", "secret_env": "TOKEN", "known_hosts_file": "/absent"}
    return AccessSettings(name="s", kind="ssh", **(settings | more))


def app(**more: Any) -> AccessSettings:
    settings: dict[str, Any] = {"app_id": "12", "installation_id": "34", "secret_env": "APP_KEY"}
    return AccessSettings(name="x", kind="github-app", **(settings | more))


async def value(keys: Sequence[Key], url: str) -> str | None:
    key = best_key(keys, parse_remote(url))
    return await key.authorization() if isinstance(key, HeaderKey) else None


async def test_a_password_and_a_token_make_headers(tools: KeyTools) -> None:
    opened = open_keys([password(), token("https://git.test/b")], tools)
    assert await value(opened["p"], "https://git.test/a/x") == basic("ci", "hunter2")
    assert await value(opened["x"], "https://git.test/b/x") == "Bearer t0ken"
    assert await value(opened["x"], "https://git.test/a/x") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://registry.example.com.evil.test/x",
        "https://evil.test/registry.example.com/x",
        "https://registry.example.com:8443/x",
        "http://registry.example.com/x",
        "ssh://registry.example.com/x",
    ],
)
async def test_a_lookalike_host_gets_nothing(tools: KeyTools, url: str) -> None:
    keys = open_keys([token("https://registry.example.com")], tools)["x"]
    assert await value(keys, "https://registry.example.com/x") == "Bearer t0ken"
    assert await value(keys, url) is None


async def test_the_longest_path_wins(tools: KeyTools) -> None:
    opened = open_keys([token("https://h.test/team", "OTHER", name="y"), token("https://h.test")], tools)
    keys = (*opened["x"], *opened["y"])
    assert await value(keys, "https://h.test/team/x") == "Bearer 0ther"
    assert await value(keys, "https://h.test/x") == "Bearer t0ken"


async def test_an_entry_of_a_netrc_is_for_its_host_and_port_only(tools: KeyTools) -> None:
    for place in ({"secret_file": "netrc"}, {"secret_env": "NETRC"}):
        keys = open_keys([netrc(**place)], tools)["n"]
        assert await value(keys, "https://git.test/x") == basic("ci", "n3trc")
        assert await value(keys, "https://git.test:8443/x") == basic("other", "0ther")
        assert await value(keys, "https://git.test:9443/x") is None
        assert await value(keys, "https://sub.git.test/x") is None


async def test_a_password_that_changes_in_a_netrc_is_found_again(tools: KeyTools, tmp_path: Path) -> None:
    keys = open_keys([netrc(secret_file="netrc")], tools)["n"]
    (tmp_path / "netrc").write_text(NETRC.replace("n3trc", "n3w"))
    assert await value(keys, "https://git.test/x") == basic("ci", "n3w")
    (tmp_path / "netrc").write_text("garbage")
    assert await value(keys, "https://git.test/x") == basic("ci", "n3w")


def test_an_ssh_key_needs_known_hosts(tools: KeyTools, tmp_path: Path) -> None:
    files = {"secret_env": "", "secret_file": str(tmp_path / "id")}
    one = ssh(username="git", known_hosts_file=str(tmp_path / "known_hosts"), **files)
    (key,) = open_keys([one], tools)["s"]
    assert isinstance(key, SshKey)
    assert (key.user, key.key, key.known_hosts) == ("git", tmp_path / "id", tmp_path / "known_hosts")


def test_an_ssh_key_from_a_variable_is_written_for_ssh(tools: KeyTools, tmp_path: Path) -> None:
    one = ssh(secret_env="APP_KEY", known_hosts_file=str(tmp_path / "known_hosts"))
    (key,) = open_keys([one], tools)["s"]
    assert isinstance(key, SshKey)
    assert key.key.parent == tmp_path / "keys"
    assert key.key.read_text() == pem()


async def test_a_github_app_fetches_its_token_when_it_is_needed(tools: KeyTools) -> None:
    keys = open_keys([app()], tools)["x"]
    assert isinstance(tools.post, Api)
    assert tools.post.asked == []
    assert await value(keys, "https://github.com/corp/x") == basic("x-access-token", "token-1")
    assert await value(keys, "https://github.com/corp/y") == basic("x-access-token", "token-1")
    assert await value(keys, "https://github.com.evil.test/corp/y") is None
    assert [url for url, _ in tools.post.asked] == [
        "https://api.github.com/app/installations/34/access_tokens"
    ]


async def test_a_github_app_can_be_for_one_owner_and_another_server(tools: KeyTools) -> None:
    one = app(url="https://ghe.test/corp", api_url="https://ghe.test/api/v3/")
    keys = open_keys([one], tools)["x"]
    assert await value(keys, "https://ghe.test/other/x") is None
    assert await value(keys, "https://ghe.test/corp/x") is not None
    assert isinstance(tools.post, Api)
    assert tools.post.asked[0][0] == "https://ghe.test/api/v3/app/installations/34/access_tokens"


@pytest.mark.parametrize(
    ("one", "key"),
    [
        (token("", name=""), "access[0].name"),
        (token(""), "access[0].url"),
        (token("http://git.test"), "access[0].url"),
        (token("ssh://git.test"), "access[0].url"),
        (token("git.test"), "access[0].url"),
        (token("https://user:hunter2@git.test"), "access[0].url"),
        (token("https://git.test", username="ci"), "access[0].username"),
        (token("https://git.test", "ABSENT"), "access[0].secret_env"),
        (token("https://git.test", "EVIL"), "access[0]"),
        (password(username=""), "access[0].username"),
        (password(username="a:b"), "access[0].username"),
        (password(username="a\r\nb"), "access[0].username"),
        (netrc(url="https://h.test", secret_env="NETRC"), "access[0].url"),
        (netrc(secret_env="TOKEN"), "access[0]"),
        (netrc(), "access[0]"),
        (ssh(url="https://h.test"), "access[0].url"),
        (ssh(known_hosts_file=""), "access[0].known_hosts_file"),
        (ssh(), "access[0].known_hosts_file"),
        (ssh(username="-oProxyCommand=x"), "access[0].username"),
        (app(app_id=""), "access[0].app_id"),
        (app(installation_id="3/4"), "access[0].installation_id"),
        (app(api_url="http://api.github.test"), "access[0].api_url"),
        (app(secret_env="TOKEN"), "access[0]"),
    ],
)
def test_an_unusable_access_is_a_config_error_without_its_secret(
    tools: KeyTools, one: AccessSettings, key: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        open_keys([one], tools)
    assert caught.value.key == key
    for secret in ("hunter2", "t0ken", "X-Evil"):
        assert secret not in caught.value.reason


def test_two_accesses_of_one_name_are_a_config_error(tools: KeyTools) -> None:
    with pytest.raises(ConfigError) as caught:
        open_keys([token("https://a.test"), token("https://b.test")], tools)
    assert caught.value.key == "access[1].name"


def test_no_representation_shows_a_secret(tools: KeyTools) -> None:
    opened = open_keys([token("https://a.test"), netrc(secret_env="NETRC")], tools)
    assert "t0ken" not in repr(opened)
    assert "n3trc" not in repr(opened)
