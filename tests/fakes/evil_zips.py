"""Zips that break exactly one rule, and zips that are odd but allowed.

`EVIL` has a builder for each rule a module zip can break (protocol.md C.5 and the layout rules of
`modmirror.mod.zipdir`), `ODD` one for each oddity that the go command tolerates. A builder takes the module
path and the version.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from tests.fakes.zips import (
    MODULE,
    VERSION,
    Ending,
    Member,
    archive,
    default_files,
    deflate,
    end_of,
    module_members,
    module_zip,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _with(*extra: tuple[str, bytes]) -> Callable[[str, str], bytes]:
    """A module zip with further files, under names that zipfile would not all write."""

    def build(module: str, version: str) -> bytes:
        members = module_members(module, version)
        return archive(members + [_member(module, version, name, data) for name, data in extra])

    return build


def _member(module: str, version: str, name: str, data: bytes) -> Member:
    return Member(
        f"{module}@{version}/{name}".encode("utf-8", "surrogateescape"), data, descriptor="signed"
    )


def _changed(**changes: object) -> Callable[[str, str], bytes]:
    """A module zip whose third entry lies in the given fields."""

    def build(module: str, version: str) -> bytes:
        members = module_members(module, version)
        members[2] = replace(members[2], **changes)  # type: ignore[arg-type] # fields by name
        return archive(members)

    return build


def _ended(**changes: object) -> Callable[[str, str], bytes]:
    """A module zip whose end record lies in the given fields."""

    def build(module: str, version: str) -> bytes:
        return archive(module_members(module, version), Ending(**changes))  # type: ignore[arg-type] # as above

    return build


def _renamed(name: Callable[[str, str], str]) -> Callable[[str, str], bytes]:
    """A module zip with one more entry whose whole name is made by ``name``."""

    def build(module: str, version: str) -> bytes:
        extra = Member(name(module, version).encode(), b"x", descriptor="signed")
        return archive([*module_members(module, version), extra])

    return build


def _hidden_directory(module: str, version: str) -> bytes:
    """A second, complete directory and end record inside the comment of the first."""
    good = module_members(module, version)
    body = b"".join(member.local() for member in good)
    inner_member = replace(good[-1], at=body.index(good[-1].local()))
    outer = b""
    at = 0
    for member in good:
        outer += member.central(at)
        at += len(member.local())
    inner = inner_member.central(inner_member.at or 0)
    start = len(body) + len(outer) + 22
    comment = inner + end_of(Ending(), 1, len(inner), start)
    return body + outer + end_of(Ending(comment=comment), len(good), len(outer), len(body))


def _two_names(module: str, version: str) -> bytes:
    """A local header that names another file than the directory does."""
    members = module_members(module, version)
    return archive([replace(members[0], local_name=members[0].name[:-1] + b"x"), *members[1:]])


def _overlapping(module: str, version: str) -> bytes:
    """Two entries of the directory whose content is the same bytes, under one local header."""
    members = module_members(module, version)
    twin = replace(members[-1], name=members[-1].name + b"2", at=0)
    return archive([*members, twin])


def _quoted_overlap(module: str, version: str) -> bytes:
    """A local header that lies inside the stored content of another entry."""
    inner = _member(module, version, "inner.go", b"package inner\n")
    outer = Member(f"{module}@{version}/outer.go".encode(), inner.local() + b"tail", method=0)
    at = len(outer.local()) - len(outer.data)
    return archive([outer, replace(inner, at=at)])


@cache
def bomb(module: str = MODULE, version: str = VERSION, size: int = 524_288_001) -> bytes:
    """One entry of zeros that inflates to ``size`` and declares it. About a thousandth of that long."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    crc, packed, block = 0, b"", bytes(1 << 20)
    for start in range(0, size, len(block)):
        piece = block[: size - start]
        crc = zlib.crc32(piece, crc)
        packed += packer.compress(piece)
    packed += packer.flush()
    name = f"{module}@{version}/zeros".encode()
    return archive([Member(name, packed=packed, crc=crc, size=size, descriptor="signed")])


