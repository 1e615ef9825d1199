from __future__ import annotations

from msgspec.structs import replace

from modmirror.lab.report import performance
from modmirror.lab.report.document import Chart, Note, Table
from tests.fakes.lab_mirrors import CASES, GOOD, PARTIAL, SLOW, STALE
from tests.fakes.lab_runs import rich_report


def charts() -> dict[str, Chart]:
    section = performance.latency(rich_report())
    assert section is not None
    return {block.key: block for block in section.blocks if isinstance(block, Chart)}


def test_what_was_not_measured_has_no_section() -> None:
    report = replace(rich_report(), bench=None, load=(), replay=None)
    assert (performance.latency(report), performance.load(report), performance.replay(report)) == (
        None,
    ) * 3


def test_a_probe_shows_phases_and_what_betrays_a_cache() -> None:
    section = performance.probe(rich_report())
    assert section is not None
    phases, facts = section.blocks
    assert isinstance(phases, Table)
    assert isinstance(facts, Table)
    assert [cell.text.en for cell in phases.rows[1]][:4] == [GOOD, "warm", "31.0 ms", "–"]
    assert facts.rows[0][-1].text.en == "age: 31; x-cache: HIT"


def test_a_mirror_that_did_not_answer_a_probe_says_why() -> None:
    report = rich_report()
    assert report.probe is not None
    sick = replace(report.probe.targets[GOOD], reason="connection refused", status=None)
    section = performance.probe(replace(report, probe=replace(report.probe, targets={GOOD: sick})))
    assert section is not None
    facts = section.blocks[1]
    assert isinstance(facts, Table)
    assert (facts.rows[0][2].text.en, facts.rows[0][2].level) == ("connection refused", "bad")


def test_a_run_without_a_probe_has_no_first_look() -> None:
    assert performance.probe(replace(rich_report(), probe=None)) is None


def test_the_number_of_blocks_and_the_reason_to_stop_are_said() -> None:
    section = performance.latency(rich_report())
    assert section is not None
    note = section.blocks[0]
    assert isinstance(note, Note)
    assert note.text.en.startswith("100 randomised complete blocks (every pair is settled).")


def test_ties_are_shown_as_ties() -> None:
    rows = {
        tuple(cell.text.en for cell in row[:3]): row[-1].text.en for row in charts()["forest"].table.rows
    }
    assert rows["info/warm", GOOD, STALE] == "tie"
    assert rows["info/warm", GOOD, SLOW] == "differ"


def test_a_percentile_that_the_samples_do_not_allow_is_not_shown() -> None:
    row = charts()["ecdf"].table.rows[0]
    assert row[6].text.en == "n too small (n = 100)"
    assert row[6].text.zh == "样本太少(n = 100)"


def test_every_case_and_mirror_has_its_row() -> None:
    assert len(charts()["ecdf"].table.rows) == len(CASES) * 5


def test_a_phase_that_did_not_occur_is_a_dash() -> None:
    rows = charts()["phases"].table.rows
    warm = next(row for row in rows if row[0].text.en == "info/warm")
    cold = next(row for row in rows if row[0].text.en == "info/cold")
    assert [cell.text.en for cell in warm[2:5]] == ["–", "–", "–"]
    assert "–" not in [cell.text.en for cell in cold[2:5]]


def test_speed_shows_both_kinds_of_jitter() -> None:
    row = charts()["speed"].table.rows[0]
    assert [cell.text.en for cell in row[3:]] == ["11 %", "20 %", "20"]


def test_the_knee_is_said_and_closed_loops_are_labelled() -> None:
    section = performance.load(rich_report())
    assert section is not None
    note, chart = section.blocks
    assert isinstance(note, Note)
    assert isinstance(chart, Chart)
    assert note.text.en == (
        f"{GOOD}: knee at 4,660/s (P99 above 250 ms); closed-loop capacity 6,100/s "
        "(closed: latency not comparable)."
    )
    assert "5,820/s 时未达标：错误 12，丢弃 80，完成 90 %，P99" in note.text.zh
    assert [cell.text.en for cell in chart.table.rows[-1]][-5:] == [
        "timeout 12",
        "80",
        "100 %",
        "106 MB",
        "220 × 200 µs",
    ]


def test_a_sweep_without_a_knee_says_so() -> None:
    report = rich_report()
    section = performance.load(
        replace(report, load=(replace(report.load[0], knee=None, closed_capacity=None),))
    )
    assert section is not None
    note = section.blocks[0]
    assert isinstance(note, Note)
    assert note.text.en.startswith(f"{GOOD}: knee at –")


def test_a_sweep_in_which_every_rate_held_says_so_in_chinese_too() -> None:
    report = rich_report()
    steps = tuple(step for step in report.load[0].steps if not step.failed)
    section = performance.load(replace(report, load=(replace(report.load[0], steps=steps),)))
    assert section is not None
    note = section.blocks[0]
    assert isinstance(note, Note)
    assert "所试的最高速率仍可承受" in note.text.zh


def test_a_build_with_failures_is_red() -> None:
    section = performance.replay(rich_report())
    assert section is not None
    table = section.blocks[0]
    assert isinstance(table, Table)
    failed = {row[0].text.en: (row[-1].text.en, row[-1].level) for row in table.rows}
    assert failed[PARTIAL] == ("12", "bad")
    assert failed[GOOD] == ("0", "plain")
