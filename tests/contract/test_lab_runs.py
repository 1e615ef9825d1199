"""What every run promises, in memory and on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.lab.results.events import Event
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Flag
from modmirror.lab.run.memory import MemoryRun
from tests.fakes.lab import ENDED, MANIFEST, sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modmirror.lab.run.port import Run


@pytest.fixture(params=["memory", "folder"])
def make_run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Run]:
    if request.param == "memory":
        return lambda: MemoryRun(MANIFEST, lambda: ENDED)
    return lambda: RunFolder.create(tmp_path / "run", MANIFEST, lambda: ENDED)


def test_samples_come_back_in_order_all_or_of_one_measurement(make_run: Callable[[], Run]) -> None:
    run = make_run()
    kept = [sample(), sample("probe"), sample(block=1)]
    for each in kept:
        run.append(each)
    assert list(run.samples()) == kept
    assert list(run.samples("bench")) == [kept[0], kept[2]]
    assert list(run.samples("load")) == []


def test_events_come_back(make_run: Callable[[], Run]) -> None:
    run = make_run()
    assert list(run.events()) == []
    run.event(Event(1.5, "cut", "the upstream was cut", until=2.0))
    assert list(run.events()) == [Event(1.5, "cut", "the upstream was cut", until=2.0)]


def test_a_result_comes_back_and_can_be_replaced(make_run: Callable[[], Run]) -> None:
    run = make_run()
    assert run.result("net", LinkCheck) is None
    for good in (False, True):
        run.put_result("net", LinkCheck("cn", "tcp", {"rtt": 0.1}, {"rtt": 0.1}, good=good))
    found = run.result("net", LinkCheck)
    assert found
    assert found.good


def test_a_run_is_valid_until_a_flag_says_not_and_the_first_of_a_name_stays(
    make_run: Callable[[], Run],
) -> None:
    run = make_run()
    assert run.manifest.valid
    run.flag(Flag("dns_changed", "first"))
    run.flag(Flag("dns_changed", "second"))
    assert [(flag.name, flag.text) for flag in run.manifest.flags] == [("dns_changed", "first")]


def test_a_flag_makes_a_run_invalid(make_run: Callable[[], Run]) -> None:
    run = make_run()
    run.flag(Flag("client_saturated", "x"))
    assert not run.manifest.valid


def test_what_becomes_known_later_is_added(make_run: Callable[[], Run]) -> None:
    run = make_run()
    run.describe(corpus="sha256:1")
    run.describe(floor={"wait": 0.001})
    assert (run.manifest.corpus, run.manifest.floor) == ("sha256:1", {"wait": 0.001})


def test_an_ended_run_says_how_and_when(make_run: Callable[[], Run]) -> None:
    run = make_run()
    assert (run.manifest.state, run.manifest.ended) == ("running", "")
    run.finish("interrupted")
    assert (run.manifest.state, run.manifest.ended) == ("interrupted", ENDED)
