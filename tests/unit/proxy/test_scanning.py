from __future__ import annotations

import random
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import pytest

from modmirror.errors import StorageBroken
from modmirror.mod.zipscan import ZipScan
from modmirror.proxy import scanning
from modmirror.proxy.scanning import MAX_OPEN, SECTION_BYTES, Scanning
from modmirror.storage.memory import MemoryStorage
from tests.fakes.zips import Member, archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modmirror.proxy.scanning import Scanned
    from modmirror.storage.port import Spool

P = ParamSpec("P")
T = TypeVar("T")
NOISE = random.Random(1).randbytes(40_000)


@pytest.fixture(autouse=True)
def short_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "SECTION_BYTES", 10_000)
    monkeypatch.setattr(scanning, "_READ_BYTES", 4_000)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


class CountingPool(ThreadPoolExecutor):
    """Counts what it is given."""

    given = 0

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self.given += 1
        return super().submit(fn, *args, **kwargs)


async def spool_of(data: bytes) -> Spool:
    spool = await MemoryStorage().spool()
    spool.write(data)
    return spool


async def scanned(data: bytes, pool: ThreadPoolExecutor, step: int = 0) -> Scanned:
    scans = Scanning(await spool_of(data), pool)
    for available in range(step, len(data), step or len(data) + 1):
        scans.advance(available)
    scans.advance(len(data))
    return await scans.finish()


def in_one_go(data: bytes) -> Scanned:
    scan = ZipScan()
    scan.feed(data)
    return scan.scanned


def many() -> bytes:
    """Entries much smaller and much larger than a section, packed and stored, with and without sizes."""
    sizes = (10, 900, 30_000, 5, 40_000, 1, 12_000, 3_000)
    return archive(
        Member(
            b"f%d" % number,
            NOISE[:size],
            method=(8, 0)[number % 3 == 0],
            descriptor="signed" if number % 3 == 1 else "",
        )
        for number, size in enumerate(sizes * 5)
    )


@pytest.mark.parametrize("step", [0, 700, 9_999, 50_000])
async def test_sections_learn_what_one_scan_learns(pool: ThreadPoolExecutor, step: int) -> None:
    data = many()
    assert await scanned(data, pool, step) == in_one_go(data)


async def test_a_file_shorter_than_a_section_is_scanned(pool: ThreadPoolExecutor) -> None:
    data = archive([Member(b"a", b"x"), Member(b"b", b"y")])
    assert await scanned(data, pool) == in_one_go(data)
    assert await scanned(b"", pool) == {}


async def test_a_header_across_the_end_of_a_section_is_found(pool: ThreadPoolExecutor) -> None:
    for shift in range(-5, 6):
        first = Member(b"first", NOISE[: 10_000 - 35 + shift], method=0)
        assert len(first.local()) == 10_000 + shift
        data = archive([first, Member(b"second", b"x"), Member(b"third", NOISE[:9_000])])
        assert await scanned(data, pool) == in_one_go(data)


async def test_a_zip_inside_the_zip_leads_nowhere_wrong(pool: ThreadPoolExecutor) -> None:
    inner = archive([Member(b"inner%d" % n, NOISE[:3_000], method=0) for n in range(12)])
    data = archive([Member(b"outer", inner, method=0), Member(b"last", NOISE[:20_000])])
    learnt, truth = await scanned(data, pool), in_one_go(data)
    assert learnt.items() >= {at: entry for at, entry in truth.items() if entry.name == b"outer"}.items()
    assert all(data[at : at + 4] == b"PK\x03\x04" for at in learnt)


async def test_what_has_arrived_is_scanned_before_the_rest_comes() -> None:
    data = many()
    with CountingPool(2) as pool:
        scans = Scanning(await spool_of(data), pool)
        scans.advance(9_000)
        assert pool.given == 0
        scans.advance(10_003)
        assert pool.given == 1
        assert await scans.finish()


async def test_one_file_takes_a_bounded_share_of_the_threads() -> None:
    with CountingPool(1) as pool:
        scans = Scanning(await spool_of(many()), pool)
        scans.advance(len(many()))
        assert pool.given == MAX_OPEN
        await scans.finish()


async def test_beginnings_without_ends_do_not_pile_up() -> None:
    endless = b"".join(Member(b"%d" % n, method=0, compressed_size=2**31).local() for n in range(3_000))
    with CountingPool(1) as pool:
        scans = Scanning(await spool_of(endless), pool)
        scans.advance(len(endless) - 1)
        await scans._idle()
        assert len(scans._open) == MAX_OPEN
        assert await scans.finish() == {}


async def test_nothing_is_begun_after_giving_up() -> None:
    with CountingPool(1) as pool:
        scans = Scanning(await spool_of(many()), pool)
        await scans.give_up_and_wait()
        scans.advance(len(many()))
        assert pool.given == 0


async def test_a_spool_that_was_emptied_ends_the_scans(pool: ThreadPoolExecutor) -> None:
    spool = await spool_of(many())
    scans = Scanning(spool, pool)
    spool.truncate()
    scans.advance(len(many()))
    await scans.give_up_and_wait()
    assert await Scanning(spool, pool).finish() == {}


async def test_a_spool_that_cannot_be_read_is_told(pool: ThreadPoolExecutor) -> None:
    class Broken:
        def read(self, offset: int, size: int) -> bytes:
            raise StorageBroken(f"cannot read {size} bytes at {offset}")

        def write(self, data: bytes) -> None: ...
        def truncate(self) -> None: ...
        def close(self) -> None: ...

    scans = Scanning(Broken(), pool)
    scans.advance(3 * SECTION_BYTES)
    with pytest.raises(StorageBroken):
        await scans.finish()
