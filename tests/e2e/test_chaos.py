"""Upstreams that misbehave, through the real server: never stored, always a clear answer, the next one
asked where the chain says so."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.e2e.chaos import SHORT, VERSION, assert_refused, running_world, zip_of
from tests.fakes.faults import HTML, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.chaos import World

GARBAGE = random.Random(0).randbytes(5_000)
HELD_BACK = 131_072
FILLS_AT_ONCE = 64
WEDGED = 100
MIB = 1 << 20


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("chaos")) as world:
        yield world


@dataclass(frozen=True)
class Case:
    """One fault of an upstream, and what a client may be told of it."""

    name: str
    fault: Fault
    status: int = 502
    goes_on: bool = False
    """Whether ``,`` asks the next upstream: after "not found", and for the rest or the repeat of a zip."""


ZIP_CASES = [
    Case("no-answer", Fault(stall_header=True), 504),
    Case("closes-at-once", Fault(close_header=True)),
    Case("resets-at-once", Fault(reset_after=0)),
    Case("truncates", Fault(truncate_after=1000), goes_on=True),
    Case("truncates-chunks", Fault(truncate_after=1000, chunked=True), goes_on=True),
    Case("truncates-undeclared", Fault(truncate_after=1000, until_close=True), goes_on=True),
    Case("truncates-all", Fault(truncate_after=0)),
    Case("resets", Fault(reset_after=2000, drip=(1000, 0.1)), goes_on=True),
    Case("stalls", Fault(stall_after=1000), 504, goes_on=True),
    Case("declares-more", Fault(declare=1000), goes_on=True),
    Case("declares-less", Fault(declare=-1000), goes_on=True),
    Case("declares-too-much", Fault(headers={"Content-Length": "600000000"})),
    Case("web-page", Fault(body=HTML, content_type="text/html")),
    Case("web-page-named-zip", Fault(body=HTML, content_type="application/zip")),
    Case("garbage", Fault(body=GARBAGE)),
    Case("garbage-like-a-zip", Fault(body=b"PK\x03\x04" + GARBAGE), goes_on=True),
    Case("empty", Fault(body=b""), goes_on=True),
    Case("wrong-byte", Fault(flip=15_000), goes_on=True),
    Case("part-nobody-asked-for", Fault(status=206)),
    Case("coding-nobody-asked-for", Fault(headers={"Content-Encoding": "br"})),
    Case("status-204", Fault(status=204)),
    Case("status-301", Fault(status=301)),
    Case("status-400", Fault(status=400)),
    Case("status-401", Fault(status=401)),
    Case("status-403", Fault(status=403)),
    Case("status-451", Fault(status=451)),
    Case("status-429", Fault(status=429, headers={"Retry-After": "7"}), 503),
    Case("status-500", Fault(status=500)),
    Case("status-500-page", Fault(status=500, body=HTML, content_type="text/html")),
    Case("status-502", Fault(status=502)),
    Case("status-503", Fault(status=503)),
    Case("status-503-later", Fault(status=503, headers={"Retry-After": "7"}), 503),
    Case("status-404", Fault(status=404), 404, goes_on=True),
    Case("status-410", Fault(status=410), 404, goes_on=True),
    Case("circle", Fault(redirect="/{path}")),
    Case("endless-redirects", Fault(hops=30)),
    Case("redirect-nowhere", Fault(redirect="gopher://127.0.0.1/")),
]

MOD_CASES = [
    Case("truncates", Fault(truncate_after=5)),
    Case("stalls", Fault(stall_after=5), 504),
    Case("declares-more", Fault(declare=5)),
    Case("declares-less", Fault(declare=-5), goes_on=True),
    Case("web-page", Fault(body=HTML, content_type="text/html")),
    Case("web-page-named-text", Fault(body=HTML)),
    Case("garbage", Fault(body=GARBAGE)),
    Case("another", Fault(body=b"module evil.test/m\n"), goes_on=True),
    Case("status-500", Fault(status=500)),
    Case("status-404", Fault(status=404), 404, goes_on=True),
]

INFO_CASES = [
    Case("truncates", Fault(truncate_after=5)),
    Case("stalls", Fault(stall_after=5), 504),
    Case("web-page", Fault(body=HTML, content_type="text/html")),
    Case("web-page-named-json", Fault(body=HTML, content_type="application/json")),
    Case("garbage", Fault(body=GARBAGE)),
    Case("another", Fault(body=b'{"Version":"v1.0.1"}')),
    Case("no-version", Fault(body=b"{}")),
    Case("status-500", Fault(status=500)),
]

LIST_CASES = [
    Case("web-page", Fault(body=HTML, content_type="text/html")),
    Case("web-page-named-text", Fault(body=HTML)),
    Case("truncates", Fault(truncate_after=3)),
    Case("status-500", Fault(status=500)),
]

FILES = {
    "zip": (f"@v/{VERSION}.zip", ZIP_CASES),
    "mod": (f"@v/{VERSION}.mod", MOD_CASES),
    "info": (f"@v/{VERSION}.info", INFO_CASES),
    "list": ("@v/list", LIST_CASES),
}
EVERY = [
    pytest.param(what, case, id=f"{what}-{case.name}")
    for what, (_, cases) in FILES.items()
    for case in cases
]


def broken_module(world: World, chain: str, what: str, case: Case) -> str:
    """Add a module of which one file always comes out wrong from the faulty upstream."""
    module = f"{chain}.test/{what}-{case.name}"
    world.add(module)
    world.faulty.fault(f"{module}/{FILES[what][0]}", case.fault)
    return module


@pytest.mark.matrix("T130")
@pytest.mark.matrix("T134")
@pytest.mark.matrix("T135")
@pytest.mark.parametrize(("what", "case"), EVERY)
def test_fault_of_the_only_upstream_is_told_clearly_and_nothing_is_stored(
    world: World, what: str, case: Case
) -> None:
    module = broken_module(world, "alone", what, case)
    got = world.get(module, FILES[what][0])
    text = assert_refused(got, case.status)
    assert "127.0.0.1" in text, "it should name who is at fault"
    assert "<" not in text, "no web page is passed on"
    if "Retry-After" in case.fault.headers:
        assert got.headers is not None
        assert got.headers["retry-after"] == "7"
    assert world.stored(module) == {}


@pytest.mark.matrix("T132")
@pytest.mark.parametrize(("what", "case"), EVERY)
def test_bar_asks_the_next_upstream_after_any_fault(world: World, what: str, case: Case) -> None:
    module = broken_module(world, "pipe", what, case)
    assert_comes_from_the_sound_one(world, module, what)


@pytest.mark.matrix("T132")
@pytest.mark.matrix("T133")
@pytest.mark.matrix("T134")
@pytest.mark.parametrize(("what", "case"), EVERY)
def test_comma_asks_the_next_upstream_only_where_that_can_mend_it(
    world: World, what: str, case: Case
) -> None:
    module = broken_module(world, "comma", what, case)
    if case.goes_on:
        assert_comes_from_the_sound_one(world, module, what)
        return
    assert_refused(world.get(module, FILES[what][0]), case.status)
    assert world.sound.count(f"{module}/*") == 0
    assert world.stored(module) == {}


def assert_comes_from_the_sound_one(world: World, module: str, what: str) -> None:
    path = f"{module}/{FILES[what][0]}"
    right = world.sound.modules.find(path)
    assert right is not None
    body = bytes(right.read(0, right.size))
    got = world.get(module, FILES[what][0])
    assert (got.status, got.whole, got.body) == (200, True, body)
    again = world.get(module, FILES[what][0])
    assert (again.status, again.body) == (200, body)
    assert world.sound.count(path) == 1
    if what != "list":
        assert world.stored(module)[path] == body


# --- answers that have begun -------------------------------------------------------------------


def test_zip_that_breaks_for_good_ends_as_a_broken_answer_and_heals(world: World) -> None:
    module = "alone.test/breaks"
    packed = world.add(module, 2 * MIB)
    world.faulty.fault(f"{module}/*", Fault(truncate_after=300_000))
    got = world.get(module)
    assert (got.status, got.whole) == (200, False)
    assert packed.startswith(got.body)
    assert world.stored(module) == {}
    world.faulty.heal()
    assert world.get(module).body == packed


@pytest.mark.parametrize("how", ["declared", "chunked", "until_close"])
def test_end_of_a_wrong_zip_is_never_released(world: World, how: str) -> None:
    module = f"alone.test/wrong-{how.replace('_', '-')}"
    packed = world.add(module, 2 * MIB)
    framing = Fault(flip=MIB, chunked=how == "chunked", until_close=how == "until_close")
    world.faulty.fault(f"{module}/*", framing)
    got = world.get(module)
    assert (got.status, got.whole) == (200, False)
    assert len(got.body) <= len(packed) - HELD_BACK
    assert world.stored(module) == {}
    # The upstream is healthy again, but not believed for a while, and the text says why.
    world.faulty.heal()
    assert "bad file" in assert_refused(world.get(module), 502)


@pytest.mark.matrix("T131")
def test_wrong_zip_is_followed_by_the_right_one_from_elsewhere(world: World) -> None:
    module = "comma.test/wrong"
    packed = world.add(module, 2 * MIB)
    evil = zip_of(module, 2 * MIB, seed=1)
    assert len(evil) == len(packed)
    world.faulty.fault(f"{module}/*", Fault(body=evil))
    got = world.get(module)
    assert (got.status, got.whole) == (200, False)
    assert evil.startswith(got.body)
    assert world.get(module).body == packed
    assert world.faulty.count(f"{module}/*") == world.sound.count(f"{module}/*") == 1


def test_zip_that_gets_shorter_on_the_way_is_broken_off(world: World) -> None:
    module = "alone.test/shrinks"
    packed = world.add(module, 2 * MIB)
    world.faulty.fault(f"{module}/*", Fault(declare=-MIB))
    got = world.get(module)
    assert (got.status, got.whole) == (200, False)
    assert len(got.body) < len(packed) - MIB
    assert world.stored(module) == {}


# --- resuming ----------------------------------------------------------------------------------


BREAKS = {
    "reset": Fault(reset_after=700_000, drip=(350_000, 0.1)),
    "truncated": Fault(truncate_after=700_000),
    "stalled": Fault(stall_after=700_000),
}


@pytest.mark.matrix("T130")
@pytest.mark.parametrize("how", BREAKS)
def test_broken_zip_is_resumed_where_it_broke(world: World, how: str) -> None:
    module = f"alone.test/resumed-{how}"
    packed = world.add(module, 2 * MIB)
    world.faulty.fault(f"{module}/*", BREAKS[how], times=2)
    got = world.get(module)
    assert (got.whole, got.body) == (True, packed)
    first, second, third = world.faulty.requests(f"{module}/*")
    assert "range" not in first.headers
    offsets = _start(second.headers), _start(third.headers)
    # A reset also loses what had arrived but was not read yet.
    assert 0 < offsets[0] < offsets[1] <= 1_400_000 if how == "reset" else offsets == (700_000, 1_400_000)
    assert second.headers["if-range"] == third.headers["if-range"]
    assert world.stored(module)[f"{module}/@v/{VERSION}.zip"] == packed


def _start(headers: dict[str, str]) -> int:
    return int(headers["range"].removeprefix("bytes=").removesuffix("-"))


def test_upstream_that_knows_no_ranges_is_asked_for_the_whole_again(world: World) -> None:
    module = "alone.test/no-ranges"
    packed = world.add(module, 2 * MIB)
    world.faulty.fault(f"{module}/*", BREAKS["reset"], times=1)
    world.faulty.ranges = False
    try:
        assert world.get(module).body == packed
    finally:
        world.faulty.ranges = True
    assert world.faulty.count(f"{module}/*") == 2


@pytest.mark.parametrize("chain", ["pipe", "comma"])
def test_next_upstream_goes_on_where_the_first_one_gave_up(world: World, chain: str) -> None:
    module = f"{chain}.test/handed-over"
    packed = world.add(module, 4 * MIB)
    world.faulty.fault(f"{module}/*", Fault(truncate_after=1_000_000))
    got = world.get(module)
    assert (got.whole, got.body) == (True, packed)
    assert world.faulty.count(f"{module}/*") == 4
    (rest,) = world.sound.requests(f"{module}/*")
    # A little is asked for twice, to see that both speak of the same file.
    assert _start(rest.headers) == 4_000_000 - 65_536


def test_next_upstream_with_another_file_is_not_spliced_in(world: World) -> None:
    module = "pipe.test/spliced"
    packed = world.add(module, 4 * MIB)
    world.faulty.fault(f"{module}/*", Fault(truncate_after=MIB))
    world.sound.fault(f"{module}/*", Fault(body=zip_of(module, 4 * MIB, seed=1)))
    got = world.get(module)
    assert (got.status, got.whole) == (200, False)
    assert packed.startswith(got.body)
    assert world.stored(module) == {}
    world.sound.heal()


def test_upstreams_that_disagree_about_the_length_change_places(world: World) -> None:
    module = "pipe.test/disputed"
    packed = world.add(module, 2 * MIB)
    world.faulty.fault(f"{module}/*", Fault(declare=1000))
    got = world.get(module)
    assert (got.status, got.whole) == (200, False), "its header had promised too much"
    assert world.get(module).body == packed
    assert world.faulty.count(f"{module}/*") == 2, "once, and for the bytes that were missing"


# --- others ------------------------------------------------------------------------------------


@pytest.mark.matrix("T138")
def test_redirect_from_https_to_http_is_refused(world: World) -> None:
    module = "secure.test/downgraded"
    packed = world.add(module)
    world.secure.fault(f"{module}/*", Fault(redirect=f"{world.sound.url}/{{path}}"))
    assert_refused(world.get(module), 502)
    assert world.sound.count(f"{module}/*") == 0
    assert world.stored(module) == {}
    world.secure.heal()
    assert world.get(module).body == packed


def test_upstream_that_nobody_serves_is_named_or_passed_over(world: World) -> None:
    world.add("dead.test/m")
    assert "127.0.0.1:1" in assert_refused(world.get("dead.test/m"), 502)
    packed = world.add("revived.test/m")
    assert world.get("revived.test/m").body == packed


@pytest.mark.parametrize("what", ["zip", "mod"])
def test_checksum_database_that_stalls_keeps_files_back(world: World, what: str) -> None:
    module = f"alone.test/unvouched-{what}"
    world.add(module)
    world.database.gate.clear()
    try:
        assert_refused(world.get(module, FILES[what][0]), 503)
    finally:
        world.database.gate.set()
    assert world.stored(module) == {}
    assert world.get(module, FILES[what][0]).status == 200


def test_slow_but_steady_upstream_is_waited_for(world: World) -> None:
    module = "alone.test/steady"
    packed = world.add(module)
    pause = SHORT["stall_timeout"] / 3
    world.faulty.fault(f"{module}/*", Fault(drip=(len(packed) // 6, pause)))
    assert world.get(module).body == packed
    assert world.faulty.count(f"{module}/*") == 1


def test_hits_never_wait_for_misses(world: World) -> None:
    stored = "alone.test/stored"
    packed = world.add(stored, 300_000)
    assert world.get(stored).body == packed
    world.faulty.fault("alone.test/wedged-*", Fault(stall_header=True))
    with ThreadPoolExecutor(WEDGED) as pool:
        misses = [pool.submit(world.get, f"alone.test/wedged-{number}") for number in range(WEDGED)]
        while world.faulty.count("alone.test/wedged-*") < FILLS_AT_ONCE:
            assert not misses[0].done()
            time.sleep(0.005)
        slowest = 0.0
        while not misses[0].done():
            began = time.monotonic()
            assert world.get(stored).body == packed
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < SHORT["first_byte_timeout"] / 2
        for miss in misses:
            assert_refused(miss.result(), 504)
