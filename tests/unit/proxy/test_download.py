"""Downloads by themselves: which bytes are asked of whom, and what is refused before it does harm."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import UpstreamBadAnswer, UpstreamTimeout, UpstreamUnavailable
from modmirror.mod.path import ModulePath
from modmirror.mod.zipscan import ScannedEntry
from modmirror.protocol.chain import links_from_list
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.download import OVERLAP, RESUMES, Download
from modmirror.proxy.flight import HELD_BACK_BYTES, Flight
from modmirror.proxy.intake import Intake
from modmirror.proxy.memory import Shunned
from modmirror.proxy.routes import Route
from modmirror.storage.memory import MemoryStorage
from tests.fakes.engine import FakeClock
from tests.fakes.guided import guide_for
from tests.fakes.script import Say, ScriptedUpstream

if TYPE_CHECKING:
    from modmirror.upstream.port import Upstream

TARGET = ModuleTarget(Kind.ZIP, ModulePath("x.y/m"), "v1.0.0")
DATA = b"PK\x03\x04" + os.urandom(3 * HELD_BACK_BYTES)
HALF = len(DATA) // 2
LIMIT = 10 * len(DATA)
ENTRY = ScannedEntry(b"x", 8, 0, bytes(32), 1, 2, 3, 4)
RESET = UpstreamUnavailable("one.example", "connection reset")


@dataclass(slots=True)
class Trial:
    """One download with everything it works on."""

    download: Download
    intake: Intake
    flight: Flight
    pauses: list[float]

    async def taken(self) -> bytes:
        await self.intake.flush()
        return self.flight._spool.read(0, self.intake.received)


async def trial(
    *upstreams: ScriptedUpstream, shunned: Shunned | None = None, measured: bool = False
) -> Trial:
    links = links_from_list(
        (f"https://{each.name}" for each in upstreams), "any" if measured else "not-found"
    )
    by_link: dict[str, Upstream] = {f"https://{each.name}": each for each in upstreams}
    guide = guide_for(*upstreams, scores=None)[0] if measured else None
    route = Route(("*",), links, by_link, guide=guide, measured=measured)
    spool = await MemoryStorage().spool()
    flight = Flight(spool)
    pool = ThreadPoolExecutor(1)
    intake = Intake(spool, pool, pool, flight.advance)
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    memory = shunned or Shunned(600, FakeClock())
    return Trial(Download(TARGET, route, intake, flight, memory, sleep), intake, flight, pauses)


def upstream(*answers: Say | bytes, name: str = "one.example") -> ScriptedUpstream:
    made = ScriptedUpstream(name)
    made.say(TARGET.path, *answers)
    return made


def broken(after: int, etag: str = "") -> Say:
    return Say(DATA, break_after=after, error=RESET, etag=etag)


async def test_a_whole_file_is_taken_from_the_first_upstream() -> None:
    one, two = upstream(DATA), upstream(DATA, name="two.example")
    tried = await trial(one, two)
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA
    assert (tried.download.upstreams, two.asked) == (["one.example"], [])


async def test_a_resume_on_the_same_upstream_is_guarded_by_its_strong_etag() -> None:
    one = upstream(broken(HALF, '"v1"'), Say(DATA, etag='"v1"'))
    tried = await trial(one)
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA
    assert [(asked.offset, asked.if_range) for asked in one.asked] == [(0, ""), (HALF, '"v1"')]


async def test_another_upstream_repeats_some_bytes_to_show_that_it_has_the_same_file() -> None:
    one = upstream(broken(HALF), Say(error=RESET))
    two = upstream(DATA, name="two.example")
    tried = await trial(one, two)
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA
    assert [(asked.offset, asked.if_range) for asked in two.asked] == [(HALF - OVERLAP, "")]
    assert tried.download.upstreams == ["one.example", "two.example"]


async def test_what_a_sender_says_of_its_own_zip_goes_with_the_bytes() -> None:
    tried = await trial(upstream(Say(DATA, scanned={0: ENTRY})))
    await tried.download.run(LIMIT)
    assert await tried.intake.scanned() == {0: ENTRY}


async def test_of_a_zip_put_together_from_two_nothing_is_believed() -> None:
    own = Say(DATA, break_after=HALF, error=RESET, scanned={0: ENTRY})
    tried = await trial(
        upstream(own, Say(error=RESET)), upstream(Say(DATA, scanned={0: ENTRY}), name="two.example")
    )
    await tried.download.run(LIMIT)
    assert tried.download.upstreams == ["one.example", "two.example"]
    assert await tried.intake.scanned() == {}


async def test_in_a_pool_somebody_else_who_is_well_has_the_rest_at_once() -> None:
    one, two = upstream(broken(HALF), DATA), upstream(DATA, name="two.example")
    tried = await trial(one, two, measured=True)
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA
    assert (len(one.asked), len(two.asked), tried.pauses) == (1, 1, [])


@pytest.mark.parametrize("other", [Say(status=404), Say(status=403), Say(status=500), Say(error=RESET)])
async def test_where_nobody_else_has_the_rest_the_one_that_began_is_asked_again(other: Say) -> None:
    one, two = upstream(broken(HALF), broken(10), DATA), upstream(other, name="two.example")
    tried = await trial(one, two, measured=True)
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA
    assert (len(one.asked), len(two.asked)) == (3, 1)


async def test_pauses_double_and_resumes_are_counted() -> None:
    answers = [broken(HALF), *(Say(DATA, break_after=10, error=RESET) for _ in range(RESUMES))]
    one = upstream(*answers)
    tried = await trial(one)
    with pytest.raises(UpstreamUnavailable):
        await tried.download.run(LIMIT)
    assert len(one.asked) == RESUMES + 1
    assert tried.pauses == [0.2, 0.4, 0.8]


async def test_a_stall_is_resumed_like_a_break() -> None:
    stalled = Say(DATA, break_after=HALF, error=UpstreamTimeout("one.example", "no byte in 30 seconds"))
    tried = await trial(upstream(stalled, DATA))
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA


async def test_a_resume_that_brings_nothing_moves_on_at_once() -> None:
    one = upstream(broken(HALF), Say(DATA, break_after=0, error=RESET))
    two = upstream(DATA, name="two.example")
    tried = await trial(one, two)
    await tried.download.run(LIMIT)
    assert len(one.asked) == 2
    assert await tried.taken() == DATA


OTHER = b"PK\x03\x04" + os.urandom(len(DATA) - 4)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Say(DATA + b"more"), "another file"),
        (Say(OTHER), "other bytes"),
        (Say(DATA[: HALF - 10], declared=False, ranges=False), "before the byte"),
        (Say(b"", status=416), "no byte"),
    ],
    ids=["another length", "other bytes", "shorter", "416"],
)
async def test_another_file_is_not_the_rest_and_next_time_its_sender_is_asked_first(
    answer: Say, reason: str
) -> None:
    shunned = Shunned(600, FakeClock())
    one = upstream(Say(DATA, break_after=HALF, error=RESET, declared="another" in reason), Say(error=RESET))
    tried = await trial(one, upstream(answer, name="two.example"), shunned=shunned)
    with pytest.raises(UpstreamBadAnswer, match=reason):
        await tried.download.run(LIMIT)
    doubts = shunned.doubts(TARGET)
    assert [doubts.hesitation(name) is None for name in ("one.example", "two.example")] == [False, True]
    assert doubts.refusal("one.example") is None, "which of the two is wrong is not known yet"


async def test_an_only_upstream_that_contradicts_itself_is_asked_again_next_time() -> None:
    shunned = Shunned(600, FakeClock())
    tried = await trial(upstream(broken(HALF), Say(OTHER, ranges=False)), shunned=shunned)
    with pytest.raises(UpstreamBadAnswer, match="other bytes"):
        await tried.download.run(LIMIT)
    assert shunned.doubts(TARGET).hesitation("one.example") is None


async def test_a_shunned_upstream_is_passed_over_even_after_a_comma() -> None:
    shunned = Shunned(600, FakeClock())
    shunned.add(TARGET, "one.example", "garbage")
    one, two = upstream(DATA), upstream(DATA, name="two.example")
    tried = await trial(one, two, shunned=shunned)
    await tried.download.run(LIMIT)
    assert (one.asked, tried.download.upstreams) == ([], ["two.example"])


async def test_a_declared_length_over_the_limit_is_refused_before_a_byte_is_taken() -> None:
    tried = await trial(upstream(DATA))
    with pytest.raises(UpstreamBadAnswer, match="module zips end at 1000"):
        await tried.download.run(1000)
    assert tried.intake.received == 0


async def test_before_a_byte_is_released_a_break_starts_over_elsewhere() -> None:
    one = upstream(Say(DATA, break_after=1000, error=RESET, declared=False), Say(error=RESET))
    two = upstream(DATA, name="two.example")
    tried = await trial(one, two)
    await tried.download.run(LIMIT)
    assert await tried.taken() == DATA
    assert [asked.offset for asked in two.asked] == [0]
    assert tried.download.upstreams == ["two.example"]
