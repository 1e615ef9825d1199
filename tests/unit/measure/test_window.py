from __future__ import annotations

from modmirror.measure.window import Ring, Window


def test_what_is_older_than_asked_for_does_not_count() -> None:
    window = Window()
    window.add(1, 0.0)
    window.add(2, 59.9)
    assert window.last_seconds(60, 59.9) == 3
    assert window.last_seconds(1, 59.9) == 2
    assert window.last_seconds(60, 60.0) == 2
    assert window.last_minutes(1, 60.0) == 0
    assert window.last_minutes(2, 60.0) == 3


def test_an_hour_later_nothing_is_left() -> None:
    window = Window()
    window.add(5, 10.0)
    assert window.last_minutes(60, 3599.0) == 5
    assert window.last_minutes(60, 3600.0) == 0
    assert window.last_minutes(60, 1e9) == 0


def test_what_comes_late_counts_for_now() -> None:
    ring = Ring(1)
    ring.add(1, 100.0)
    ring.add(1, 50.0)
    assert ring.sum(1, 100.5) == 2


def test_no_more_is_counted_than_the_ring_holds() -> None:
    ring = Ring(1)
    for second in range(200):
        ring.add(1, float(second))
    assert ring.sum(500, 199.0) == 60
