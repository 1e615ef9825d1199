from __future__ import annotations

from modmirror.lab.fault.scenario import shipped
from modmirror.lab.report.phrases import Phrase
from modmirror.lab.report.scenarios import BEGUN, CHINESE, title_of
from modmirror.lab.results.events import Event
from modmirror.lab.results.faults import FaultRun

RUN = FaultRun((), (Event(0, BEGUN, "The upstream refuses connections", 9),), None, 0, 0, None, 0)


def test_every_scenario_that_is_shipped_has_a_chinese_title_and_no_other() -> None:
    assert CHINESE.keys() == {scenario.name for scenario in shipped()}


def test_the_english_title_is_what_the_run_says() -> None:
    assert title_of("cut", RUN) == Phrase("The upstream refuses connections", "上游拒绝连接")


def test_a_scenario_of_ones_own_has_its_title_in_both() -> None:
    assert title_of("mine", RUN) == Phrase(*["The upstream refuses connections"] * 2)


def test_a_run_without_a_title_is_called_by_its_scenario() -> None:
    assert title_of("mine", FaultRun((), (), None, 0, 0, None, 0)) == Phrase("mine", "mine")
