"""Only tools of a mirror that is no more are ended."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.origin.processes.orphans import MARK, end_orphans, owner

if TYPE_CHECKING:
    from collections.abc import Iterator


def ended_owner() -> str:
    """Return the mark of a process that is no more."""
    with subprocess.Popen(["true"]) as gone:
        pass
    return f"mirror-{gone.pid}-1"


@contextmanager
def sleeping(environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # The words of the shell come when it runs: its environment is in place by then.
    command = ["/bin/sh", "-c", "echo here; exec sleep 60"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_a_tool_whose_mirror_is_gone_is_ended() -> None:
    with sleeping({MARK: ended_owner()}) as process:
        end_orphans()  # or a mirror that another test starts at this moment: it would do the same
        assert process.wait(10) == -signal.SIGKILL


def test_a_mirror_whose_number_is_another_processs_by_now_is_gone() -> None:
    with sleeping({MARK: f"mirror-{os.getpid()}-1"}) as process:
        end_orphans()  # or a mirror that another test starts at this moment: it would do the same
        assert process.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize("mark", ["", "mirror-", "mirror-x-1", "other-1-1"])
def test_what_no_mirror_started_is_left_alone(mark: str) -> None:
    with sleeping({MARK: mark} if mark else {}) as process:
        end_orphans()
        assert process.poll() is None


def test_tools_of_a_living_mirror_are_left_alone() -> None:
    with sleeping({MARK: owner()}) as process:
        end_orphans()
        assert process.poll() is None
