from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.load.wrk import WrkFailed, address, find_wrk, rate_of, wrk_rate
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from pathlib import Path

SAID = "Running 1s test @ x\n  {count} requests in {time}, 1.00MB read\n{more}"


@pytest.mark.parametrize(("time", "rate"), [("2.00s", 500.0), ("500.00ms", 2000.0), ("1.00m", 1000 / 60)])
def test_the_rate_is_read_in_any_unit(time: str, rate: float) -> None:
    assert rate_of(SAID.format(count=1000, time=time, more="")) == pytest.approx(rate)


@pytest.mark.parametrize(
    "text",
    [
        "unable to connect",
        SAID.format(count=0, time="1.00s", more=""),
        SAID.format(count=9, time="1.00s", more="  Non-2xx or 3xx responses: 9"),
        SAID.format(count=9, time="1.00s", more="  Socket errors: connect 0, read 9"),
    ],
)
def test_failures_are_no_rate(text: str) -> None:
    with pytest.raises(WrkFailed):
        rate_of(text)


def test_without_wrk_the_user_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="wrk"):
        find_wrk()


async def test_the_program_is_given_the_address_and_its_words_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "wrk"
    program.write_text('#!/bin/sh\necho "$@" > "${0%/*}/words"\necho "300 requests in 2.00s"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    target = parse_target("http://127.0.0.1:1/base")
    assert await wrk_rate(target, "x/@v/list", 8, 2.0) == 150.0
    assert (tmp_path / "words").read_text().split() == ["-t1", "-c8", "-d2s", address(target, "x/@v/list")]
    assert address(target, "x/@v/list") == "http://127.0.0.1:1/base/x/@v/list"
