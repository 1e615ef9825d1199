"""The conformance matrix as text: a sign for each cell, and the evidence on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.results.protocol import Feature, ProtocolResult

SIGNS = {"yes": "✓", "no": "✗", "partly": "◐", "not-applicable": "–", "unknown": "?"}


def matrix_text(result: ProtocolResult, *, verbose: bool) -> str:
    """Return the matrix; what is amiss always shows its evidence, all of it only when ``verbose``."""
    rows = [("", "", *result.targets)]
    rows += [
        (
            "!" if feature.needed else "",
            f"{feature.title} ({feature.key})",
            *(SIGNS[result.cells[target][feature.key].verdict] for target in result.targets),
        )
        for feature in result.features
    ]
    legend = "  ".join(f"{sign} {verdict}" for verdict, sign in SIGNS.items())
    parts = [table(rows), f"! needed by the go command  {legend}"]
    lines = [line for feature in result.features for line in _evidence(result, feature, verbose=verbose)]
    return "\n\n".join([*parts, "\n".join(lines)] if lines else parts)


def _evidence(result: ProtocolResult, feature: Feature, *, verbose: bool) -> Iterator[str]:
    for target in result.targets:
        cell = result.cells[target][feature.key]
        amiss = feature.needed and cell.verdict in {"no", "partly", "unknown"}
        if verbose or amiss:
            note = f" ({cell.note})" if cell.note else ""
            clause = f" [{feature.clause}]" if feature.clause else ""
            yield f"{SIGNS[cell.verdict]} {target}: {feature.key}{clause}: {cell.evidence}{note}"
