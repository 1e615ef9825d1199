"""Counting in bounded memory: how wrong it may be, and no more than that."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from modmirror.measure.hot import HotCounts
from modmirror.measure.spacesaving import SpaceSaving
from modmirror.measure.window import Window

KEYS = st.sampled_from("abcdefghijklmnop")


@given(st.lists(st.tuples(KEYS, st.integers(1, 50)), max_size=200), st.integers(1, 12))
def test_the_truth_lies_between_count_minus_error_and_count(
    stream: list[tuple[str, int]], size: int
) -> None:
    sketch, truth = SpaceSaving(size), Counter[str]()
    for key, times in stream:
        sketch.add(key, times)
        truth[key] += times
    assert len(sketch) <= size
    for each in sketch.top(size):
        assert each.count - each.error <= truth[each.key] <= each.count
        assert each.error <= sketch.total / size
    present = {each.key for each in sketch.top(size)}
    assert {key for key, times in truth.items() if times > sketch.total / size} <= present


@given(st.lists(st.tuples(st.floats(0, 90), st.integers(1, 9)), max_size=100), st.integers(1, 60))
def test_windows_count_what_a_list_of_moments_would(steps: list[tuple[float, int]], width: int) -> None:
    window, now = Window(), 0.0
    moments: list[tuple[float, int]] = []
    for pause, times in steps:
        now += pause
        window.add(times, now)
        moments.append((now, times))
    seconds = sum(times for at, times in moments if int(at) > int(now) - width)
    minutes = sum(times for at, times in moments if at // 60 > now // 60 - width)
    assert window.last_seconds(width, now) == seconds
    assert window.last_minutes(width, now) == minutes


@given(
    st.lists(st.dictionaries(KEYS, st.integers(1, 30), max_size=8), max_size=60),
    st.integers(1, 6),
    st.integers(1, 6),
)
@example([{"a": 1, "b": 1, "c": 2, "d": 2}, {"a": 2}, {"b": 3, "a": 3}], 2, 1)
def test_within_the_hour_no_count_is_further_off_than_it_says(
    batches: list[dict[str, int]], exact: int, candidates: int
) -> None:
    counts, truth = HotCounts(10, exact=exact, candidates=candidates), Counter[str]()
    # All within one period of ageing: what came before has not begun to be forgotten.
    for second, batch in enumerate(batches):
        counts.add(batch, float(second))
        truth.update(batch)
    now = float(len(batches))
    assert len(counts.top(99, now)) <= exact
    for heat in counts.top(99, now):
        assert heat.last_hour <= truth[heat.key] <= heat.last_hour + heat.missed
