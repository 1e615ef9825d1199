"""``python -m bench.outage``: the mirror, nginx and Varnish in front of upstreams that fall sick.

One run, one timeline of faults, the same open-loop clients for everybody. Exit code 1 when the mirror is
behind in anything that a client notices.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import ToolMissing, provenance, tool
from bench.outage import builds
from bench.outage.contenders import CONTENDERS, TOOLS
from bench.outage.load import plan, prime, run
from bench.outage.summary import as_table, summarise
from bench.outage.timeline import phases
from bench.outage.upstreams import Upstreams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.outage.summary import Standing

WORK = Path(__file__).resolve().parents[2] / ".work"
_LEAD = 0.5
"""Seconds between the last preparation and the first request."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    machine = provenance()
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="outage-", dir=WORK) as scratch:
        present = [name for name in CONTENDERS if _is_present(name)]
        standings = measure(present, Path(scratch), options.scale, options.rate, options.seed)
        print(as_table(standings), flush=True)
        wanted = options.rounds and _is_present("builds")
        ratios = builds.measure(Path(scratch), options.rounds) if wanted else {}
    print("\n" + builds.as_table(ratios) if ratios else "")
    if options.json:
        told = {"machine": machine, "standings": [asdict(each) for each in standings], "builds": ratios}
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    behind = behind_in(standings)
    if ratios and builds.overall(ratios) > builds.BAR:
        behind.append("builds")
    for column in behind:
        print(f"modmirror is behind in: {column}")
    return 1 if behind else 0


def measure(
    contenders: Sequence[str], scratch: Path, scale: float, rate: float, seed: int
) -> list[Standing]:
    """Start everybody, let the timeline happen, and say how each did."""
    timeline = phases(scale)
    length = timeline[-1].end
    planned = plan(length, rate, seed)
    with Upstreams(contenders) as upstreams, ExitStack() as stack:
        urls = {
            name: stack.enter_context(CONTENDERS[name](upstreams.ports(name), scratch))
            for name in contenders
        }
        asyncio.run(prime(urls))
        before = {name: upstreams.requests(name) for name in contenders}
        print(f"{len(planned)} requests in {length:.0f} s to each of {', '.join(contenders)}", flush=True)
        begin = time.monotonic() + _LEAD
        playing = upstreams.play(timeline, begin)
        samples = asyncio.run(run(urls, planned, begin))
        playing.join()
        return [
            summarise(name, samples[name], timeline, upstreams.requests(name) - before[name])
            for name in contenders
        ]


def behind_in(standings: Sequence[Standing]) -> list[str]:
    """Name the columns in which somebody does better than the mirror, beyond what chance does."""
    own, *others = standings
    return [
        column
        for column, slack in _COLUMNS.items()
        for other in others
        if getattr(own, column) > getattr(other, column) * slack
    ] + ["stale" for other in others if own.stale < other.stale]


_COLUMNS = {"failed": 1.0, "corrupt": 1.0, "gap": 1.1, "p99": 1.1, "miss_p99": 1.1}
"""What should be small, and how much more is put down to chance."""


def _is_present(name: str) -> bool:
    """Tell whether somebody can run here; say it aloud when not."""
    try:
        tool(TOOLS.get(name, sys.executable))
    except ToolMissing as missing:
        print(f"without {name}: {missing}")
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.outage", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="stretch of the timeline (default 1)")
    parser.add_argument("--rate", type=float, default=30.0, help="requests a second (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="of the clients (default 1)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="of builds with each fault; 0: none (default 3)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
