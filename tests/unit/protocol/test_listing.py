from __future__ import annotations

import pytest

from modmirror.mod.path import check_path
from modmirror.protocol.listing import format_list, looks_like_list, parse_list

XY = check_path("x.y")


@pytest.mark.matrix("T37")
@pytest.mark.parametrize(
    ("data", "versions"),
    [
        (b"", ()),
        (b"\n \n", ()),
        (b"v1.0.0\n", ("v1.0.0",)),
        (b"v1.0.0", ("v1.0.0",)),
        (b"v0.0.10\r\nv0.0.9\r\n", ("v0.0.9", "v0.0.10")),
        (b"v1.0.0-rc.10\nv1.0.0\nv1.0.0-rc.2\n", ("v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0")),
        (b"  v1.0.0\n\tv1.1.0\n", ("v1.0.0", "v1.1.0")),
        (b"v1.0.0\nv1.0.0\n", ("v1.0.0",)),
        (b"v2.0.0+incompatible\n", ("v2.0.0+incompatible",)),
    ],
)
def test_order_line_ends_blanks_and_repeats_do_not_matter(data: bytes, versions: tuple[str, ...]) -> None:
    assert parse_list(data, XY) == versions


@pytest.mark.matrix("T40")
@pytest.mark.parametrize(
    "line",
    [
        *["v1.5", "v1", "v1.2.3+meta", "main", "1.0.0", "v3.0.0"],
        *["v0.0.0-20200101000000-abcdefabcdef", "v1.0.1-0.20200101000000-abcdefabcdef"],
        *["v1.0.0\u00e9", "\ufeffv1.1.0"],
    ],
)
def test_a_line_that_clients_would_choke_on_is_dropped(line: str) -> None:
    assert parse_list(f"v1.0.0\n{line}\n".encode(), XY) == ("v1.0.0",)


@pytest.mark.matrix("T40")
def test_a_second_column_is_dropped() -> None:
    assert parse_list(b"v1.0.5 2020-01-01T00:00:00Z\n", XY) == ("v1.0.5",)


def test_versions_of_another_major_are_dropped() -> None:
    assert parse_list(b"v1.0.0\nv2.0.0\nv2.1.0\n", check_path("x.y/v2")) == ("v2.0.0", "v2.1.0")


def test_a_list_is_written_ascending_with_a_newline_after_each() -> None:
    assert format_list(["v1.10.0", "v1.2.0", "v1.2.0-rc.1"]) == b"v1.2.0-rc.1\nv1.2.0\nv1.10.0\n"
    assert format_list([]) == b""


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"v1.0.0\n", b"odd-tag\nv1.0.0\n", b"v1.5\n", b"\xff\nv1.0.0"]
)
def test_blank_text_and_text_with_a_version_are_lists(data: bytes) -> None:
    assert looks_like_list(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html>\nv1.0.0\n",
        b"\n <html>",
        b'{"error": "try later"}',
        b"Please sign in\n",
        b"404 page not found\n",
        b"v1.0.0\n\x00",
        b"\x1f\x8b\x08\x00",
    ],
)
def test_pages_and_errors_sent_as_success_are_no_lists(data: bytes) -> None:
    assert not looks_like_list(data)
