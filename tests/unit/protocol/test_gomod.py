from __future__ import annotations

import pytest

from modmirror.protocol.gomod import go_mod_problem


@pytest.mark.parametrize(
    "data",
    [
        b"module x.y/m\n",
        b"",
        b"garbage that is text",
        b"\xef\xbb\xbfmodule x\r\n",
        "// 世界\nmodule x\n".encode(),
        b"// nai\xe9\nmodule x\n",
    ],
)
def test_any_text_may_be_a_go_mod_however_broken(data: bytes) -> None:
    assert go_mod_problem(data) == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"module x\0", "NUL"),
        (b"  \n<!DOCTYPE html>", "web page"),
    ],
)
def test_what_is_no_text_of_go_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    assert reason in go_mod_problem(data)
