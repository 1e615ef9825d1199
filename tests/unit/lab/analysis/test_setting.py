from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.config import load_config
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.analysis.setting import recommend
from modmirror.lab.results.coverage import CoverageResult, TargetCoverage
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult, Verdict
from modmirror.lab.results.ranking import Gate, Ranked, Ranking
from modmirror.protocol.chain import parse_goproxy

if TYPE_CHECKING:
    from pathlib import Path

URLS = {name: f"https://{name}.test/go" for name in "abcde"}


def ranking(*names: str, failed: str = "") -> Ranking:
    rows = tuple(Ranked(name, place + 1, "a", 0.9, {}, (), (0.8,)) for place, name in enumerate(names))
    gate = Gate("integrity", passed=False, text="1 wrong by their h1: m.zip")
    out = tuple(Ranked(name, 9, "", None, {}, (gate,), ()) for name in failed)
    return Ranking({}, rows + out, None, "")


def protocol(
    verdict: Verdict, *targets: str, key: str = "sumdb-lookup", needed: bool = False
) -> ProtocolResult:
    feature = Feature(key, "the feature", needed=needed)
    return ProtocolResult(targets, (feature,), {target: {key: Cell(verdict, "")} for target in targets})


def coverage(**had: int) -> CoverageResult:
    return CoverageResult("", (), {name: TargetCoverage(share_of(ok, 300), {}) for name, ok in had.items()})


def test_mirrors_with_the_same_modules_stand_in_for_each_other_on_any_error() -> None:
    found = recommend(ranking("a", "b"), None, coverage(a=300, b=299), urls=URLS)
    assert found.goproxy == "https://a.test/go|https://b.test/go,direct"
    assert [reason.part for reason in found.reasons][:3] == ["a", "|b", ",direct"]


def test_before_a_mirror_with_fewer_modules_an_error_ends_the_search() -> None:
    found = recommend(ranking("a", "b"), None, coverage(a=300, b=200), urls=URLS)
    assert found.goproxy == "https://a.test/go,https://b.test/go,direct"


def test_unknown_coverage_is_assumed_equal_and_said() -> None:
    found = recommend(ranking("a", "b"), None, None, urls=URLS)
    assert "|" in found.goproxy
    assert any("assumed" in warning.en for warning in found.warnings)
    assert not recommend(ranking("a"), None, None, urls=URLS).warnings


def test_at_most_three_mirrors_are_named() -> None:
    assert recommend(ranking(*"abcde"), None, None, urls=URLS).goproxy.count("https://") == 3


def test_a_mirror_that_failed_a_gate_is_left_out_with_its_reason() -> None:
    found = recommend(ranking("a", failed="b"), None, None, urls=URLS)
    assert "b.test" not in found.goproxy + found.toml
    (warning,) = found.warnings
    assert warning.part == "b"
    assert "m.zip" in warning.en
    assert "m.zip" in warning.zh


def test_a_mirror_that_the_go_command_cannot_use_is_left_out() -> None:
    found = recommend(ranking("a", "b"), protocol("no", "a", key="zip", needed=True), None, urls=URLS)
    assert found.goproxy == "https://b.test/go,direct"
    assert "the feature" in found.warnings[0].en
    partly = recommend(ranking("a"), protocol("partly", "a", key="zip", needed=True), None, urls=URLS)
    assert partly.goproxy == "https://a.test/go,direct"


@pytest.mark.parametrize("for_", ["ci", "cn", "cn-mobile"])
def test_direct_is_left_out_where_it_does_harm_or_cannot_be_reached(for_: str) -> None:
    found = recommend(ranking("a"), None, None, for_, urls=URLS)
    assert found.goproxy == "https://a.test/go"
    assert "no direct" in [reason.part for reason in found.reasons]


def test_a_region_elsewhere_goes_direct_in_the_end() -> None:
    assert recommend(ranking("a"), None, None, "cnidaria", urls=URLS).goproxy.endswith(",direct")


def test_the_checksum_database_goes_through_a_mirror_that_passes_it_on() -> None:
    found = recommend(ranking("a"), protocol("yes", "a"), None, "cn", urls=URLS)
    assert found.gosumdb == "sum.golang.org"
    assert found.gonosumdb == ""


def test_else_it_is_asked_where_it_can_be_reached_and_never_switched_off() -> None:
    found = recommend(ranking("a", "b"), protocol("no", "a"), None, urls=URLS)
    assert found.gosumdb == "sum.golang.google.cn"
    assert found.gonosumdb == ""
    assert any("GONOSUMDB" in warning.en and warning.part == "a" for warning in found.warnings)


@pytest.mark.parametrize(("for_", "name"), [("", "sum.golang.org"), ("cn", "sum.golang.google.cn")])
def test_when_nobody_asked_the_reason_says_so(for_: str, name: str) -> None:
    found = recommend(ranking("a"), protocol("unknown", "a"), None, for_, urls=URLS)
    assert found.gosumdb == name
    assert any("not measured" in reason.en for reason in found.reasons)


def test_nothing_to_recommend_is_said_and_not_made_up() -> None:
    found = recommend(ranking(failed="ab"), None, None, urls=URLS)
    assert (found.goproxy, found.toml, found.reasons) == ("", "", ())
    assert [warning.part for warning in found.warnings] == ["a", "b", "GOPROXY"]


def test_a_mirror_without_score_or_url_is_left_out() -> None:
    row = Ranked("a", 1, "", None, {}, (), ())
    found = recommend(Ranking({}, (row,), None, ""), None, None, urls=URLS)
    assert found.goproxy == ""
    assert recommend(ranking("z"), None, None, urls=URLS).goproxy == ""


def test_the_separators_of_a_line_are_not_read_from_a_url() -> None:
    found = recommend(ranking("a"), None, None, "ci", urls={"a": 'https://a.test/x,y|z"'})
    assert len(parse_goproxy(found.goproxy)) == 1


@pytest.mark.parametrize("names", ["a", "ab", "abc"])
def test_the_route_is_one_that_modmirror_reads(tmp_path: Path, names: str) -> None:
    found = recommend(ranking(*names), None, coverage(a=300, b=300, c=100), urls=URLS)
    file = tmp_path / "modmirror.toml"
    file.write_text(found.toml, encoding="utf-8")
    loaded = load_config(environ={}, file=file)
    (route,) = loaded.config.route
    assert (route.match, route.from_, route.sumdb) == (("*",), found.goproxy, "verify")
    assert parse_goproxy(found.goproxy)


def test_every_reason_is_in_both_languages() -> None:
    found = recommend(ranking("a", "b", failed="c"), protocol("no", "b"), coverage(a=300, b=100), urls=URLS)
    for reason in (*found.reasons, *found.warnings):
        assert reason.part
        assert reason.en.isascii()
        assert not reason.zh.isascii()
