from __future__ import annotations

import pytest

from modmirror.mod.modfile import (
    RetractedVersions,
    Retraction,
    go_version_of,
    module_path_of,
    retractions_of,
    uses_new_vendor_rule,
)

# --- the module path ---


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"module x.y/z\n", "x.y/z"),
        (b"module x.y/z", "x.y/z"),
        (b"module\tx.y/z // comment\r\n", "x.y/z"),
        (b"// module a.b\n\nmodule x.y/z\n", "x.y/z"),
        (b"\xef\xbb\xbf// comment\r\nmodule x.y/z\r\n", "x.y/z"),
        (b'module "x.y/z"\n', "x.y/z"),
        (b"module `x.y/z`\n", "x.y/z"),
        (b'module "x.y/\\x7a"\n', "x.y/z"),
        (b"this is ( garbage\nmodule x.y/z\n", "x.y/z"),
        (b"modulex\nmodule x.y/z\n", "x.y/z"),
        (b"module\nmodule x.y/z\n", "x.y/z"),
    ],
)
def test_the_first_module_line_names_the_module(data: bytes, path: str) -> None:
    assert module_path_of(data) == path


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"real.mod",
        b"module\n",
        b"modulex.y/z\n",
        b"\xef\xbb\xbfmodule x.y/z\n",
        b'module "x.y/z\n',
        b'module "x.y/z" more\n',
        b'module "x.y/\\q"\n',
    ],
)
def test_no_module_path_is_made_up(data: bytes) -> None:
    assert module_path_of(data) == ""


def test_a_block_is_no_module_line() -> None:
    # protocol.md C.2: the scan knows no blocks, so the bracket itself is taken for the path.
    assert module_path_of(b"module (\n\tx.y/z\n)\n") == "("


def test_bytes_that_are_no_utf8_do_not_stop_the_scan() -> None:
    assert module_path_of(b"// \xff\nmodule x.y/z\n") == "x.y/z"
    assert module_path_of(b"module x.y/\xff\n") == "x.y/\udcff"


# --- the language version ---


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (b"module m\ngo 1.24\n", "1.24"),
        (b"go 1.24rc1 // comment", "1.24rc1"),
        (b"go 1.24.3\n", "1.24.3"),
        (b"go 1.24-foo\nunknown x\n", "1.24"),
        (b"go v1.20foo-1\n", "1.20"),
        (b"module m\n", ""),
        (b"go (\n\t1.24\n)\n", ""),
    ],
)
def test_the_language_version_is_read_leniently(data: bytes, version: str) -> None:
    assert go_version_of(data) == version


@pytest.mark.parametrize(
    "wrong",
    [
        *[b"require x.y/z v2.0.0", b"require x.y/z main", b"require x.y/z", b"require x.y/v1 v1.0.0"],
        *[b"require 'x.y/z' v1.0.0", b'require "x.y\\q" v1.0.0', b"require x.y/z v1.0.0 more"],
        *[b"go 1.24", b"go", b"module a\nmodule b", b"module a b", b"module `a`", b"ignore a b"],
        *[b"require (\n\tx.y/z v1.0.0", b"require (\n) x", b'x "open', b"x `open\n`", b"/* x */", b"x/*y"],
        *[b"x \x00", "x \u200b".encode(), "\u00a0x".encode()],
    ],
)
def test_one_mistake_that_counts_makes_the_whole_file_unreadable(wrong: bytes) -> None:
    data = b"retract v1.0.0\ngo 1.24\n" + wrong + b"\n"
    assert (go_version_of(data), uses_new_vendor_rule(data), retractions_of(data)) == ("", False, ())


@pytest.mark.parametrize(
    "passed_over",
    [
        *[b"exclude x.y/z nonsense", b"replace a", b"toolchain x y z", b"tool", b"unknown ( in [ line"],
        *[b"unknown two words (\n\t'a'\n)", b"unknown (\n\t[\n)", b"retract", b"retract [v1.0.0", b"x ()"],
        *[b"require x.y/z v1 // short", b'require "x.y/z/v2" "v2.0.0"//indirect', b"x \xff"],
        *[b"ignore (\n\t./a\n\t./b\n)", b"\r", b"retract (v1.0.0)", b'x "a\\\nb"'],
    ],
)
def test_what_does_not_count_is_passed_over(passed_over: bytes) -> None:
    data = b"go 1.24\n" + passed_over + b"\nretract v1.0.0\n"
    assert go_version_of(data) == "1.24"
    assert retractions_of(data)[-1] == Retraction("v1.0.0", "v1.0.0")


