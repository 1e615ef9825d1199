from __future__ import annotations

import pytest

from modmirror.origin.processes.redaction import cleaned


def test_a_secret_is_not_shown_wherever_it_stands() -> None:
    assert cleaned("s3cret, and again:s3cret", ["s3cret"]) == "[redacted], and again:[redacted]"


def test_of_a_url_all_but_the_user_is_shown() -> None:
    assert cleaned("abort: https://me:pw@hg.example.com/x", ()) == "abort: https://hg.example.com/x"


@pytest.mark.parametrize("path", ["/var/lib/modmirror/0/x.pack", "/srv/a-b/c+d", "/opt/x/"])
def test_a_path_of_this_machine_is_not_shown(path: str) -> None:
    assert cleaned(f"cannot open '{path}'", ()) == "cannot open '(a file)'"


@pytest.mark.parametrize("text", ["https://example.com/a/b", "a/b/c", "svn://[::1]:3690/trunk/x", "./a/b"])
def test_what_names_a_place_of_the_remote_side_is_shown(text: str) -> None:
    assert cleaned(text, ()) == text


def test_a_terminal_is_told_nothing() -> None:
    assert cleaned("\x1b[31mred\x07\r\x9b", ()) == " [31mred   "


def test_lines_stay_lines() -> None:
    assert cleaned("one\ntwo", ()) == "one\ntwo"
