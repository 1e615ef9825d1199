from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.report.requiring import required
from tests.fakes.lab_mirrors import CORRUPT, PARTIAL, SLOW
from tests.fakes.lab_runs import rich_report


def failures(bar: str) -> tuple[str, ...]:
    (found,) = required(rich_report(), [bar])
    assert found.text == bar
    return found.failures


def test_a_bar_that_every_mirror_meets_has_no_failures() -> None:
    assert failures("info/warm median<10s") == ()


def test_a_bar_names_who_does_not_meet_it() -> None:
    (sentence,) = failures("info/warm median<150ms")
    assert sentence.startswith(f"info/warm median<150ms: {SLOW}, info/warm: 0.2")


def test_bars_reach_beyond_the_bench() -> None:
    assert [CORRUPT in each for each in failures("mismatches<1")] == [True]
    assert [PARTIAL in each for each in failures("toolchain coverage>50%")] == [True]


def test_numbers_have_their_unit_in_both_languages() -> None:
    (slow,) = required(rich_report(), ["info/warm median<150ms"])
    for sentence in (*slow.failures, *slow.failures_zh):
        assert sentence.endswith(" s")
    (partial,) = required(rich_report(), ["toolchain coverage>50%"])
    for sentence in (*partial.failures, *partial.failures_zh):
        assert sentence.endswith(" %")


def test_what_has_too_few_samples_meets_no_bar() -> None:
    assert all(each.endswith("n too small") for each in failures("info/warm p99<10s"))
    assert len(failures("info/warm p99<10s")) == 5


def test_a_metric_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match='no metric "colour"'):
        required(rich_report(), ["colour<1"])


def test_without_bars_there_are_no_requirements() -> None:
    assert required(rich_report(), []) == ()


def test_what_does_not_meet_a_bar_is_told_in_chinese_too() -> None:
    (slow,) = required(rich_report(), ["info/warm median<150ms"])
    assert slow.failures_zh[0].startswith(f"info/warm median<150ms：{SLOW}，info/warm：0.2")
    (few,) = required(rich_report(), ["info/warm p99<10s"])
    assert all(each.endswith("：样本太少") for each in few.failures_zh)
    (none,) = required(rich_report(), ["no/case median<1s"])
    assert none.failures_zh == ("no/case median<1s：未测量此类数据",)
