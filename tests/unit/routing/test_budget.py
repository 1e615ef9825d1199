from __future__ import annotations

import pytest

from modmirror.routing.budget import Recent, Retries, Tokens


def test_tokens_begin_full_and_never_overflow() -> None:
    tokens = Tokens(0.1, 2)
    for _ in range(100):
        tokens.request()
    assert [tokens.take() for _ in range(3)] == [True, True, False]


def test_ten_requests_buy_one_token() -> None:
    tokens = Tokens(0.125, 1)
    assert tokens.take()
    for _ in range(8):
        assert not tokens.take()
        tokens.request()
    assert tokens.take()


def test_recent_counts_what_is_not_older_than_the_window() -> None:
    recent = Recent(10.0)
    for now in (0.0, 0.1, 5.0, 9.5):
        recent.add(now)
    assert recent.count(9.9) == 4
    assert recent.count(10.0) == 2
    assert recent.rate(18.9) == 0.1
    assert recent.count(100.0) == 0


def test_retries_are_a_fifth_of_the_traffic_and_three_a_second() -> None:
    retries = Retries()
    assert retries.left(0.0) == 30
    for _ in range(50):
        retries.request(0.0)
    assert retries.left(0.0) == 40
    assert retries.traffic(0.0) == 5.0
    assert sum(retries.take(0.0) for _ in range(100)) == 40
    assert retries.left(5.0) == 0
    assert retries.left(10.0) == pytest.approx(30)
