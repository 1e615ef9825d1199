from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.bench.content import checked_small, checked_zip, h1_of_file, majority
from modmirror.lab.emulate.modules import make_release
from modmirror.lab.engine.port import Request
from modmirror.mod.path import check_path
from tests.fakes.lab import JumpingClock, answered, targets_named

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.engine.port import Fetched

MODULE = BenchModule("example.com/a", "v1.0.0", zip="large")
RELEASE = make_release(check_path(MODULE.path), MODULE.version, published=0.0, size=2000, seed=1)


def answer(body: bytes = b"", *, file: Path | None = None, status: int = 200) -> Fetched:
    request = Request(targets_named("a")[0], "x", keep="bytes")
    return replace(answered(request, JumpingClock(), status=status, body=body), file=file)


@pytest.mark.parametrize(
    ("body", "extension", "outcome"),
    [
        (b'{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"}', "info", "ok"),
        (b'{"Version":"v1.0.1"}', "info", "mismatch"),
        (b'{"Time":"x"}', "info", "protocol"),
        (b"<html>welcome to the hotel</html>", "info", "protocol"),
        (b'{"Version":"v1.0.0\xff"}', "info", "protocol"),
        (b"v0.9.0\nv1.0.0\n", "list", "ok"),
        (b"v0.9.0\nv1.0.0-rc.1\n", "list", "mismatch"),
        (b"\xff\xfe", "list", "mismatch"),
    ],
)
def test_a_small_file_must_say_what_was_asked_for(body: bytes, extension: str, outcome: str) -> None:
    assert checked_small(answer(body), MODULE, extension).outcome == outcome


def test_a_failure_stays_what_it_is() -> None:
    assert checked_small(answer(status=404), MODULE, "info").outcome == "4xx"
    assert checked_zip(answer(status=404), MODULE, None)[0].outcome == "4xx"


def test_a_zip_is_hashed_and_its_file_removed(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(RELEASE.zip)
    assert h1_of_file(file, MODULE) == RELEASE.h1
    judged, digest = checked_zip(answer(file=file), MODULE, RELEASE.h1)
    assert (judged.outcome, digest, file.exists()) == ("ok", RELEASE.h1, False)


@pytest.mark.parametrize(
    ("body", "agreed", "outcome", "digest"),
    [
        (RELEASE.zip, None, "ok", RELEASE.h1),
        (RELEASE.zip, "h1:other", "mismatch", RELEASE.h1),
        (RELEASE.zip[:-50], RELEASE.h1, "mismatch", ""),
        (b"", RELEASE.h1, "mismatch", ""),
    ],
)
def test_a_zip_that_is_not_the_right_one_is_a_mismatch(
    tmp_path: Path, body: bytes, agreed: str | None, outcome: str, digest: str
) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(body)
    judged, found = checked_zip(answer(file=file), MODULE, agreed)
    assert (judged.outcome, found, file.exists()) == (outcome, digest, False)


@pytest.mark.parametrize(
    ("found", "agreed"),
    [
        ({}, None),
        ({"a": "1"}, "1"),
        ({"a": "1", "b": "2"}, None),
        ({"a": "1", "b": "2", "c": "2"}, "2"),
        ({"a": "1", "b": "2", "c": "3"}, None),
    ],
)
def test_only_more_than_half_is_a_majority(found: dict[str, str], agreed: str | None) -> None:
    assert majority(found) == agreed
