"""How the process ends: in a process of its own, for nothing else shows it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """\
import atexit, sys
import modmirror.__main__ as main

class Late:
    def __del__(self, write=sys.stderr.write):
        write("taken apart")

late = Late()
main.run = lambda argv: (atexit.register(print, "cleaned up"), print("said", *argv), {code})[-1]
sys.argv = ["modmirror", "one", "two"]
main.main()
"""


def ended(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", [0, 2])
def test_all_is_said_and_cleaned_up_but_the_interpreter_is_not_taken_apart(code: int) -> None:
    done = ended(PROGRAM.format(code=code))
    assert (done.returncode, done.stdout, done.stderr) == (code, "said one two\ncleaned up\n", "")


def test_a_bug_is_still_seen() -> None:
    done = ended(PROGRAM.format(code="1 / 0"))
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
