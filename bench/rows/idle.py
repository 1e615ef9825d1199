"""A mirror that has just been started: how soon it answers, and what it takes while it waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.client import fetch
from bench.machine import resident_bytes
from bench.material import HOT, VERSION
from bench.result import Bar, Result
from bench.servers import free_port
from tests.corpus.progress import Progress

if TYPE_CHECKING:
    from bench.rig import Rig

FIRST_ANSWER = Bar(1.0, "at most")
RESIDENT = Bar(80.0, "at most")
_LIMIT = 30.0
_POLL = 0.002
_SETTLE = 0.5
"""Seconds after which whatever was begun at the start has ended."""


def measure(rig: Rig) -> list[Result]:
    """Start it again and again on a store that has the module asked for."""
    progress = Progress("start and idle")
    _start(rig)  # fills the store
    starts: list[tuple[float, float]] = []
    for repetition in range(rig.repetitions):
        starts.append(_start(rig))
        progress(repetition + 1, rig.repetitions)
    seconds, megabytes = zip(*starts, strict=True)
    return [
        Result("start to first answer", "s", FIRST_ANSWER, seconds, "warm store"),
        Result("idle resident memory", "MB", RESIDENT, megabytes, "after one answer"),
    ]


def _start(rig: Rig) -> tuple[float, float]:
    """Return seconds from the start of the process to its first answer, and megabytes a little later."""
    port = free_port()
    mirror = rig.prepare_mirror("started", rig.upstream.url, port=port)
    try:
        begin = time.perf_counter()
        mirror.launch()
        _first_answer(f"http://127.0.0.1:{port}/{HOT}/@v/{VERSION}.info", begin + _LIMIT)
        taken = time.perf_counter() - begin
        time.sleep(_SETTLE)
        return taken, resident_bytes(mirror.pid) / 1e6
    finally:
        mirror.kill()


def _first_answer(url: str, deadline: float) -> None:
    """Ask until there is an answer. Only a refused connection may be tried again."""
    while True:
        try:
            fetch(url)
        except ConnectionRefusedError:
            if time.perf_counter() > deadline:
                raise
            time.sleep(_POLL)
        else:
            return
