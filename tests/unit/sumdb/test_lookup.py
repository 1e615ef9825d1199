from __future__ import annotations

import pytest

from modmirror.errors import BadNote, BadRecord, ForkDetected
from modmirror.sumdb.head import TreeHead
from modmirror.sumdb.lookup import Lookup, begin_lookup, parse_lookup
from tests.fakes.sumdb import FakeSumdb, made_up_h1
from tests.fakes.sumdb_client import fetch, head_of, keys_of, look_up

MODULE, VERSION = "x.test/m", "v1.0.0"
ZIP, MOD = made_up_h1("zip"), made_up_h1("mod")


@pytest.fixture
def db() -> FakeSumdb:
    """1000 records; the module is number 400."""
    grown = FakeSumdb()
    grown.pad(400)
    grown.add(MODULE, VERSION, ZIP, MOD)
    grown.pad(1000)
    return grown


def test_answer_falls_into_number_record_and_note() -> None:
    body = b"12\na b h1:c\na b/go.mod h1:d\n\ntree\n\nsignatures\n"
    assert parse_lookup(body) == Lookup(12, b"a b h1:c\na b/go.mod h1:d\n", b"tree\n\nsignatures\n")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"12",
        b"12\n",
        b"12\n\n",
        b"12\n\n\nnote",
        b"12\nrecord\n",
        b"\nrecord\n\nnote",
        b"-1\nrecord\n\nnote",
        b"+1\nrecord\n\nnote",
        b"01\nrecord\n\nnote",
        b" 1\nrecord\n\nnote",
        b"1 \nrecord\n\nnote",
        b"1\r\nrecord\n\nnote",
        str(2**63).encode() + b"\nrecord\n\nnote",
        b"9" * 5000 + b"\nrecord\n\nnote",
        b"1\nrec\tord\n\nnote",
        b"1\nrec\xfford\n\nnote",
        b"<!doctype html>\n\n",
    ],
)
def test_malformed_answer_is_rejected(body: bytes) -> None:
    with pytest.raises(BadRecord):
        parse_lookup(body)


def test_first_lookup_proves_the_record(db: FakeSumdb) -> None:
    proven = look_up(db, MODULE, VERSION)
    assert proven.head == head_of(db)
    assert proven.note == db.note()
    assert proven.advanced
    assert proven.sums == {f"{MODULE} {VERSION}": ZIP, f"{MODULE} {VERSION}/go.mod": MOD}
    assert proven.find_sum(MODULE, VERSION, go_mod=False) == ZIP
    assert proven.find_sum(MODULE, VERSION, go_mod=True) == MOD


def test_larger_tree_advances_the_known_head(db: FakeSumdb) -> None:
    proven = look_up(db, MODULE, VERSION, head_of(db, 500))
    assert (proven.head, proven.advanced) == (head_of(db, 1000), True)


def test_known_tree_that_ends_before_the_record_is_enough(db: FakeSumdb) -> None:
    assert look_up(db, MODULE, VERSION, head_of(db, 3)).advanced


def test_empty_known_tree_is_continued(db: FakeSumdb) -> None:
    assert look_up(db, MODULE, VERSION, head_of(db, 0)).advanced


def test_older_answer_is_proven_in_the_known_tree(db: FakeSumdb) -> None:
    known = head_of(db, 1000)
    db.shown = 450
    proven = look_up(db, MODULE, VERSION, known)
    assert (proven.head, proven.advanced, proven.note) == (known, False, db.note(450))


def test_same_tree_needs_the_inclusion_only(db: FakeSumdb) -> None:
    known = head_of(db)
    body = db.get(f"lookup/{MODULE}@{VERSION}")[1]
    check = begin_lookup(body, keys_of(db), known)
    assert check.tiles == begin_lookup(body, keys_of(db), None).tiles
    proven = check.admit(fetch(db, check.tiles))
    assert (proven.head, proven.advanced) == (known, False)


def test_no_tile_is_asked_for_twice(db: FakeSumdb) -> None:
    body = db.get(f"lookup/{MODULE}@{VERSION}")[1]
    tiles = begin_lookup(body, keys_of(db), head_of(db, 401)).tiles
    assert len(tiles) == len(set(tiles))


def test_admitted_tiles_hold_only_what_was_proven(db: FakeSumdb) -> None:
    body = db.get(f"lookup/{MODULE}@{VERSION}")[1]
    check = begin_lookup(body, keys_of(db), None)
    honest = fetch(db, check.tiles)
    padded = {tile: data + bytes(32 * 256 - len(data)) for tile, data in honest.items()}
    assert check.admit(padded).tiles == honest


def test_number_beyond_its_own_tree_is_rejected_even_within_the_known_one(db: FakeSumdb) -> None:
    known = head_of(db, 1000)
    db.shown = 400
    with pytest.raises(BadRecord, match="record 400 is not in its own tree of 400"):
        look_up(db, MODULE, VERSION, known)


def test_fork_of_the_same_size_is_seen_before_any_tile_is_fetched(db: FakeSumdb) -> None:
    body = db.get(f"lookup/{MODULE}@{VERSION}")[1]
    with pytest.raises(ForkDetected):
        begin_lookup(body, keys_of(db), TreeHead(1000, bytes(32)))


def test_key_of_another_database_is_not_enough(db: FakeSumdb) -> None:
    body = db.get(f"lookup/{MODULE}@{VERSION}")[1]
    with pytest.raises(BadNote):
        begin_lookup(body, keys_of(FakeSumdb("other.test")), None)


def test_record_must_be_the_one_in_the_tree(db: FakeSumdb) -> None:
    body = db.get(f"lookup/{MODULE}@{VERSION}")[1].replace(b" v1.0.0 ", b" v1.0.1 ")
    check = begin_lookup(body, keys_of(db), None)
    with pytest.raises(BadRecord, match="not the one that the tree has as number 400"):
        check.admit(fetch(db, check.tiles))
