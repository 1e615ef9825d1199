"""Zips that an upstream could send to harm: each must be refused, and none may be heavy to refuse."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest
from isal import isal_zlib

from modmirror.errors import BadZip
from modmirror.mod.modzip import MAX_ZIP_BYTES, check_entry_names, verify_zip
from modmirror.mod.path import check_path
from modmirror.mod.zipscan import ZipScan
from tests.fakes.evil_zips import EVIL, ODD, bomb, incomplete_code
from tests.fakes.go_zips import GoZips, find_go
from tests.fakes.zips import MODULE, VERSION, Ending, Member, archive, end_of, module_zip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.mod.zipdir import ReadAt
    from modmirror.mod.zipscan import ScannedEntry

STRICTER_THAN_GO = {
    "two names": "a reader that streams would see the other name",
    "two methods": "a reader that streams would see other content",
    "hidden descriptor": "a reader that streams would look for the next entry elsewhere",
    "encrypted": "others would ask for a password",
    "masked": "others would not trust the local header",
    "crc zero": "go takes zero for unknown",
    "deflate goes on": "bytes between two entries that nobody looks at",
    "overlap inside": "a quoted header lets a small zip say much",
    "bytes before": "go guesses by how much offsets are shifted",
    "bytes behind": "other readers look for the end elsewhere",
    "bytes before the end": "go guesses by how much offsets are shifted",
    "hidden directory": "which directory counts depends on the reader",
    "wrong directory size": "go guesses by how much offsets are shifted",
    "several disks": "others would ask for the next disk",
    "unannounced zip64": "whether it counts depends on the reader",
}
"""What we refuse although the go command extracts it. No go command writes such zips."""


def slices_of(data: bytes) -> ReadAt:
    return lambda at, n: data[at : at + n]


def verified(data: bytes, scanned: Mapping[int, ScannedEntry] | None = None) -> str:
    return verify_zip(check_path(MODULE), VERSION, len(data), slices_of(data), scanned)


def scan(data: bytes) -> dict[int, ScannedEntry]:
    """Scan from everything that looks like a header."""
    scanned: dict[int, ScannedEntry] = {}
    for start in (at for at in range(len(data)) if data.startswith(b"PK\x03\x04", at)):
        scanner = ZipScan(start)
        scanner.feed(data[start:])
        scanned |= scanner.scanned
    return scanned


@pytest.mark.matrix("T127")
@pytest.mark.matrix("T128")
@pytest.mark.parametrize("rule", EVIL)
def test_zip_that_breaks_a_rule_is_refused(rule: str) -> None:
    data = EVIL[rule](MODULE, VERSION)
    with pytest.raises(BadZip):
        verified(data)


@pytest.mark.parametrize("rule", EVIL)
def test_having_scanned_it_does_not_let_an_evil_zip_through(rule: str) -> None:
    data = EVIL[rule](MODULE, VERSION)
    with pytest.raises(BadZip):
        verified(data, scan(data))


@pytest.mark.matrix("T130")
def test_every_truncation_of_a_zip_is_refused() -> None:
    data = module_zip()
    for length in range(len(data)):
        with pytest.raises(BadZip):
            verified(data[:length], scan(data[:length]))


def test_truncated_file_is_refused_when_its_length_lies() -> None:
    data = module_zip()
    for length in range(0, len(data), 7):
        cut = data[:length]
        with pytest.raises(BadZip):
            verify_zip(check_path(MODULE), VERSION, len(data), slices_of(cut))


@pytest.mark.matrix("T124")
def test_zip_longer_than_the_limit_is_refused_unread() -> None:
    def read_at(_offset: int, _length: int) -> bytes:
        pytest.fail("read although it is too long")

    with pytest.raises(BadZip, match="too large"):
        verify_zip(check_path(MODULE), VERSION, MAX_ZIP_BYTES + 1, read_at)


@pytest.mark.matrix("T124")
def test_declared_bomb_is_refused_by_its_declaration() -> None:
    with pytest.raises(BadZip, match="too large together"):
        verified(bomb())


@pytest.mark.matrix("T124")
def test_scan_of_a_bomb_stops_at_the_limit_in_flat_memory() -> None:
    data = bomb()
    tracemalloc.start()
    scanner = ZipScan()
    scanner.feed(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert scanner.stopped
    assert not scanner.scanned
    assert peak < 4_000_000


def test_large_entry_is_verified_in_flat_memory() -> None:
    data = bomb(size=60_000_000)
    tracemalloc.start()
    h1 = verified(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert h1.startswith("h1:")
    assert peak < 4_000_000


def test_directory_of_too_many_entries_is_refused_without_reading_it() -> None:
    count = 300_000
    size = count * 46
    end = end_of(Ending(zip64=True), count, size, 0)

    def read_at(offset: int, length: int) -> bytes:
        assert length < 100_000, "the directory was read"
        return (bytes(size) + end)[offset : offset + length]

    with pytest.raises(BadZip, match="directory is too large"):
        verify_zip(check_path(MODULE), VERSION, size + len(end), read_at)


def test_deeply_nested_names_cost_as_much_as_their_length() -> None:
    # Kept as whole paths, the directories of each of these names would take a gigabyte.
    names = [f"{first}/" + "a/" * 30_000 + "f" for first in "abcd"]
    data = archive([Member(f"{MODULE}@{VERSION}/{name}".encode(), method=0) for name in names])
    tracemalloc.start()
    verified(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000_000


def test_error_text_stays_short_and_on_one_line() -> None:
    with pytest.raises(BadZip) as caught:
        check_entry_names([("a\n" * 50_000 + ".", 1)])
    assert len(caught.value.reason) < 1000
    assert "\n" not in caught.value.reason


def test_stale_scan_of_other_bytes_cannot_change_the_hash() -> None:
    # The words of the directory decide. A scan whose measures differ from them is not used.
    data = module_zip(files={"p.go": b"package p"}, stored=True)
    other = module_zip(files={"p.go": b"package q"}, stored=True)
    assert scan(other)
    assert verified(data, scan(other)) == verified(data)


def test_isal_is_too_lenient_to_judge_zips() -> None:
    # The reason for zlib-ng. When this fails, ISA-L may be considered again.
    inflate = isal_zlib.decompressobj(-15)
    assert inflate.decompress(incomplete_code()) == b"A"


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> GoZips:
    command = find_go()
    if command is None:
        pytest.skip("needs the go command")
    return GoZips(command, tmp_path_factory.mktemp("oracle"))


@pytest.mark.go
def test_go_extracts_what_is_called_odd_with_the_same_hash(go: GoZips) -> None:
    zips = {rule: build(MODULE, VERSION) for rule, build in ODD.items()}
    answers = dict(zip(zips, go.judge(MODULE, VERSION, zips.values()), strict=True))
    assert {rule: answer.error for rule, answer in answers.items() if answer.error} == {}
    assert {rule: verified(data) for rule, data in zips.items()} == {
        rule: answer.h1 for rule, answer in answers.items()
    }


@pytest.mark.go
def test_go_refuses_what_is_called_evil_but_for_the_named_differences(go: GoZips) -> None:
    zips = {rule: build(MODULE, VERSION) for rule, build in EVIL.items()}
    answers = dict(zip(zips, go.judge(MODULE, VERSION, zips.values()), strict=True))
    assert {rule for rule, answer in answers.items() if not answer.error} == set(STRICTER_THAN_GO)
