from __future__ import annotations

from random import Random

import pytest

from modmirror.lab.fault.analysis import (
    WRONG_BYTES,
    Backoff,
    Kind,
    Probe,
    Timeline,
    analyse,
    backoff_verdict,
    detection,
    follows_full_jitter,
    longest_gap,
    percentile95,
    recovery,
    uniform_p,
)
from modmirror.lab.results.faults import FaultPoint

KINDS: tuple[Kind, ...] = ("hit", "miss")
LAW = Backoff(base=1.0, cap=30.0)


def good(at: float, kind: Kind = "miss", seconds: float = 0.01) -> Probe:
    return Probe(at, seconds, kind, ok=True)


def bad(at: float, kind: Kind = "miss", seconds: float = 0.01) -> Probe:
    return Probe(at, seconds, kind, ok=False, text="502")


def timeline(*probes: Probe, arrivals: tuple[float, ...] = (), shun: bool = True) -> Timeline:
    return Timeline(10.0, 20.0, probes, arrivals, shun=shun)


def story() -> list[Probe]:
    """Ten seconds well, ten seconds in which misses fail, ten seconds well."""
    return [
        (bad if 10 <= at < 20 and kind == "miss" else good)(float(at), kind)
        for at in range(30)
        for kind in KINDS
    ]


def test_a_plain_story_has_plain_numbers() -> None:
    run = analyse(timeline(*story(), arrivals=(10.0, 10.005, 12.0, 25.0)), LAW)
    assert run.detect == pytest.approx(0.01)
    assert run.gap == pytest.approx(10.01)
    assert (run.stale, run.overshoot, run.wrong, run.recover) == (0, 1, 0, 0.0)
    assert run.failures == {"502": 10}
    assert run.points[0] == FaultPoint(0.0, ok=True, stale=False, seconds=0.01, kind="hit")
    assert len(run.points) == 60


def test_wrong_bytes_are_counted_apart() -> None:
    run = analyse(timeline(good(1), Probe(11, 0.1, "miss", ok=False, text=WRONG_BYTES)), LAW)
    assert run.wrong == 1


def test_failures_that_differ_in_long_numbers_are_one_kind() -> None:
    probes = [Probe(11, 0.1, "miss", ok=False, text=f"502 127.0.0.1:{port}") for port in (40_000, 40_001)]
    assert analyse(timeline(*probes), LAW).failures == {"502 127.0.0.1:…": 2}


@pytest.mark.parametrize(
    "sign",
    [
        bad(12),
        Probe(12, 0.01, "list", ok=True, stale=True),
        Probe(12, 0.01, "miss", ok=True, source="second"),
    ],
)
def test_an_error_a_stale_answer_or_another_source_shows_that_it_noticed(sign: Probe) -> None:
    assert detection(timeline(), [good(11), sign, bad(13)], {"first"}) == pytest.approx(2.01)


def test_what_comes_after_the_fault_is_no_sign_of_having_noticed() -> None:
    assert detection(timeline(), [good(11), bad(21)], set()) is None


def test_a_request_that_was_under_way_when_the_fault_began_may_be_the_first_sign() -> None:
    assert detection(timeline(), [bad(9, seconds=3.0)], set()) == pytest.approx(2.0)


def test_a_gap_runs_from_the_first_failure_to_the_end_of_the_next_good_answer() -> None:
    probes = [good(10), bad(11), bad(12), good(13, seconds=0.5), good(14)]
    assert longest_gap(probes, 0.01) == pytest.approx(2.5)


def test_gaps_are_looked_for_in_each_kind_apart() -> None:
    probes = [good(10, "hit"), bad(10.5), good(11, "hit"), good(12), good(12, "hit")]
    assert longest_gap(probes, 0.01) == pytest.approx(1.51)


def test_an_answer_that_took_long_is_a_gap_and_a_quick_one_is_none() -> None:
    assert longest_gap([good(10, seconds=4.0)], 0.01) == 4.0
    assert longest_gap([good(10, seconds=0.02)], 0.01) == 0.0


def test_a_gap_that_never_ends_lasts_to_the_last_answer() -> None:
    assert longest_gap([bad(10), bad(15, seconds=2.0)], 0.01) == pytest.approx(7.0)


def test_recovered_is_when_ten_requests_in_a_row_are_good_and_as_quick_as_before() -> None:
    after = [bad(20), good(21, seconds=0.5), *(good(22 + number) for number in range(12))]
    assert recovery(after, 20.0, 0.01) == pytest.approx(2.0)
    assert recovery(after[:-4], 20.0, 0.01) is None
    assert recovery(after, 20.0, None) is None


def test_a_stale_answer_is_not_yet_recovered() -> None:
    stale = Probe(20, 0.01, "list", ok=True, stale=True)
    assert recovery([stale, *(good(21 + number) for number in range(10))], 20.0, 0.01) == pytest.approx(1.0)


def test_who_was_asked_to_wait_must_not_come_before() -> None:
    law = Backoff(1.0, 30.0, retry_after=5.0)
    early = timeline(arrivals=(11.0, 11.01, 13.0))
    patient = timeline(arrivals=(11.0, 11.01, 16.0, 16.5))
    assert backoff_verdict(early, 1.0, law) == "no"
    assert backoff_verdict(patient, 1.0, law) == "yes"


def test_without_arrivals_or_with_few_nothing_is_known() -> None:
    assert backoff_verdict(timeline(), 1.0, LAW) == "unknown"
    assert backoff_verdict(timeline(arrivals=(11.0, 12.0)), 0.5, LAW) == "unknown"
    assert backoff_verdict(timeline(arrivals=(11.0, 12.0)), None, LAW) == "unknown"
    assert backoff_verdict(timeline(arrivals=(11.0,), shun=False), 0.5, LAW) == "not-applicable"


def test_steady_hammering_is_no_back_off() -> None:
    arrivals = tuple(10 + number / 10 for number in range(100))
    assert backoff_verdict(timeline(arrivals=arrivals), 0.0, LAW) == "no"


def test_full_jitter_is_accepted_and_found_out_when_it_is_not() -> None:
    chance = Random(4)
    accepted = 0
    for _ in range(200):
        gaps = [chance.uniform(0, min(30.0, 2.0**number)) for number in range(12)]
        accepted += follows_full_jitter(gaps, LAW)
    assert accepted >= 190
    assert not follows_full_jitter([2.0**number for number in range(12)], LAW)
    assert not follows_full_jitter([0.1] * 12, LAW)


def test_the_chance_of_even_numbers_is_high_and_of_lumps_low() -> None:
    assert uniform_p([number / 20 + 0.025 for number in range(20)]) > 0.99
    assert uniform_p([0.5] * 20) < 0.001


def test_percentile_95_is_the_nearest_rank() -> None:
    assert percentile95([float(number) for number in range(1, 101)]) == 95.0
    assert percentile95([3.0]) == 3.0
    assert percentile95([]) is None
