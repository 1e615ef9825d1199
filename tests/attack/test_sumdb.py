"""Every way a mirror or a database may lie, against the verifier alone. No lie may yield a hash.

``tests/contract/test_fake_sumdb.py`` tells the same lies to the real go command.
"""

from __future__ import annotations

import pytest

from modmirror.errors import BadNote, BadRecord, BadTile, Error, ForkDetected
from modmirror.sumdb.lookup import begin_lookup
from modmirror.sumdb.plan import plan_consistency, plan_inclusion
from modmirror.sumdb.tree import edge_tiles, leaf_hash
from tests.fakes import sumdb_lies as lies
from tests.fakes.sumdb import FakeSumdb, made_up_h1
from tests.fakes.sumdb_client import Unanswered, ask, fetch, head_of, keys_of, look_up

MODULE, VERSION = "victim.test/m", "v1.0.0"
OTHER = "other.test/m"
ZIP, MOD, EVIL = made_up_h1("zip"), made_up_h1("mod"), made_up_h1("evil")
WANTED = f"{MODULE} {VERSION} {EVIL}\n{MODULE} {VERSION}/go.mod {EVIL}\n".encode()
NUMBER, BYSTANDER = 300, 301
# Ten bits of 1023 are set, six right-edge subtrees or more share one tile: the shape of CVE-2026-56865.
SIZE = 3 * 256 + 255


@pytest.fixture
def db() -> FakeSumdb:
    grown = FakeSumdb()
    grown.pad(NUMBER)
    grown.add(MODULE, VERSION, ZIP, MOD)
    grown.add(OTHER, VERSION, ZIP, MOD)
    grown.pad(SIZE)
    return grown


def test_without_a_lie_the_true_hash_comes_out(db: FakeSumdb) -> None:
    assert look_up(db, MODULE, VERSION).find_sum(MODULE, VERSION, go_mod=False) == ZIP


@pytest.mark.matrix("T154")
@pytest.mark.parametrize(
    ("lie", "error"),
    [
        pytest.param(lies.forged_note(), BadNote, id="forged note"),
        pytest.param(lies.wrong_key(), BadNote, id="wrong key"),
        pytest.param(lies.unknown_signer(), BadNote, id="unknown signer"),
        pytest.param(lies.no_note(), BadNote, id="no note"),
        pytest.param(lies.no_record(), BadRecord, id="empty record"),
        pytest.param(lies.forged_record(ZIP.encode(), EVIL.encode()), BadRecord, id="forged record"),
        pytest.param(lies.forged_leaf(ZIP.encode(), EVIL.encode()), BadTile, id="forged leaf"),
        pytest.param(lies.beyond_the_tree(), BadRecord, id="number beyond the tree"),
        pytest.param(lies.tampered_tile(0), BadTile, id="tampered leaf tile"),
        pytest.param(lies.tampered_tile(1), BadTile, id="tampered inner tile"),
        pytest.param(lies.truncated(1), BadNote, id="cut by one byte"),
        pytest.param(lies.truncated(150), BadNote, id="cut within the tree head"),
        pytest.param(lies.truncated(250), BadRecord, id="cut within the record"),
    ],
)
@pytest.mark.parametrize("known", [None, 200, NUMBER + 1, SIZE])
def test_lie_is_refused_whatever_is_known(
    db: FakeSumdb, lie: lies.Lie, error: type[Error], known: int | None
) -> None:
    known_head = None if known is None else head_of(db, known)
    db.lie = lie
    with pytest.raises(error):
        look_up(db, MODULE, VERSION, known_head)


@pytest.mark.matrix("T154")
@pytest.mark.parametrize("size", range(1, 420, 23))
def test_answer_cut_anywhere_is_refused(db: FakeSumdb, size: int) -> None:
    whole = db.get(f"lookup/{MODULE}@{VERSION}")[1]
    with pytest.raises((BadNote, BadRecord)):
        begin_lookup(whole[:-size], keys_of(db), None)


@pytest.mark.matrix("T154")
@pytest.mark.parametrize("go_mod", [False, True])
def test_cve_2026_42501_record_of_another_module_vouches_for_nothing(
    db: FakeSumdb, *, go_mod: bool
) -> None:
    db.lie = lies.record_of(OTHER, VERSION)
    proven = look_up(db, MODULE, VERSION)
    with pytest.raises(BadRecord, match=rf"no h1 line for {MODULE}"):
        proven.find_sum(MODULE, VERSION, go_mod=go_mod)


@pytest.mark.matrix("T154")
@pytest.mark.parametrize("text", [b"\xe2\x80\x8b\n", b"-\n", f"{MODULE} {VERSION} \n".encode()])
def test_cve_2026_42501_recorded_nothing_vouches_for_nothing(db: FakeSumdb, text: bytes) -> None:
    db.lie = lies.record_number(db.add_record(text))
    proven = look_up(db, MODULE, VERSION)
    with pytest.raises(BadRecord):
        proven.find_sum(MODULE, VERSION, go_mod=False)


@pytest.mark.matrix("T154")
def test_cve_2026_56864_lines_after_the_signatures_are_refused(db: FakeSumdb) -> None:
    db.lie = lies.unsigned_trailer(BYSTANDER, WANTED)
    with pytest.raises(BadNote):
        look_up(db, MODULE, VERSION)


@pytest.mark.matrix("T154")
def test_cve_2026_56864_lines_between_record_and_note_are_refused(db: FakeSumdb) -> None:
    db.lie = lies.unsigned_paragraph(BYSTANDER, WANTED)
    with pytest.raises(BadNote):
        look_up(db, MODULE, VERSION)


