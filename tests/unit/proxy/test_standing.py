from __future__ import annotations

from modmirror.errors import UpstreamUnavailable
from modmirror.proxy.standing import standings_json
from modmirror.routing.plan import Question
from tests.fakes.engine import FakeClock
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready


def test_people_see_scores_breakers_budgets_and_why() -> None:
    clock = FakeClock(100.0)
    guide, _ = guide_for(ready("one"), ready("two"), clock=clock, scores=None)
    for number in range(3):
        permit = guide.admit("one", panic=False)
        guide.failed(permit, "meta", 0.1, f"x.y/{number}/@v/list", UpstreamUnavailable("one", "reset"))
    guide.answered(guide.admit("two", panic=False), "meta", 0.25, "x.y/m/@v/list")
    guide.plan(Question(("one", "two"), "meta"))
    told = standings_json(guide.router.standings(clock()), clock(), 1_700_000_000.0)
    assert told["upstreams"] == [
        {
            "upstream": "one",
            "breaker": "open",
            "last_failure": "reset",
            "asked_again_in_seconds": 0.5,
            "share": 0.0,
            "score_ms": {"meta": None, "zip-small": None, "zip-large": None},
            "p95_ms": None,
            "bytes_per_second": None,
            "lacks_prefixes": 0,
            "running": 0,
        },
        {
            "upstream": "two",
            "breaker": "closed",
            "last_failure": "",
            "asked_again_in_seconds": 0.0,
            "share": 1.0,
            "score_ms": {"meta": 250.0, "zip-small": None, "zip-large": None},
            "p95_ms": None,
            "bytes_per_second": None,
            "lacks_prefixes": 0,
            "running": 0,
        },
    ]
    assert told["budgets"] == {"hedge_tokens": 20.0, "retry_tokens": 30.2, "probes_sent": 0}
    assert told["choices"] == {"meta of one, two": "two: the best score known: 250 ms"}
    assert told["decisions"] == [
        {"at": "2023-11-14T22:13:20Z", "subject": "one", "what": "no longer asked", "why": "reset"},
        {
            "at": "2023-11-14T22:13:20Z",
            "subject": "meta",
            "what": "asks two first",
            "why": "the best score known: 250 ms",
        },
    ]
