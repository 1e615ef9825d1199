from __future__ import annotations

import io

import pytest

from modmirror.cli.banner import announce
from modmirror.server.settings import Listening

HERE = Listening("http://127.0.0.1:8080", "/srv/go", ("https://a.example", "https://b.example"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(stream: io.StringIO, listening: Listening = HERE, **environ: str) -> str:
    announce(listening, "modmirror 1.2", stream, environ)
    return stream.getvalue()


def test_a_terminal_sees_address_store_upstreams_and_the_line_to_paste() -> None:
    text = said(Terminal(), NO_COLOR="1")
    for part in ("http://127.0.0.1:8080", "/srv/go", "https://a.example, https://b.example"):
        assert part in text
    assert "\n    go env -w GOPROXY=http://127.0.0.1:8080\n" in text
    assert "使用方法" in text


def test_colour_is_for_terminals_that_want_it() -> None:
    assert "\x1b[1m" in said(Terminal())
    assert "\x1b" not in said(Terminal(), NO_COLOR="1")
    assert "\x1b" not in said(Terminal(), TERM="dumb")


def test_a_log_gets_one_line() -> None:
    assert said(io.StringIO()) == "modmirror 1.2 listening on http://127.0.0.1:8080, store /srv/go\n"


def test_a_socket_has_no_line_to_paste() -> None:
    text = said(Terminal(), Listening("unix:/run/mirror.sock", "/srv/go", ()))
    assert "go env -w" not in text
    assert "put a web server in front" in text


@pytest.mark.parametrize("upstreams", [()])
def test_a_mirror_without_upstreams_says_so(upstreams: tuple[str, ...]) -> None:
    assert "none" in said(Terminal(), Listening("http://h:1", "/s", upstreams), NO_COLOR="1")
