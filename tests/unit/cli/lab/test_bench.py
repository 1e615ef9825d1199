from __future__ import annotations

import pytest

from modmirror.cli.main import WRONG_INPUT, run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--blocks", "0"], "there must be one block at least"),
        (["--zips", "-1"], "no fewer than 0"),
        (["--require", "p95"], '"p95" is no threshold'),
        (["--require", "p42<1ms"], 'there is no metric "p42"'),
        (["--require", "info/warm p99<1s"], "needs 368 answers"),
        (["--require", "p95<1s", "--blocks", "71"], "add --blocks 72"),
        (["--module", "example.com/a"], "has no version"),
    ],
)
def test_wrong_input_is_said_before_anybody_is_asked(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "bench", "http://127.0.0.1:1", *arguments]) == WRONG_INPUT
    assert words in capsys.readouterr().err
