from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from modmirror.lab import child
from modmirror.lab.child import ChildGone, begin, end, heard, say, told

if TYPE_CHECKING:
    from asyncio.subprocess import Process


class Word(msgspec.Struct, frozen=True):
    text: str


async def started(code: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )


async def test_each_line_has_its_answer() -> None:
    process = await started("print(input()); print(input())")
    for text in ("one", "two"):
        assert msgspec.json.decode(await told(process, Word(text)), type=Word) == Word(text)
    await end(process)
    assert process.returncode == 0


async def test_one_that_says_nothing_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    process = await started("import time; time.sleep(60)")
    for wait in (told(process, Word("x"), 0.05), heard(process, 0.05)):
        with pytest.raises(ChildGone, match=r"does not answer within 0.05 s$"):
            await wait
    monkeypatch.setattr(child, "_STOP", 0.05)
    await end(process)
    assert process.returncode


async def test_what_is_said_unasked_is_heard() -> None:
    process = await started("print('ready'); input()")
    assert await heard(process) == b"ready\n"
    await end(process)


async def test_one_that_ends_is_not_waited_for() -> None:
    process = await started("input()")
    for _ in range(2):
        # The second line finds nobody to read it.
        with pytest.raises(ChildGone, match="has ended"):
            await told(process, Word("x"))
        await process.wait()


async def test_a_module_of_ours_ends_with_its_input() -> None:
    # A job that is none ends it before its input does.
    process = await begin("this")
    await end(process)
    assert process.returncode == 0


def test_what_is_said_is_one_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    say(Word("a\nb"))
    assert capfdbinary.readouterr().out == b'{"text":"a\\nb"}\n'
