from __future__ import annotations

import pytest

from modmirror.measure.score import (
    ASSUMED_RATE,
    CLASSES,
    EXPECTED_BYTES,
    Prior,
    Track,
    Tracks,
    at_share,
    class_of,
    usual_rate,
)


def track(*seconds: float, every: float = 0.1) -> Track:
    made = Track()
    for number, each in enumerate(seconds):
        made.answered(each, number * every)
    return made


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("example.com/a/@v/v1.0.0.info", None, "meta"),
        ("example.com/a/@latest", None, "meta"),
        ("example.com/a/@v/v1.0.0.zip", None, "zip-small"),
        ("example.com/a/@v/v1.0.0.zip", 999_999, "zip-small"),
        ("example.com/a/@v/v1.0.0.zip", 1_000_000, "zip-large"),
    ],
)
def test_a_class_is_told_by_name_and_size(path: str, size: int | None, expected: str) -> None:
    assert class_of(path, size) == expected


def test_a_share_is_the_smallest_sample_that_so_many_do_not_exceed() -> None:
    samples = [float(number) for number in range(100, 0, -1)]
    assert [at_share(samples, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]


def test_a_straggler_does_not_move_the_score() -> None:
    assert track(0.03, 0.03, 0.6, 0.03, 0.03).first_byte(1.0) == 0.03


def test_four_slow_answers_of_seven_do() -> None:
    assert track(0.03, 0.03, 0.03, 0.6, 0.6, 0.6, 0.6).first_byte(1.0) == 0.6


def test_below_three_samples_the_average_speaks() -> None:
    assert track(0.1, 0.2, every=10.0).first_byte(10.0) == pytest.approx(0.1 + 0.632 * 0.1, abs=0.001)


def test_a_score_that_nobody_refreshed_goes_back_to_the_prior() -> None:
    old = track(0.1, 0.1, 0.1)
    assert old.first_byte(300.0) == 0.1
    assert old.first_byte(301.0) is None
    old.restore(Prior(0.5))
    assert old.first_byte(301.0) == 0.5


def test_samples_say_more_than_the_prior() -> None:
    known = Track()
    known.restore(Prior(0.5, rate=10.0, long_run=0.4))
    assert (known.first_byte(0.0), known.rate, known.long_run) == (0.5, 10.0, 0.4)
    known.answered(0.1, 0.0)
    assert known.first_byte(0.0) == 0.1


def test_percentiles_need_twenty_samples() -> None:
    assert track(*[0.1] * 19).live(0.95) is None
    assert track(*[0.1] * 20).live(0.95) == 0.1


def test_slowing_is_five_long_run_medians_and_a_second() -> None:
    slow = track(*[0.1] * 7, *[0.9] * 7)
    assert not slow.has_slowed(5, 1.0, 1.0)
    slow = track(*[0.1] * 7, *[1.5] * 7)
    assert slow.has_slowed(5, 1.0, 1.5)
    assert not slow.has_slowed(20, 1.0, 1.5)


def test_the_long_run_median_hardly_moves_in_a_bad_minute() -> None:
    slow = track(*[0.1] * 7, *[2.0] * 20)
    assert slow.long_run == pytest.approx(0.1 * 1.01**20)


def test_after_forgetting_the_next_answers_decide() -> None:
    slow = track(*[0.1] * 7, *[2.0] * 7)
    slow.forget_recent()
    assert not slow.has_slowed(5, 1.0, 1.5)
    slow.answered(0.1, 2.0)
    assert slow.first_byte(2.0) == 0.1


def test_a_rate_is_an_average_of_bodies_large_enough_to_tell() -> None:
    one = Track()
    one.received(100, 0.001)
    assert one.rate is None
    one.received(1_000_000, 1.0)
    one.received(2_000_000, 1.0)
    assert one.rate == pytest.approx(1_300_000)


def test_a_large_zip_is_judged_by_its_rate() -> None:
    near, wide = Tracks(), Tracks()
    near["zip-large"].answered(0.01, 0.0)
    near["zip-large"].received(1_000_000, 1.0)
    wide["zip-large"].answered(0.5, 0.0)
    wide["zip-large"].received(50_000_000, 1.0)
    assert near.score("zip-large", 0.0) == pytest.approx(10.01)
    assert wide.score("zip-large", 0.0) == pytest.approx(0.7)


def test_a_class_without_samples_is_judged_by_metadata() -> None:
    tracks = Tracks()
    assert tracks.score("zip-small", 0.0) is None
    tracks["meta"].answered(0.2, 0.0)
    assert tracks.score("zip-small", 0.0) == 0.2 + EXPECTED_BYTES["zip-small"] / ASSUMED_RATE


def test_old_zips_are_judged_by_metadata_and_how_the_two_compare() -> None:
    tracks = Tracks()
    for second in range(7):
        tracks["meta"].answered(0.1, float(second))
        tracks["zip-small"].answered(0.3, float(second))
    for second in range(7, 14):
        tracks["zip-small"].answered(2.0, float(second))
    rest = EXPECTED_BYTES["zip-small"] / ASSUMED_RATE
    tracks["meta"].answered(0.1, 40.0)
    assert tracks.score("zip-small", 40.0) == pytest.approx(2.0 + rest), "27 seconds are not old"
    tracks["meta"].answered(0.1, 44.0)
    compared = tracks.score("zip-small", 44.0)
    assert compared is not None
    assert compared - rest == pytest.approx(0.3, rel=0.2)


def test_old_zips_without_a_long_run_are_judged_by_metadata_alone() -> None:
    tracks = Tracks()
    tracks["zip-small"].answered(2.0, 0.0)
    tracks["meta"].answered(0.1, 60.0)
    assert tracks.score("zip-small", 60.0) == pytest.approx(
        0.1 + EXPECTED_BYTES["zip-small"] / ASSUMED_RATE
    )


def test_what_was_known_before_stays_until_there_are_samples() -> None:
    tracks = Tracks()
    tracks.restore({"zip-small": Prior(0.5, 1e9)})
    tracks["meta"].answered(0.1, 60.0)
    assert tracks.score("zip-small", 60.0) == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize(
    ("rates", "usual"),
    [([], ASSUMED_RATE), ([None, 0.0], ASSUMED_RATE), ([None, 5e6], 5e6), ([1e6, 2e6, 9e6, None], 2e6)],
)
def test_the_usual_rate_is_the_median_of_those_known(rates: list[float | None], usual: float) -> None:
    assert usual_rate(rates) == usual


def test_an_unknown_rate_is_no_worse_than_the_usual_one() -> None:
    known, unknown = Tracks(), Tracks()
    for tracks in (known, unknown):
        tracks["zip-large"].answered(0.1, 0.0)
    known["zip-large"].received(50_000_000, 1.0)
    assert unknown.score("zip-large", 0.0, 5e7) == known.score("zip-large", 0.0, 5e7)


def test_what_is_saved_is_what_is_restored() -> None:
    tracks = Tracks()
    for number in range(7):
        tracks["meta"].answered(0.2, float(number))
    kept = tracks.snapshot(7.0)
    assert kept == {"meta": Prior(0.2, 0.0, 0.2)}
    again = Tracks()
    again.restore(kept)
    assert again.score("meta", 0.0) == 0.2
    again.forget_recent()
    assert again.snapshot(0.0) == kept


def test_a_class_is_known_by_its_own_answers_and_bodies_alone() -> None:
    tracks = Tracks()
    tracks["meta"].answered(0.1, 0.0)
    tracks["zip-small"].answered(0.2, 0.0)
    tracks["zip-large"].received(10_000_000, 1.0)
    assert [tracks.is_known(asked, 1.0) for asked in CLASSES] == [True, True, True]
    assert not Tracks().is_known("meta", 1.0)
    assert not tracks.is_known("zip-small", 400.0), "an old opinion"
    assert tracks.is_known("zip-large", 400.0)