@pytest.mark.parametrize(
    ("directive", "new"),
    [
        *[(b"go 1.23", False), (b"go 1.23.9", False), (b"", False), (b"go 1.9", False), (b"go 1.3", False)],
        *[(b"go 1.24", True), (b"go 1.24rc1", True), (b"go 1.24-foo", True), (b"go 1.24.1", True)],
        *[(b"go 1.100", True), (b"go 2.0", True), (b"go 1.24\n\nrequire x.y/z v2.0.0", False)],
        # No such release can exist, so the go command makes nothing of it.
        *[(b"go 1.24.1rc1", False), (b"go 1.24rc01", False)],
    ],
)
def test_the_vendor_rule_follows_the_language_version(directive: bytes, *, new: bool) -> None:
    assert uses_new_vendor_rule(b"module m\n\n" + directive + b"\n") is new


# --- retractions ---


def test_retractions_are_versions_and_intervals_alone_and_in_blocks() -> None:
    data = b'retract v1.0.0\nretract [v1.1.0, "v1.2.0"] more\nretract (\n\tv1.3.0\n\t[v2, v3]\n)\n'
    assert retractions_of(data) == (
        Retraction("v1.0.0", "v1.0.0"),
        Retraction("v1.1.0", "v1.2.0"),
        Retraction("v1.3.0", "v1.3.0"),
        Retraction("v2", "v3"),
    )


def test_the_comments_of_a_directive_are_its_rationale() -> None:
    data = b"// Far away.\n\n// Broken.\n//\n// Very.\nretract v1.0.0 // Sorry.\n"
    assert retractions_of(data) == (Retraction("v1.0.0", "v1.0.0", "Broken.\n\nVery.\nSorry."),)


def test_a_line_without_comments_has_those_of_its_block() -> None:
    data = b"// Block.\nretract ( // open\n\tv1.0.0\n\tv1.1.0 // Own.\n\t// Before.\n\tv1.2.0\n) // shut\n"
    assert [each.rationale for each in retractions_of(data)] == ["Block.", "Own.", "Before."]


def test_an_empty_line_in_a_block_keeps_its_comment_off_the_next_line() -> None:
    data = b"// Block.\nretract (\n\n\tv1.0.0\n\n\n\tv1.1.0\n\tv1.2.0\n)\n"
    assert [each.rationale for each in retractions_of(data)] == ["Block.", "", "Block."]


@pytest.mark.parametrize(
    ("version", "retracted"),
    [
        *[("v1.0.9", False), ("v1.1.0-rc.1", False), ("v1.1.0", True), ("v1.1.5", True), ("v1.2.0", True)],
        *[("v1.2.1", False), ("v1.1.0+incompatible", True), ("v1.4.0", True), ("v1.4.0-rc.1", False)],
    ],
)
def test_a_version_between_two_bounds_is_retracted(version: str, *, retracted: bool) -> None:
    retractions = [Retraction("v1.4.0", "v1.4.0"), Retraction("v1.1.0", "v1.2.0")]
    assert (version in RetractedVersions(retractions)) is retracted


def test_retractions_may_overlap_lie_within_each_other_or_be_the_wrong_way_round() -> None:
    retracted = RetractedVersions(
        [
            *[
                Retraction("v1.0.0", "v1.9.0"),
                Retraction("v1.2.0", "v1.3.0"),
                Retraction("v1.8.0", "v2.0.0"),
            ],
            *[Retraction("v4.0.0", "v3.0.0"), Retraction("v1.7.0", "v1.6.0")],
        ]
    )
    assert [
        v for v in ("v0.9.0", "v1.0.0", "v1.5.0", "v1.9.5", "v2.0.0", "v2.0.1", "v3.5.0") if v in retracted
    ] == [*("v1.0.0", "v1.5.0", "v1.9.5", "v2.0.0")]


def test_a_bound_that_is_no_version_lies_below_all_versions() -> None:
    assert "v1.0.0" in RetractedVersions([Retraction("nonsense", "v1.0.0")])
    assert "v1.0.0" not in RetractedVersions([Retraction("v0.1.0", "nonsense")])
    assert "v1.0.0" not in RetractedVersions([])
