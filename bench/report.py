"""How results look: a table for people, JSON for machines. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.result import Result

FORMAT = 2
_HEADER = ("measurement", "median", "95 % interval", "bar", "", "note")


def as_table(results: Sequence[Result]) -> str:
    """Aligned columns; the fifth says pass, tie or FAIL where something is asked."""
    lines = [_HEADER, *(_cells(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADER))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_json(results: Sequence[Result], provenance: Mapping[str, object]) -> str:
    """All numbers, with what is needed to judge them."""
    rows = [asdict(result) | {"verdict": result.verdict} for result in results]
    return json.dumps({"format": FORMAT, "machine": dict(provenance), "results": rows}, indent=1) + "\n"


def _cells(result: Result) -> tuple[str, ...]:
    limit = result.bar.limit
    bar = "" if limit is None else f"{'>=' if result.bar.sense == 'at least' else '<='} {limit:g}"
    if result.unavailable:
        return result.title, "-", "", bar, "", result.unavailable
    verdict = {None: "", "pass": "pass", "tie": "tie", "fail": "FAIL"}[result.verdict]
    between = result.interval
    spread = "n too small"
    if between:
        spread = f"{_number(between.low, result.unit)} - {_number(between.high, result.unit)}"
    median = f"{_number(result.value, result.unit)} {result.unit}"
    return result.title, median, spread, bar, verdict, result.note


def _number(value: float, unit: str) -> str:
    return f"{value:.1f}" if unit in {"ms", "MB"} else f"{value:.2f}"
