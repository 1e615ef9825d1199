"""Looks at the processes of this machine, to see that none is left behind."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

_LIMIT = 10.0


def with_word(word: str) -> list[int]:
    """Return the living processes that have a word in their arguments or environment."""
    return list(_living(word))


def arguments_with(word: str) -> bytes:
    """Return the arguments of all processes that have a word in them or in their environment."""
    return b"".join(_living(word).values())


def _living(word: str) -> dict[int, bytes]:
    """Return the arguments of such processes, by process id. Those that end meanwhile are left out."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments, environ = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            zombie = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if word.encode() in arguments + environ and not zombie:
            found[int(folder.name)] = arguments
    return found


async def none_left(word: str) -> bool:
    """Wait a little for the last process with a word to end, and tell whether it did."""
    deadline = time.monotonic() + _LIMIT
    while with_word(word):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


async def some_left(word: str) -> bool:
    """Wait a little for the first process with a word, and tell whether it came."""
    deadline = time.monotonic() + _LIMIT
    while not with_word(word):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def wait_for(count: int, word: str) -> None:
    """Stop this whole program, its event loop too, until so many processes have a word."""
    deadline = time.monotonic() + _LIMIT
    while len(with_word(word)) < count:
        assert time.monotonic() < deadline, f"not {count} processes within {_LIMIT} seconds"
        time.sleep(0.01)
