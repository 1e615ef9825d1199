from __future__ import annotations

from modmirror.cli.reference.metrics import page
from modmirror.telemetry.metrics import SPECS


def test_every_metric_has_a_row_with_its_labels() -> None:
    text = page()
    for spec in SPECS:
        labels = ", ".join(f"`{label}`" for label in spec.labels)
        assert f"\n| `{spec.name}` | {spec.kind} | {labels} | " in text


def test_buckets_of_histograms_are_listed() -> None:
    assert page().count("\n- `") == sum(1 for spec in SPECS if spec.buckets)
