"""The one table of measurements: a name for ``--only``, and the function that measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.rows import cold_zip, hot_info, hot_zip, idle, large_zip, warm_download

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
}
