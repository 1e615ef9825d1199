"""The two tables of measurements: a name for ``--only``, and the function that measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.rows import (
    cold_zip,
    from_repository,
    hot_info,
    hot_zip,
    idle,
    large_zip,
    load_generator,
    warm_download,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.result import Result
    from bench.rig import Rig

MEASUREMENTS: Mapping[str, Callable[[Rig], list[Result]]] = {
    "hot-info": hot_info.measure,
    "hot-zip": hot_zip.measure,
    "large-zip": large_zip.measure,
    "cold-zip": cold_zip.measure,
    "warm-download": warm_download.measure,
    "idle": idle.measure,
    "load-generator": load_generator.measure,
}

ORIGIN: Mapping[str, Callable[[Rig], list[Result]]] = {
    "origin-cold": from_repository.measure_cold,
    "origin-kept": from_repository.measure_kept,
    "origin-ten": from_repository.measure_ten,
    "origin-many": from_repository.measure_many,
}
"""Measured against the go command, not against file servers: a run of its own."""
