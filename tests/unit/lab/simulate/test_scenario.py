from __future__ import annotations

from random import Random
from statistics import median

import pytest

from modmirror.lab.simulate.scenario import Answer, Fault, Site, answer, expected


def answers(*faults: Fault, now: float = 5.0, lacks: float = 0.0) -> list[Answer]:
    chance = Random(1)
    site = Site("site", 0.1, faults=faults, lacks=lacks)
    return [answer(site, f"example.com/{number}", now, chance) for number in range(500)]


def test_latencies_lie_around_the_median_with_a_few_stragglers() -> None:
    seconds = [each.seconds for each in answers()]
    assert median(seconds) == pytest.approx(0.1, rel=0.1)
    assert 0 < sum(each > 0.8 for each in seconds) < 20


def test_a_slow_site_is_slower_by_its_factor_while_it_lasts() -> None:
    fault = Fault("slow", 0, 10, 25)
    assert median(each.seconds for each in answers(fault)) == pytest.approx(2.5, rel=0.1)
    assert median(each.seconds for each in answers(fault, now=10.0)) == pytest.approx(0.1, rel=0.1)


def test_a_worsening_site_is_half_as_bad_half_way() -> None:
    fault = Fault("worsening", 0, 10, 21)
    assert median(each.seconds for each in answers(fault)) == pytest.approx(1.1, rel=0.1)


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("black-hole", 0, 10), "silent"),
        (Fault("refuse", 0, 10), "broken"),
        (Fault("erring", 0, 10, 1.0), "erred"),
        (Fault("busy", 0, 10, 7.0), "busy"),
    ],
)
def test_each_trouble_has_its_answer(fault: Fault, what: str) -> None:
    assert {each.what for each in answers(fault)} == {what}


def test_errors_are_a_share() -> None:
    erred = sum(each.what == "erred" for each in answers(Fault("erring", 0, 10, 0.3)))
    assert erred == pytest.approx(150, abs=40)


def test_a_module_is_absent_always_or_never() -> None:
    first, second = answers(lacks=0.4), answers(lacks=0.4)
    assert [each.what for each in first] == [each.what for each in second]
    assert sum(each.what == "absent" for each in first) == pytest.approx(200, abs=50)


def test_what_is_expected_is_the_median_and_nothing_of_who_does_not_answer() -> None:
    site = Site("site", 0.1, faults=(Fault("slow", 0, 10, 3), Fault("refuse", 20, 30)))
    assert expected(site, "example.com/m", 5.0) == pytest.approx(0.3)
    assert expected(site, "example.com/m", 15.0) == 0.1
    assert expected(site, "example.com/m", 25.0) is None
    assert expected(Site("site", 0.1, lacks=1.0), "example.com/m", 0.0) is None
