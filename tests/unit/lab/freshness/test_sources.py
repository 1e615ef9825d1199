from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.freshness.births import Birth
from modmirror.lab.freshness.sources import AT_ONCE, YOUNG, Index, Listed
from tests.fakes.lab import ScriptedEngine, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab

NOW = 1_700_000_000.0


def lines(*rows: tuple[str, float]) -> bytes:
    return b"".join(
        msgspec.json.encode(
            {"Path": path, "Version": "v1.0.0", "Timestamp": datetime.fromtimestamp(at, UTC).isoformat()}
        )
        + b"\n"
        for path, at in rows
    )


def lab_with(body: bytes, status: int = 200) -> Lab:
    return scripted_lab(
        targets_named("a"), lambda request, clock: answered(request, clock, status=status, body=body)
    )


def index(versions: int | None = 50, taken: tuple[str, ...] = ()) -> Index:
    (target,) = targets_named("index")
    return Index(target, versions, taken)


async def test_what_is_listed_is_given_once() -> None:
    births = [Birth(BenchModule("example.com/a", "v1.0.0"), NOW)]
    source = Listed(births)
    assert source.next_at == AT_ONCE
    assert await source.more(lab_with(b""), NOW) == births
    assert source.next_at is None


async def test_an_index_is_asked_for_what_came_since_and_each_module_taken_once() -> None:
    lab = lab_with(
        lines(("example.com/a", NOW - 9), ("example.com/b", NOW - 5), ("example.com/a", NOW - 3))
    )
    source = index()
    first = await source.more(lab, NOW)
    assert sorted(birth.module.path for birth in first) == ["example.com/a", "example.com/b"]
    assert source.next_at == NOW + 60
    assert await source.more(lab, NOW + 60) == []
    assert isinstance(lab.engine, ScriptedEngine)
    assert [request.path for request in lab.engine.asked] == [
        "index?since=2023-11-14T22:08:20Z&limit=500",
        "index?since=2023-11-14T22:13:17Z&limit=500",
    ]


async def test_what_is_old_or_was_taken_before_is_left() -> None:
    lab = lab_with(
        lines(("example.com/a", NOW - YOUNG - 1), ("example.com/b", NOW), ("example.com/c", NOW))
    )
    assert [birth.name for birth in await index(taken=("example.com/b",)).more(lab, NOW)] == [
        "example.com/c@v1.0.0"
    ]


async def test_enough_is_enough_and_a_few_at_a_time() -> None:
    lab = lab_with(lines(*((f"example.com/m{number}", NOW) for number in range(30))))
    source = index(15)
    given = [(len(await source.more(lab, NOW)), source.next_at) for _ in range(2)]
    assert given == [(10, NOW + 60), (5, None)]
    endless = index(None)
    for _ in range(3):
        assert len(await endless.more(lab, NOW)) == 10
    assert endless.next_at is not None


async def test_an_index_that_fails_or_lies_is_asked_again_later() -> None:
    for lab in (lab_with(b"", 500), lab_with(b"<html>")):
        source = index()
        assert await source.more(lab, NOW) == ()
        assert source.next_at == NOW + 60
