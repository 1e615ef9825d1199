"""Random trees: the go command makes the same zips of them, and tarfile reads the same archives."""

from __future__ import annotations

import io
import random
import tarfile
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.mod.modzip import verify_zip
from modmirror.mod.path import check_path
from modmirror.mod.tarscan import TarMember, TarScan
from tests.fakes.go_trees import Case, GoTrees
from tests.fakes.go_zips import find_go
from tests.fakes.trees import MODULE, VERSION, Link, build, tree_tar
from tests.fakes.zips import slow_h1

if TYPE_CHECKING:
    from tests.fakes.trees import Built

ELEMENTS = [
    *["vendor"] * 6,
    *["a", "b", "sub", "x.go", "modules.txt", "go.mod", "LICENSE"] * 3,
    *["A", "Vendor", "GO.MOD", "Go.mod", "license", "Sub", ".hg_archival.txt"],
]
ODD_ELEMENTS = [
    *["..", ".", "", "con", "aux.go", "a:b", "a~1", "trail.", "sp ace", "a\u0301", "x" * 120, "x" * 200],
    *["\u4e16", "\u00df", "\u1e9e", "ss", "\u212a", "k", "\u017f", "s", "\udcff", "\udced\udca0\udc80"],
]
GO_LINES = [
    *["", "go 1.23", "go 1.24", "go 1.24rc1", "go 1.9", "go 1.100", "go 1.24.3", "go 2.0"],
    *[
        "go 1.24-foo",
        "go 1.24\n\nrequire x.y/z v2.0.0",
        "go 1.24\n\nunknown x",
        "go 1.24\ngo 1.23",
        "go vx",
    ],
    *["go 1.23\n\nrequire (\n\tx.y/z v1.0.0\n)", "go 1.24\n(", "go\t1.24 // comment", "// go 1.24"],
]
MODULES = [(MODULE, VERSION), ("example.com/tree/v2", "v2.0.0"), ("gopkg.in/tree.v3", "v3.1.0-rc.1")]


def random_path(rng: random.Random) -> str:
    elements = [
        rng.choice(ODD_ELEMENTS if rng.random() < 0.03 else ELEMENTS)
        for _ in range(rng.choice([1, 2, 2, 3, 4]))
    ]
    if rng.random() < 0.3:
        elements.append(f"f{rng.randrange(100)}.go")
    return "/".join(elements)


def random_tree(rng: random.Random) -> dict[str, bytes | Link]:
    tree: dict[str, bytes | Link] = {}
    for _ in range(rng.choice([1, 3, 6, 12])):
        data = rng.randbytes(rng.choice([0, 1, 20, 600]))
        tree[random_path(rng)] = Link("../target") if rng.random() < 0.1 else data
    if rng.random() < 0.7:
        tree["go.mod"] = f"module {MODULE}\n\n{rng.choice(GO_LINES)}\n".encode()
    return tree


def random_case(rng: random.Random) -> Case:
    tree = random_tree(rng)
    module, version = rng.choice(MODULES)
    directory = rng.choice(["", "sub", "a/b"])
    if directory:
        tree = {f"{directory}/{path}": content for path, content in tree.items()} | random_tree(rng)
    return Case(tree, module, version, directory)


def built_h1(case: Case) -> str:
    """The hash, or nothing when refused."""
    try:
        return build(*case).zip.h1
    except NotExist:
        return ""


@pytest.mark.go
@pytest.mark.matrix("T126")
def test_go_makes_the_same_zip_of_a_tree_or_none_either(tmp_path_factory: pytest.TempPathFactory) -> None:
    command = find_go()
    if command is None:
        pytest.skip("needs the go command")
    rng = random.Random(20260117)
    cases = [random_case(rng) for _ in range(4000)]
    answers = GoTrees(command, tmp_path_factory.mktemp("oracle")).ask(cases)
    differing = [(case, h1) for case, h1 in zip(cases, answers, strict=True) if built_h1(case) != h1]
    assert differing == []
    assert 1000 < sum(map(bool, answers)) < 3500


def verified(built: Built, module: str, version: str) -> str:
    data = built.data
    return verify_zip(check_path(module), version, len(data), lambda at, n: data[at : at + n])


@pytest.mark.parametrize("seed", range(10))
def test_zip_passes_the_check_for_zips_made_elsewhere(seed: int) -> None:
    rng = random.Random(seed)
    cases = [case for case in (random_case(rng) for _ in range(60)) if built_h1(case)]
    assert len(cases) > 10
    for case in cases:
        built = build(*case)
        assert verified(built, case.module, case.version) == built.zip.h1 == slow_h1(built.data)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    at = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:stop] for start, stop in pairwise(at)]


def scanned(data: bytes, cuts: list[int]) -> tuple[TarMember, ...] | str:
    """The members, or the reason why there are none."""
    scan = TarScan("repository", max_bytes=1 << 20)
    try:
        for piece in pieces(data, cuts):
            scan.feed(piece)
        return scan.finish()
    except (NotExist, UpstreamBadAnswer) as error:
        return error.reason


names = st.text(st.characters(exclude_characters="\0/", exclude_categories=[]), min_size=1, max_size=120)
paths = st.lists(
    names.filter(lambda name: name.isascii() or max(name) < "\ud800"), min_size=1, max_size=4
).map("/".join)
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


@given(
    st.dictionaries(paths, st.binary(max_size=1100) | st.none(), max_size=5),
    st.sampled_from(FORMATS),
    st.lists(st.integers(0, 9999)),
)
def test_archives_of_tarfile_are_read_as_tarfile_reads_them(
    tree: dict[str, bytes | None], style: int, cuts: list[int]
) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=style, errors="surrogateescape") as archive:
        for path, content in tree.items():
            info = tarfile.TarInfo(path)
            info.type = tarfile.SYMTYPE if content is None else tarfile.REGTYPE
            info.linkname = "" if content is not None else path[::-1]
            info.size = len(content or b"")
            try:
                archive.addfile(info, io.BytesIO(content or b""))
            except ValueError:
                return  # too long for the oldest format
    data = buffer.getvalue()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        expected = [
            (info.name, "symlink" if info.issym() else "file", info.size, info.offset_data)
            for info in archive
        ]
    assert [tuple(member) for member in scanned(data, cuts)] == expected


@given(st.binary(max_size=2000), st.lists(st.integers(0, 9999)))
def test_arbitrary_bytes_are_refused_or_read_but_never_crash(data: bytes, cuts: list[int]) -> None:
    assert scanned(data, cuts) == scanned(data, [])


@pytest.mark.parametrize("seed", range(5))
def test_members_of_a_damaged_archive_lie_within_it(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        data = bytearray(tree_tar(random_tree(rng)))
        for _ in range(rng.choice([1, 1, 3])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        members = scanned(bytes(data), [rng.randrange(9999) for _ in range(3)])
        if isinstance(members, tuple):
            assert all(member.offset + member.size <= len(data) for member in members)
