from __future__ import annotations

from modmirror.lab.results import Event
from modmirror.lab.study.steps import DONE, FAILED, finished


def test_only_what_was_finished_need_not_be_made_again() -> None:
    events = (Event(1, DONE, "probe"), Event(2, FAILED, "bench: no"), Event(3, "published", "fault"))
    assert finished(events) == {"probe"}
