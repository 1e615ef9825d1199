"""What go.sum, go.mod, go.work.sum and lists pin."""

from __future__ import annotations

import pytest

from modmirror.mod.path import ModulePath
from modmirror.mod.pins import Pin, Pins, PinsError, join, read_pins, toolchain_pins

A, B = ModulePath("example.com/a"), ModulePath("example.com/b/v2")
B_PINNED = "example.com/b/v2@v2.1.0"

GO_SUM = b"""\
example.com/a v1.0.0 h1:zip=
example.com/a v1.0.0/go.mod h1:mod=
example.com/b/v2 v2.1.0/go.mod h1:only=

"""
GO_MOD = b"""\
module example.com/main // the build

go 1.24.2

require (
\texample.com/a v1.0.0
\t"example.com/b/v2" v2.1.0 // indirect
)
"""


def named(pins: Pins) -> list[str]:
    return [f"{pin.module}@{pin.version}" for pin in pins.pins]


def test_a_line_of_a_go_sum_wants_the_whole_version_and_a_go_mod_line_only_that() -> None:
    assert read_pins("go.sum", GO_SUM) == Pins(
        (
            Pin(A, "v1.0.0", ("info", "mod", "zip"), mod_sum="h1:mod=", zip_sum="h1:zip="),
            Pin(B, "v2.1.0", ("mod",), mod_sum="h1:only="),
        )
    )


@pytest.mark.parametrize("name", ["-", "go.work.sum", "pinned.txt"])
def test_a_go_sum_is_known_by_its_lines_whatever_it_is_called(name: str) -> None:
    assert read_pins(name, GO_SUM) == read_pins("go.sum", GO_SUM)


def test_hashes_of_a_later_go_command_are_passed_over() -> None:
    assert named(read_pins("go.sum", b"example.com/a v1.0.0 h9:later\nexample.com/a v1.1.0 h1:x=\n")) == [
        "example.com/a@v1.1.0"
    ]


def test_two_hashes_for_one_file_are_refused() -> None:
    one, other = (Pins((Pin(A, "v1.0.0", zip_sum=h1),)) for h1 in ("h1:x=", "h1:y="))
    with pytest.raises(PinsError, match="two hashes for the zip of example.com/a@v1.0.0"):
        join([one, other])


@pytest.mark.parametrize("name", ["go.mod", "other.mod", "-"])
def test_a_go_mod_pins_what_it_requires_and_says_that_there_may_be_more(name: str) -> None:
    assert read_pins(name, GO_MOD) == Pins(
        (Pin(A, "v1.0.0"), Pin(B, "v2.1.0")), toolchains=("go1.24.2",), complete=False
    )


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b"replace example.com/a => example.com/fork v1.5.0", [B_PINNED, "example.com/fork@v1.5.0"]),
        (b"replace example.com/a v1.0.0 => example.com/a v1.0.1", ["example.com/a@v1.0.1", B_PINNED]),
        (b"replace example.com/a v1.9.0 => ../a", ["example.com/a@v1.0.0", B_PINNED]),
        (b"replace example.com/a => ../a", [B_PINNED]),
        (b"exclude example.com/a v1.0.0", [B_PINNED]),
        (b"exclude example.com/a v1.0.7", ["example.com/a@v1.0.0", B_PINNED]),
    ],
)  # fmt: skip
def test_replace_and_exclude_are_honoured(line: bytes, wanted: list[str]) -> None:
    assert named(read_pins("go.mod", GO_MOD + line + b"\n")) == wanted


def test_a_replacement_of_one_version_wins_over_that_of_all() -> None:
    lines = b"replace example.com/a => ../a\nreplace example.com/a v1.0.0 => example.com/fork v1.5.0\n"
    assert "example.com/fork@v1.5.0" in named(read_pins("go.mod", GO_MOD + lines))


def test_what_is_not_fetched_is_told_with_its_reason() -> None:
    pins = read_pins("go.mod", GO_MOD + b"replace example.com/a => ../a\nexclude example.com/b/v2 v2.1.0\n")
    assert pins.passed_over == (
        "example.com/a@v1.0.0 is replaced by the directory ../a",
        "example.com/b/v2@v2.1.0 is excluded",
    )


@pytest.mark.parametrize(
    ("lines", "toolchains"),
    [
        (b"go 1.22.3\n", ("go1.22.3",)),
        (b"go 1.21rc2\n", ("go1.21rc2",)),
        (b"go 1.22\n", ()),
        (b"go 1.20.7\n", ()),
        (b"go 1.22.3\ntoolchain go1.24.1\n", ("go1.24.1",)),
        (b"go 1.22.3\ntoolchain default\n", ("go1.22.3",)),
    ],
)
def test_the_toolchain_line_or_a_full_go_version_names_a_toolchain(
    lines: bytes, toolchains: tuple[str, ...]
) -> None:
    assert read_pins("go.mod", b"module m.example/x\n" + lines).toolchains == toolchains
    assert read_pins("go.work", lines).toolchains == toolchains


def test_a_list_holds_versions_toolchains_and_comments() -> None:
    text = b"# what we use\nexample.com/b/v2@v2.1.0\n\nexample.com/a@v1.0.0 // old\ntoolchain go1.24.1\n"
    assert read_pins("-", text) == Pins((Pin(A, "v1.0.0"), Pin(B, "v2.1.0")), toolchains=("go1.24.1",))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("go.sum", b"example.com/a v1.0.0\n", "line 1: a line of a go.sum has three words, this one 2"),
        ("go.sum", b"\nexample.com/a v1 h1:x=\n", "line 2: .*v1: invalid version: not canonical"),
        ("go.sum", b"no/dot v1.0.0 h1:x=\n", "line 1: malformed module path"),
        ("-", b"example.com/a@latest\n", "line 1: .*not a semantic version"),
        ("-", b"just words\n", 'line 1: expected PATH@VERSION, got "just words"'),
        ("-", b"toolchain 1.24\n", 'line 1: "1.24" is no toolchain'),
        ("go.mod", b"module x.y/z\nrequire (\n", "a block is not closed"),
        ("go.mod", b"module x.y/z\nrequire x.y/a\n", '"require x.y/a" is not understood'),
        ("go.mod", b"module x.y/z\nrequire x.y/a main\n", "x.y/a@main: invalid version"),
        ("go.mod", b"module x.y/z\nreplace x.y/a =>\n", '"=> " is not understood'),
    ],
)
def test_what_is_wrong_is_told_with_its_line(name: str, text: bytes, reason: str) -> None:
    with pytest.raises(PinsError, match=reason):
        read_pins(name, text)


def test_several_files_join_to_one_pin_of_each_version() -> None:
    both = join([read_pins("go.mod", GO_MOD), read_pins("go.sum", GO_SUM)])
    assert both.pins == (
        Pin(A, "v1.0.0", mod_sum="h1:mod=", zip_sum="h1:zip="),
        Pin(B, "v2.1.0", mod_sum="h1:only="),
    )
    assert not both.complete
    assert both.toolchains == ("go1.24.2",)


def test_a_toolchain_is_a_module_version_for_each_platform() -> None:
    pins = toolchain_pins(["go1.24.1"], ["linux/amd64", "darwin-arm64"])
    assert [pin.version for pin in pins] == [
        "v0.0.1-go1.24.1.linux-amd64",
        "v0.0.1-go1.24.1.darwin-arm64",
    ]
    assert {(pin.module, pin.files) for pin in pins} == {("golang.org/toolchain", ("zip",))}
