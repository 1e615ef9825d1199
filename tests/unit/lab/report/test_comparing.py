from __future__ import annotations

from msgspec.structs import replace

from modmirror.lab.analysis.changes import PROTOCOL, WRONG
from modmirror.lab.render.text import Style, write_text
from modmirror.lab.report.comparing import Compared, Stored, compare, comparison_document
from modmirror.lab.report.facts import Flag, Report, RunFacts
from modmirror.lab.report.remaking import Kept
from modmirror.measure.sample import Sample, Timing
from tests.fakes.lab_mirrors import CORRUPT
from tests.fakes.lab_runs import rich_report

RUN = rich_report().run


def samples(seconds: float, count: int = 60) -> list[Sample]:
    return [
        Sample(
            "bench",
            "m",
            "info",
            "p",
            block,
            block,
            block,
            Timing(total=seconds * (1 + block % 7 / 100)),
            "ok",
            "warm",
        )
        for block in range(count)
    ]


def compared(before: float, after: float) -> Compared:
    return compare(*(Stored(Report(run=RUN), Kept(samples(each), ())) for each in (before, after)))


def test_what_became_slower_beyond_chance_is_worse() -> None:
    found = compared(0.1, 0.2)
    assert [(each.target, each.worse) for each in found.differences] == [("m", True)]
    assert found.worse


def test_what_became_faster_is_not_worse() -> None:
    found = compared(0.2, 0.1)
    assert found.differences
    assert not found.worse


def test_equal_runs_have_no_differences_and_the_text_says_so() -> None:
    found = compared(0.1, 0.1)
    assert (found.differences, found.doubts) == ((), ())
    assert "✓ Nothing changed beyond chance." in write_text(comparison_document(found), Style())


def doubts(before: RunFacts, after: RunFacts) -> tuple[str, ...]:
    return compare(*(Stored(Report(run=run), Kept((), ())) for run in (before, after))).doubts


def test_runs_from_unlike_places_are_hard_to_compare() -> None:
    assert doubts(RUN, replace(RUN, region="us")) == ("measured from: cn-east, then us",)
    assert doubts(replace(RUN, corpus=""), RUN)[0].startswith("corpus: unknown, then sha256:")


def test_runs_that_do_not_count_are_hard_to_compare() -> None:
    assert doubts(replace(RUN, flags=(Flag("drift"),)), RUN) == ("the earlier run is invalid: drift",)
    assert doubts(RUN, replace(RUN, state="interrupted")) == ("the later run is interrupted",)


def test_runs_of_other_mirrors_have_nothing_in_common() -> None:
    assert doubts(RUN, replace(RUN, targets=())) == ("they have no mirror in common",)


def test_content_and_protocol_are_compared_too() -> None:
    rich = rich_report()
    assert rich.coverage is not None
    assert rich.protocol is not None
    coverage = replace(
        rich.coverage,
        targets={name: replace(each, mismatches=()) for name, each in rich.coverage.targets.items()},
    )
    cells = {
        name: {key: replace(cell, verdict="yes") for key, cell in each.items()}
        for name, each in rich.protocol.cells.items()
    }
    before = replace(rich, coverage=coverage, protocol=replace(rich.protocol, cells=cells))
    found = compare(Stored(before, Kept((), ())), Stored(rich, Kept((), ())))
    kinds = {each.what.partition(":")[0] for each in found.differences}
    assert kinds == {WRONG, PROTOCOL}
    assert found.worse
    lines = write_text(comparison_document(found), Style(width=200)).splitlines()
    assert [CORRUPT, "wrong", "files", "0", "2", "–", "worse"] in [line.split() for line in lines]


def test_every_doubt_is_told_in_chinese_too() -> None:
    run = replace(RUN, region="us", state="interrupted", targets=(), flags=(Flag("drift"),))
    found = compare(*(Stored(Report(run=each), Kept((), ())) for each in (RUN, run)))
    assert len(found.doubts) == len(found.doubts_zh) == 4
    text = write_text(comparison_document(found), Style(language="zh"))
    assert "可比性存疑：测量地点：先为 cn-east，后为 us。" in text
    assert "可比性存疑：两次测量没有共同的镜像。" in text


def test_doubts_are_told_before_differences() -> None:
    found = replace(compared(0.1, 0.2), doubts=("the later run is invalid: drift",), doubts_zh=("x",))
    lines = write_text(comparison_document(found), Style()).splitlines()
    assert lines[3] == "  ✗ Hard to compare: the later run is invalid: drift."
    assert any("worse" in line for line in lines[4:])
