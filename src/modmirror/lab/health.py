"""Whether the measuring program itself was fit to measure: its processor, its event loop, its clock."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror.lab.run.manifest import Flag

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

_STEP = 0.01
"""Seconds between two looks at the event loop."""
_MAX_CPU = 0.8
_MAX_LAG = 0.02
"""Seconds, 99th percentile. A handshake of the engine's own takes some of them: not less."""
_MAX_JUMP = 1.0
"""Seconds that the wall clock may gain or lose against the monotonic one in a run."""
_SLOWER, _SLOWER_BY = 3.0, 0.002
"""Ratio and seconds by which the floor of the client may rise between the beginning and the end."""
_STAT = Path("/proc/stat")
_STEAL = 7
"""Place of the stolen time: user, nice, system, idle, iowait, irq, softirq, steal (proc(5))."""
_MAX_STOLEN = 0.1
_LEAST = 100
"""Looks below which nothing can be said of the 99th percentile."""


@asynccontextmanager
async def watched(flag: Callable[[Flag], None]) -> AsyncIterator[None]:
    """Watch while the block runs; flags are raised at its end."""
    lags: list[float] = []
    sampler = asyncio.create_task(_sample(lags))
    wall, monotonic, cpu, ticks = time.time(), time.monotonic(), time.process_time(), _ticks()
    try:
        yield
    finally:
        sampler.cancel()
        elapsed = time.monotonic() - monotonic
        jump = (time.time() - wall) - elapsed
        share = (time.process_time() - cpu) / elapsed if elapsed else 0.0
        for found in (*findings(share, lags, jump), *stolen(ticks, _ticks())):
            flag(found)


def findings(cpu: float, lags: Sequence[float], jump: float) -> list[Flag]:
    """Return what makes a run doubtful.

    Args:
        cpu: Share of one processor that the client used.
        lags: Seconds by which the event loop was late, each 10 ms.
        jump: Seconds by which the wall clock moved more than the monotonic one.
    """
    flags: list[Flag] = []
    if abs(jump) > _MAX_JUMP:
        flags.append(Flag("clock_jump", f"the clock was moved by {jump:+.1f} s, or the machine slept"))
    if len(lags) < _LEAST:
        return flags
    lag = sorted(lags)[int(len(lags) * 0.99)]
    if cpu > _MAX_CPU:
        flags.append(Flag("client_saturated", f"the client used {cpu:.0%} of a processor"))
    elif lag > _MAX_LAG:
        flags.append(Flag("client_saturated", f"the client was late by {lag * 1000:.0f} ms at P99"))
    return flags


def stolen(before: Sequence[int], after: Sequence[int]) -> list[Flag]:
    """Return a flag when other virtual machines took the processors.

    Args:
        before: The first line of ``/proc/stat`` as numbers; empty where there is none.
        after: The same, later.
    """
    if len(before) <= _STEAL or len(after) <= _STEAL:
        return []
    spent = [late - early for early, late in zip(before, after, strict=True)]
    # Time of guests is part of user time already.
    share = spent[_STEAL] / (sum(spent[: _STEAL + 1]) or 1)
    if share <= _MAX_STOLEN:
        return []
    return [Flag("cpu_steal", f"other virtual machines took {share:.0%} of the processors")]


def drift(before: Mapping[str, float], after: Mapping[str, float]) -> Flag | None:
    """Return a flag when the client itself became slower: floors by phase, as calibration found them."""
    if after["total"] < before["total"] * _SLOWER or after["total"] - before["total"] < _SLOWER_BY:
        return None
    first, last = before["total"] * 1000, after["total"] * 1000
    return Flag("drift", f"the client's own floor rose from {first:.2f} ms to {last:.2f} ms meanwhile")


def _ticks() -> list[int]:
    try:
        first = _STAT.read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return []  # another kernel: nothing is known of it, and nothing is claimed
    return [int(word) for word in first.split()[1:]]


async def _sample(lags: list[float]) -> None:
    while True:
        due = time.monotonic() + _STEP
        await asyncio.sleep(_STEP)
        lags.append(max(0.0, time.monotonic() - due))
