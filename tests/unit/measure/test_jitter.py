from __future__ import annotations

import pytest

from modmirror.measure.jitter import between, within


def test_jitter_between_downloads_is_the_median_deviation_by_the_median() -> None:
    assert between([8, 9, 10, 12, 100]) == pytest.approx(0.2)
    assert between([5, 5, 5]) == 0


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 0.0]])
def test_too_few_downloads_have_no_jitter(values: list[float]) -> None:
    assert between(values) is None


def test_a_smooth_download_has_no_jitter_however_short_its_last_bin() -> None:
    assert within([100, 100, 100, 100, 100, 3]) == 0


def test_a_download_that_comes_in_bursts_has_jitter() -> None:
    assert within([0, 0, 0, 500, 0, 1]) == pytest.approx((500 * 0.8) / 100)


@pytest.mark.parametrize("bins", [[], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 9]])
def test_a_download_too_short_to_stutter_has_no_jitter(bins: list[int]) -> None:
    assert within(bins) is None