@pytest.mark.matrix("T154")
def test_cve_2026_56864_lines_signed_with_the_tree_head_are_no_record(db: FakeSumdb) -> None:
    db.lie = lies.signed_trailer(BYSTANDER, WANTED)
    proven = look_up(db, MODULE, VERSION)
    assert not [key for key in proven.sums if key.startswith(MODULE)]
    with pytest.raises(BadRecord, match="no h1 line"):
        proven.find_sum(MODULE, VERSION, go_mod=False)


@pytest.mark.matrix("T154")
@pytest.mark.parametrize("size", [SIZE, 256 * 256 + SIZE, 2 * 256 + 1, 1024])
def test_cve_2026_56865_no_tile_escapes_the_check_against_its_parent(size: int) -> None:
    db = FakeSumdb()
    db.pad(size)
    plan = plan_inclusion(head_of(db), NUMBER)
    assert len(plan.tiles) > len(edge_tiles(size))
    honest = fetch(db, plan.tiles)
    for tile, data in honest.items():
        for position in (0, len(data) // 2, len(data) - 1):
            bad = data[:position] + bytes([data[position] ^ 0x80]) + data[position + 1 :]
            with pytest.raises(BadTile):
                plan.admit(honest | {tile: bad})


@pytest.mark.matrix("T154")
def test_cve_2026_56865_forged_tile_with_a_forged_parent_is_refused() -> None:
    """Agreement from the leaf upwards does not help, as long as the signed root is not reached."""
    db, liar = FakeSumdb(), FakeSumdb()
    for grown, h1 in ((db, ZIP), (liar, EVIL)):
        grown.pad(NUMBER)
        grown.add(MODULE, VERSION, h1, MOD)
        grown.pad(256 * 256 + SIZE)
    plan = plan_inclusion(head_of(db), NUMBER)
    honest, forged = fetch(db, plan.tiles), fetch(liar, plan.tiles)
    differing = [tile for tile in plan.tiles if honest[tile] != forged[tile]]
    assert [tile.level for tile in differing] == [2, 0, 1]
    for kept in differing:
        with pytest.raises(BadTile):
            plan.admit(forged | {kept: honest[kept]})
    with pytest.raises(BadTile):
        plan.admit(forged)


@pytest.mark.matrix("T154")
@pytest.mark.parametrize("size", [SIZE - 50, SIZE, SIZE + 400])
@pytest.mark.parametrize("common", [0, 299])
def test_fork_is_detected_whichever_tree_is_larger(db: FakeSumdb, size: int, common: int) -> None:
    known = head_of(db)
    liar = db.fork(common)
    liar.pad(NUMBER)
    liar.add(MODULE, VERSION, EVIL, EVIL)
    liar.pad(SIZE + 400)
    liar.shown = size
    with pytest.raises((ForkDetected, BadTile)):
        look_up(liar, MODULE, VERSION, known)


@pytest.mark.matrix("T154")
def test_fork_with_consistent_tiles_is_named_a_fork(db: FakeSumdb) -> None:
    known = head_of(db, 400)
    liar = db.fork(299)
    liar.add(MODULE, VERSION, EVIL, EVIL)
    liar.pad(SIZE)
    with pytest.raises(ForkDetected, match="1023 records does not continue the signed tree of 400"):
        look_up(liar, MODULE, VERSION, known)


@pytest.mark.matrix("T154")
def test_fork_that_hides_behind_an_old_head_is_named_a_fork(db: FakeSumdb) -> None:
    """The forked answer claims a smaller tree; true tiles of the known tree give it away."""
    liar = db.fork(299)
    liar.add(MODULE, VERSION, EVIL, EVIL)
    liar.pad(400)
    body = ask(liar, f"lookup/{MODULE}@{VERSION}")
    check = begin_lookup(body, keys_of(db), head_of(db))
    with pytest.raises(ForkDetected, match="1023 records does not continue the signed tree of 400"):
        check.admit(fetch(db, check.tiles))


@pytest.mark.matrix("T154")
def test_mirror_that_went_back_in_time_is_believed_only_within_the_known_tree(db: FakeSumdb) -> None:
    known = head_of(db)
    db.shown = NUMBER + 5
    proven = look_up(db, MODULE, VERSION, known)
    assert (proven.head, proven.advanced) == (known, False)


def test_tree_head_that_went_another_way_is_a_fork(db: FakeSumdb) -> None:
    liar = db.fork(700)
    liar.add(MODULE, "v2.0.0", EVIL, EVIL)
    liar.pad(SIZE + 9)
    shared = plan_consistency(head_of(db, 700), head_of(liar))
    shared.admit(fetch(liar, shared.tiles))
    parted = plan_consistency(head_of(db, 701), head_of(liar))
    with pytest.raises(ForkDetected):
        parted.admit(fetch(liar, parted.tiles))


@pytest.mark.parametrize("prefix", ["lookup/", "tile/"])
def test_failing_database_yields_no_hash(db: FakeSumdb, prefix: str) -> None:
    db.lie = lies.failing(500, prefix)
    with pytest.raises(Unanswered):
        look_up(db, MODULE, VERSION)


@pytest.mark.parametrize("length", [0, 31, 33, 8191, 8224])
def test_tile_of_a_wrong_length_is_refused(db: FakeSumdb, length: int) -> None:
    check = begin_lookup(ask(db, f"lookup/{MODULE}@{VERSION}"), keys_of(db), None)
    blobs = fetch(db, check.tiles)
    for tile in check.tiles:
        with pytest.raises(BadTile, match="bytes instead of"):
            check.admit(blobs | {tile: bytes(length)})


def test_inner_node_cannot_pass_for_a_record(db: FakeSumdb) -> None:
    """Leaves and nodes are hashed apart, so the two hashes below a node are no record."""
    left, right = leaf_hash(db.records[0]), leaf_hash(db.records[1])
    assert leaf_hash(left + right) != db._levels[1][0]
