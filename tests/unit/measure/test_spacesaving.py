from __future__ import annotations

from modmirror.measure.spacesaving import Estimate, SpaceSaving


def test_with_room_for_all_counts_are_exact() -> None:
    sketch = SpaceSaving(3)
    for key in "abacab":
        sketch.add(key)
    assert sketch.top(9) == [Estimate("a", 3, 0), Estimate("b", 2, 0), Estimate("c", 1, 0)]
    assert (sketch.total, len(sketch)) == (6, 3)


def test_a_new_key_takes_the_place_of_the_rarest_and_its_count_as_error() -> None:
    sketch = SpaceSaving(2)
    sketch.add("a", 5)
    sketch.add("b", 2)
    assert sketch.add("c") == Estimate("c", 3, 2)
    assert sketch.top(2) == [Estimate("a", 5, 0), Estimate("c", 3, 2)]


def test_a_key_that_is_removed_makes_room_without_error() -> None:
    sketch = SpaceSaving(2)
    sketch.add("a")
    sketch.add("b")
    sketch.remove("a")
    sketch.remove("nobody")
    assert sketch.add("c") == Estimate("c", 1, 0)


def test_room_that_was_made_does_not_undo_that_a_key_was_forgotten() -> None:
    sketch = SpaceSaving(1)
    sketch.add("a", 3)
    sketch.add("b")
    sketch.remove("b")
    assert sketch.add("a") == Estimate("a", 4, 3), "it came four times"


def test_a_key_that_somebody_else_has_counted_is_taken_over_as_it_is() -> None:
    sketch = SpaceSaving(1)
    sketch.add("a", 3)
    sketch.put(Estimate("b", 5, 1))
    assert sketch.top(9) == [Estimate("b", 5, 1)]
    assert sketch.add("b") == Estimate("b", 6, 1)
    assert sketch.total == 9


def test_half_the_past_is_forgotten() -> None:
    sketch = SpaceSaving(3)
    for key, times in (("a", 7), ("b", 2), ("c", 1)):
        sketch.add(key, times)
    sketch.halve()
    assert sketch.top(3) == [Estimate("a", 4, 0), Estimate("b", 1, 0)]
    assert sketch.total == 5


def test_old_entries_of_the_heap_are_cleared_away() -> None:
    sketch = SpaceSaving(2)
    for _ in range(100):
        sketch.add("a")
        sketch.add("b")
    sketch.add("c")
    assert sketch.top(2) == [Estimate("c", 101, 100), Estimate("b", 100, 0)]
