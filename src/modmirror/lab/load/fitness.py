"""Whether the generator was fit for a step, or was itself what was measured (lab.md 2.2). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.run.manifest import Flag

if TYPE_CHECKING:
    from modmirror.lab.results.load import LoadStep

_MAX_CPU = 0.8
_MAX_LATE = 0.001
_OF_MEDIAN = 0.05
"""By how much requests may begin too late at P99: a millisecond, or this share of the median response."""


def saturated(step: LoadStep) -> Flag | None:
    """Return why the numbers of a step are the client's own."""
    where = f"at {step.offered:.0f} requests a second"
    if step.client_cpu > _MAX_CPU:
        return Flag("client_saturated", f"{where} the client used {step.client_cpu:.0%} of a processor")
    late = step.lateness_p99
    allowed = max(_MAX_LATE, _OF_MEDIAN * (step.response.get("p50") or 0.0))
    # Beyond the knee nobody reads the latency; below it, being late is part of every number.
    if late is None or step.failed or late <= allowed:
        return None
    text = f"{where} requests began {late * 1000:.1f} ms too late at P99, more than {allowed * 1000:.1f} ms"
    return Flag("client_saturated", text)
