from __future__ import annotations

from msgspec.structs import replace

from modmirror.lab.report import content
from modmirror.lab.report.document import Chart, Note, Table
from modmirror.lab.results.coverage import CoverageResult, TargetCoverage
from modmirror.lab.results.estimates import Share
from tests.fakes.lab_mirrors import CORRUPT, PARTIAL, STALE
from tests.fakes.lab_runs import rich_report


def test_what_was_not_measured_has_no_section() -> None:
    report = replace(rich_report(), protocol=None, coverage=None, freshness=None)
    assert (content.protocol(report), content.coverage(report), content.freshness(report)) == (
        None,
        None,
        None,
    )


def test_every_cell_of_the_matrix_has_a_sign_and_its_evidence() -> None:
    section = content.protocol(rich_report())
    assert section is not None
    matrix = section.blocks[0]
    assert isinstance(matrix, Table)
    row = next(row for row in matrix.rows if row[0].text.en == "checksum database")
    place = [column.en for column in matrix.columns].index(PARTIAL)
    assert (row[place].text.en, row[place].level) == ("✗", "bad")
    assert row[place].detail.en == "GET …/sumdb → 404"


def test_a_feature_that_nobody_asked_for_is_unknown() -> None:
    report = rich_report()
    assert report.protocol is not None
    section = content.protocol(replace(report, protocol=replace(report.protocol, cells={})))
    assert section is not None
    matrix = section.blocks[0]
    assert isinstance(matrix, Table)
    assert {cell.text.en for row in matrix.rows for cell in row[1:]} == {"–"}


def test_features_that_the_go_command_needs_are_marked() -> None:
    section = content.protocol(rich_report())
    assert section is not None
    matrix = section.blocks[0]
    assert isinstance(matrix, Table)
    assert matrix.rows[0][0].text.en == "version list *"


def test_wrong_content_is_said_loudly_with_every_file() -> None:
    section = content.coverage(rich_report())
    assert section is not None
    note, chart, wrong, _ = section.blocks
    assert isinstance(note, Note)
    assert isinstance(chart, Chart)
    assert isinstance(wrong, Table)
    assert (note.text.en, note.level) == (f"WRONG CONTENT served by {CORRUPT} (2).", "bad")
    assert [row[0].text.en for row in wrong.rows] == [CORRUPT, CORRUPT]


def test_right_content_everywhere_is_said_too() -> None:
    report = rich_report()
    assert report.coverage is not None
    targets = {name: replace(each, mismatches=()) for name, each in report.coverage.targets.items()}
    section = content.coverage(replace(report, coverage=replace(report.coverage, targets=targets)))
    assert section is not None
    note = section.blocks[0]
    assert isinstance(note, Note)
    assert note.level == "good"


def test_a_gap_in_a_stratum_is_red() -> None:
    section = content.coverage(rich_report())
    assert section is not None
    chart = section.blocks[1]
    assert isinstance(chart, Chart)
    place = [column.en for column in chart.table.columns].index(PARTIAL)
    row = next(row for row in chart.table.rows if row[0].text.en == "toolchain")
    assert row[place].text.en.startswith("0/40 = 0 %")
    assert row[place].level == "bad"


def test_a_stratum_that_was_not_asked_for_is_a_dash() -> None:
    everything = Share(1, 1, 0.2, 1.0)
    found = CoverageResult("d", ("fresh",), {"m": TargetCoverage(everything, {})})
    section = content.coverage(replace(rich_report(), coverage=found))
    assert section is not None
    chart = section.blocks[1]
    assert isinstance(chart, Chart)
    assert chart.table.rows[0][1].text.en == "–"


def test_a_lag_that_outlasted_the_measurement_is_no_number() -> None:
    section = content.freshness(rich_report())
    assert section is not None
    chart = section.blocks[0]
    assert isinstance(chart, Chart)
    row = next(
        row for row in chart.table.rows if row[0].text.en == STALE and row[1].text.en == "in the list"
    )
    assert row[2].text.en == "n too small (n = 50)"
    assert row[-1].level == "bad"
