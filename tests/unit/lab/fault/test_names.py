from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.fault.names import HOST, Names, NotPermitted

if TYPE_CHECKING:
    from pathlib import Path

LOOK_UP = f"import socket; print(socket.getaddrinfo({HOST!r}, 80)[0][4][0])"


def look_up(names: Names) -> subprocess.CompletedProcess[str]:
    command = [*names.wrapper, sys.executable, "-c", LOOK_UP]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_name_is_known_to_the_wrapped_command_until_it_fails(tmp_path: Path) -> None:
    names = Names(tmp_path)
    try:
        names.check()
    except NotPermitted as error:
        pytest.skip(f"SKIPPED ALOUD: {error.reason}")
    assert look_up(names).stdout.strip() == "127.0.0.1"
    names.fail()
    failed = look_up(names)
    assert failed.returncode != 0
    assert "gaierror" in failed.stderr
    names.heal()
    assert look_up(names).stdout.strip() == "127.0.0.1"


def test_where_no_namespace_can_be_made_that_is_said(tmp_path: Path) -> None:
    names = Names(tmp_path)
    names.wrapper = ("sh", "-c", "echo not permitted >&2; exit 1", "--")
    with pytest.raises(NotPermitted, match="not permitted"):
        names.check()
    names.wrapper = (str(tmp_path / "no-such-program"),)
    with pytest.raises(NotPermitted, match="No such file"):
        names.check()
