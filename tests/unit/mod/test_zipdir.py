from __future__ import annotations

from dataclasses import replace

import pytest

from modmirror.errors import BadZip
from modmirror.mod.zipdir import (
    DEFLATED,
    MAX_ENTRIES,
    STORED,
    ZipEntry,
    content_offset,
    descriptor_length,
    read_directory,
    show_name,
)
from tests.fakes.zips import Ending, Member, archive, end_of


def read(data: bytes) -> tuple[ZipEntry, ...]:
    return read_directory(len(data), lambda at, n: data[at : at + n])


TWO = [Member(b"a", b"aaaa"), Member(b"b", b"bb", method=0, mode=0o100755)]


def test_entries_come_in_the_order_of_the_directory_with_their_limits() -> None:
    data = archive(TWO)
    start = len(TWO[0].local())
    first, second = read(data)
    assert first == ZipEntry(
        b"a", DEFLATED, 0x0800, 0xAD98E545, len(TWO[0].content()), 4, header_offset=0, mode=0, limit=start
    )
    assert (second.method, second.size, second.mode) == (STORED, 2, 0o100755)
    assert (second.header_offset, second.limit) == (start, start + len(TWO[1].local()))


def test_limit_of_a_reordered_entry_is_what_follows_it_in_the_file() -> None:
    members = [replace(TWO[1], at=len(TWO[0].local())), TWO[0], TWO[1]]
    data = archive(members[1:])
    directory = TWO[1].central(len(TWO[0].local())) + TWO[0].central(0)
    body = TWO[0].local() + TWO[1].local()
    data = body + directory + end_of(Ending(), 2, len(directory), len(body))
    assert [(entry.name, entry.limit) for entry in read(data)] == [
        (b"b", len(body)),
        (b"a", len(TWO[0].local())),
    ]


def test_archive_without_entries_has_none() -> None:
    assert read(archive([])) == ()


def test_archive_without_entries_may_be_zip64() -> None:
    assert read(archive([], Ending(zip64=True))) == ()


@pytest.mark.parametrize("comment", [b"x", b"x" * 65535, b"PK\x05\x06", b"PK\x05\x06" * 30])
def test_comment_is_passed_over(comment: bytes) -> None:
    assert len(read(archive(TWO, Ending(comment=comment)))) == 2


def test_zip64_numbers_replace_the_narrow_ones() -> None:
    wide = [replace(member, zip64=True) for member in TWO]
    assert read(archive(wide, Ending(zip64=True))) == read(archive(TWO))


def test_sixty_five_thousand_entries_need_no_zip64() -> None:
    # The number that means "see zip64" is also a number.
    members = [Member(b"%d" % n, method=0) for n in range(65535)]
    assert len(read(slow_archive(members))) == 65535


def slow_archive(members: list[Member]) -> bytes:
    """`archive` without its quadratic concatenation."""
    locals_ = [member.local() for member in members]
    offsets = [0]
    for local in locals_:
        offsets.append(offsets[-1] + len(local))
    directory = b"".join(member.central(at) for member, at in zip(members, offsets, strict=False))
    return b"".join(locals_) + directory + end_of(Ending(), len(members), len(directory), offsets[-1])


def test_more_entries_than_the_limit_are_refused() -> None:
    data = archive(TWO, Ending(zip64=True, records=MAX_ENTRIES + 1))
    with pytest.raises(BadZip, match="too large"):
        read(data)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (Ending(after=b"x"), "no end record"),
        (Ending(before=b"x"), "not where"),
        (Ending(before=b"x", zip64=True), "contradict|not where"),
        (Ending(disk=1), "one part"),
        (Ending(records=1), "more than its entries"),
        (Ending(records=3), "fewer entries"),
        (Ending(directory_offset=3), "not where"),
        (Ending(directory_size=3), "not where"),
        (Ending(zip64=True, announced=False), "does not announce"),
        (Ending(comment=b"x" + end_of(Ending(), 0, 0, 0)), "two end records"),
    ],
)
def test_ending_that_could_be_read_in_two_ways_is_refused(ending: Ending, reason: str) -> None:
    with pytest.raises(BadZip, match=reason):
        read(archive(TWO, ending))


