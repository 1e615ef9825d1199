from __future__ import annotations

from modmirror.routing.probes import Look, Probes
from tests.fakes.chance import Fixed

IDLE = Look(used=0.0, every=5.0, trial=False)


def probes(requests: int = 1) -> Probes:
    made = Probes(Fixed())
    for _ in range(requests):
        made.request(0.0)
    return made


def test_in_busy_times_an_unused_upstream_is_probed_every_few_seconds() -> None:
    due = probes(1000)
    assert [now for now in range(21) if due.due("one", IDLE, 20.0, float(now))] == [5, 10, 15, 20]


def test_with_little_traffic_it_is_probed_every_minute() -> None:
    due = probes()
    assert [now for now in range(150) if due.due("one", IDLE, 0.1, float(now))] == [60, 120]


def test_one_that_was_used_just_now_is_not_probed() -> None:
    assert not probes().due("one", Look(used=9.0, every=5.0, trial=False), 20.0, 10.0)


def test_probes_live_on_a_share_of_the_traffic() -> None:
    due = probes(0)
    due.request(0.0)
    sent = sum(due.due(f"up{number}", IDLE, 20.0, 10.0) for number in range(100))
    assert sent == due.sent == 10
    for _ in range(67):
        due.request(10.0)
    assert sum(due.due(f"up{number}", IDLE, 20.0, 20.0) for number in range(100)) == 2


def test_a_mirror_that_nobody_uses_asks_nobody() -> None:
    assert not Probes(Fixed()).due("one", IDLE, 0.0, 100.0)
    assert not probes().due("one", IDLE, 0.0, 601.0)


def test_trials_cost_no_budget() -> None:
    due = probes()
    trial = Look(used=10.0, every=5.0, trial=True)
    assert all(due.due("one", trial, 0.1, 10.0) for _ in range(50))
