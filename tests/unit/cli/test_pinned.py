from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.cli import pinned
from modmirror.cli.pinned import Tally, ask_mirror, missing_lines, pins_of_files, size_text
from modmirror.errors import ConfigError, NotExist, UpstreamTimeout
from modmirror.mod.path import ModulePath
from modmirror.mod.pins import Pin, Pins
from modmirror.proxy.warm import Had, Missing, Wanted
from tests.fakes.faults import Fault
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from pathlib import Path

PIN = Pin(ModulePath("x.y/m"), "v1.0.0")


def test_files_join_and_bring_their_toolchains(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module x.y/z\ngo 1.24.1\nrequire x.y/m v1.0.0\n")
    (tmp_path / "go.sum").write_text("x.y/m v1.0.0/go.mod h1:x=\n")
    names = [str(tmp_path / name) for name in ("go.mod", "go.sum")]
    pins = pins_of_files(names, ["linux/amd64"])
    assert [(pin.module, pin.version) for pin in pins.pins] == [
        ("golang.org/toolchain", "v0.0.1-go1.24.1.linux-amd64"),
        ("x.y/m", "v1.0.0"),
    ]
    assert not pins.complete


def test_a_file_that_is_not_there_is_wrong_input() -> None:
    with pytest.raises(ConfigError, match="cannot read /no/go.sum: No such file"):
        pins_of_files(["/no/go.sum"])


def test_an_option_that_does_not_exist_is_not_taken_for_a_file() -> None:
    with pytest.raises(ConfigError, match="Unknown option: --jsn") as caught:
        pins_of_files(["--jsn"])
    assert caught.value.hint == "for a file of this name write ./--jsn"


def test_a_file_that_says_nothing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "README"
    file.write_text("hello there\n")
    with pytest.raises(ConfigError, match="README: line 1: expected PATH@VERSION"):
        pins_of_files([str(file)])


def test_two_files_that_contradict_each_other_are_wrong_input(tmp_path: Path) -> None:
    for name, h1 in (("a.sum", "h1:a="), ("b.sum", "h1:b=")):
        (tmp_path / name).write_text(f"x.y/m v1.0.0 {h1}\n")
    with pytest.raises(ConfigError, match=r"two hashes for the zip of x.y/m@v1.0.0"):
        pins_of_files([str(tmp_path / "a.sum"), str(tmp_path / "b.sum")])


def test_a_mirror_that_is_not_there_is_told_at_once() -> None:
    with FakeUpstream() as upstream:
        url = upstream.url
    with pytest.raises(ConfigError, match=f"no mirror answers at {url}"):
        ask_mirror(url, Pins((PIN,)), lambda reader, wanted: reader.warm(wanted, 1), lambda _: None)


def test_a_mirror_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "HELLO", 0.2)
    with FakeUpstream() as upstream:
        upstream.fault("*", Fault(stall_header=True))
        with pytest.raises(ConfigError, match="no mirror answers at .*: no answer within 0.2 s"):
            ask_mirror(
                upstream.url, Pins((PIN,)), lambda reader, wanted: reader.warm(wanted, 1), lambda _: None
            )


@pytest.mark.parametrize("url", ["mirror.example", "http://", "http://user:secret@127.0.0.1:1"])
def test_an_unusable_address_is_said_of_the_option_it_was_given_in(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        ask_mirror(url, Pins((PIN,)), lambda reader, wanted: reader.warm(wanted, 1), lambda _: None)
    assert refused.value.key == "--url"
    assert "secret" not in str(refused.value)


def test_a_file_without_end_is_wrong_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "MOST_BYTES", 10_000)
    with pytest.raises(ConfigError, match=r"/dev/zero is larger than 10.0 kB"):
        pins_of_files(["/dev/zero"])


def test_a_tally_counts_what_is_there_and_keeps_what_is_not() -> None:
    tally = Tally(3)
    missing = Missing(Wanted(PIN, "zip"), NotExist("gone"))
    for settled in (Had(Wanted(PIN, "info"), 10), Had(Wanted(PIN, "mod"), 20), missing):
        tally.add(settled)
    assert (tally.had, tally.bytes, tally.missing, tally.done) == (2, 30, [missing], 3)


def test_what_is_missing_is_one_line_for_a_version_and_a_reason() -> None:
    slow = UpstreamTimeout("http://mirror", "no answer\nmore")
    found = [
        Missing(Wanted(PIN, "info"), NotExist("no such version")),
        Missing(Wanted(PIN, "mod"), NotExist("no such version")),
        Missing(Wanted(PIN, "zip"), slow),
    ]
    assert list(missing_lines(found)) == [
        "  x.y/m@v1.0.0 (zip): http://mirror: no answer",
        "  x.y/m@v1.0.0 (info, mod): no such version",
    ]


def test_sizes_are_told_in_words_for_people() -> None:
    assert [size_text(size) for size in (0, 1500, 2_340_000)] == ["0.0 kB", "1.5 kB", "2.3 MB"]
