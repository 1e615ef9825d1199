"""docs/reference/metrics.md, from the one list of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.telemetry.metrics import SPECS

if TYPE_CHECKING:
    from modmirror.telemetry.metrics import MetricSpec

_HEAD = """\
# Metrics

监控指标：以 Prometheus 文本格式在 `/metrics` 提供。

Made from the code by `make docs`; do not edit.

Served at `/metrics` in the text format of Prometheus.
No label holds a module path or a version: every label has a small closed set of values.
The usual `process_*` metrics (CPU, memory, open files) are there too.

| metric | kind | labels | meaning |
|---|---|---|---|
"""

_BUCKETS = """\

## Buckets

Upper bounds in seconds.

"""


def page() -> str:
    """Return the page as Markdown."""
    rows = "".join(_row(spec) for spec in SPECS)
    buckets = "".join(
        f"- `{spec.name}`: {', '.join(f'{bound:g}' for bound in spec.buckets)}\n"
        for spec in SPECS
        if spec.buckets
    )
    return _HEAD + rows + _BUCKETS + buckets


def _row(spec: MetricSpec) -> str:
    labels = ", ".join(f"`{label}`" for label in spec.labels)
    meaning = spec.help.replace("|", "\\|").replace("``", "`")
    return f"| `{spec.name}` | {spec.kind} | {labels} | {meaning} |\n"
