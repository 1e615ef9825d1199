from __future__ import annotations

import pytest

from modmirror.errors import BadRecord, ChecksumDatabaseDown, HashMismatch, NotExist
from modmirror.mod.path import ModulePath
from modmirror.proxy.routes import TOOLCHAIN, Route
from modmirror.proxy.verify import Verifier
from tests.fakes.engine import KnownSums, Report

M = ModulePath("x.y/m")
VERIFY = Route(("*",), (), {}, "verify", "closed")
OPEN = Route(("*",), (), {}, "verify", "open")
PRIVATE = Route(("*",), (), {}, "off", "open")


def make(**sums: str) -> tuple[Verifier, KnownSums, Report]:
    known, report = KnownSums(), Report()
    known.sums.update(sums)
    return Verifier(known, report), known, report


async def test_the_recorded_sum_is_expected() -> None:
    verifier, known, _ = make()
    known.sums = {"x.y/m@v1.0.0": "h1:zip", "x.y/m@v1.0.0/go.mod": "h1:mod"}
    assert await verifier.expected(VERIFY, M, "v1.0.0") == "h1:zip"
    assert await verifier.expected(VERIFY, M, "v1.0.0", go_mod=True) == "h1:mod"


async def test_a_private_module_is_never_named_to_the_database() -> None:
    verifier, known, _ = make()
    assert await verifier.expected(PRIVATE, M, "v1.0.0") is None
    assert known.asked == []


@pytest.mark.matrix("T155")
async def test_a_toolchain_is_looked_up_even_on_a_private_route() -> None:
    verifier, known, _ = make()
    known.sums = {"*": "h1:toolchain"}
    assert await verifier.expected(PRIVATE, ModulePath(TOOLCHAIN), "v0.0.1-go1.99.0.linux-amd64")
    known.sums = {"*": ChecksumDatabaseDown("down")}
    with pytest.raises(ChecksumDatabaseDown):
        await verifier.expected(OPEN, ModulePath(TOOLCHAIN), "v0.0.1-go1.99.0.linux-amd64")


async def test_a_database_that_is_down_fails_open_or_closed_as_the_route_says() -> None:
    verifier, known, report = make()
    known.sums = {"*": ChecksumDatabaseDown("down")}
    assert await verifier.expected(OPEN, M, "v1.0.0") is None
    with pytest.raises(ChecksumDatabaseDown):
        await verifier.expected(VERIFY, M, "v1.0.0")
    assert report.count("verified", "x.y/m@v1.0.0", "down") == 2


async def test_a_database_that_lies_is_an_alarm_and_never_fails_open() -> None:
    verifier, known, report = make()
    known.sums = {"*": BadRecord("of another module")}
    with pytest.raises(BadRecord):
        await verifier.expected(OPEN, M, "v1.0.0")
    assert [event for event, _, _ in report.alarms] == ["checksum-database"]


async def test_an_unknown_version_hints_at_private_routes() -> None:
    verifier, _, _ = make()
    with pytest.raises(NotExist) as caught:
        await verifier.expected(VERIFY, M, "v1.0.0")
    assert 'sumdb = "off"' in caught.value.hint


@pytest.mark.matrix("T131")
def test_another_hash_than_recorded_is_refused_with_an_alarm() -> None:
    verifier, _, report = make()
    with pytest.raises(HashMismatch, match=r"up\.example") as caught:
        verifier.compare("x.y/m@v1.0.0", "h1:want", "h1:got", "up.example")
    assert (caught.value.want, caught.value.got) == ("h1:want", "h1:got")
    assert [event for event, _, _ in report.alarms] == ["hash-mismatch"]


def test_the_recorded_hash_passes_and_an_unproven_one_is_counted_as_skipped() -> None:
    verifier, _, report = make()
    verifier.compare("s", "h1:same", "h1:same", "up")
    verifier.compare("s", None, "h1:any", "up")
    assert report.said == [("verified", "s", "ok"), ("verified", "s", "skipped")]