def edited(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


@pytest.mark.parametrize(
    ("back", "new", "reason"),
    [
        (22 + 16, b"\x01", "locator"),  # disk of the zip64 end record
        (22 + 4, b"\x02", "locator"),  # number of disks
        (22 + 12, b"\xff\xff", "locator"),  # offset of the zip64 end record
        (22 + 12, b"\x00", "not where its locator says"),
        (22 + 20 + 56, b"X", "not where its locator says"),  # its signature
        (22 + 20 + 52, b"\x2d", "not where its locator says"),  # its length
        (22 + 20 + 40, b"\x01", "one part"),  # its disk
        (22 + 20 + 32, b"\x01", "one part"),  # its entries on this disk
    ],
)
def test_broken_zip64_end_is_refused(back: int, new: bytes, reason: str) -> None:
    data = archive(TWO, Ending(zip64=True))
    with pytest.raises(BadZip, match=reason):
        read(edited(data, len(data) - back, new))


def test_plain_end_record_must_agree_with_zip64_where_it_says_something() -> None:
    data = archive(TWO, Ending(zip64=True))
    with pytest.raises(BadZip, match="contradict each other"):
        read(edited(data, len(data) - 22 + 12, b"\x01\x00\x00\x00"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"flags": 0x0001}, "encrypted"),
        ({"flags": 0x0020}, "disguised"),
        ({"flags": 0x0040}, "disguised"),
        ({"flags": 0x2000}, "disguised"),
        ({"method": 9, "packed": b""}, "method 9"),
        ({"size": 0xFFFFFFFF}, "zip64 field"),
        ({"size": 0xFFFFFFFF, "central_extra": b"\x01\x00\x04\x00abcd"}, "zip64 field"),
        ({"zip64": True, "central_extra": b"\x01\x00\x18\x00" + bytes(24)}, "zip64 field"),
        ({"compressed_size": 100}, "overlaps"),
        ({"at": 1}, "overlaps"),
        ({"at": 0}, "share the same bytes"),
    ],
)
def test_entry_that_could_be_read_in_two_ways_is_refused(change: dict[str, int], reason: str) -> None:
    with pytest.raises(BadZip, match=reason):
        read(archive([TWO[0], replace(TWO[1], **change)]))  # type: ignore[arg-type] # fields by name


def test_directory_record_without_its_signature_is_refused() -> None:
    data = archive(TWO)
    with pytest.raises(BadZip, match="directory is broken"):
        read(edited(data, data.index(b"PK\x01\x02"), b"PK\x05\x05"))


def test_directory_record_on_another_disk_is_refused() -> None:
    data = archive(TWO)
    with pytest.raises(BadZip, match="one part"):
        read(edited(data, data.index(b"PK\x01\x02") + 34, b"\x01"))


def test_name_longer_than_the_directory_is_refused() -> None:
    data = archive(TWO)
    with pytest.raises(BadZip, match="directory is broken"):
        read(edited(data, data.rindex(b"PK\x01\x02") + 28, b"\xff"))


def test_foreign_extra_fields_are_passed_over() -> None:
    odd = replace(TWO[0], zip64=True, central_extra=b"\x99\x99\x02\x00abXY")
    assert read(archive([odd, TWO[1]])) == read(archive(TWO))


def test_extra_field_of_many_empty_parts_is_read_in_one_pass() -> None:
    odd = replace(TWO[0], zip64=True, central_extra=b"\x99\x99\x00\x00" * 10_000)
    assert read(archive([odd, TWO[1]])) == read(archive(TWO))


def test_extra_field_that_runs_over_its_end_is_passed_over() -> None:
    odd = replace(TWO[0], zip64=True, central_extra=b"\x01\x00\xff\x00")
    assert read(archive([odd, TWO[1]])) == read(archive(TWO))


def test_content_begins_behind_name_and_extra_field() -> None:
    member = replace(TWO[0], local_extra=b"12345")
    (entry,) = read(archive([member]))
    assert content_offset(entry, member.local()) == 30 + 1 + 5


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (replace(TWO[0], local_name=b"x"), "contradicts"),
        (replace(TWO[0], local_name=b"ab"), "contradicts"),
        (replace(TWO[0], local_method=0), "contradicts"),
        (replace(TWO[0], local_flags=8), "contradicts"),
        (replace(TWO[0], local_flags=1), "contradicts"),
    ],
)
def test_local_header_that_says_something_else_is_refused(member: Member, reason: str) -> None:
    (entry,) = read(archive([TWO[0]]))
    with pytest.raises(BadZip, match=reason):
        content_offset(entry, member.local())


def test_offset_without_a_local_header_is_refused() -> None:
    (entry,) = read(archive([TWO[0]]))
    with pytest.raises(BadZip, match="no local header"):
        content_offset(entry, bytes(100))
    with pytest.raises(BadZip, match="overlaps"):
        content_offset(entry, TWO[0].local()[:30])


@pytest.mark.parametrize(
    ("form", "length"), [("signed", 16), ("bare", 12), ("signed64", 16), ("bare64", 12)]
)
def test_descriptor_may_have_a_signature(form: str, length: int) -> None:
    member = replace(TWO[0], descriptor=form)  # type: ignore[arg-type] # one of the four
    (entry,) = read(archive([member]))
    data = member.local()[30 + 1 + len(member.content()) :]
    assert descriptor_length(entry, data) == length
    with pytest.raises(BadZip, match="descriptor"):
        descriptor_length(entry, data[: length - 1])


def test_descriptor_with_another_crc_is_refused() -> None:
    (entry,) = read(archive([TWO[0]]))
    with pytest.raises(BadZip, match="descriptor"):
        descriptor_length(entry, b"PK\x07\x08" + bytes(12))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a/b.go", '"a/b.go"'),
        ("世".encode(), '"世"'),
        (b"\xff", '"\\xff"'),
        (b"a\nb\x1b[0m", '"a\\nb\\x1b[0m"'),
        (b"x" * 300, '"' + "x" * 200 + '…"'),
    ],
)
def test_names_are_shown_on_one_line(name: bytes, shown: str) -> None:
    assert show_name(name) == shown
