from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab.report import resilience
from modmirror.lab.report.document import Cell, Chart, Note, Table
from modmirror.lab.results.faults import FaultResult, FaultRun
from modmirror.lab.results.links import LinkCheck
from tests.fakes.lab_mirrors import SLOW
from tests.fakes.lab_runs import rich_report

if TYPE_CHECKING:
    from modmirror.lab.results.protocol import Verdict


def scenario(*runs: FaultRun) -> tuple[Cell, ...]:
    found = FaultResult("m", {"cut": runs})
    section = resilience.faults(replace(rich_report(), faults=(found,)))
    assert section is not None
    chart = section.blocks[0]
    assert isinstance(chart, Chart)
    return chart.table.rows[0]


def run(*, gap: float, recover: float | None, backoff: Verdict = "yes") -> FaultRun:
    return FaultRun((), (), None, gap, 2, recover, 1, backoff)


def test_what_was_not_measured_has_no_section() -> None:
    report = replace(rich_report(), cache=None, faults=(), links=())
    assert (resilience.cache(report), resilience.faults(report), resilience.links(report)) == (None,) * 3


def test_a_scenario_shows_the_median_and_the_range_of_its_repeats() -> None:
    row = [
        cell.text.en
        for cell in scenario(run(gap=1, recover=4), run(gap=3, recover=None), run(gap=2, recover=4))
    ]
    assert row == ["m", "cut", "cut", "3", "–", "2.00 s [1.00 s, 3.00 s]", "6", "4.00 s", "3", "yes", "0"]


def test_one_repeat_that_did_not_back_off_spoils_the_scenario() -> None:
    assert scenario(run(gap=1, recover=1), run(gap=1, recover=1, backoff="no"))[-2].text.en == "no"


def test_back_off_that_was_not_seen_is_not_claimed() -> None:
    assert scenario(run(gap=1, recover=1, backoff="unknown"))[-2].text.en == "–"


def test_wrong_bytes_in_any_repeat_are_red() -> None:
    bad = replace(run(gap=1, recover=1), wrong=2)
    cell = scenario(run(gap=1, recover=1), bad)[-1]
    assert (cell.text.en, cell.level) == ("2", "bad")


def test_a_scenario_that_could_not_be_played_is_told() -> None:
    found = FaultResult("m", {"cut": (run(gap=1, recover=1),)}, {"dns": "needs root"})
    section = resilience.faults(replace(rich_report(), faults=(found,)))
    assert section is not None
    note = section.blocks[0]
    assert isinstance(note, Note)
    assert note.text.en == "dns was not played: needs root"


def test_a_cache_shows_what_it_saves() -> None:
    section = resilience.cache(rich_report())
    assert section is not None
    table, hot = section.blocks
    assert isinstance(table, Table)
    assert isinstance(hot, Table)
    row = next(row for row in table.rows if row[0].text.en == SLOW)
    assert (row[4].text.en, row[-1].text.en) == ("6.00", "1.66 s")
    assert hot.rows[0][0].text.en == "golang.org/x/text/@v/list"


def test_a_link_shows_what_was_asked_and_what_was_measured() -> None:
    link = LinkCheck("cn", "tcp", {"rtt_ms": 30.0}, {}, good=False, note="no echo came back")
    section = resilience.links(replace(rich_report(), links=(link,)))
    assert section is not None
    table = section.blocks[0]
    assert isinstance(table, Table)
    row = table.rows[0]
    assert [cell.text.en for cell in row] == ["cn", "tcp", "rtt_ms", "30.0", "–", "✗"]
    assert row[-1].detail.en == "no echo came back"
