from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    Error,
    NotExist,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.measure.score import Prior
from modmirror.protocol.chain import DIRECT, Link, parse_goproxy
from modmirror.proxy.journey import Chain, Journey
from modmirror.proxy.memory import Shunned
from tests.fakes.engine import FakeClock
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready

if TYPE_CHECKING:
    from modmirror.upstream.guide import Guide
    from modmirror.upstream.port import Upstream

NAMES = ("a", "b", "c", "d")
GONE = NotExist("none")


def chain(text: str, *, guided: bool = True, measured: bool = True) -> Chain:
    links = parse_goproxy("".join(f"https://{each}" if each in NAMES else each for each in text))
    upstreams: dict[str, Upstream] = {
        f"https://{name}": ready(name) for name in NAMES if f"https://{name}" in {x.upstream for x in links}
    }
    guide = guide_for(*upstreams.values(), scores=None)[0] if guided else None
    return Chain(links, upstreams, guide, measured)


def guide_of(made: Chain) -> Guide:
    assert made.guide is not None
    return made.guide


def journey(made: Chain, shunned: Shunned | None = None) -> Journey:
    return Journey(made, "meta", "x.y/m", shunned or Shunned(600, FakeClock()))


def asked(walk: Journey, *errors: Error) -> list[str]:
    """Walk, failing with one error after another; return who was asked."""
    names = []
    for error in errors:
        upstream = walk.next()
        if upstream is None:
            break
        names.append(upstream.name)
        walk.failed(upstream, error)
    return names


def broken(name: str) -> UpstreamUnavailable:
    return UpstreamUnavailable(name, "connection refused")


@pytest.mark.parametrize(
    ("text", "pools"),
    [
        ("a|b|c", [("a", "b", "c")]),
        ("a,b,c", [("a",), ("b",), ("c",)]),
        ("a|b,c|d", [("a", "b"), ("c", "d")]),
        ("a|b|off", [("a", "b")]),
    ],
)
def test_a_pool_is_what_a_bar_joins(text: str, pools: list[tuple[str, ...]]) -> None:
    assert chain(text).pools() == pools


def test_within_a_pool_the_better_one_is_asked_first() -> None:
    made = chain("a|b,c")
    guide_of(made).router.restore({"b": {"meta": Prior(0.1)}, "a": {"meta": Prior(0.3)}})
    assert asked(journey(made), GONE, GONE, GONE) == ["b", "a", "c"]


def test_no_score_moves_anybody_over_a_comma() -> None:
    made = chain("a,b")
    guide_of(made).router.restore({"b": {"meta": Prior(0.001)}})
    assert asked(journey(made), GONE, GONE) == ["a", "b"]


def test_a_declared_order_is_kept_where_that_is_wanted() -> None:
    made = chain("a|b", measured=False)
    guide_of(made).router.restore({"b": {"meta": Prior(0.1)}, "a": {"meta": Prior(0.3)}})
    assert asked(journey(made), GONE, GONE) == ["a", "b"]


