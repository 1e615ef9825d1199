from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import BadZip
from modmirror.mod import zipscan
from modmirror.mod.zipdir import DEFLATED, STORED
from modmirror.mod.zipscan import Allowance, EntryHasher, ScannedEntry, ZipScan
from tests.fakes.zips import Member, archive, deflate, module_zip

if TYPE_CHECKING:
    from tests.fakes.zips import Descriptor

TEXT = b"package p\n" * 100
DESCRIPTORS: tuple[Descriptor, ...] = ("", "signed", "bare", "signed64", "bare64")


def scan(data: bytes, step: int = 0) -> ZipScan:
    scanner = ZipScan()
    for at in range(0, len(data), step or len(data)):
        scanner.feed(data[at : at + (step or len(data))])
    return scanner


@pytest.mark.parametrize("descriptor", DESCRIPTORS)
def test_entry_is_measured_as_it_arrives(descriptor: Descriptor) -> None:
    members = [Member(b"a", TEXT, descriptor=descriptor), Member(b"b", b"", descriptor=descriptor)]
    scanned = scan(archive(members)).scanned
    length = len(members[0].local())
    assert scanned[0] == ScannedEntry(
        b"a",
        DEFLATED,
        members[0].all_flags(),
        hashlib.sha256(TEXT).digest(),
        len(deflate(TEXT)),
        len(TEXT),
        zlib.crc32(TEXT),
        length,
    )
    assert scanned[length].sha256 == hashlib.sha256(b"").digest()
    assert list(scanned) == [0, length]


def test_stored_entries_are_measured_too() -> None:
    members = [Member(b"a", TEXT, method=0), Member(b"dir/", method=0), Member(b"b", b"x", method=0)]
    assert [entry.size for entry in scan(archive(members)).scanned.values()] == [len(TEXT), 0, 1]


@pytest.mark.parametrize("step", [1, 2, 3, 29, 30, 31, 1000])
def test_pieces_may_have_any_size(step: int) -> None:
    members = [
        *(Member(b"f%d" % n, TEXT, descriptor=form) for n, form in enumerate(DESCRIPTORS)),
        Member(b"stored", TEXT, method=0, local_extra=b"12345"),
        Member(b"", b"no name", method=0),
        Member(b"last", TEXT),
    ]
    data = archive(members)
    assert scan(data, step).scanned == scan(data).scanned
    assert len(scan(data).scanned) == len(members)


def test_scan_ends_where_the_directory_begins() -> None:
    data = module_zip()
    at = data.index(b"PK\x01\x02") + 8  # as many as a descriptor may be longer than this one
    before, behind = scan(data[:at]), scan(data)
    assert (before.stopped, behind.stopped) == (False, True)
    assert before.scanned == behind.scanned
    assert len(behind.scanned) == 4


def test_what_follows_a_stop_is_not_looked_at() -> None:
    scanner = scan(bytes(100))
    assert scanner.stopped
    scanner.feed(module_zip())
    assert scanner.scanned == {}


def test_scan_may_begin_at_any_header_and_leaves_the_rest_to_others() -> None:
    members = [Member(b"%d" % n, TEXT, descriptor="signed") for n in range(4)]
    data, whole = archive(members), scan(archive(members)).scanned
    _, second, third, fourth = whole
    for stop, expected in (
        (third, [second]),
        (third + 1, [second, third]),
        (None, [second, third, fourth]),
    ):
        scanner = ZipScan(second, stop)
        scanner.feed(data[second:])
        assert scanner.stopped
        assert scanner.scanned == {at: whole[at] for at in expected}


def test_scans_of_one_file_share_what_they_are_allowed() -> None:
    data, allowance = archive([Member(b"a", TEXT), Member(b"b", TEXT)]), Allowance()
    allowance.content = 3 * len(TEXT)
    first, second = ZipScan(allowance=allowance), ZipScan(allowance=allowance)
    first.feed(data)
    second.feed(data)
    assert len(first.scanned) == 2
    assert len(second.scanned) == 1
    assert second.stopped


