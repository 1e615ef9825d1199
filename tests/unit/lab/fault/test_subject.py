from __future__ import annotations

import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.lab.fault.subject import NotStarted, Subject, World, own_config

if TYPE_CHECKING:
    from pathlib import Path

SERVER = "import http.server, sys; http.server.test(port=int(sys.argv[1]), bind='127.0.0.1')"


def world(directory: Path, scale: float = 1.0) -> World:
    sumdb = EmulatedSumdb(ModuleSet.generate())
    return World(directory, ("http://127.0.0.1:1",), sumdb, "http://127.0.0.1:2/sumdb/x", scale)


def test_the_configuration_has_the_defaults_in_the_length_of_the_scenarios_seconds(
    tmp_path: Path,
) -> None:
    read = tomllib.loads(own_config(world(tmp_path, 0.1)))
    assert read["http"] == {"connect_timeout": 1.0, "first_byte_timeout": 6.0, "stall_timeout": 3.0}
    assert read["freshness"]["ttl"] == pytest.approx(0.2)
    assert read["route"] == [{"from": ["http://127.0.0.1:1"]}]
    assert read["sumdb"][0]["name"] == "sum.lab.test"


async def test_another_mirror_is_started_with_its_port_and_ended(tmp_path: Path) -> None:
    subject = Subject(world(tmp_path), f'{sys.executable} -c "{SERVER}" {{port}} {{upstream}} {{dir}}')
    url = await subject.start()
    assert url.startswith("http://127.0.0.1:")
    codes = [subject.code]
    await subject.stop()
    codes.append(subject.code)
    await subject.stop()
    assert codes == [None, -15]


async def test_a_command_that_ends_at_once_is_told_with_what_it_said(tmp_path: Path) -> None:
    subject = Subject(world(tmp_path), "sh -c 'echo no such flag >&2; exit 3'")
    with pytest.raises(NotStarted, match="code 3") as caught:
        await subject.start()
    assert "no such flag" in caught.value.hint
    await subject.stop()


@pytest.mark.parametrize("command", ["x {color}", "x {", "x {port} 'unclosed"])
async def test_a_command_that_cannot_be_filled_in_is_wrong_input(tmp_path: Path, command: str) -> None:
    with pytest.raises(ConfigError) as caught:
        await Subject(world(tmp_path), command).start()
    assert caught.value.key == "--target-command"


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="no-such-program cannot be started"):
        await Subject(world(tmp_path), "no-such-program {port}").start()
