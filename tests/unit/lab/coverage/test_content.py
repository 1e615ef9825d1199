from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.corpus.entries import Entry
from modmirror.lab.coverage.content import hashed_mod, hashed_zip, judged_info
from modmirror.lab.emulate.modules import pack
from modmirror.lab.engine.port import Request
from modmirror.mod.dirhash import h1_of_go_mod
from tests.fakes.lab import JumpingClock, answered, targets_named

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.engine.port import Fetched

MODULE = BenchModule("example.com/a", "v1.0.0")


def got(body: bytes = b"", status: int = 200) -> Fetched:
    (target,) = targets_named("a")
    return answered(Request(target, "x", keep="bytes"), JumpingClock(), body=body, status=status)


def test_an_info_must_name_its_version() -> None:
    entry = Entry("a", MODULE)
    assert judged_info(got(b'{"Version":"v1.0.0"}'), entry).ok
    assert judged_info(got(b'{"Version":"v1.0.1"}'), entry).outcome == "mismatch"
    assert judged_info(got(status=404), entry).outcome == "4xx"


def test_a_go_mod_has_its_own_hash() -> None:
    fetched, digest = hashed_mod(got(b"module a\n"))
    assert digest == h1_of_go_mod(b"module a\n")
    assert len(fetched.content) == 64
    assert hashed_mod(got(status=404))[1] == ""


def test_a_zip_is_hashed_and_removed(tmp_path: Path) -> None:
    data, h1 = pack("example.com/a@v1.0.0", {"go.mod": b"module example.com/a\n"})
    file = tmp_path / "zip"
    file.write_bytes(data)
    fetched, digest = hashed_zip(replace(got(), file=file), MODULE)
    assert (digest, fetched.ok) == (h1, True)
    assert not file.exists()


def test_what_is_no_zip_is_equal_to_itself_only(tmp_path: Path) -> None:
    digests = []
    for data in (b"one", b"two", b"one"):
        file = tmp_path / "zip"
        file.write_bytes(data)
        fetched, digest = hashed_zip(replace(got(), file=file), MODULE)
        assert fetched.outcome == "mismatch"
        assert not file.exists()
        digests.append(digest)
    assert digests[0] == digests[2] != digests[1]


def test_a_zip_that_did_not_come_has_no_hash() -> None:
    assert hashed_zip(got(status=404), MODULE)[1] == ""