def test_empty_piece_changes_nothing() -> None:
    scanner = ZipScan()
    scanner.feed(b"")
    assert (scanner.stopped, scanner.scanned) == (False, {})


@pytest.mark.parametrize(
    "odd",
    [
        Member(b"odd", TEXT, method=0, descriptor="signed"),
        Member(b"odd", TEXT, method=12, packed=b"BZh"),
        Member(b"odd", TEXT, packed=b"\xff\xff\xff\xff"),
        Member(b"odd", TEXT, descriptor="signed", crc=1),
        Member(b"odd", TEXT, descriptor="bare", size=1),
        Member(b"odd", TEXT, descriptor="signed64", compressed_size=1),
    ],
)
def test_scan_stops_at_an_oddity_and_keeps_what_it_has(odd: Member) -> None:
    good = Member(b"good", TEXT)
    scanner = scan(archive([good, odd, good]))
    assert scanner.stopped
    assert list(scanner.scanned) == [0]


def test_crc_that_looks_like_a_signature_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # The go command would read the bare descriptor one field too late, and refuse.
    member = Member(b"a", TEXT, descriptor="bare")
    monkeypatch.setattr(zipscan, "_SIGNATURE_NUMBER", zlib.crc32(TEXT))
    assert scan(archive([member, member])).scanned == {}
    signed = replace(member, descriptor="signed")
    assert len(scan(archive([signed, signed])).scanned) == 2


def test_sum_of_sizes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipscan, "MAX_CONTENT_BYTES", 2 * len(TEXT) - 1)
    scanner = scan(archive([Member(b"a", TEXT), Member(b"b", TEXT)]))
    assert scanner.stopped
    assert list(scanner.scanned) == [0]


def test_length_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    # They are in the directory once more, which is bounded too.
    monkeypatch.setattr(zipscan, "MAX_DIRECTORY_BYTES", 30)
    scanner = scan(archive([Member(b"%020d" % n) for n in range(5)]))
    assert scanner.stopped
    assert len(scanner.scanned) == 2


def test_number_of_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipscan, "MAX_ENTRIES", 2)
    scanner = scan(archive([Member(b"%d" % n) for n in range(5)]))
    assert scanner.stopped
    assert len(scanner.scanned) == 2


class TestEntryHasher:
    def test_takes_no_byte_behind_the_end_of_a_stream(self) -> None:
        packed = deflate(TEXT)
        hasher = EntryHasher(DEFLATED, len(TEXT))
        assert hasher.feed(memoryview(packed + bytes(100_000))) == len(packed)
        assert hasher.ended
        assert hasher.feed(memoryview(b"more")) == 0

    def test_stored_content_has_no_end_of_its_own(self) -> None:
        hasher = EntryHasher(STORED, 10)
        assert hasher.feed(memoryview(b"12345")) == 5
        assert not hasher.ended
        assert (hasher.size, hasher.compressed_size, hasher.crc) == (5, 5, zlib.crc32(b"12345"))

    def test_output_larger_than_its_buffer_comes_whole(self) -> None:
        # Output that ends exactly with the buffer, with and without input left.
        for size in (262_143, 262_144, 262_145, 524_288, 3_000_000):
            content = bytes(size)
            hasher = EntryHasher(DEFLATED, size)
            hasher.feed(memoryview(deflate(content)))
            assert hasher.ended
            assert hasher.sha256 == hashlib.sha256(content).digest()

    @pytest.mark.parametrize("method", [STORED, DEFLATED])
    def test_more_than_the_allowed_size_is_refused(self, method: int) -> None:
        packed = TEXT if method == STORED else deflate(TEXT)
        EntryHasher(method, len(TEXT)).feed(memoryview(packed))
        with pytest.raises(BadZip, match="larger"):
            EntryHasher(method, len(TEXT) - 1).feed(memoryview(packed))

    def test_broken_stream_is_refused(self) -> None:
        with pytest.raises(BadZip, match="broken"):
            EntryHasher(DEFLATED, 10).feed(memoryview(b"\xff\xff\xff\xff"))
