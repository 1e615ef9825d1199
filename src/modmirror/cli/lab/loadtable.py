"""A load as text: knee first, then a line for each step with both times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table
from modmirror.lab.results.estimates import TOO_SMALL

if TYPE_CHECKING:
    from modmirror.lab.results.load import LoadResult, LoadStep

_HEAD = (
    "step", "rate", "answered", "P50", "P95", "P99", "P99.9", "max", "service P99", "errors", "dropped",
    "client", "server", "CPU-ms/1000", "memory", "server GC",
)  # fmt: skip


def load_text(result: LoadResult) -> str:
    """Return everything."""
    knee = "not found" if result.knee is None else f"{result.knee:.0f} requests a second"
    parts = [f"{result.target}: knee {knee} ({result.reason}); {result.arrivals} arrivals"]
    if result.steps:
        parts.append(table([_HEAD, *map(_row, result.steps)]))
        parts += _causes(result)
    parts.append("\n".join(_closed(result)))
    parts.append(
        "Times count from the instant a request was meant to begin; service P99 from when it did.\n"
        "client, server: processors used. server GC: pauses and their mean, if its /metrics tells them.\n"
        "n too small: P99 needs 368 answers, P99.9 needs 3688."
    )
    return "\n\n".join(part for part in parts if part)


def _closed(result: LoadResult) -> list[str]:
    lines = []
    if result.closed_capacity is not None:
        lines.append(f"closed loop: {result.closed_capacity:.0f}/s (closed: latency not comparable)")
    if result.wrk_capacity is not None:
        lines.append(f"wrk, closed loop: {result.wrk_capacity:.0f}/s")
    return lines


def _causes(result: LoadResult) -> list[str]:
    lines = [f"{step.offered:.0f}/s: {step.failed}" for step in result.steps if step.failed]
    rejected = sum(step.rejected for step in result.steps)
    if rejected:
        lines.append(f"answers 429: {rejected}")
    pauses = [step.gc_pause_p99 for step in result.steps if step.gc_pause_p99 is not None]
    if pauses:
        lines.append(f"garbage collection of the client, P99: {_ms(max(pauses))}")
    return ["\n".join(lines)]


def _row(step: LoadStep) -> tuple[str, ...]:
    errors = ", ".join(f"{name} {count}" for name, count in step.errors.items())
    cost = None if step.server_cpu is None or not step.achieved else step.server_cpu / step.achieved * 1e6
    return (
        step.part,
        f"{step.offered:.0f}/s",
        f"{step.achieved:.0f}/s",
        *(_ms(step.response.get(name)) for name in ("p50", "p95", "p99", "p999", "max")),
        _ms(step.service.get("p99")),
        errors or "0",
        str(step.dropped),
        f"{step.client_cpu:.2f}",
        "–" if step.server_cpu is None else f"{step.server_cpu:.2f}",
        "–" if cost is None else f"{cost:.0f}",
        "–" if step.server_rss is None else f"{step.server_rss / 1e6:.0f} MB",
        _pauses(step),
    )


def _pauses(step: LoadStep) -> str:
    if step.server_gc_count is None or step.server_gc_seconds is None:
        return "–"
    if not step.server_gc_count:
        return "0"
    return f"{step.server_gc_count} x {_ms(step.server_gc_seconds / step.server_gc_count)}"


def _ms(seconds: float | None) -> str:
    return TOO_SMALL if seconds is None else f"{seconds * 1000:.2f} ms"
