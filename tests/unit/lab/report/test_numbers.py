from __future__ import annotations

import pytest

from modmirror.lab.report import numbers
from modmirror.lab.results.estimates import Estimate, Share


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"), (1.0, "1.00"), (12.345, "12.3"), (123.45, "123"), (1234.5, "1,230"),
        (0.04567, "0.0457"),

        (999.9, "1,000"), (-2.5, "-2.50"), (float("inf"), "inf"), (1e-9, "0.000000"),
    ],
)  # fmt: skip
def test_a_number_has_three_figures_that_matter(value: float, shown: str) -> None:
    assert numbers.figures(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0 ms"), (0.00004, "40.0 µs"), (0.0123, "12.3 ms"), (1.2, "1.20 s"), (599.0, "599 s"),
        (2100.0, "35.0 min"), (7200.0, "2.00 h"), (172800.0, "2.00 d"),
    ],
)  # fmt: skip
def test_a_duration_has_the_unit_that_reads_best(value: float, shown: str) -> None:
    assert numbers.seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(12.0, "12 B"), (1500.0, "1.50 kB"), (2e6, "2.00 MB"), (3.21e9, "3.21 GB")]
)
def test_a_size_has_the_unit_that_reads_best(value: float, shown: str) -> None:
    assert numbers.size(value) == shown


def test_speeds_rates_and_ratios_name_what_they_are() -> None:
    assert (numbers.speed(2e6), numbers.rate(4656.6), numbers.times(1.254)) == (
        "2.00 MB/s",
        "4,660/s",
        "1.25×",
    )


@pytest.mark.parametrize(
    ("value", "shown"), [(1.0, "100 %"), (0.995, "99.5 %"), (0.99999, "> 99.9 %"), (0.5, "50 %")]
)
def test_what_is_not_all_never_reads_as_all(value: float, shown: str) -> None:
    assert numbers.percent(value) == shown


def test_an_estimate_shows_its_interval() -> None:
    shown = numbers.estimate(Estimate(0.0123, 0.011, 0.0141, 100), numbers.seconds)
    assert (shown.en, shown.zh) == ("12.3 ms [11.0 ms, 14.1 ms]",) * 2


def test_an_estimate_without_an_interval_shows_its_value() -> None:
    assert numbers.estimate(Estimate(2.0, None, None, 3), numbers.times).en == "2.00×"


@pytest.mark.parametrize(("p", "shown"), [(0.41, "0.410"), (0.001, "0.001"), (0.00004, "< 0.001")])
def test_a_tiny_chance_never_reads_as_none(p: float, shown: str) -> None:
    assert numbers.chance(p) == shown


def test_too_few_samples_are_said_and_no_number_is_made_up() -> None:
    shown = numbers.estimate(Estimate(n=100), numbers.seconds)
    assert (shown.en, shown.zh) == ("n too small (n = 100)", "样本太少(n = 100)")


def test_a_share_shows_counts_and_interval() -> None:
    assert numbers.share(Share(98, 100, 0.93, 0.994)) == "98/100 = 98 % [93 %, 99.4 %]"


def test_a_share_of_nothing_is_a_dash() -> None:
    assert numbers.share(Share(0, 0, 0.0, 1.0)) == "–"


def test_a_missing_number_is_a_dash() -> None:
    assert numbers.optional(None, numbers.seconds).en == "–"