def _lying_bomb(module: str, version: str) -> bytes:
    """An entry that declares one byte and inflates to eight million."""
    zeros = bytes(8_000_000)
    name = f"{module}@{version}/zeros".encode()
    return archive([Member(name, b"\0", packed=deflate(zeros), crc=zlib.crc32(zeros), descriptor="signed")])


def incomplete_code() -> bytes:
    """A deflate stream for ``A`` whose literal code has unused words: Go refuses it, ISA-L decodes it.

    Bits, lowest first: a final dynamic block, 257 literal codes, 1 distance code, 19 code length codes.
    """
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
    bits = [1, 0, 1] + [0] * 5 + [0] * 5 + [1, 1, 1, 1]
    for symbol in order:
        bits += [0, 0, 1] if symbol < 16 else [0, 0, 0]  # the sixteen plain lengths in four bits each
    lengths = [2 if symbol in {ord("A"), 256} else 0 for symbol in range(257)] + [1]
    for length in lengths:
        bits += [length >> 3 & 1, length >> 2 & 1, length >> 1 & 1, length & 1]
    bits += [0, 0, 0, 1]  # "A", end of block: two of the four words of two bits
    bits += [0] * (-len(bits) % 8)
    return bytes(sum(bits[at + bit] << bit for bit in range(8)) for at in range(0, len(bits), 8))


EVIL: Mapping[str, Callable[[str, str], bytes]] = {
    "empty file": lambda _m, _v: b"",
    "web page": lambda _m, _v: b"<html>not a zip</html>",
    "wrong prefix": lambda m, _v: archive(module_members(m, "v9.9.9")),
    "no prefix": _renamed(lambda _m, _v: "evil.go"),
    "prefix without slash": _renamed(lambda m, v: f"{m}@{v}"),
    "escape by dots": _renamed(lambda m, v: f"{m}@{v}/../../evil"),
    "empty directory name": _renamed(lambda m, v: f"{m}@{v}//"),
    "case collision": _with(("P.go", b"x")),
    "duplicate file": _with(("p.go", b"x")),
    "file and directory": _with(("p.go/q.go", b"x")),
    "directory and file": _with(("internal", b"x")),
    "directories that differ in case": _with(("Internal/x.go", b"x")),
    "simple fold collision": _with(("k.go", b"x"), ("\u212a.go", b"x")),
    "nested go.mod": _with(("sub/go.mod", b"module x\n")),
    "nested GO.MOD": _with(("sub/GO.MOD", b"module x\n")),
    "root GO.MOD": lambda m, v: module_zip(m, v, {"GO.MOD": b"module x\n"}),
    "shell character": _with(("a*b", b"x")),
    "device name": _with(("con.go", b"x")),
    "trailing dot": _with(("a.", b"x")),
    "combining mark": _with(("e\u0301.go", b"x")),
    "emoji": _with(("\U0001f600.go", b"x")),
    "dots": _with(("...", b"x")),
    "dot element": _with(("./a", b"x")),
    "dot dot element": _with(("a/../b", b"x")),
    "absolute": _with(("/abs", b"x")),
    "empty element": _with(("a//b", b"x")),
    "quote": _with(('quo"te', b"x")),
    "NUL": _with(("nul\0x", b"x")),
    "backslash": _with(("a\\b", b"x")),
    "newline": _with(("a\nb", b"x")),
    "not UTF-8": _with(("\udcff", b"x")),
    "directory with content": _with(("dir/", b"x")),
    "two names": _two_names,
    "two methods": _changed(local_method=0),
    "hidden descriptor": _changed(local_flags=0x0800),
    "encrypted": _changed(flags=0x0801),
    "masked": _changed(flags=0x2800),
    "unknown method": _changed(method=12, packed=b"BZh9"),
    "wrong crc": _changed(crc=1),
    "crc zero": _changed(crc=0, descriptor=""),
    "declares more": _changed(size=1_000_000),
    "declares less": _changed(size=1),
    "inflates beyond": _lying_bomb,
    "not deflate": _changed(packed=b"\xff\xff\xff\xff"),
    "deflate cut short": _changed(packed=deflate(bytes(1000))[:-2]),
    "deflate goes on": _changed(packed=deflate(default_files()["p.go"]) + b"more"),
    "incomplete code": _changed(data=b"A", packed=incomplete_code()),
    "stored with two sizes": _changed(method=0, descriptor="", size=5),
    "size above 4 GiB": _changed(size=1 << 40, zip64=True, descriptor=""),
    "no zip64 field": _changed(size=0xFFFFFFFF),
    "overlap": _overlapping,
    "overlap inside": _quoted_overlap,
    "overlap of the directory": _changed(compressed_size=100_000),
    "offset outside": _changed(at=1 << 30),
    "bytes before": lambda m, v: archive(module_members(m, v), prefix=b"#!/bin/sh\n"),
    "bytes behind": _ended(after=b"\0"),
    "bytes before the end": _ended(before=b"PK\x05\x05\0\0"),
    "comment too long": lambda m, v: module_zip(m, v)[:-2] + b"\x05\x00",
    "hidden directory": _hidden_directory,
    "too few records": _ended(records=3),
    "too many records": _ended(records=5),
    "wrong directory offset": _ended(directory_offset=1),
    "wrong directory size": _ended(directory_size=1),
    "several disks": _ended(disk=1),
    "unannounced zip64": _ended(zip64=True, announced=False),
}
"""Zips that no module mirror may let through, by the rule they break."""

