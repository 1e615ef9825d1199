from __future__ import annotations

import io
import random
import zipfile

import pytest

from modmirror.errors import NotExist, StorageBroken
from modmirror.mod import zipbuild
from modmirror.mod.modzip import verify_zip
from modmirror.mod.path import check_path
from modmirror.mod.tarscan import TarMember
from modmirror.mod.zipbuild import BuiltZip, write_zip
from modmirror.mod.zipplan import ZipPlan
from modmirror.mod.zipscan import ZipScan
from tests.fakes.trees import MODULE, VERSION, Built, build
from tests.fakes.zips import slow_h1

PREFIX = f"{MODULE}@{VERSION}/"
CONTENT = bytes(range(256)) * 3000
TREE = {"go.mod": b"module example.com/tree\n", "b/large": CONTENT, "empty": b"", "\u4e16.txt": b"x"}


def opened(built: Built) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(built.data))


def test_zip_holds_the_files_under_the_module_and_version() -> None:
    with opened(build(TREE)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            PREFIX + path: content for path, content in TREE.items()
        }


@pytest.mark.matrix("T122")
def test_no_entry_is_a_directory_and_the_licence_comes_last() -> None:
    tree = {"LICENSE": b"terms", "sub/a/b": b"1", "sub/z": b"2"}
    with opened(build(tree, directory="sub")) as archive:
        assert archive.namelist() == [PREFIX + "a/b", PREFIX + "z", PREFIX + "LICENSE"]
        assert archive.read(PREFIX + "LICENSE") == b"terms"


def test_result_says_what_has_been_written() -> None:
    built = build(TREE)
    scan = ZipScan()
    scan.feed(built.data)
    assert len(scan.scanned) == 4
    assert built.zip == BuiltZip(slow_h1(built.data), len(built.data), scan.scanned)


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 524_288, 524_289])
def test_what_was_hashed_on_the_way_is_what_a_reader_finds(size: int) -> None:
    noise = random.Random(size).randbytes(size)
    built = build({"a": b"before", "b": noise, "c": b"after", "d": noise[::-1]})
    scan = ZipScan()
    scan.feed(built.data)
    assert built.zip.scanned == scan.scanned
    assert [entry.size for entry in scan.scanned.values()] == [6, size, 5, size]


def test_what_is_written_passes_the_check_for_zips_made_elsewhere() -> None:
    built = build(TREE)
    h1 = verify_zip(check_path(MODULE), VERSION, len(built.data), lambda at, n: built.data[at : at + n])
    assert h1 == built.zip.h1


def test_times_and_modes_are_left_empty() -> None:
    with opened(build(TREE)) as archive:
        assert {(each.date_time, each.external_attr) for each in archive.infolist()} == {
            ((1980, 0, 0, 0, 0, 0), 0)
        }


def test_same_tree_gives_the_same_bytes() -> None:
    assert build(TREE).data == build(dict(reversed(TREE.items()))).data


def test_module_without_files_is_an_empty_zip() -> None:
    built = build({})
    assert (dict(built.zip.scanned), opened(built).namelist()) == ({}, [])


def test_zip_is_written_in_few_pieces() -> None:
    pieces: list[bytes] = []
    size = 3_000_000
    members = tuple(TarMember(f"{n}", "file", 30, 30 * n) for n in range(1000))
    plan = ZipPlan("example.com/m@v1.0.0", (*members, TarMember("x", "file", size, 0)), None, ())
    content = b"".join(n.to_bytes(4, "big") for n in range(size // 4))
    built = write_zip(plan, lambda at, n: content[at : at + n], pieces.append)
    assert sum(map(len, pieces)) == built.size
    assert len(pieces) < 10


def test_many_small_files_are_read_from_the_archive_together() -> None:
    reads: list[tuple[int, int]] = []
    content = bytes(range(250)) * 12_000

    def read_at(offset: int, size: int) -> bytes:
        reads.append((offset, size))
        return content[offset : offset + size]

    members = tuple(TarMember(f"{n}", "file", 300, 300 * n) for n in range(10_000))
    built = write_zip(ZipPlan("example.com/m@v1.0.0", members, None, ()), read_at, lambda _: None)
    assert len(built.scanned) == 10_000
    assert len(reads) < 10


def test_archive_that_has_become_shorter_is_a_failure_of_the_store() -> None:
    plan = ZipPlan("example.com/m@v1.0.0", (TarMember("x", "file", 10, 512),), None, ())
    with pytest.raises(StorageBroken):
        write_zip(plan, lambda at, n: bytes(521)[at : at + n], lambda _: None)


@pytest.mark.matrix("T124")
def test_zip_longer_than_a_client_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    length = len(build(TREE).data)
    monkeypatch.setattr(zipbuild, "MAX_ZIP_BYTES", length)
    build(TREE)
    monkeypatch.setattr(zipbuild, "MAX_ZIP_BYTES", length - 1)
    with pytest.raises(
        NotExist, match=f"{MODULE}@{VERSION} is too large: its zip is longer than"
    ) as caught:
        build(TREE)
    assert caught.value.hint


@pytest.mark.parametrize("count", [0xFFFE, 0xFFFF, 0x10000])
def test_more_files_than_sixteen_bits_can_count_need_the_wide_end_record(count: int) -> None:
    members = tuple(TarMember(f"{n}", "file", 0, 0) for n in range(count))
    written = bytearray()
    built = write_zip(ZipPlan(PREFIX[:-1], members, None, ()), lambda _at, _n: b"", written.extend)
    data = bytes(written)
    assert (b"PK\x06\x06" in data[-98:]) == (count >= 0xFFFF)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == count
    assert verify_zip(check_path(MODULE), VERSION, len(data), lambda at, n: data[at : at + n]) == built.h1
