"""Repositories made to harm: trees larger than anybody's disk, names that mean something else."""

from __future__ import annotations

import tracemalloc
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist
from modmirror.mod.path import check_path
from modmirror.mod.tarscan import MAX_HEADERS, TarMember, TarScan
from modmirror.mod.zipbuild import write_zip
from modmirror.mod.zipdir import MAX_ENTRIES
from modmirror.mod.zipplan import ZipPlan, plan_zip
from modmirror.mod.zipscan import MAX_CONTENT_BYTES
from tests.fakes.tars import Entry, pax, tar

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.matrix("T124")

MB = 1_000_000


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit


def plan(members: list[TarMember]) -> ZipPlan:
    return plan_zip(check_path("example.com/m"), "v1.0.0", members, lambda _at, n: bytes(n))


def refusal(members: list[TarMember]) -> str:
    with pytest.raises(NotExist) as caught:
        plan(members)
    return caught.value.reason


def test_million_empty_files_are_refused_long_before_the_last() -> None:
    thousand = tar([Entry(b"%d" % number) for number in range(1000)], end=b"")
    scan = TarScan("repository")
    for _ in range(MAX_ENTRIES // 1000):
        scan.feed(thousand)
    with pytest.raises(NotExist, match=f"more than {MAX_ENTRIES} files"):
        scan.feed(thousand)


def test_million_directories_are_refused_long_before_the_last() -> None:
    thousand = tar([Entry(b"%d/" % number, kind=b"5") for number in range(1000)], end=b"")
    scan = TarScan("repository")
    for _ in range(MAX_HEADERS // 1000):
        scan.feed(thousand)
    with pytest.raises(NotExist, match=f"more than {MAX_HEADERS} files and directories"):
        scan.feed(thousand)
    assert scan.members == []


@pytest.mark.parametrize(
    "entries",
    [
        [Entry(b"blob", size=b"\x80" + (10 * 2**30).to_bytes(11, "big"))],
        [pax({b"size": b"%d" % (10 * 2**30)}), Entry(b"blob")],
        [Entry(b"blob", size=b"77777777777 ")],
    ],
)
def test_ten_gigabytes_are_refused_when_declared(entries: list[Entry]) -> None:
    scan = TarScan("repository")
    with memory_below(MB), pytest.raises(NotExist, match="longer than"):
        scan.feed(tar(entries, end=b""))


def test_large_file_is_packed_in_flat_memory() -> None:
    size = 60 * MB
    large = ZipPlan("example.com/m@v1.0.0", (TarMember("x", "file", size, 0),), None, ())
    written = []
    with memory_below(4 * MB):
        built = write_zip(large, lambda _at, n: bytes(n), lambda data: written.append(len(data)))
    assert built.size == sum(written) < MB


def test_zeros_that_pack_to_nothing_are_refused_by_their_size() -> None:
    thousand = [TarMember(f"{number}", "file", MAX_CONTENT_BYTES // 999, 0) for number in range(1000)]
    assert "too large" in refusal(thousand)


def test_deep_names_cost_as_much_as_their_length() -> None:
    # Each directory of these names as a string of its own would be 16 gigabytes.
    deep = "a/" * 30_000
    members = [TarMember(f"{letter}/{deep}x", "file", 0, 0) for letter in "bcdefgh"]
    with memory_below(200 * MB):
        assert len(plan(members).files) == len(members)
        nested = [member._replace(path=f"{member.path[:-1]}go.mod") for member in members]
        assert plan(members + nested).files == ()


def test_many_modules_inside_do_not_multiply_with_many_files() -> None:
    members = [
        TarMember(f"{n % 7}/{n}/{name}", "file", 0, 0) for n in range(60_000) for name in ("go.mod", "x")
    ]
    kept = [TarMember(f"{n % 7}/{n}x/x", "file", 0, 0) for n in range(60_000)]
    assert len(plan(members + kept).files) == len(kept)


def test_ten_thousand_bad_names_make_a_short_text() -> None:
    reason = refusal([TarMember(f"{'x' * 5000}{n}.", "file", 0, 0) for n in range(10_000)])
    assert "and 9996 more" in reason
    assert len(reason) < 3000
    assert len(reason.splitlines()) == 6


@pytest.mark.parametrize("name", ["vendor", "go.mod", "LICENSE", "sub"])
def test_link_cannot_stand_in_for_what_lies_below_it(name: str) -> None:
    members = [TarMember(name, "symlink", 0, 0), TarMember(f"{name}/x.go", "file", 0, 0)]
    assert f'"{name}" is both a file and a directory' in refusal(members)
