"""Random zips, and random damage to them: two ways to hash agree, and go agrees with both."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import BadZip
from modmirror.mod.modzip import check_entry_names, verify_zip
from modmirror.mod.path import check_path
from modmirror.mod.zipscan import ZipScan
from tests.fakes.evil_zips import ODD
from tests.fakes.go_zips import GoZips, find_go
from tests.fakes.zips import MODULE, VERSION, Ending, Member, archive, module_zip, slow_h1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.mod.zipscan import ScannedEntry
    from tests.fakes.zips import Descriptor

PREFIX = f"{MODULE}@{VERSION}/"
DESCRIPTORS: tuple[Descriptor, ...] = ("", "signed", "bare", "signed64", "bare64")

contents = st.binary(max_size=200) | st.builds(
    lambda b, n: b * n, st.binary(max_size=8), st.integers(0, 5000)
)
paths = st.from_regex(r"[a-f]{1,3}(/[a-f]{1,3}){0,2}\.go", fullmatch=True)
packings = st.one_of(
    st.builds(lambda form: {"method": 8, "descriptor": form}, st.sampled_from(DESCRIPTORS)),
    st.just({"method": 0}),
)


@st.composite
def zips(draw: st.DrawFn) -> bytes:
    files = draw(st.dictionaries(paths, contents, max_size=6))
    members = [
        Member(
            (PREFIX + path).encode(),
            data,
            zip64=draw(st.booleans()),
            local_extra=draw(st.binary(max_size=4)),
            **draw(packings),
        )
        for path, data in files.items()
    ]
    comment = draw(st.binary(max_size=30)).replace(b"PK", b"")  # zipfile gets lost in it
    return archive(members, Ending(zip64=draw(st.booleans()), comment=comment))


def verified(data: bytes, scanned: Mapping[int, ScannedEntry] | None = None) -> str:
    return verify_zip(check_path(MODULE), VERSION, len(data), lambda at, n: data[at : at + n], scanned)


def verdict(data: bytes, scanned: Mapping[int, ScannedEntry] | None = None) -> str:
    """The hash, or nothing when refused."""
    try:
        return verified(data, scanned)
    except BadZip:
        return ""


def scan(data: bytes, cuts: list[int]) -> dict[int, ScannedEntry]:
    scanner = ZipScan()
    last = 0
    for cut in [*sorted(cuts), len(data)]:
        scanner.feed(data[last:cut])
        last = max(last, cut)
    return scanner.scanned


@given(zips())
def test_hash_equals_that_of_the_slow_reader(data: bytes) -> None:
    assert verified(data) == slow_h1(data)


@given(zips(), st.lists(st.integers(0, 3000)))
def test_scanning_in_any_pieces_does_not_change_the_hash(data: bytes, cuts: list[int]) -> None:
    scanned = scan(data, cuts)
    assert scanned == scan(data, [])
    assert verified(data, scanned) == verified(data)


@given(zips(), st.lists(st.integers(0, 3000)))
def test_scanning_from_any_place_does_not_change_the_hash(data: bytes, starts: list[int]) -> None:
    scanned: dict[int, ScannedEntry] = {}
    headers = [at for at in range(len(data)) if data.startswith(b"PK\x03\x04", at)]
    for start in starts + headers:
        scanner = ZipScan(start)
        scanner.feed(data[start:])
        scanned |= scanner.scanned
    assert verified(data, scanned) == verified(data)


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_arbitrary_bytes_are_refused_or_hashed_but_never_crash(head: bytes, tail: bytes) -> None:
    for data in (
        head,
        head + b"PK\x05\x06" + tail,
        b"PK\x03\x04" + head,
        b"PK\x01\x02" + head + module_zip(),
    ):
        assert verdict(data) == verdict(data, scan(data, []))


def damaged(rng: random.Random) -> bytes:
    """A zip with a few bytes changed, mostly in its structures rather than its content."""
    build = rng.choice(list(ODD.values()))
    data = bytearray(build(MODULE, VERSION))
    marks = [at for at in range(len(data) - 1) if data[at : at + 2] == b"PK"]
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.choice(marks) + rng.randrange(56) if rng.random() < 0.9 else rng.randrange(len(data))
        if at < len(data):
            data[at] = rng.choice([0, 1, 8, 0xFF, data[at] ^ 1 << rng.randrange(8), rng.randrange(256)])
    if rng.random() < 0.1:
        at = rng.randrange(len(data))
        data[at:at] = rng.randbytes(rng.randrange(1, 30))
    if rng.random() < 0.1:
        at = rng.randrange(len(data))
        del data[at : at + rng.randrange(1, 30)]
    return bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_having_scanned_a_damaged_zip_does_not_change_the_verdict(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(25):
        data = damaged(rng)
        assert verdict(data, scan(data, [])) == verdict(data)


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> GoZips:
    command = find_go()
    if command is None:
        pytest.skip("needs the go command")
    return GoZips(command, tmp_path_factory.mktemp("oracle"))


@pytest.mark.go
def test_no_damaged_zip_is_accepted_that_go_refuses(go: GoZips) -> None:
    rng = random.Random(20250301)
    data = [damaged(rng) for _ in range(3000)]
    accepted = {zip_: h1 for zip_ in data if (h1 := verdict(zip_))}
    assert len(accepted) > 100
    answers = go.judge(MODULE, VERSION, accepted)
    assert [(answer.h1, answer.error) for answer in answers] == [(h1, "") for h1 in accepted.values()]


LETTERS = (
    "kK\u212asS\u017f\u00df\u1e9e\ufb05\ufb06\u0390\u1fd3\u03c3\u03c2\u03a3\u01c4\u01c5\u01c6"
    "\u0130\u0131\u13a0\uab70\u10d0\u1c90"
)
"""Groups that differ only in case, in all the ways that Unicode has."""
ELEMENTS = [
    "go.mod",
    "GO.mod",
    "LICENSE",
    "license",
    "con",
    "a.",
    ".git",
    "..",
    "",
    "a~1",
    "nul.go",
    "st",
    "ss",
]


def random_name(rng: random.Random) -> str:
    """A name that is often a little wrong, and that often collides with another."""
    elements = [
        rng.choice(ELEMENTS)
        if rng.random() < 0.15
        else "".join(rng.choices("ab" + LETTERS, k=rng.choice([1, 1, 2])))
        for _ in range(rng.choice([1, 1, 2, 3]))
    ]
    if rng.random() < 0.03:
        elements[0] += chr(rng.choice([*range(128), 0x301, 0x1F600, 0x661, 0x4E16]))
    return "/".join(elements) + ("/" if rng.random() < 0.1 else "")


@pytest.mark.go
@pytest.mark.matrix("T128")
def test_names_are_judged_as_go_judges_them(go: GoZips) -> None:
    rng = random.Random(7)
    cases = [[random_name(rng) for _ in range(rng.choice([1, 2, 3, 4]))] for _ in range(3000)]
    zips = [archive([Member((PREFIX + name).encode(), method=0) for name in names]) for names in cases]
    answers = go.judge(MODULE, VERSION, zips)
    assert [(names, verdict(data)) for names, data in zip(cases, zips, strict=True)] == [
        (names, answer.h1) for names, answer in zip(cases, answers, strict=True)
    ]
    assert 300 < sum(not answer.error for answer in answers) < 2700


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 1 << 30)), max_size=6))
def test_order_of_names_does_not_decide_whether_they_may_be_together(
    entries: list[tuple[str, int]],
) -> None:
    def allowed(order: list[tuple[str, int]]) -> bool:
        try:
            check_entry_names(order)
        except BadZip:
            return False
        return True

    assert allowed(entries) == allowed(entries[::-1]) == allowed(sorted(entries))
