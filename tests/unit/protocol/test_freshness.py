from __future__ import annotations

import pytest

from modmirror.protocol.freshness import Freshness, FreshnessSettings, judge

SETTINGS = FreshnessSettings(ttl=60, stale_while_revalidate=600, stale_if_error=6000, negative_ttl=30)


@pytest.mark.parametrize(
    ("age", "freshness"),
    [
        (0, Freshness.FRESH),
        (59.9, Freshness.FRESH),
        (60, Freshness.REVALIDATE),
        (659.9, Freshness.REVALIDATE),
        (660, Freshness.STALE_IF_ERROR),
        (6059.9, Freshness.STALE_IF_ERROR),
        (6060, Freshness.EXPIRED),
        (1e12, Freshness.EXPIRED),
    ],
)
def test_an_answer_ages_through_the_four_classes(age: float, freshness: Freshness) -> None:
    assert judge(SETTINGS, age=age) is freshness


def test_an_answer_from_the_future_is_never_served_unasked() -> None:
    assert judge(SETTINGS, age=-0.1) is Freshness.STALE_IF_ERROR
    assert judge(SETTINGS, age=-1e9) is Freshness.STALE_IF_ERROR


def test_the_defaults_are_a_minute_ten_minutes_and_a_week() -> None:
    assert FreshnessSettings() == FreshnessSettings(60, 600, 604_800, 5, 60)
