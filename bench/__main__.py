"""``python -m bench``: measure the mirror against nginx and a Go file server, as ratios within one run.

Everything runs on the same two CPUs: servers, load and clients. Repetitions of the servers are interleaved
and compared pair by pair, so that a busy moment of the machine touches both sides.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import ToolMissing, pin_here, provenance
from bench.report import as_json, as_table
from bench.result import FOR_INFORMATION, Result
from bench.rig import Rig
from bench.table import MEASUREMENTS, ORIGIN
from tests.corpus.packages import CorpusUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

WORK = Path(__file__).resolve().parents[1] / ".work"
_BUSY = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 when a bar is missed beyond doubt."""
    options = _parser().parse_args(arguments)
    pin_here()
    machine = provenance()
    print(_headline(machine))
    results: list[Result] = []
    WORK.mkdir(exist_ok=True)
    repetitions, seconds = (3, 1) if options.quick else (options.repetitions, options.seconds)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=WORK) as scratch,
        Rig(Path(scratch), repetitions, seconds) as rig,
    ):
        for name in options.only or (ORIGIN if options.origin else MEASUREMENTS):
            results += _measure(name, rig)
            if options.json:
                # After each row: a late failure loses nothing.
                options.json.write_text(as_json(results, machine))
    print("\n" + as_table(results))
    return 1 if any(result.verdict == "fail" for result in results) else 0


def _measure(name: str, rig: Rig) -> list[Result]:
    try:
        return {**MEASUREMENTS, **ORIGIN}[name](rig)
    except (ToolMissing, CorpusUnavailable) as missing:
        return [Result(name, "x", FOR_INFORMATION, unavailable=str(missing))]


def _headline(machine: dict[str, object]) -> str:
    busy = float(str(machine["load_before"])) > _BUSY
    lines = [
        f"{machine['cpu']}, kernel {machine['kernel']}, Python {machine['python']}",
        f"all on CPUs {machine['pinned_to']} of {machine['cpus_of_machine']}; {machine['versions']}",
    ]
    if busy:
        lines.append(f"the machine is busy (load {machine['load_before']}): trust ratios only")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=[*MEASUREMENTS, *ORIGIN], help="repeat it for several"
    )
    parser.add_argument(
        "--origin", action="store_true", help="modules from repositories, against the go command"
    )
    parser.add_argument("--quick", action="store_true", help="three repetitions of one second")
    parser.add_argument("--repetitions", type=int, default=12, help="of each measurement (default 12)")
    parser.add_argument("--seconds", type=int, default=2, help="of load in each (default 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
