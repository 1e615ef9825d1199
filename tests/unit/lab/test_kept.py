from __future__ import annotations

from modmirror.lab.kept import event_of, last_of, values_of


def test_what_was_kept_is_read_in_its_order_and_by_its_name() -> None:
    events = [event_of("a", 1.0, 1.5), event_of("b", 2.0, "x"), event_of("a", 3.0, 2.5)]
    assert [event.at for event in events] == [1.0, 2.0, 3.0]
    assert values_of(events, "a", float) == [1.5, 2.5]
    assert last_of(events, "a", float) == 2.5
    assert last_of(events, "c", float) is None
