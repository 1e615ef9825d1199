from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.upstream.address import basic
from modmirror.upstream.credentials import Credentials
from modmirror.upstream.settings import CredentialSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

ENV = {"PASSWORD": "hunter2", "TOKEN": "t0ken", "OTHER": "0ther", "EMPTY": "", "EVIL": "a\r\nX-Evil: b"}


def read(*settings: CredentialSettings, files: Mapping[str, str] | None = None) -> Credentials:
    def read_file(path: str) -> str:
        if files is None or path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return Credentials.from_settings(settings, ENV, read_file)


def bearer(url: str, env: str = "TOKEN") -> CredentialSettings:
    return CredentialSettings(url=url, bearer_env=env)


@pytest.mark.matrix("T139")
@pytest.mark.parametrize(
    ("url", "matches"),
    [
        ("https://registry.example.com", True),
        ("https://registry.example.com/", True),
        ("https://REGISTRY.example.com:443/any/thing?x=y", True),
        ("https://registry.example.com.evil.test", False),
        ("https://evil-registry.example.com", False),
        ("https://evil.test/registry.example.com", False),
        ("https://registry.example.com@evil.test/", False),
        ("https://registry.example.com:444/", False),
        ("http://registry.example.com/", False),
        ("http://registry.example.com:443/", False),
        ("https://example.com/", False),
        (
            "https://registry.example.com\\@evil.test/",
            True,
        ),  # its host is the registry: the parser connects there
    ],
)
def test_a_credential_is_for_one_scheme_host_and_port(url: str, *, matches: bool) -> None:
    got = read(bearer("https://registry.example.com")).authorization(url)
    assert got == ("Bearer t0ken" if matches else None)


@pytest.mark.parametrize(
    ("url", "matches"),
    [
        ("https://h/team", True),
        ("https://h//team/", True),
        ("https://h/team/m/@v/list", True),
        ("https://h/team-two", False),
        ("https://h/tea", False),
        ("https://h/", False),
        ("https://h/Team", False),
        ("https://h/other/team", False),
        ("https://h/team/../other", False),
        ("https://h/team/%2e%2e/other", False),
    ],
)
def test_a_credential_is_for_whole_path_elements(url: str, *, matches: bool) -> None:
    got = read(bearer("https://h/team/")).authorization(url)
    assert (got is not None) is matches


def test_the_longest_path_wins_whatever_the_order() -> None:
    one, other = bearer("https://h"), bearer("https://h/team", "OTHER")
    for settings in ((one, other), (other, one)):
        credentials = read(*settings)
        assert credentials.authorization("https://h/team/x") == "Bearer 0ther"
        assert credentials.authorization("https://h/x") == "Bearer t0ken"


def test_a_user_name_makes_basic_authentication() -> None:
    one = CredentialSettings(url="https://h", username="ci", password_env="PASSWORD")
    assert read(one).authorization("https://h/") == basic("ci", "hunter2")


def test_a_final_newline_of_a_file_is_dropped() -> None:
    one = CredentialSettings(url="https://h", bearer_file="/f")
    assert read(one, files={"/f": " s \r\n"}).authorization("https://h/") == "Bearer  s "


def test_no_credentials_match_nothing() -> None:
    assert Credentials().authorization("https://h/") is None


def test_a_rotated_secret_is_found_again() -> None:
    files = {"/f": "old\n"}
    credentials = read(CredentialSettings(url="https://h", bearer_file="/f"), files=files)
    files["/f"] = "new\n"
    assert credentials.authorization("https://h/") == "Bearer old"
    credentials.reload()
    assert credentials.authorization("https://h/") == "Bearer new"


def test_a_secret_that_is_just_being_replaced_keeps_its_last_value() -> None:
    files = {"/f": "old", "/g": "old"}
    one = CredentialSettings(url="https://h", bearer_file="/f")
    two = CredentialSettings(url="https://i", bearer_file="/g")
    credentials = read(one, two, files=files)
    del files["/f"]
    files["/g"] = "new"
    credentials.reload()
    assert credentials.authorization("https://h/") == "Bearer old"
    assert credentials.authorization("https://i/") == "Bearer new"


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (bearer("http://registry.example.com"), "credential[0].url"),
        (bearer("http://127.0.0.1.evil.test"), "credential[0].url"),
        (bearer("https://user:hunter2@h"), "credential[0].url"),
        (bearer("https://a b"), "credential[0].url"),
        (bearer("ftp://h"), "credential[0].url"),
        (bearer("https://h", "NOT_SET"), "credential[0].bearer_env"),
        (bearer("https://h", "EMPTY"), "credential[0].bearer_env"),
        (bearer("https://h", "EVIL"), "credential[0].bearer_env"),
        (CredentialSettings(url="https://h", bearer_file="/absent"), "credential[0].bearer_file"),
        (CredentialSettings(url="https://h"), "credential[0]"),
        (CredentialSettings(url="https://h", username="u"), "credential[0]"),
        (CredentialSettings(url="https://h", username="u", bearer_env="TOKEN"), "credential[0]"),
        (CredentialSettings(url="https://h", bearer_env="TOKEN", bearer_file="/f"), "credential[0]"),
        (CredentialSettings(url="https://h", password_env="PASSWORD"), "credential[0]"),
    ],
)
def test_an_unusable_credential_is_a_config_error_without_the_secret(
    settings: CredentialSettings, key: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(settings)
    assert caught.value.key == key
    assert not any(secret in str(caught.value) for secret in ENV.values() if secret)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:8081"])
def test_http_to_this_very_machine_may_carry_a_secret(url: str) -> None:
    assert read(bearer(url)).authorization(f"{url}/x") == "Bearer t0ken"


def test_no_representation_shows_a_secret() -> None:
    credentials = read(
        bearer("https://h/team"),
        CredentialSettings(url="https://i", username="ci", password_env="PASSWORD"),
    )
    shown = f"{credentials!r} {credentials} {credentials._known!r}"
    assert "https://h" in shown
    assert not any(secret in shown for secret in ("t0ken", "hunter2", basic("ci", "hunter2")))
