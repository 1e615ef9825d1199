from __future__ import annotations

from modmirror.lab.results.events import Event
from modmirror.lab.study.steps import BEGUN, DONE, FAILED, belonging, finished


def test_only_what_was_finished_need_not_be_made_again() -> None:
    events = (Event(1, DONE, "probe"), Event(2, FAILED, "bench: no"), Event(3, "published", "fault"))
    assert finished(events) == {"probe"}


def test_what_happens_until_the_next_step_begins_belongs_to_a_step() -> None:
    before = Event(0, "links measured")
    first = [Event(1, BEGUN, "bench"), Event(2, "x"), Event(3, FAILED, "bench: no")]
    other = [Event(4, BEGUN, "fault"), Event(5, "x"), Event(6, DONE, "fault")]
    again = [Event(7, BEGUN, "bench"), Event(8, "x")]
    events = [before, *first, *other, *again]
    assert belonging(events, "bench") == [*first, *again]
    assert belonging(events, "fault") == other
    assert belonging(events, "probe") == []
