from __future__ import annotations

import pytest

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.mod import tarscan
from modmirror.mod.tarscan import MAX_EXTENDED_BYTES, TarMember, TarScan
from tests.fakes.tars import END, Entry, gnu_name, pax, record, tar

SOURCE = "git https://example.com/repository"


def scan(data: bytes, directory: str = "", pieces: int = 1 << 20) -> tuple[TarMember, ...]:
    scanner = TarScan(SOURCE, directory)
    for at in range(0, len(data), pieces):
        scanner.feed(data[at : at + pieces])
    return scanner.finish()


def paths(data: bytes, directory: str = "") -> list[str]:
    return [member.path for member in scan(data, directory)]


def broken(data: bytes) -> str:
    with pytest.raises(UpstreamBadAnswer) as caught:
        scan(data)
    assert caught.value.upstream == SOURCE
    return caught.value.reason


def test_files_and_links_are_noted_with_size_and_place() -> None:
    entries = [
        pax({b"comment": b"0" * 40}, b"g"),
        Entry(b"sub/", kind=b"5"),
        Entry(b"sub/a.go", b"a" * 513),
        Entry(b"b.go", b"bb", kind=b"\0"),
        Entry(b"empty"),
        Entry(b"link", kind=b"2", link=b"b.go"),
        Entry(b"pipe", kind=b"6"),
    ]
    data = tar(entries)
    assert scan(data) == (
        TarMember("sub/a.go", "file", 513, data.index(b"aaa")),
        TarMember("b.go", "file", 2, data.index(b"bb")),
        TarMember("empty", "file", 0, len(data) - len(END) - 1024),
        TarMember("link", "symlink", 0, len(data) - len(END) - 512),
        TarMember("pipe", "other", 0, len(data) - len(END)),
    )


def test_pieces_may_be_of_any_size() -> None:
    data = tar([pax({b"path": b"x" * 300}), Entry(b"-", b"1" * 700), gnu_name(b"y" * 200), Entry(b"z")])
    whole = scan(data)
    assert [scan(data, pieces=size) for size in (1, 7, 511, 512, 513, 1024)] == [whole] * 6


def test_empty_archive_has_no_members() -> None:
    assert scan(END) == ()


def test_only_what_lies_below_the_directory_is_noted_by_its_path_from_there() -> None:
    names = [b"go.mod", b"a/b", b"a/bc/x.go", b"a/b/", b"a/b/x.go", b"a/b/c/y.go", b"b/a/b/z.go"]
    data = tar([Entry(name, kind=b"5" if name.endswith(b"/") else b"0") for name in names])
    assert paths(data, "a/b") == ["x.go", "c/y.go"]


@pytest.mark.parametrize(
    ("entries", "path"),
    [
        ([Entry(b"n" * 100)], "n" * 100),
        ([Entry(b"name", prefix=b"p" * 155)], "p" * 155 + "/name"),
        ([pax({b"path": b"long/name", b"mtime": b"1.5"}), Entry(b"short")], "long/name"),
        ([gnu_name(b"l" * 300), Entry(b"l" * 100, style="gnu")], "l" * 300),
        ([Entry(b"a", prefix=b"not a prefix", style="gnu")], "a"),
        ([Entry(b"link", b"target\0", b"K", style="gnu"), Entry(b"a", kind=b"2")], "a"),
        ([Entry("\u4e16".encode())], "\u4e16"),
        ([Entry(b"\xff\xed\xa0\x80")], "\udcff\udced\udca0\udc80"),
        ([Entry(b"")], ""),
    ],
)
def test_names_are_read_in_every_form(entries: list[Entry], path: str) -> None:
    assert paths(tar(entries)) == [path]


def test_extended_header_is_for_the_next_member_only() -> None:
    assert paths(tar([pax({b"path": b"a"}), Entry(b"1"), Entry(b"2")])) == ["a", "2"]


def test_extended_size_replaces_the_one_in_the_header() -> None:
    data = tar([pax({b"size": b"3"}), Entry(b"a", b"abc", size=b"0" * 11 + b"\0"), Entry(b"b")])
    assert [(member.path, member.size) for member in scan(data)] == [("a", 3), ("b", 0)]


