from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.origin.access.secret import (
    Places,
    Secret,
    basic,
    check_sendable,
    reader,
    split_basic,
    without_newline,
)
from modmirror.origin.settings import AccessSettings


def places(files: dict[str, str]) -> Places:
    def read_file(path: str) -> str:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return Places({"TOKEN": "t0ken", "EMPTY": " \n"}, read_file)


def access(**place: str) -> AccessSettings:
    return AccessSettings(name="x", kind="token", **place)


def accept(_: str) -> None:
    return


def test_a_secret_is_read_from_a_variable_or_a_file() -> None:
    assert reader("a", access(secret_env="TOKEN"), places({}))() == "t0ken"
    assert reader("a", access(secret_file="/f"), places({"/f": "x\n"}))() == "x\n"


@pytest.mark.parametrize(
    ("one", "key"),
    [
        (access(), "access[0]"),
        (access(secret_env="TOKEN", secret_file="/f"), "access[0]"),
        (access(secret_env="ABSENT"), "access[0].secret_env"),
        (access(secret_env="EMPTY"), "access[0].secret_env"),
        (access(secret_file="/absent"), "access[0].secret_file"),
        (access(secret_file="/empty"), "access[0].secret_file"),
    ],
)
def test_a_place_without_a_secret_is_a_config_error(one: AccessSettings, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Secret(reader("access[0]", one, places({"/empty": "\n", "/f": "x"})), accept)
    assert caught.value.key == key


def test_a_rotated_secret_is_found_again() -> None:
    files = {"/f": "old"}
    secret = Secret(reader("a", access(secret_file="/f"), places(files)), accept)
    files["/f"] = "new"
    assert secret() == "new"


def test_a_secret_that_is_just_being_replaced_keeps_its_last_value() -> None:
    files = {"/f": "old"}
    secret = Secret(reader("a", access(secret_file="/f"), places(files)), lambda s: check_sendable("a", s))
    del files["/f"]
    assert secret() == "old"
    files["/f"] = "a\r\nX-Evil: b"
    assert secret() == "old"


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\x00", "ä", "a\tb"])
def test_what_would_break_out_of_a_header_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_sendable("a", text)
    assert text not in caught.value.reason


def test_one_final_newline_is_dropped() -> None:
    assert [without_newline(text) for text in ("a\n", "a\r\n", " a \n\n", "a")] == ["a", "a", " a \n", "a"]


def test_basic_authentication_is_user_colon_password() -> None:
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_basic_authentication_is_taken_apart_again_and_nothing_else_is() -> None:
    assert split_basic(basic("ci", "a:b")) == ("ci", "a:b")
    assert split_basic("Bearer x") == ("", "")


def test_no_representation_shows_a_secret() -> None:
    assert "t0ken" not in repr(Secret(lambda: "t0ken", accept))
