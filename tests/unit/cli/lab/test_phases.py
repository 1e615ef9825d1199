from __future__ import annotations

from modmirror.cli.lab.phases import bar, probe_text
from modmirror.lab.results.probe import ProbeResult, ProbeTarget, Side

COLD = Side(3, 0, 0.1, {"dns": 0.01, "connect": 0.02, "tls": 0.03, "send": 0.0, "wait": 0.04})
WARM = Side(5, 0, 0.05, {"send": 0.0, "wait": 0.05})
NONE = Side(0, 0, None, {})
GOOD = ProbeTarget(
    "https://x.test", COLD, WARM, 200, "10.0.0.1", "1.1", "TLSv1.3 AES", "Some CA", "2027", 0.02,
    {"age": "3", "content-type": "text/plain"}, emulated_connect=0.015,
)  # fmt: skip


def test_all_bars_have_one_scale() -> None:
    assert len(bar(COLD, 0.1)) == 60
    assert len(bar(WARM, 0.1)) == 30
    assert bar(NONE, 0.0) == ""


def test_a_screen_says_where_the_time_goes() -> None:
    text = probe_text(ProbeResult("x/@v/v1.0.0.info", {"x": GOOD}))
    assert "GET …/x/@v/v1.0.0.info" in text
    assert "10.0.0.1, HTTP/1.1, TLSv1.3 AES, issuer Some CA, status 200, rtt 20.0 ms" in text
    assert "cold   100.0 ms  dns 10.0 ms  connect 20.0 ms  tls 30.0 ms" in text
    assert "age: 3" in text
    assert "content-type" not in text
    assert "connect: 15.0 ms of it emulated" in text


def test_a_mirror_that_does_not_answer_says_why() -> None:
    dead = ProbeTarget("https://x.test", Side(3, 3, None, {}), NONE, reason="nothing listens there")
    text = probe_text(ProbeResult("x", {"x": dead}))
    assert "status none" in text
    assert "not ok: nothing listens there" in text
    assert "cold  no answer" in text
    assert "warm" not in text


def test_a_mirror_that_keeps_no_connection_says_so() -> None:
    text = probe_text(ProbeResult("x", {"x": ProbeTarget("https://x.test", COLD, NONE, 200)}))
    assert "warm  not measured: no connection is kept" in text
