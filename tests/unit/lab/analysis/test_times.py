from __future__ import annotations

from dataclasses import replace
from math import log

import pytest

from modmirror.lab.analysis.times import (
    asked_for,
    case_of,
    log_ratios,
    rates_by_block,
    time_of,
    times_by_case,
)
from tests.fakes.samples import sample


def test_a_case_says_whether_the_connection_was_cold() -> None:
    assert case_of(sample("a", case="list", connection="cold")) == "list/cold"
    assert asked_for("list/cold") == "list"


def test_a_module_by_name_is_warm_where_nothing_is_said() -> None:
    module = "module:golang.org/x/text"
    assert case_of(sample("a", case=module)) == asked_for(module) == module
    assert case_of(sample("a", case=module, connection="cold")) == f"{module}/cold"


def test_a_timeout_counts_with_the_time_that_was_waited() -> None:
    assert time_of(sample("a", 30, outcome="timeout")) == 30


def test_a_quick_failure_is_no_time() -> None:
    assert time_of(sample("a", 0.001, outcome="refused")) is None


def test_times_are_sorted_out_by_case_block_and_target() -> None:
    samples = [sample("a", 1, block=2), sample("b", 2, block=2), sample("a", 3, block=2, case="list")]
    assert times_by_case(samples) == {"info/warm": {2: {"a": [1], "b": [2]}}, "list/warm": {2: {"a": [3]}}}


def test_a_rate_is_of_complete_large_downloads_while_receiving() -> None:
    large = sample("a", 1.0, size=4_000_000)
    assert rates_by_block([large]) == {0: {"a": [pytest.approx(10_000_000)]}}
    assert rates_by_block([sample("a", size=999_999), replace(large, outcome="truncated")]) == {}


def test_ratios_are_of_blocks_that_have_both() -> None:
    blocks = {3: {"a": [1.0], "b": [2.0]}, 1: {"a": [2.0, 8.0], "b": [1.0]}, 2: {"a": [1.0]}}
    assert log_ratios(blocks, "a", "b") == pytest.approx([log(4), log(0.5)])


def test_a_clock_that_did_not_move_makes_no_endless_ratio() -> None:
    assert log_ratios({0: {"a": [0.0], "b": [0.0]}}, "a", "b") == [0]
