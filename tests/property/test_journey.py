"""Doubts change who is asked first, never what there is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import Error, NotExist, UpstreamUnavailable
from modmirror.mod.path import ModulePath
from modmirror.protocol.chain import Link
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.journey import Chain, Journey
from modmirror.proxy.memory import Shunned
from tests.fakes.engine import FakeClock
from tests.fakes.guided import guide_for
from tests.fakes.waiting import ready

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.proxy.memory import Doubts
    from modmirror.upstream.port import Upstream

M = ModulePath("x.y/m")
ZIP = ModuleTarget(Kind.ZIP, M, "v1.0.0")
NAMES = "abcd"
FOUND = "found"

chains = st.lists(st.sampled_from(["not-found", "any"]), min_size=1, max_size=4).map(
    lambda separators: tuple(Link(name, go_on) for name, go_on in zip(NAMES, separators, strict=False))  # type: ignore[arg-type]  # sampled_from widens the literals
)
worlds = st.fixed_dictionaries({name: st.sampled_from(["absent", "broken", FOUND]) for name in NAMES})
someone = st.sets(st.sampled_from(NAMES))


def walk(
    links: Sequence[Link], world: Mapping[str, str], doubts: Doubts, *, guided: bool
) -> tuple[list[str], str]:
    """Return who was asked, and how it ended."""
    upstreams: dict[str, Upstream] = {link.upstream: ready(link.upstream) for link in links}
    guide = guide_for(*upstreams.values(), scores=None)[0] if guided else None
    journey = Journey(Chain(tuple(links), upstreams, guide, measured=True), "meta", M, doubts)
    asked: list[str] = []
    while (upstream := journey.next()) is not None:
        asked.append(upstream.name)
        said = world[upstream.name]
        if said == FOUND:
            journey.came(upstream)
            return asked, FOUND
        error: Error = UpstreamUnavailable(upstream.name, "reset") if said == "broken" else NotExist("none")
        journey.failed(upstream, error)
    return asked, "absent" if isinstance(journey.error, NotExist) else "failed"


def doubts_about(doubted: set[str], target: ModuleTarget, bad: set[str] | None = None) -> Doubts:
    shunned = Shunned(600, FakeClock())
    for name in doubted:
        shunned.doubt(ZIP, name, "garbage")
    for name in bad or ():
        shunned.add(ZIP, name, "garbage")
    return shunned.doubts(target)


@given(chains, worlds, someone, st.sampled_from([Kind.ZIP, Kind.MOD, Kind.INFO, Kind.LIST]), st.booleans())
def test_with_doubts_there_is_nothing_exactly_when_there_is_nothing_without(
    links: tuple[Link, ...], world: dict[str, str], doubted: set[str], kind: Kind, guided: bool
) -> None:
    target = ModuleTarget(kind, M, "" if kind is Kind.LIST else "v1.0.0")
    _, without = walk(links, world, doubts_about(set(), target), guided=guided)
    asked, ending = walk(links, world, doubts_about(doubted, target), guided=guided)
    assert (ending == "absent") == (without == "absent")
    assert without != FOUND or ending == FOUND
    assert max(Counter(asked).values()) == 1


@given(chains, worlds, someone, someone, st.booleans())
def test_a_bad_file_is_never_asked_of_its_sender_again_and_never_becomes_not_found(
    links: tuple[Link, ...], world: dict[str, str], bad: set[str], doubted: set[str], guided: bool
) -> None:
    asked, ending = walk(links, world, doubts_about(doubted, ZIP, bad), guided=guided)
    assert not bad.intersection(asked)
    if bad.intersection(link.upstream for link in links) and ending != FOUND:
        assert ending == "failed"


@given(chains, worlds, someone)
def test_whoever_is_in_doubt_is_asked_after_the_others(
    links: tuple[Link, ...], world: dict[str, str], doubted: set[str]
) -> None:
    asked, _ = walk(links, world, doubts_about(doubted, ZIP), guided=False)
    assert [name in doubted for name in asked] == sorted(name in doubted for name in asked)
