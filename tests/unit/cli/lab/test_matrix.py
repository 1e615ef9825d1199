from __future__ import annotations

from modmirror.cli.lab.matrix import matrix_text
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult

RESULT = ProtocolResult(
    targets=("a", "b"),
    features=(Feature("list", "version list", needed=True, clause="A.7"), Feature("h2", "HTTP/2")),
    cells={
        "a": {"list": Cell("yes", "GET list → 200"), "h2": Cell("no", "handshake → http/1.1")},
        "b": {"list": Cell("no", "GET list → 403", "why"), "h2": Cell("not-applicable", "over http")},
    },
)


def test_what_is_needed_and_lacks_always_shows_its_evidence() -> None:
    text = matrix_text(RESULT, verbose=False)
    lines = text.splitlines()
    assert lines[1].split() == ["!", "version", "list", "(list)", "✓", "✗"]
    assert lines[2].split() == ["HTTP/2", "(h2)", "✗", "–"]
    assert lines[-1] == "✗ b: list [A.7]: GET list → 403 (why)"
    assert "http/1.1" not in text


def test_all_evidence_is_shown_on_demand() -> None:
    text = matrix_text(RESULT, verbose=True)
    assert "✓ a: list [A.7]: GET list → 200" in text
    assert "– b: h2: over http" in text
