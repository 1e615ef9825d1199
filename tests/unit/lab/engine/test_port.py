from __future__ import annotations

from dataclasses import replace

from modmirror.lab.engine.port import Fetched, Request
from modmirror.lab.target import parse_target
from modmirror.measure.sample import Timing

REQUEST = Request(parse_target("http://127.0.0.1:1", name="t"), "x/@v/list", intended=100.5)
FETCHED = Fetched(
    request=REQUEST,
    outcome="ok",
    timing=Timing(total=0.5),
    started=100.75,
    status=200,
    headers={"age": "7", "set-cookie": "s3cret"},
    size=3,
)


def test_a_sample_counts_from_the_beginning_of_the_run() -> None:
    sample = FETCHED.sample("bench", "info", began=100.0, block=4)
    assert (sample.intended, sample.started, sample.block) == (0.5, 0.75, 4)
    unplanned = replace(FETCHED, request=replace(REQUEST, intended=None))
    assert unplanned.sample("bench", "info", began=100.0).intended == 0.75


def test_a_sample_keeps_only_headers_that_betray_caches() -> None:
    assert FETCHED.sample("bench", "info", began=0.0).headers == {"age": "7"}


def test_a_sample_is_warm_when_the_connection_was_in_truth() -> None:
    asked_warm = replace(FETCHED, request=replace(REQUEST, connection="warm"))
    assert asked_warm.sample("b", "i", began=0.0).connection == "cold"
    assert replace(asked_warm, reused=True).sample("b", "i", began=0.0).connection == "warm"


def test_a_download_says_whether_it_stuttered_when_it_was_whole() -> None:
    long = replace(FETCHED, bins=(10, 10, 10, 10, 10, 30, 1))
    assert long.sample("b", "i", began=0.0).stutter
    assert long.judged("mismatch", "x").sample("b", "i", began=0.0).stutter is None


def test_a_verdict_replaces_the_outcome() -> None:
    judged = FETCHED.judged("mismatch", "wrong h1")
    assert (judged.outcome, judged.reason, judged.ok, FETCHED.ok) == ("mismatch", "wrong h1", False, True)
