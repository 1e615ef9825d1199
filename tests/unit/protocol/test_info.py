from __future__ import annotations

import json

import pytest

from modmirror.mod.path import check_path
from modmirror.protocol.info import Info, format_info, parse_info

XY = check_path("x.y")


def refusal(data: bytes, requested: str | None = "v1.0.0") -> str:
    with pytest.raises(ValueError, match="it") as refused:
        parse_info(data, module=XY, requested=requested)
    return str(refused.value)


def test_an_info_keeps_version_time_and_the_bytes() -> None:
    raw = b'{"Version":"v1.0.0","Time":"2020-01-01T00:00:00Z","Origin":{"VCS":"git"}}'
    assert parse_info(raw, module=XY, requested="v1.0.0") == Info("v1.0.0", raw, "2020-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"version":"v1.0.0"}',
        b'{"VERSION":"v1.0.0","other":[{"Version":"v9.0.0"}]}',
        b' {"Version" : "v1.0.0", "Time" : null} \n',
        b'{"Version":"main","Version":"v1.0.0"}',
    ],
)
def test_names_are_folded_unknown_ones_ignored_and_the_last_wins(raw: bytes) -> None:
    assert parse_info(raw, module=XY, requested="v1.0.0") == Info("v1.0.0", raw)


def test_a_name_that_go_folds_to_version_is_seen_too() -> None:
    # U+017F folds to s in Go; whoever reads it last decides, so it must not pass unseen.
    raw = '{"Version":"v1.0.0","ver\u017fion":"v1.0.1"}'.encode()
    assert 'is "v1.0.1"' in refusal(raw)


@pytest.mark.parametrize(
    "time",
    ["2020-01-01T00:00:00Z", "2020-05-05T12:00:00+05:00", "2020-01-01T00:00:00.123456789Z"],
)
def test_a_time_may_have_a_fraction_and_an_offset(time: str) -> None:
    raw = json.dumps({"Version": "v1.0.0", "Time": time}).encode()
    assert parse_info(raw, module=XY, requested="v1.0.0").time == time


@pytest.mark.parametrize(
    "time",
    [
        *["", "2020-01-01", "2020-01-01 00:00:00Z", "2020-01-01T00:00:00", "2020-01-01t00:00:00z"],
        *["2020-01-01T00:00:00,5Z", "2020-01-01T00:00:00+0500", "2020-01-01T00:00:00+24:00"],
        *["2020-02-30T00:00:00Z", "2020-13-01T00:00:00Z", "2020-01-01T24:00:00Z", "1577836800"],
        *["2020-01-01T00:00:60Z", "2020-01-01T00:00:00Z\n", 1577836800, {}, False],
    ],
)
def test_any_other_time_is_refused(time: object) -> None:
    assert "Time" in refusal(json.dumps({"Version": "v1.0.0", "Time": time}).encode())


@pytest.mark.matrix("T134")
@pytest.mark.parametrize(
    "raw",
    [
        *[b"", b"<html>", b"{", b"not found", b'{"Version":"v1.0.0"} x', b'{"Version":"v1.0.0\xff"}'],
        *[b'{"Version":"v1.0.0","n":NaN}', b"\xef\xbb\xbf{}", b"[" * 200_000],
    ],
)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert refusal(raw) == "it is not JSON"


@pytest.mark.parametrize("raw", [b"[]", b'"v1.0.0"', b"1", b"null", b'[{"Version":"v1.0.0"}]'])
def test_json_that_is_not_an_object_is_refused(raw: bytes) -> None:
    assert refusal(raw) == "it is not a JSON object"


@pytest.mark.parametrize("raw", [b"{}", b'{"Version":""}', b'{"Version":null}', b'{"Version":1}'])
def test_an_info_without_a_version_is_refused(raw: bytes) -> None:
    assert refusal(raw) == "it has no Version"


@pytest.mark.matrix("T134")
def test_a_canonical_request_wants_exactly_that_version_back() -> None:
    raw = format_info("v1.0.1")
    assert refusal(raw) == 'its Version is "v1.0.1", asked was "v1.0.0"'


@pytest.mark.parametrize("requested", ["main", "v1", "v1.0.0+meta", "v2.0.0", None])
def test_any_other_name_may_resolve_to_any_version(requested: str | None) -> None:
    raw = format_info("v2.0.0+incompatible")
    assert parse_info(raw, module=XY, requested=requested).version == "v2.0.0+incompatible"


@pytest.mark.parametrize("version", ["main", "v1", "v1.2.3+meta", "v2.0.0", "1.0.0"])
def test_a_version_that_clients_would_choke_on_is_refused(version: str) -> None:
    assert "is invalid" in refusal(format_info(version), requested="main")


def test_an_info_is_written_in_the_usual_order() -> None:
    assert format_info("v1.0.0", "2020-01-01T00:00:00Z") == (
        b'{"Version":"v1.0.0","Time":"2020-01-01T00:00:00Z"}'
    )
    assert format_info("v1.0.0") == b'{"Version":"v1.0.0"}'
