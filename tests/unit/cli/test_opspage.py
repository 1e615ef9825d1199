from __future__ import annotations

import pytest

from modmirror.cli.opspage import read_page
from modmirror.errors import ConfigError
from tests.fakes.upstream import FakeUpstream


def test_a_page_is_a_json_object() -> None:
    with FakeUpstream() as mirror:
        mirror.put("-/explain/example.com/a@v1.0.0", b'{"then": "so"}')
        assert read_page(mirror.url + "/", "explain/example.com/a@v1.0.0") == {"then": "so"}


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff"])
def test_what_is_none_is_no_mirror(body: bytes) -> None:
    with FakeUpstream() as other:
        other.put("-/upstreams", body)
        with pytest.raises(ConfigError, match="does not answer as a mirror"):
            read_page(other.url, "upstreams")


def test_who_has_no_such_page_is_no_mirror() -> None:
    with FakeUpstream() as other, pytest.raises(ConfigError, match="answers 404, not as a mirror"):
        read_page(other.url, "upstreams")


def test_when_nobody_answers_that_is_said_without_secrets() -> None:
    with pytest.raises(ConfigError, match="nobody answers at http://127.0.0.1:1$") as refused:
        read_page("http://me:secret@127.0.0.1:1", "upstreams")
    assert "modmirror serve" in refused.value.hint


@pytest.mark.parametrize("url", ["file:///etc", "http://[::1", "mirror.example"])
def test_an_address_is_http(url: str) -> None:
    with pytest.raises(ConfigError, match="no http or https address"):
        read_page(url, "upstreams")
