from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modmirror.cli.main import WRONG_INPUT, run

if TYPE_CHECKING:
    import pytest


def test_a_mirror_that_does_not_answer_is_no_failure_of_the_probe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Port 1 of loopback: nobody listens there.
    assert run(["lab", "probe", "http://127.0.0.1:1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = told["result"]["targets"]["127.0.0.1:1"]
    assert found["cold"]["failed"] == 3
    assert found["reason"].startswith("nothing listens there")


def test_a_module_without_a_version_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "probe", "http://127.0.0.1:1", "--module", "example.com/a"]) == WRONG_INPUT
    assert capsys.readouterr().err.startswith("error: --module: ")


def test_a_word_that_is_no_mirror_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "probe", "ftp://x"]) == WRONG_INPUT
    assert "names no host to ask over http or https" in capsys.readouterr().err
