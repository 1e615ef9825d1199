from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    BadZip,
    Error,
    NotExist,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from modmirror.measure.score import Prior
from modmirror.mod.path import ModulePath
from modmirror.protocol.chain import DIRECT, Link, parse_goproxy
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.journey import Chain, Journey
from modmirror.proxy.memory import Shunned
from modmirror.upstream.race import RacedUpstream
from tests.fakes.engine import FakeClock
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready

if TYPE_CHECKING:
    from modmirror.proxy.memory import Doubts
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


M = ModulePath("x.y/m")
ZIP = ModuleTarget(Kind.ZIP, M, "v1.0.0")
OTHER_ZIP = ModuleTarget(Kind.ZIP, M, "v1.1.0")
LIST = ModuleTarget(Kind.LIST, M)


def journey(made: Chain, doubts: Doubts | None = None) -> Journey:
    return Journey(made, "meta", M, doubts)


def after_a_bad_zip_of(*names: str, now: ModuleTarget = OTHER_ZIP) -> Doubts:
    """What is held against some upstreams when, after one bad zip of each, something is wanted ``now``."""
    shunned = Shunned(600, FakeClock())
    for name in names:
        shunned.add(ZIP, name, "garbage")
    return shunned.doubts(now)


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


# --- after a bad file ---


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("text", ["a,b", "a|b"])
def test_one_that_sent_a_bad_file_is_asked_last_for_other_files_of_the_module(
    text: str, *, guided: bool
) -> None:
    assert asked(journey(chain(text, guided=guided), after_a_bad_zip_of("a")), GONE, GONE, GONE) == [
        "b",
        "a",
    ]


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("text", ["a,b", "a|b"])
def test_the_file_itself_is_not_asked_of_it_again(text: str, *, guided: bool) -> None:
    walk = journey(chain(text, guided=guided), after_a_bad_zip_of("a", now=ZIP))
    assert asked(walk, GONE, GONE) == ["b"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamBadAnswer), "it may exist: it was bad"
    assert "garbage" in walk.error.reason


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("text", ["a", "a|b", "a,b", "a|b,c", "a,b|c", "a,off"])
def test_there_is_nothing_when_those_in_doubt_say_so_too(text: str, *, guided: bool) -> None:
    walk = journey(chain(text, guided=guided), after_a_bad_zip_of("a", "b"))
    names = asked(walk, *[GONE] * 4)
    assert sorted(names) == sorted(set(text) & set(NAMES))
    assert walk.next() is None
    assert isinstance(walk.error, NotExist)


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("text", ["a|b", "a,b"])
def test_a_failure_of_the_one_in_doubt_is_no_not_found(text: str, *, guided: bool) -> None:
    walk = journey(chain(text, guided=guided), after_a_bad_zip_of("a"))
    assert asked(walk, GONE, broken("a")) == ["b", "a"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


def test_a_failure_of_the_others_is_no_not_found_either() -> None:
    walk = journey(chain("a|b"), after_a_bad_zip_of("a"))
    assert asked(walk, broken("b"), GONE) == ["b", "a"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)
    assert walk.heard == ("b: connection refused", "a: none")


@pytest.mark.parametrize("guided", [False, True])
def test_a_comma_behind_a_sound_one_that_fails_still_stops(*, guided: bool) -> None:
    walk = journey(chain("a,b,c", guided=guided), after_a_bad_zip_of("a"))
    assert asked(walk, broken("b"), GONE, GONE) == ["b", "a"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


@pytest.mark.parametrize("now", [ZIP, OTHER_ZIP, LIST], ids=["itself", "another", "list"])
def test_passing_one_by_does_not_lead_over_the_comma_behind_another_that_fails(now: ModuleTarget) -> None:
    made = chain("a|b,c")
    guide_of(made).router.restore({"b": {"meta": Prior(0.001)}, "a": {"meta": Prior(1)}})
    walk = journey(made, after_a_bad_zip_of("a", now=now))
    assert "c" not in asked(walk, broken("b"), GONE, GONE)
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("error", [broken("a"), BadZip("garbage")], ids=["broken off", "bad"])
def test_what_goes_on_whatever_the_separator_comes_to_the_one_in_doubt_as_well(
    error: Error, *, guided: bool
) -> None:
    walk = journey(chain("a,b", guided=guided), after_a_bad_zip_of("b"))
    first = walk.next()
    assert first is not None
    walk.failed(first, error, lenient=True)
    assert asked(walk, GONE) == ["b"]


def test_in_doubt_nobody_is_asked_twice() -> None:
    walk = journey(chain("a|b,c|d"), after_a_bad_zip_of("b", "d"))
    assert asked(walk, *[GONE] * 8) == ["a", "c", "b", "d"]


def test_the_one_in_doubt_may_have_what_the_others_lack() -> None:
    walk = journey(chain("a|b"), after_a_bad_zip_of("a"))
    assert asked(walk, GONE) == ["b"]
    found = walk.next()
    assert found is not None
    assert found.name == "a"
    walk.came(found)


def test_one_in_doubt_costs_a_retry_like_any_other() -> None:
    made = chain("a|b")
    while guide_of(made).retry("b"):
        pass
    walk = journey(made, after_a_bad_zip_of("a"))
    assert asked(walk, broken("b"), GONE) == ["b"]
    assert walk.next() is None
    assert isinstance(walk.error, UpstreamUnavailable)


@pytest.mark.parametrize(
    ("text", "order"), [("a|b", ["b", "a"]), ("a,b", ["a", "b"]), ("a|b,c", ["b", "a", "c"])]
)
def test_for_what_cannot_be_proven_the_meaning_of_a_comma_stays(text: str, order: list[str]) -> None:
    assert asked(journey(chain(text), after_a_bad_zip_of("a", now=LIST)), GONE, GONE, GONE) == order


async def test_one_in_doubt_is_not_raced_against_the_others() -> None:
    made = chain("a|b")
    upstream = journey(made, after_a_bad_zip_of("a", now=LIST)).next()
    assert isinstance(upstream, RacedUpstream)
    assert upstream.name == "b"
    made.upstreams["https://b"].go.clear()  # type: ignore[attr-defined]  # it is a fake
    made.upstreams["https://b"].error = broken("b")  # type: ignore[attr-defined]  # it is a fake
    guide_of(made).router.restore({"b": {"meta": Prior(0.001)}})

    async def ask() -> None:
        async with upstream.get("x.y/m/@v/list"):
            pass

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0.1)  # nothing may come however long one waits: a short while has to do
    made.upstreams["https://b"].go.set()  # type: ignore[attr-defined]  # it is a fake
    with pytest.raises(UpstreamUnavailable):
        await asking
    assert made.upstreams["https://a"].asked == 0  # type: ignore[attr-defined]  # it is a fake


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