@pytest.mark.parametrize(
    "size", [b"00000000003\0", b"          3 ", b"3 \0\0\0\0\0\0\0\0\0\0", b"\x80" + bytes(10) + b"\3"]
)
def test_sizes_are_read_in_every_form(size: bytes) -> None:
    assert [member.size for member in scan(tar([Entry(b"a", b"abc", size=size)]))] == [3]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cut short"),
        (tar([Entry(b"a")], b""), "cut short"),
        (tar([Entry(b"a", b"abc")])[:900], "cut short"),
        (tar([pax({b"path": b"a"})]), "ends behind an extended header"),
        (tar([Entry(b"a", checksum=b"000000\0 ")]), "header is damaged"),
        (tar([Entry(b"a", magic=bytes(8))]), "header is missing"),
        (tar([Entry(b"a", b"abc", padding=b""), Entry(b"b", b"x" * 600)]), "header is missing"),
        (tar([Entry(b"a", size=b"00000000008\0")]), "a number that is none"),
        (tar([Entry(b"a", size=b"-0000000001\0")]), "a number that is none"),
        (tar([Entry(b"a", kind=b"1")]), "other than files, symbolic links and directories (b'1')"),
        (tar([Entry(b"a", kind=b"S")]), "other than files"),
        (tar([Entry(b"a", b"abc", kind=b"2")]), "has content"),
        (tar([Entry(b"a/", b"abc", kind=b"5")]), "has content"),
        (tar([pax({b"path": b"a"}, b"g")]), "all files the same name"),
        (tar([pax({b"size": b"1"}, b"g")]), "all files the same name"),
        (tar([pax({b"GNU.sparse.realsize": b"99999999999"}), Entry(b"a")]), "with holes"),
        (tar([pax({b"size": b"-1"}), Entry(b"a")]), "not a number"),
        (tar([pax({b"size": b"1" * 21}), Entry(b"a")]), "not a number"),
    ],
)
def test_what_these_tools_do_not_write_is_refused(data: bytes, reason: str) -> None:
    assert reason in broken(data)


@pytest.mark.parametrize(
    "data",
    [
        b"11 path=abc",
        b"12 path=abc\n" + b"x",
        b"99 path=abc\n",
        b"5 path=abc\n",
        b"0 path=abc\n",
        b"x path=abc\n",
        b" path=abc\n",
        b"path=abc\n",
        b"9 pathabc\n",
        b"1" * 30 + b" path=abc\n",
        b"\xb2 a=b\n",
        bytes(20),
    ],
)
def test_damaged_extended_header_is_refused(data: bytes) -> None:
    assert "extended header is damaged" in broken(tar([Entry(b"-", data, b"x"), Entry(b"a")]))


def test_length_of_a_record_counts_its_own_digits() -> None:
    for length in range(1, 120):
        path = b"p" * length
        assert paths(tar([Entry(b"-", record(b"path", path), b"x"), Entry(b"a")])) == [path.decode()]


class TestLimits:
    def refused(self, entries: list[Entry], max_bytes: int = 1 << 30) -> str:
        scanner = TarScan(SOURCE, max_bytes=max_bytes)
        with pytest.raises(NotExist) as caught:
            scanner.feed(tar(entries))
        assert caught.value.reason.startswith(SOURCE)
        assert caught.value.hint
        return caught.value.reason

    def test_declared_length_beyond_the_limit_is_refused_at_once(self) -> None:
        declared = Entry(b"a", size=b"77777777777\0")
        assert "longer than 10000 bytes" in self.refused([declared], max_bytes=10_000)

    @pytest.mark.parametrize("size", [b"\x80" + b"\xff" * 11, b"\xff" * 12])
    def test_length_that_no_computer_has_is_refused(self, size: bytes) -> None:
        assert "longer than" in self.refused([Entry(b"a", size=size)])

    def test_padding_without_end_is_refused(self) -> None:
        scanner = TarScan(SOURCE, max_bytes=10_000)
        scanner.feed(END)
        with pytest.raises(NotExist, match="longer than"):
            scanner.feed(bytes(10_000))

    def test_archive_of_just_the_limit_is_read(self) -> None:
        data = tar([Entry(b"a", b"abc")])
        scanner = TarScan(SOURCE, max_bytes=len(data))
        scanner.feed(data)
        assert len(scanner.finish()) == 1

    def test_number_of_files_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tarscan, "MAX_ENTRIES", 2)
        assert paths(tar([Entry(b"a"), Entry(b"b"), Entry(b"d/", kind=b"5")])) == ["a", "b"]
        assert "more than 2 files" in self.refused([Entry(b"a"), Entry(b"b"), Entry(b"c")])

    def test_number_of_headers_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tarscan, "MAX_HEADERS", 3)
        assert "more than 3 files and directories" in self.refused([pax({b"mtime": b"1"})] * 4)

    def test_length_of_all_names_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tarscan, "MAX_DIRECTORY_BYTES", 10)
        assert paths(tar([Entry(b"12345"), Entry(b"67890")])) == ["12345", "67890"]
        assert "bytes of file names" in self.refused([Entry(b"12345"), Entry(b"678901")])

    @pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
    def test_extended_header_is_bounded(self, kind: bytes) -> None:
        size = b"%011o\0" % (MAX_EXTENDED_BYTES + 1)
        assert "too long" in self.refused([Entry(b"-", kind=kind, size=size)])
