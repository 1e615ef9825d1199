from __future__ import annotations

import pytest

from modmirror.errors import (
    Error,
    HashMismatch,
    NotExist,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamStalled,
    UpstreamTimeout,
)
from modmirror.protocol.chain import error_for_status
from modmirror.routing.outcome import Outcome
from modmirror.upstream.guide import module_of, outcome_of
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready

ONE, TWO = ready("one"), ready("two")


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (NotExist("none"), "absent"),
        (UpstreamRefused("one", "no", status=403), "refused"),
        (UpstreamTimeout("one", "silent"), "broken"),
        (UpstreamStalled("one", "slow"), "broken"),
        (UpstreamBadAnswer("one", "no JSON"), "bad"),
        (error_for_status("one", 500, "oops", None), "erred"),
        (error_for_status("one", 502, "", None), "erred"),
        (HashMismatch("differs", want="a", got="b"), "left"),
    ],
)
def test_each_error_has_its_meaning_for_routing(error: Error, what: str) -> None:
    assert outcome_of(error, "meta", 1.0, "x.y/m").what == what


def test_an_answer_is_no_reason_to_speak_of() -> None:
    assert outcome_of(NotExist("none"), "meta", 1.0, "m") == Outcome("absent", "meta", 1.0, "m")


def test_what_an_upstream_said_of_a_module_is_not_kept() -> None:
    said = error_for_status("one", 500, "corp.example/secret: oops", None)
    assert outcome_of(said, "meta", 1.0, "m").reason == "status 500"


def test_a_busy_upstream_says_how_long() -> None:
    outcome = outcome_of(UpstreamBusy("one", "later", retry_after=7.0), "meta", 1.0, "m")
    assert outcome == Outcome("busy", "meta", 1.0, "m", "later", 7.0)


def test_a_module_is_what_stands_before_the_at_sign() -> None:
    assert module_of("x.y/!m/@v/v1.0.0.info") == "x.y/!m"
    assert module_of("x.y/m/@latest") == "x.y/m"


def test_a_probe_asks_for_what_the_upstream_or_its_pool_had() -> None:
    guide, _ = guide_for(ONE, TWO)
    pool = ("one", "two")
    guide.answered(guide.admit("two", panic=False), "meta", 0.1, "x.y/m/@v/list", pool)
    assert guide.small_path("one", [pool]) is None
    guide.answered(guide.admit("two", panic=False), "meta", 0.1, "x.y/m/@v/v1.0.0.info", pool)
    assert guide.small_path("one", [pool]) == "x.y/m/@v/v1.0.0.info"
    assert guide.small_path("one") is None
    assert guide.small_path("two") == "x.y/m/@v/v1.0.0.info"


def test_retries_are_counted_by_their_reason() -> None:
    guide, metrics = guide_for(ONE)
    assert sum(guide.retry("one") for _ in range(31)) == 30
    assert metrics.counted == [("retried", "retried")] * 30 + [("retried", "refused")]


def test_late_and_left_are_different_things() -> None:
    guide, _ = guide_for(ONE)
    for number in range(3):
        guide.gave_up(guide.admit("one", panic=False), "meta", 1.0, f"x.y/{number}/@v/list", late=False)
    assert guide.router.standings(guide.now()).upstreams[0].breaker == "closed"
    for number in range(3):
        guide.gave_up(guide.admit("one", panic=False), "meta", 1.0, f"x.y/{number}/@v/list", late=True)
    standing = guide.router.standings(guide.now()).upstreams[0]
    assert standing.reason == "no answer within 1.0 s"
    assert standing.breaker in {"open", "half-open"}
