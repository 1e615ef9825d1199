from __future__ import annotations

import pytest

from modmirror.errors import BadRecord
from modmirror.sumdb.record import find_sum, parse_sums
from tests.fakes.sumdb import made_up_h1

ZIP, MOD, OTHER = made_up_h1("zip"), made_up_h1("mod"), made_up_h1("other")
RECORD = f"x.test/m v1.0.0 {ZIP}\nx.test/m v1.0.0/go.mod {MOD}\n".encode()


def test_record_speaks_of_zip_and_go_mod() -> None:
    assert parse_sums(RECORD) == {"x.test/m v1.0.0": ZIP, "x.test/m v1.0.0/go.mod": MOD}
    assert find_sum(RECORD, "x.test/m", "v1.0.0", go_mod=False) == ZIP
    assert find_sum(RECORD, "x.test/m", "v1.0.0", go_mod=True) == MOD


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("x.test/m", "v1.0.1"),
        ("x.test/m", "v1.0"),
        ("x.test/m", "v1.0.0-pre"),
        ("x.test/n", "v1.0.0"),
        ("x.test", "v1.0.0"),
        ("test/m", "v1.0.0"),
        ("X.test/m", "v1.0.0"),
        ("x.test/m v1.0.0", ZIP),
    ],
)
@pytest.mark.parametrize("go_mod", [False, True])
def test_absent_line_is_an_error_not_an_absent_hash(module: str, version: str, *, go_mod: bool) -> None:
    with pytest.raises(BadRecord, match="no h1 line"):
        find_sum(RECORD, module, version, go_mod=go_mod)


def test_equal_lines_may_repeat() -> None:
    assert parse_sums(RECORD + RECORD) == parse_sums(RECORD)


def test_lines_that_contradict_each_other_reject_the_record() -> None:
    with pytest.raises(BadRecord, match=r"two different hashes of x\.test/m v1\.0\.0"):
        parse_sums(RECORD + f"x.test/m v1.0.0 {OTHER}\n".encode())


@pytest.mark.parametrize(
    "h1", ["h1:", "h1:AAAA", ZIP[:-1], ZIP + "=", ZIP.replace("=", "A"), "h1:" + "é" * 43 + "="]
)
def test_malformed_h1_rejects_the_record(h1: str) -> None:
    with pytest.raises(BadRecord, match="no h1 hash"):
        parse_sums(f"x.test/m v1.0.0 {h1}\n".encode())


def test_lines_of_other_kinds_are_passed_over() -> None:
    text = (
        f"x.test/m v1.0.0 h2:abc\nx.test/m v1.0.0 {ZIP} more\n x.test/m v1.0.0 {OTHER}\nx.test/m\t{ZIP}\n"
    )
    assert parse_sums(text.encode() + RECORD) == parse_sums(RECORD)
