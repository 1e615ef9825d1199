from __future__ import annotations

import pytest

from modmirror.lab.cache.temperature import (
    HOT,
    Asked,
    hits_by_temperature,
    said_in_headers,
    said_in_log,
    temperature,
)  # fmt: skip


def test_temperature_is_how_often_a_file_was_asked_for_before() -> None:
    assert [temperature(count) for count in (0, 1, HOT - 1, HOT)] == ["cold", "warm", "warm", "hot"]


def test_hits_are_shared_out_by_temperature() -> None:
    requests = [Asked(float(number), "a", "miss" if number == 0 else "hit") for number in range(15)]
    found = hits_by_temperature(requests)
    assert {name: (share.ok, share.n) for name, share in found.items()} == {
        "cold": (0, 1),
        "warm": (9, 9),
        "hot": (5, 5),
    }


def test_after_an_hour_a_file_is_cold_again() -> None:
    found = hits_by_temperature([Asked(0.0, "a", "miss"), Asked(3700.0, "a", "miss")])
    assert (found["cold"].ok, found["cold"].n) == (0, 2)
    assert set(found) == {"cold"}


def test_answers_that_say_nothing_warm_but_do_not_count() -> None:
    found = hits_by_temperature([Asked(0.0, "a", ""), Asked(1.0, "a", "hit")])
    assert set(found) == {"warm"}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hit", "hit"),
        ("stale", "hit"),
        ("revalidating", "hit"),
        ("coalesced", "coalesced"),
        ("MISS", "miss"),
        ("none", ""),
        ("", ""),
    ],
)
def test_words_of_a_log(word: str, said: str) -> None:
    assert said_in_log(word) == said


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, ""),
        ({"x-modmirror-cache": "miss", "x-cache": "HIT"}, "miss"),
        ({"x-modmirror-cache": "none", "x-cache": "HIT"}, "hit"),
        ({"x-modmirror-cache": "coalesced"}, "coalesced"),
        ({"x-cache": "Miss from cloudfront"}, "miss"),
        ({"x-cache": "HIT TCP_MEM_HIT dirn:9:428"}, "hit"),
        ({"x-cache": "MISS, HIT"}, "hit"),
        ({"cf-cache-status": "DYNAMIC"}, "miss"),
        ({"age": "17"}, "hit"),
        ({"age": "0"}, ""),
        ({"age": "old"}, ""),
    ],
)
def test_what_headers_betray(headers: dict[str, str], said: str) -> None:
    assert said_in_headers(headers) == said
