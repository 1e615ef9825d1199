"""A large zip that the mirror does not have yet: its first byte and the whole, against the upstream.

Verified against a checksum database on the way. Once with an upstream at the pace of a good line, once
with one that is limited by nothing but this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.client import fetch
from bench.material import COLD, ColdZips
from bench.result import FOR_INFORMATION, Bar, Result, differences, ratios
from tests.corpus.progress import Progress

if TYPE_CHECKING:
    from bench.rig import Rig

FIRST_BYTE = Bar(20.0, "at most")
WHOLE = Bar(1.1, "at most")
GIGABIT = 125_000_000.0
"""Bytes a second."""


def measure(rig: Rig) -> list[Result]:
    """Each repetition has a version of its own, fetched directly and through the mirror."""
    zips = ColdZips(rig.source)
    shaped = _compare(rig, zips, "cold 60 MB zip, 1 Gbit/s", GIGABIT)
    return shaped + _compare(rig, zips, "cold 60 MB zip, unshaped", 0.0)


def _compare(rig: Rig, zips: ColdZips, title: str, rate: float) -> list[Result]:
    upstream = rig.start_upstream(rate)
    first: dict[str, list[float]] = {"mirror": [], "upstream": []}
    whole: dict[str, list[float]] = {"mirror": [], "upstream": []}
    progress = Progress(title)
    with rig.prepare_mirror(f"cold-{rate:.0f}", upstream.url) as mirror:
        urls = {"mirror": mirror.url, "upstream": upstream.url}
        for repetition in range(rig.repetitions):
            cold = zips.next()
            rig.database.db.add(COLD, cold.version, cold.zip_h1, cold.mod_h1)
            for name in sorted(urls, reverse=bool(repetition % 2)):
                timing = fetch(f"{urls[name]}/{COLD}/@v/{cold.version}.zip")
                first[name].append(timing.first_byte * 1000)
                whole[name].append(timing.whole)
            zips.forget(cold.version)
            progress(repetition + 1, rig.repetitions)
    note = f"{timing.body_bytes / 1e6:.0f} MB, verified"
    return [
        Result(
            f"{title}: first byte, mirror - upstream",
            "ms",
            FIRST_BYTE,
            differences(first["mirror"], first["upstream"]),
            note,
            {f"{name} ms": tuple(values) for name, values in first.items()},
        ),
        Result(
            f"{title}: whole, mirror / upstream",
            "x",
            # Without a limit the one core that checks the zip is what decides; no user has that line.
            WHOLE if rate else FOR_INFORMATION,
            ratios(whole["mirror"], whole["upstream"]),
            note,
            {f"{name} s": tuple(values) for name, values in whole.items()},
        ),
    ]