ODD: Mapping[str, Callable[[str, str], bytes]] = {
    "no files": lambda _m, _v: archive([]),
    "directory entries": lambda m, v: archive(
        [
            Member(f"{m}@{v}/".encode(), method=0),
            Member(f"{m}@{v}/internal/".encode(), method=0),
            *module_members(m, v),
        ]
    ),
    "deflated directory": lambda m, v: archive(
        [*module_members(m, v), Member(f"{m}@{v}/internal/".encode(), packed=b"\x03\x00")]
    ),
    "directory twice": _with(("a/", b""), ("a/", b"")),
    "vendored": _with(("vendor/x.y/z/z.go", b"package z\n"), ("vendor/modules.txt", b"")),
    "symlink mode": _changed(mode=0o120777),
    "executable mode": _changed(mode=0o100755),
    "repository files": _with((".git/config", b"[core]\n"), (".hg_archival.txt", b"repo: 0\n")),
    "other go.mod": lambda m, v: module_zip(m, v, {"go.mod": b"module other.example/x\n"}),
    "letters": _with(("\u4e16\u754c.go", b"x"), ("a b~1+@.go", b"x")),
    "sharp s": _with(("stra\u00dfe", b"x"), ("strasse", b"x")),
    "stored": lambda m, v: module_zip(m, v, stored=True),
    "no descriptors": lambda m, v: module_zip(m, v, descriptor=""),
    "bare descriptors": lambda m, v: module_zip(m, v, descriptor="bare"),
    "wide descriptors": lambda m, v: module_zip(m, v, descriptor="signed64"),
    "wide bare descriptors": lambda m, v: module_zip(m, v, descriptor="bare64"),
    "zip64 fields": _changed(zip64=True),
    "zip64 end": _ended(zip64=True),
    "comment": _ended(comment=b"made by hand PK\x05\x06"),
    "extra fields": _changed(local_extra=b"UT\x01\x00\x00", central_extra=b"\x99\x99\x02\x00abXY"),
    "gap": lambda m, v: archive(module_members(m, v), gap=b"nobody reads this"),
    "reordered": lambda m, v: archive(reversed(module_members(m, v))),
}
"""Zips that are unusual but that the go command extracts, by what is odd."""
