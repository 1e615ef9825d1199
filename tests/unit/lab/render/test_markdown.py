from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING

import msgspec
import pytest

from modmirror.lab.render.machine import read_json, write_json
from modmirror.lab.render.markdown import escape, write_markdown
from modmirror.lab.report import numbers
from modmirror.lab.report.document import Code, Document, Section
from modmirror.lab.report.facts import Flag
from modmirror.lab.report.phrases import same
from modmirror.lab.report.writing import write_document
from tests.fakes.lab_runs import rich_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.facts import Report

# A number with its unit, as it stands in a table.
NUMBER = re.compile(
    r"(?<![\w.:-])\d[\d,]*(?:\.\d+)?(?: (?:ms|µs|s|min|h|d|%|B|kB|MB|GB)\b(?:/s)?|/s|×| %)?(?![\w.:/=-])"
)


def floats(value: object) -> Iterator[float]:
    """Yield every number of a JSON document, and the counts and shares that follow from its lists."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, dict):
        if {"ok", "n"} <= value.keys() and value["n"]:
            yield value["ok"] / value["n"]
        if {"n", "failed"} <= value.keys() and isinstance(value["failed"], int):
            yield value["n"] + value["failed"]
        for each in value.values():
            yield from floats(each)
    elif isinstance(value, list):
        yield len(value)
        for each in value:
            yield from floats(each)


def spellings(value: float) -> set[str]:
    shown = {f"{value:.0f}", f"{value:.2f}", f"{value:.3f}", f"{value:.4f}", f"{value:,.0f}"}
    shown |= {show(value) for show in (numbers.figures, numbers.seconds, numbers.times, numbers.rate)}
    return shown | {numbers.size(abs(value)), numbers.speed(abs(value)), numbers.percent(value)}


def totals(report: Report) -> Iterator[float]:
    """Yield the sums and medians over the repeats of each scenario, made anew from the JSON."""
    for found in report.faults:
        for runs in found.scenarios.values():
            yield sum(run.stale for run in runs)
            yield sum(run.overshoot for run in runs)
            for times in ([run.gap for run in runs], [run.detect or 0 for run in runs]):
                yield median(times)
            yield median([run.recover or 0 for run in runs])


@pytest.mark.parametrize("seed", [1, 7])
def test_every_number_in_a_table_is_one_of_the_json(seed: int) -> None:
    report = rich_report(seed)
    json = msgspec.json.decode(write_json(report))
    known: set[str] = set().union(*(spellings(value) for value in [*floats(json), *totals(report)]))
    rows = [
        line for line in write_markdown(write_document(report), "en").splitlines() if line.startswith("| ")
    ]
    cells = [
        cell for row in rows if not row.startswith("| ---") for cell in row.strip("| ").split(" | ")[1:]
    ]
    found = {match for cell in cells for match in NUMBER.findall(cell.removeprefix("> "))}
    assert len(found) > 300
    texts = re.sub(r"[\\]", "", write_json(report))
    limits = {"1 min", "5 min", "30 min"}
    assert {each for each in found if each not in known and each not in texts} <= limits


def test_a_number_stands_in_the_row_that_the_json_says() -> None:
    report = rich_report()
    lines = write_markdown(write_document(report), "en").splitlines()
    bench = read_json(write_json(report).encode()).bench
    assert bench is not None
    for target, cases in bench.targets.items():
        for case, found in cases.items():
            start = f"| {case} | {target} | {bench.groups[case][target]} |"
            row = next(line for line in lines if line.startswith(start))
            assert row.split(" | ")[4] == escape(numbers.estimate(found.median, numbers.seconds).en)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("[x](y)", r"\[x\](y)"),
        ("**b** `c`", r"\*\*b\*\* \`c\`"),
        ("one\ntwo", "one two"),
        ("a&lt;b", "a&amp;lt;b"),
        ("https://evil.test/x", "https&#58;//evil.test/x"),
        ("www.evil.test", "www&#46;evil.test"),
        ("lib@v1.0.0", "lib&#64;v1.0.0"),
    ],
)
def test_text_of_others_is_shown_and_never_obeyed(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_something_to_copy_cannot_end_its_fence() -> None:
    document = Document(same("T"), (Section("s", same("S"), (Code("a\n````\nb", same("P")),)),))
    assert "`````text\na\n````\nb\n`````" in write_markdown(document, "en")


def test_an_invalid_run_says_so_before_all_else() -> None:
    text = write_markdown(write_document(rich_report(flags=(Flag("drift", "by 12 %"),))), "en")
    assert text.split("\n\n")[2].startswith("> **INVALID RUN")


def test_both_languages_stand_side_by_side() -> None:
    assert "## Verdict · 结论" in write_markdown(write_document(rich_report()), "both")
