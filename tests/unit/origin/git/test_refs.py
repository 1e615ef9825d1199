from __future__ import annotations

import pytest

from modmirror.errors import UpstreamBadAnswer
from modmirror.origin.git import refs as refs_module
from modmirror.origin.git.refs import RefsReader, RemoteRefs, digest_of, is_kept_name
from modmirror.origin.port import Refs

A, B, C = "a" * 40, "b" * 40, "c" * 40

LISTING = f"""\
{A}\tHEAD
{B}\trefs/heads/feature/x
{A}\trefs/heads/main
{C}\trefs/pull/1/head
{C}\trefs/tags/v1.0.0
{A}\trefs/tags/v1.0.0^{{}}
{B}\trefs/tags/v1.1.0
""".encode()


def read(listing: bytes, size: int = 1 << 20) -> RemoteRefs:
    reader = RefsReader("git.example.com/x")
    for at in range(0, len(listing), size):
        reader.feed(listing[at : at + size])
    return reader.finish()


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 20])
def test_names_are_read_in_pieces_of_any_size(size: int) -> None:
    names = read(LISTING, size)
    assert names.refs == Refs(A, {"feature/x": B, "main": A}, {"v1.0.0": A, "v1.1.0": B})
    assert names.format == "sha1"


def test_nothing_is_no_names() -> None:
    assert read(b"").refs == Refs("", {}, {})


def test_ids_of_sixty_four_digits_are_sha256() -> None:
    assert read(f"{'d' * 64}\tHEAD\n".encode()).format == "sha256"


def test_a_commit_has_the_name_that_costs_least() -> None:
    names = read(LISTING + f"{A}\trefs/tags/plain\n".encode()).names
    assert names == {A: "refs/tags/plain", B: "refs/tags/v1.1.0"}
    assert read(LISTING).names == {A: "refs/tags/v1.0.0", B: "refs/tags/v1.1.0"}
    assert read(f"{A}\tHEAD\n{A}\trefs/heads/x\n".encode()).names == {A: "refs/heads/x"}
    assert read(f"{A}\tHEAD\n".encode()).names == {A: "HEAD"}
    assert read(b"").names == {}


def test_the_digest_is_that_of_the_names_in_a_mirror() -> None:
    lines = [
        f"{C} refs/tags/v1.0.0",
        f"{B} refs/tags/v1.1.0",
        f"{A} refs/heads/main",
        f"{B} refs/heads/feature/x",
    ]
    assert read(LISTING).digest == digest_of(lines)
    assert (
        read(LISTING).digest
        != read(LISTING.replace(f"{B}\trefs/heads".encode(), f"{C}\trefs/heads".encode())).digest
    )


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"",
        f"{A} HEAD".encode(),
        f"{A[:39]}\tHEAD".encode(),
        f"{A.upper()}\tHEAD".encode(),
        f"{A}\trefs/heads/a b".encode(),
        f"{A}\trefs/heads/".encode() + b"x" * 5000,
        f"{'d' * 64}\trefs/heads/other-length".encode(),
    ],
)
def test_a_line_that_is_none_is_refused(line: bytes) -> None:
    with pytest.raises(UpstreamBadAnswer):
        read(LISTING + line + b"\n")


def test_a_line_without_end_is_refused_before_it_ends() -> None:
    reader = RefsReader("x")
    reader.feed(b"x" * 4000)
    with pytest.raises(UpstreamBadAnswer):
        reader.feed(b"x" * 1000)


def test_a_list_that_is_cut_short_is_refused() -> None:
    with pytest.raises(UpstreamBadAnswer, match="cut short"):
        read(LISTING[:-1])


@pytest.mark.parametrize(("limit", "name"), [("MAX_LINES", "refs/pull"), ("MAX_NAMES", "refs/tags")])
def test_too_many_names_are_refused(monkeypatch: pytest.MonkeyPatch, limit: str, name: str) -> None:
    monkeypatch.setattr(refs_module, limit, 10)
    listing = [f"{A}\t{name}/{number}\n" for number in range(11)]
    read("".join(listing[:10]).encode())
    with pytest.raises(UpstreamBadAnswer, match="more than 10"):
        read("".join(listing).encode())


@pytest.mark.parametrize(
    "name",
    [
        "refs/heads/a",
        "refs/heads/-x",
        "refs/tags/a/b.c",
        "refs/tags/αβ",
        "refs/heads/@",
        "refs/heads/a.lockx",
    ],
)
def test_what_git_stores_is_kept(name: str) -> None:
    assert is_kept_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "refs/pull/1/head",
        "HEAD",
        "refs/heads/a..b",
        "refs/heads/../x",
        "refs/heads/a.lock",
        "refs/heads/a.lock/b",
        "refs/heads/a/",
        "refs/heads//a",
        "refs/heads/.a",
        "refs/heads/a.",
        "refs/heads/a@{1}",
        "refs/heads/a:b",
        "refs/heads/a*",
        "refs/heads/a\x7f",
        "refs/heads/\ufffd",
    ],
)
def test_what_git_does_not_store_is_left_out(name: str) -> None:
    assert not is_kept_name(name)


def test_a_name_that_is_no_text_is_left_out() -> None:
    assert read(f"{A}\trefs/tags/".encode() + b"\xff\n").refs.tags == {}
