from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import BadZip
from modmirror.mod import collisions
from modmirror.mod.modzip import (
    MAX_LICENSE_BYTES,
    MAX_MOD_BYTES,
    MAX_ZIP_BYTES,
    check_entry_names,
    verify_zip,
)
from modmirror.mod.path import check_path
from modmirror.mod.zipscan import MAX_CONTENT_BYTES, ZipScan
from tests.fakes.evil_zips import EVIL, ODD
from tests.fakes.zips import MODULE, VERSION, Member, archive, default_files, module_zip, slow_h1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.mod.zipscan import ScannedEntry


class Reader:
    """Counts what is read of a zip."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads: list[tuple[int, int]] = []

    def __call__(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return self.data[offset : offset + length]

    def verify(self, scanned: Mapping[int, ScannedEntry] | None = None) -> str:
        return verify_zip(check_path(MODULE), VERSION, len(self.data), self, scanned)


def verified(data: bytes) -> str:
    return Reader(data).verify()


def scan(data: bytes) -> dict[int, ScannedEntry]:
    scanner = ZipScan()
    scanner.feed(data)
    return scanner.scanned


def named(*names: str) -> None:
    check_entry_names((name, 1) for name in names)


def test_limits_are_those_of_the_go_command() -> None:
    assert MAX_ZIP_BYTES == MAX_CONTENT_BYTES == 500 << 20
    assert MAX_MOD_BYTES == MAX_LICENSE_BYTES == 16 << 20


def test_hash_is_that_of_names_and_contents() -> None:
    data = module_zip()
    assert verified(data) == slow_h1(data)


@pytest.mark.matrix("T123")
def test_packing_and_order_do_not_change_the_hash() -> None:
    files = default_files()
    backwards = dict(reversed(files.items()))
    hashes = {
        verified(module_zip(files=files)),
        verified(module_zip(files=backwards)),
        verified(module_zip(files=files, stored=True)),
        verified(module_zip(files=files, descriptor="")),
    }
    assert len(hashes) == 1


@pytest.mark.matrix("T122")
def test_directory_entry_changes_the_hash() -> None:
    directory = Member(f"{MODULE}@{VERSION}/internal/".encode(), method=0)
    file = Member(f"{MODULE}@{VERSION}/internal/p.go".encode(), b"package p\n")
    assert verified(archive([file])) != verified(archive([directory, file]))


@pytest.mark.matrix("T129")
@pytest.mark.parametrize("oddity", ODD)
def test_oddity_that_the_go_command_tolerates_is_kept(oddity: str) -> None:
    data = ODD[oddity](MODULE, VERSION)
    assert verified(data) == Reader(data).verify(scan(data))
    if oddity not in {"directory twice", "comment"}:  # zipfile cannot read these two
        assert verified(data) == slow_h1(data)


def test_scanned_entries_are_not_read_again() -> None:
    data = module_zip()
    first, second = Reader(data), Reader(data)
    assert first.verify() == second.verify(scan(data))
    content = [offset for offset, _ in first.reads if offset in scan(data)]
    assert len(content) >= 4
    # The directory and its end: both lie behind the content.
    start = data.index(b"PK\x01\x02")
    assert [offset for offset, length in second.reads if offset + length <= start] == []
    assert len(second.reads) == 3


def test_scanned_entry_that_differs_in_one_word_is_read_again() -> None:
    data = module_zip()
    scanned = scan(data)
    at = min(scanned)
    liar = b"\0" * 32
    for change in (
        {"name": b"other"},
        {"method": 0},
        {"flags": 0},
        {"flags": 9},
        {"crc": 1},
        {"compressed_size": 1},
        {"size": 1},
    ):
        lied = scanned[at]._replace(sha256=liar, **change)
        assert Reader(data).verify({**scanned, at: lied}) == slow_h1(data)


def test_scanned_entry_may_not_run_into_the_next() -> None:
    data = module_zip()
    scanned = scan(data)
    at = min(scanned)
    longer = scanned[at]._replace(length=scanned[at].length + 1)
    with pytest.raises(BadZip, match="overlaps"):
        Reader(data).verify({**scanned, at: longer})


def test_large_entries_are_read_in_pieces() -> None:
    content = zlib.compress(bytes(range(256)) * 4000, 0)[2:-4]
    data = module_zip(files={"big": content * 3}, stored=True)
    reader = Reader(data)
    assert reader.verify() == slow_h1(data)
    assert max(length for _, length in reader.reads) <= 262_144
    assert len(reader.reads) > 10


@pytest.mark.parametrize("spare", range(20))
def test_descriptor_may_straddle_two_reads(spare: int) -> None:
    name = f"{MODULE}@{VERSION}/f".encode()
    size = 262_144 - 30 - len(name) - spare
    member = Member(name, packed=b"", descriptor="signed")
    # Deflate blocks without compression: five bytes in front of each 65535, so the length can be chosen.
    left, packed, content = size, b"", b""
    while left:
        take = min(left - 5, 65535) if left > 65545 or left <= 65540 else left - 5 - 100
        final = left - 5 - take == 0
        packed += bytes([final]) + take.to_bytes(2, "little") + (take ^ 0xFFFF).to_bytes(2, "little")
        packed += b"x" * take
        content += b"x" * take
        left -= 5 + take
    data = archive([replace(member, data=content, packed=packed), Member(name + b"2", b"y")])
    assert verified(data) == slow_h1(data)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            "wrong prefix",
            r'zip@v9\.9\.9/go\.mod" in the zip does not begin with "example\.com/zip@v1\.2\.3/"',
        ),
        ("not UTF-8", r"xff.* is not UTF-8"),
        ("directory with content", r"dir/.* is a directory with content"),
        ("stored with two sizes", r"p\.go.* is stored, yet has two sizes"),
        ("two methods", r"local header of .*p\.go.* contradicts the directory"),
        ("declares more", r"p\.go.*: smaller than declared \(1251 bytes, not 1000000\)"),
        ("declares less", r"p\.go.*: content is larger than declared"),
        ("not deflate", r"p\.go.*: compressed data is broken"),
        ("deflate cut short", r"p\.go.*: compressed data is cut short"),
        ("deflate goes on", r"p\.go.*: compressed data goes on behind its end"),
        ("wrong crc", r"p\.go.*: the CRC-32 is not the declared one"),
    ],
)
def test_refusal_says_what_is_wrong_with_which_entry(rule: str, says: str) -> None:
    with pytest.raises(BadZip, match=says):
        verified(EVIL[rule](MODULE, VERSION))


def test_zip_over_the_limit_is_refused() -> None:
    with pytest.raises(BadZip, match="the zip is too large"):
        verify_zip(check_path(MODULE), VERSION, MAX_ZIP_BYTES + 1, Reader(b""))


def test_number_of_directories_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collisions, "MAX_PLACES", 3)
    named("a/b/c", "a/b/")
    with pytest.raises(BadZip, match="more than 3"):
        named("a/b/c", "a/d")


def test_spool_that_ends_before_its_length_is_refused() -> None:
    data = module_zip(files={"big": bytes(range(256)) * 4000}, stored=True)
    directory = data.index(b"PK\x01\x02")

    def read_at(offset: int, length: int) -> bytes:
        return data[offset : offset + length] if offset >= directory or offset == 0 else b""

    with pytest.raises(BadZip, match="ends early"):
        verify_zip(check_path(MODULE), VERSION, len(data), read_at)


class TestNames:
    def test_files_and_their_directories_may_be_together(self) -> None:
        named("go.mod", "a/", "a/b/", "a/b/c.go", "a/d.go", "a/", "LICENSE", "lICENSE.txt")

    @pytest.mark.parametrize(
        ("names", "problem"),
        [
            (("a", "A"), "only in case"),
            (("a/x", "A/y"), "only in case"),
            (("a/b/x", "a/B/y"), "only in case"),
            (("\u212a", "k"), "only in case"),
            (("\u017f", "s"), "only in case"),
            (("\u00df", "\u1e9e"), "only in case"),
            (("\ufb05", "\ufb06"), "only in case"),
            (("\u0390", "\u1fd3"), "only in case"),
            (("\u1fb3", "\u1fbc"), "only in case"),
            (("\u03c3", "\u03c2"), "only in case"),
            (("\u0130x", "\u0130X"), "only in case"),
            (("a", "a"), "comes twice"),
            (("a", "a/b"), "both a file and a directory"),
            (("a/b", "a"), "both a file and a directory"),
            (("a/b/c", "a/b"), "both a file and a directory"),
            (("a", "a/"), "both a file and a directory"),
            (("a/go.mod",), "module root"),
            (("a/GO.mod",), "module root"),
            (("Go.mod",), "lower case"),
            (("",), "empty"),
            (("/",), "empty"),
            (("a//",), "empty"),
            (("../a",), "dot"),
            (("a/./b",), "dot"),
            (("aux/b",), "Windows"),
            (("a:b",), "not allowed"),
            (("\udcff",), "not allowed"),
        ],
    )
    def test_names_that_may_not_be_together_are_refused(self, names: tuple[str, ...], problem: str) -> None:
        with pytest.raises(BadZip, match=problem):
            named(*names)

    @pytest.mark.parametrize(
        "names",
        [
            ("\u00df", "ss"),  # full case folding would make them equal
            ("a\u00dfb", "a/ss/b"),
            ("\ufb05", "st"),
            ("\u0130", "i"),
            ("go.mod/",),
            ("a/go.mod/",),
            ("a/go.mod/b", "go.mod"),
            ("go.modx", "xgo.mod"),
            ("a", "ab", "a.b"),
        ],
    )
    def test_names_that_only_look_alike_are_allowed(self, names: tuple[str, ...]) -> None:
        named(*names)

    @pytest.mark.parametrize("name", ["go.mod", "LICENSE"])
    def test_two_root_files_have_their_own_limit(self, name: str) -> None:
        check_entry_names([(name, 16 << 20), ("sub/LICENSE", 17 << 20)])
        with pytest.raises(BadZip, match="too large"):
            check_entry_names([(name, (16 << 20) + 1)])

    @pytest.mark.matrix("T124")
    def test_sizes_are_bounded_together(self) -> None:
        check_entry_names([("a", 250 << 20), ("b", 250 << 20), ("dir/", 1 << 40)])
        with pytest.raises(BadZip, match="too large together"):
            check_entry_names([("a", 250 << 20), ("b", (250 << 20) + 1)])
