from __future__ import annotations

import json
from typing import Any

import pytest

from modmirror.cli.main import run
from modmirror.cli.upstreams import as_lines
from tests.fakes.upstream import FakeUpstream


def upstream(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "upstream": name,
        "breaker": "closed",
        "last_failure": "",
        "asked_again_in_seconds": 0.0,
        "share": 1.0,
        "score_ms": {"meta": 30.2, "zip-small": 131.0, "zip-large": None},
        "p95_ms": 55.0,
        "bytes_per_second": None,
        "lacks_prefixes": 0,
        "running": 0,
    } | changes


TOLD: dict[str, Any] = {
    "upstreams": [
        upstream("https://a.example"),
        upstream("b", breaker="open", last_failure="reset", asked_again_in_seconds=2.5),
        upstream("c", share=0.5),
        upstream("d", lacks_prefixes=3),
    ],
    "choices": {"meta of a, b": "a: the first one declared"},
    "requests_per_second": 1.5,
    "budgets": {"hedge_tokens": 20.0, "retry_tokens": 30.0, "probes_sent": 4},
    "decisions": [
        {"at": "2026-01-01T00:00:00Z", "subject": "b", "what": "no longer asked", "why": "reset"}
    ],
}


def test_each_upstream_is_a_row_with_what_is_to_know() -> None:
    assert list(as_lines(TOLD)) == [
        "UPSTREAM           BREAKER        META     SMALL     LARGE       P95  NOTE",
        "https://a.example  closed        30 ms    131 ms         -     55 ms",
        "b                  open          30 ms    131 ms         -     55 ms  reset; again in 2.5 s",
        "c                  closed        30 ms    131 ms         -     55 ms  came back, takes 50 % of its share",  # noqa: E501  # a row as it is
        "d                  closed        30 ms    131 ms         -     55 ms  lacks 3 module prefixes",
        "",
        "meta of a, b\n  a: the first one declared",
        "1.5 requests/s; left: 20 hedges, 30 retries; 4 probes sent",
        "2026-01-01T00:00:00Z b: no longer asked (reset)",
    ]


@pytest.mark.parametrize("words", [[], ["--url"]])
def test_the_mirror_is_asked_whether_named_first_or_by_the_flag(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeUpstream() as mirror:
        mirror.put("-/upstreams", json.dumps(TOLD).encode())
        assert run(["upstreams", *words, mirror.url, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == TOLD
        assert run(["upstreams", *words, mirror.url]) == 0
        assert capsys.readouterr().out.startswith("UPSTREAM")