@pytest.mark.parametrize("guided", [False, True])
def test_a_failure_stops_at_a_comma_and_not_at_a_bar(*, guided: bool) -> None:
    made = chain("a|b,c", guided=guided)
    walk = journey(made)
    assert asked(walk, broken("a"), broken("b"), GONE) == ["a", "b"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


def test_only_when_all_say_so_there_is_nothing() -> None:
    walk = journey(chain("a|b|c"))
    asked(walk, GONE, GONE, GONE)
    assert walk.next() is None
    assert isinstance(walk.error, NotExist)
    walk = journey(chain("a|b|c"))
    asked(walk, GONE, broken("b"), GONE)
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


def test_a_failure_names_everybody_and_what_they_said() -> None:
    walk = journey(chain("a|b|c"))
    asked(walk, broken("a"), GONE, UpstreamTimeout("c", "no answer"))
    assert walk.next() is None
    assert walk.error.reason == "no answer\na: connection refused\nb: none"


@pytest.mark.parametrize(
    "last",
    [
        UpstreamRefused("b", "no", status=403),
        UpstreamBusy("b", "later", retry_after=5.0),
        UpstreamBadAnswer("b", "no JSON", hint="look"),
    ],
)
def test_the_verdict_keeps_its_kind_and_what_belongs_to_it(last: Error) -> None:
    walk = journey(chain("a|b"))
    asked(walk, broken("a"), last)
    assert walk.next() is None
    assert type(walk.error) is type(last)
    assert {**vars(walk.error), "reason": ""} == {**vars(last), "reason": ""}


def test_one_that_sent_a_bad_file_is_passed_over_even_at_a_comma() -> None:
    shunned = Shunned(600, FakeClock())
    shunned.add("x.y/m", "a", "bad")
    assert asked(journey(chain("a,b"), shunned), GONE) == ["b"]


async def test_after_the_faster_one_sent_rubbish_the_first_has_its_say() -> None:
    made = chain("a|b")
    slow, fast = made.upstreams["https://a"], made.upstreams["https://b"]
    slow.go.clear()  # type: ignore[attr-defined]  # it is a fake
    guide_of(made).router.restore({"a": {"meta": Prior(0.001)}})
    walk = journey(made)
    first = walk.next()
    assert first is not None
    async with first.get("x.y/m/@v/v1.0.0.info"):
        pass
    assert first.name == fast.name
    walk.failed(first, UpstreamBadAnswer("b", "no JSON"))
    again = walk.next()
    assert again is not None
    assert again.name == "a"
    walk.failed(again, GONE)
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamBadAnswer)


def test_without_retries_left_the_failure_is_the_verdict() -> None:
    made = chain("a|b")
    while guide_of(made).retry("a"):
        pass
    walk = journey(made)
    assert asked(walk, broken("a"), GONE) == ["a"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


def test_who_lacks_what_another_had_is_asked_last_the_next_time() -> None:
    made = chain("a|b")
    walk = journey(made)
    asked(walk, GONE)
    found = walk.next()
    assert found is not None
    walk.came(found)
    assert asked(journey(made), GONE, GONE) == ["b", "a"]


def test_a_refusal_is_an_answer_and_going_on_after_it_costs_no_retry() -> None:
    made = chain("a|b")
    while guide_of(made).retry("a"):
        pass
    assert asked(journey(made), UpstreamRefused("a", "no", status=403), GONE) == ["a", "b"]


def test_who_refuses_what_another_had_is_asked_last_the_next_time() -> None:
    made = chain("a|b")
    walk = journey(made)
    asked(walk, UpstreamRefused("a", "no", status=403))
    found = walk.next()
    assert found is not None
    walk.came(found)
    assert asked(journey(made), GONE, GONE) == ["b", "a"]


@pytest.mark.parametrize("better", ["a", "b"])
@pytest.mark.parametrize(
    ("of_a", "of_b", "leaves"),
    [
        (GONE, GONE, True),
        (broken("a"), GONE, True),
        (GONE, broken("b"), False),
        (broken("a"), broken("b"), False),
    ],
)
def test_a_comma_behind_a_pool_asks_what_the_last_one_declared_said(
    of_a: Error, of_b: Error, better: str, *, leaves: bool
) -> None:
    made = chain("a|b,c")
    guide_of(made).router.restore(
        {better: {"meta": Prior(0.001)}, "ab".replace(better, ""): {"meta": Prior(1)}}
    )
    walk, said, names = journey(made), {"a": of_a, "b": of_b, "c": GONE}, []
    while (upstream := walk.next()) is not None:
        names.append(upstream.name)
        walk.failed(upstream, said[upstream.name])
    assert names[0] == better
    assert sorted(names[:2]) == ["a", "b"]
    assert names[2:] == (["c"] if leaves else [])
    assert leaves or not isinstance(walk.error, NotExist)


def test_a_repository_belongs_to_no_pool() -> None:
    made = chain("a|b")
    links = (*made.links[:1], replace(made.links[1], go_on="any"), Link(DIRECT))
    with_direct = Chain(links, {**made.upstreams, DIRECT: ready(DIRECT)}, made.guide)
    assert with_direct.pools() == [("a", "b")]
