"""The shell around a checksum database: what it asks, keeps and refuses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    BadNote,
    BadRecord,
    BadTile,
    ChecksumDatabaseDown,
    ForkDetected,
    NotExist,
    UpstreamUnavailable,
)
from modmirror.mod.path import ModulePath
from modmirror.proxy.checksums import ChecksumDatabase
from modmirror.storage.documents import MemoryDocuments
from modmirror.storage.port import Document
from modmirror.sumdb.note import VerifierKey
from modmirror.sumdb.tile import Tile, parse_tile_path
from tests.fakes import sumdb_lies
from tests.fakes.engine import FakeClock, Report
from tests.fakes.guided import guide_for
from tests.fakes.script import Say, ScriptedUpstream
from tests.fakes.sumdb import FakeSumdb, made_up_h1
from tests.fakes.waiting import WaitingUpstream, ready

if TYPE_CHECKING:
    from modmirror.storage.port import DocumentStorage
    from modmirror.upstream.port import Upstream

M = ModulePath("x.y/m")
ZIP, MOD = made_up_h1("zip"), made_up_h1("mod")
REFUSED = Say(error=UpstreamUnavailable("a.example", "refused"))


def grown(records: int = 700, seed: int = 1) -> FakeSumdb:
    """A database with some records, ours in the middle."""
    database = FakeSumdb(seed=seed)
    for number in range(records):
        if number == records // 2:
            database.add(M, "v1.0.0", ZIP, MOD)
        database.add("x.y/filler", f"v1.0.{number}", made_up_h1(f"z{number}"), made_up_h1(f"m{number}"))
    return database


def through(database: FakeSumdb, name: str = "sum.example") -> ScriptedUpstream:
    """An upstream that reads the database."""

    def answer(path: str) -> Say:
        status, body = database.get(path)
        return Say(body, status=status)

    return ScriptedUpstream(name, fallback=answer)


def make(
    database: FakeSumdb, *upstreams: Upstream, documents: DocumentStorage | None = None
) -> tuple[ChecksumDatabase, Report, DocumentStorage]:
    kept, report = documents or MemoryDocuments(), Report()
    key = VerifierKey.parse(database.key)
    made = ChecksumDatabase(
        database.name, key, upstreams or (through(database),), kept, report, FakeClock()
    )
    return made, report, kept


async def test_a_recorded_version_has_its_sums() -> None:
    checksums, _, _ = make(grown())
    assert await checksums.sum_of(M, "v1.0.0", go_mod=False) == ZIP
    assert await checksums.sum_of(M, "v1.0.0", go_mod=True) == MOD


async def test_zip_and_go_mod_cost_one_lookup() -> None:
    database = grown()
    upstream = through(database)
    checksums, _, _ = make(database, upstream)
    await asyncio.gather(*(checksums.sum_of(M, "v1.0.0", go_mod=flag) for flag in (True, False, True)))
    assert upstream.count("lookup/x.y/m@v1.0.0") == 1


@pytest.mark.matrix("T150")
async def test_a_lookup_is_passed_on_byte_for_byte() -> None:
    database = grown()
    database.add("x.y/Upper", "v1.0.0-RC1", ZIP, MOD)
    upstream = through(database)
    checksums, _, _ = make(database, upstream)
    body = await checksums.lookup(ModulePath("x.y/Upper"), "v1.0.0-RC1")
    assert (200, body) == database.get("lookup/x.y/!upper@v1.0.0-!r!c1")
    assert upstream.count("lookup/x.y/!upper@v1.0.0-!r!c1") == 1


async def test_what_was_proven_survives_a_restart_without_any_upstream() -> None:
    database = grown()
    checksums, _, kept = make(database)
    await checksums.sum_of(M, "v1.0.0", go_mod=False)
    gone = ScriptedUpstream()
    again, _, _ = make(database, gone, documents=kept)
    assert await again.sum_of(M, "v1.0.0", go_mod=False) == ZIP
    assert gone.asked == []


async def test_tiles_are_fetched_once_for_many_lookups() -> None:
    database = grown()
    upstream = through(database)
    checksums, _, _ = make(database, upstream)
    for number in (1, 2, 3):
        await checksums.sum_of(ModulePath("x.y/filler"), f"v1.0.{number}", go_mod=False)
    tiles = [asked.path for asked in upstream.asked if asked.path.startswith("tile/")]
    assert len(tiles) == len(set(tiles))


async def test_the_timeline_grows_with_the_database() -> None:
    database = grown()
    checksums, report, _ = make(database)
    await checksums.sum_of(M, "v1.0.0", go_mod=False)
    for number in range(300):
        database.add("x.y/later", f"v1.0.{number}", ZIP, MOD)
    assert await checksums.sum_of(ModulePath("x.y/later"), "v1.0.299", go_mod=False) == ZIP
    assert report.alarms == []


@pytest.mark.matrix("T153")
async def test_an_unknown_version_is_not_found() -> None:
    checksums, _, _ = make(grown())
    with pytest.raises(NotExist):
        await checksums.sum_of(M, "v9.9.9", go_mod=False)


async def test_a_database_that_cannot_be_asked_is_down_and_says_what_was_tried() -> None:
    refused = ScriptedUpstream(
        "a.example", fallback=lambda _: Say(error=UpstreamUnavailable("a", "refused"))
    )
    checksums, _, _ = make(
        grown(), refused, ScriptedUpstream("b.example", fallback=lambda _: Say(status=500))
    )
    with pytest.raises(ChecksumDatabaseDown, match=r"a\.example: refused; b\.example: status 500"):
        await checksums.sum_of(M, "v1.0.0", go_mod=False)


async def test_the_next_url_is_asked_when_one_fails() -> None:
    database = grown()
    refused = ScriptedUpstream(
        "a.example", fallback=lambda _: Say(error=UpstreamUnavailable("a", "refused"))
    )
    checksums, _, _ = make(database, refused, through(database))
    assert await checksums.sum_of(M, "v1.0.0", go_mod=False) == ZIP


# --- "not found" of some ---


def lacking(database: FakeSumdb, *paths: str, name: str = "lacking.example") -> ScriptedUpstream:
    """An upstream that reads the database but has nothing below some paths."""
    read = through(database).fallback
    return ScriptedUpstream(
        name, fallback=lambda path: Say(status=404) if path.startswith(paths) else read(path)
    )


@pytest.mark.parametrize("status", [404, 410])
async def test_the_next_url_is_asked_when_one_lacks_the_record(status: int) -> None:
    database = grown()
    empty = ScriptedUpstream("empty.example", fallback=lambda _: Say(status=status))
    checksums, report, _ = make(database, empty, through(database))
    assert await checksums.sum_of(M, "v1.0.0", go_mod=False) == ZIP
    assert report.alarms == []


@pytest.mark.matrix("T153")
async def test_only_when_every_url_says_so_there_is_no_such_record() -> None:
    database = grown()
    checksums, _, _ = make(database, through(database, "a.example"), through(database, "b.example"))
    with pytest.raises(NotExist):
        await checksums.sum_of(M, "v9.9.9", go_mod=False)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("guided", [False, True])
async def test_where_one_url_fails_the_not_found_of_another_is_no_answer(
    order: tuple[int, int], *, guided: bool
) -> None:
    database = grown()
    both = through(database, "a.example"), ScriptedUpstream("b.example", fallback=lambda _: REFUSED)
    upstreams = [both[each] for each in order]
    checksums, _, _ = make(database, *upstreams)
    if guided:
        checksums.follow(guide_for(*upstreams, scores=None)[0])
    with pytest.raises(ChecksumDatabaseDown, match=r"a\.example: ") as caught:
        await checksums.sum_of(M, "v9.9.9", go_mod=False)
    assert "b.example: refused" in caught.value.reason


async def test_a_failure_heard_while_another_url_was_slow_to_say_not_found_counts_as_well() -> None:
    slow = WaitingUpstream("slow.example", status=404)
    broken = ready("b.example", error=UpstreamUnavailable("b.example", "refused"))
    checksums, _, _ = make(grown(), slow, broken)
    checksums.follow(guide_for(slow, broken)[0])
    asking = asyncio.create_task(checksums.sum_of(M, "v9.9.9", go_mod=False))
    while broken.open or not broken.asked:
        await asyncio.sleep(0)
    slow.go.set()
    with pytest.raises(ChecksumDatabaseDown, match=r"b\.example: refused"):
        await asking


@pytest.mark.parametrize("path", ["tile/8/0/", "tile/8/1/"])
async def test_a_url_without_the_tiles_that_prove_its_answer_has_failed(path: str) -> None:
    database = grown()
    checksums, _, kept = make(database, lacking(database, path))
    with pytest.raises(ChecksumDatabaseDown, match=r"lacking\.example: "):
        await checksums.sum_of(M, "v1.0.0", go_mod=False)
    mended, report, _ = make(database, lacking(database, path), through(database), documents=kept)
    assert await mended.sum_of(M, "v1.0.0", go_mod=False) == ZIP
    assert report.alarms == []


@pytest.mark.parametrize("lacks", ["latest", "tile/8/0/000", "tile/8/1/"])
async def test_a_tile_within_the_tree_is_never_not_found(lacks: str) -> None:
    database = grown()
    checksums, _, _ = make(database, lacking(database, lacks))
    with pytest.raises(ChecksumDatabaseDown, match=r"lacking\.example: "):
        await checksums.tile(Tile(8, 0, 0, 256))
    both, _, _ = make(database, lacking(database, lacks), through(database))
    assert await both.tile(Tile(8, 0, 0, 256)) == database.get("tile/8/0/000")[1]


# --- lies ---


@pytest.mark.matrix("T154")
@pytest.mark.parametrize(
    ("lie", "error"),
    [
        (sumdb_lies.forged_note(), BadNote),
        (sumdb_lies.wrong_key(), BadNote),
        (sumdb_lies.record_of("x.y/filler", "v1.0.1"), BadRecord),
        (sumdb_lies.no_record(), BadRecord),
        (sumdb_lies.forged_record(ZIP.encode(), made_up_h1("evil").encode()), BadRecord),
    ],
)
async def test_a_lie_is_an_alarm_is_not_kept_and_the_next_url_is_asked(
    lie: sumdb_lies.Lie, error: type[Exception]
) -> None:
    honest, liar = grown(), grown()
    liar.lie = lie
    checksums, report, kept = make(honest, through(liar, "liar.example"))
    with pytest.raises(error):
        await checksums.sum_of(M, "v1.0.0", go_mod=False)
    assert [subject for _, subject, _ in report.alarms] == ["sum.fake.test through liar.example"]
    mended, _, _ = make(honest, through(liar, "liar.example"), through(honest), documents=kept)
    assert await mended.sum_of(M, "v1.0.0", go_mod=False) == ZIP


@pytest.mark.matrix("T154")
async def test_another_history_is_a_fork_and_is_not_served() -> None:
    database = grown()
    _, _, kept = make(database)
    checksums, _, _ = make(database, documents=kept)
    await checksums.sum_of(M, "v1.0.0", go_mod=False)
    other = FakeSumdb()
    for number in range(900):
        other.add("x.y/forged", f"v1.0.{number}", made_up_h1(f"f{number}"), MOD)
    forked, report, _ = make(other, documents=kept)
    with pytest.raises(ForkDetected):
        await forked.sum_of(ModulePath("x.y/forged"), "v1.0.0", go_mod=False)
    assert len(report.alarms) == 1


@pytest.mark.matrix("T151")
@pytest.mark.parametrize("path", ["tile/8/0/000", "tile/8/0/001", "tile/8/0/002.p/12", "tile/8/1/000.p/2"])
async def test_a_tile_is_served_authenticated_and_as_wide_as_asked(path: str) -> None:
    database = grown()
    checksums, _, _ = make(database)
    tile = parse_tile_path(path)
    body = await checksums.tile(tile)
    assert len(body) == 32 * tile.width
    assert (200, body) == database.get(path)


async def test_a_tampered_tile_is_refused_and_not_kept() -> None:
    database = grown()
    upstream = through(database)
    checksums, _, _ = make(database, upstream)
    right = database.get("tile/8/0/000")[1]
    upstream.say("tile/8/0/000", b"\0" * len(right), right)
    with pytest.raises(BadTile):
        await checksums.tile(Tile(8, 0, 0, 256))
    assert await checksums.tile(Tile(8, 0, 0, 256)) == right


async def test_a_stored_tile_that_was_damaged_is_not_passed_on() -> None:
    database = grown()
    checksums, _, kept = make(database)
    tile = Tile(8, 0, 0, 256)
    body = await checksums.tile(tile)
    prefix = f"sumdb/{database.name}+{VerifierKey.parse(database.key).key_hash.hex()}/"
    await kept.put(prefix + tile.path, Document(body[:-1], 0.0, ""))
    with pytest.raises(BadTile):
        await checksums.tile(tile)


async def test_a_tile_beyond_the_end_or_of_another_height_is_not_found() -> None:
    checksums, _, _ = make(grown())
    with pytest.raises(NotExist, match="beyond the end"):
        await checksums.tile(Tile(8, 0, 77, 256))
    with pytest.raises(NotExist, match="height 8"):
        await checksums.tile(Tile(4, 0, 0, 16))


async def test_the_newest_head_is_checked_against_the_timeline() -> None:
    database = grown()
    checksums, _, kept = make(database)
    assert await checksums.latest() == database.get("latest")[1]
    database.add("x.y/later", "v1.0.0", ZIP, MOD)
    assert await checksums.latest() == database.get("latest")[1]
    other = grown(800, seed=1)
    forked, _, _ = make(other, documents=kept)
    with pytest.raises(ForkDetected):
        await forked.latest()


async def test_an_older_head_is_harmless() -> None:
    database = grown()
    checksums, report, _ = make(database)
    await checksums.latest()
    database.shown = 500
    await checksums.latest()
    assert await checksums.sum_of(M, "v1.0.0", go_mod=False) == ZIP
    assert report.alarms == []


async def test_a_damaged_stored_head_is_an_alarm_and_a_new_beginning() -> None:
    database = grown()
    _, _, kept = make(database)
    key = f"sumdb/{database.name}+{VerifierKey.parse(database.key).key_hash.hex()}/head"
    await kept.put(key, Document(b"damaged", 0.0))
    checksums, report, _ = make(database, documents=kept)
    assert len(report.alarms) == 1
    assert await checksums.sum_of(M, "v1.0.0", go_mod=False) == ZIP


async def test_another_key_under_the_same_name_begins_its_own_log() -> None:
    one, two = grown(seed=1), grown(seed=2)
    checksums, _, kept = make(one)
    await checksums.sum_of(M, "v1.0.0", go_mod=False)
    upstream = through(two)
    other, _, _ = make(two, upstream, documents=kept)
    assert await other.sum_of(M, "v1.0.0", go_mod=False) == ZIP
    assert upstream.count("lookup/x.y/m@v1.0.0") == 1


async def test_while_nobody_can_be_asked_the_newest_known_head_is_repeated() -> None:
    database = grown()
    sound, documents = through(database), MemoryDocuments()
    checksums, _, _ = make(database, sound, documents=documents)
    head = await checksums.latest()
    sound.fallback = lambda _: REFUSED
    assert await checksums.latest() == head
    fresh, _, _ = make(database, sound)
    with pytest.raises(ChecksumDatabaseDown):
        await fresh.latest()


async def test_with_a_guide_the_url_that_works_is_asked_first() -> None:
    database = grown()
    dead, sound = ScriptedUpstream("dead", fallback=lambda _: REFUSED), through(database, "sound")
    checksums, _, _ = make(database, dead, sound)
    checksums.follow(guide_for(dead, sound, scores=None)[0])
    for number in range(10):
        await checksums.sum_of(ModulePath("x.y/filler"), f"v1.0.{number}", go_mod=True)
    assert len(dead.asked) == 3
