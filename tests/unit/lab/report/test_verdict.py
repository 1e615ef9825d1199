from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from modmirror.lab.report.document import Code, Note
from modmirror.lab.report.facts import Flag, Requirement
from modmirror.lab.report.verdict import alarms, excluded, verdict, winning
from modmirror.lab.results.setting import Reason, Setting
from modmirror.lab.run.manifest import FlagName
from tests.fakes.lab_mirrors import CORRUPT, GOOD, PARTIAL, STALE
from tests.fakes.lab_runs import rich_report


def test_the_verdict_begins_with_the_winner_and_how_sure_that_is() -> None:
    first = verdict(rich_report()).blocks[0]
    assert isinstance(first, Note)
    assert first.level == "good"
    assert first.text.en == f"{GOOD} is best: probability 97 %."


def test_without_a_winner_the_tied_ones_are_named_and_no_other() -> None:
    found = rich_report().ranking
    assert found is not None
    targets = tuple(
        replace(each, group="a") if each.target in {GOOD, STALE} else each for each in found.targets
    )
    said = winning(replace(found, winner=None, targets=targets)).en
    assert said == f"No clear winner: {GOOD}, {STALE} cannot be told apart with these samples."


def test_the_first_without_a_tie_is_no_winner_when_that_is_not_sure() -> None:
    found = rich_report().ranking
    assert found is not None
    said = winning(replace(found, winner=None)).en
    assert said == f"{GOOD} is probably best, but that is not sure enough to name a winner."


def test_nobody_wins_when_nobody_passed() -> None:
    found = rich_report().ranking
    assert found is not None
    targets = tuple(replace(each, score=None) for each in found.targets)
    assert winning(replace(found, winner=None, targets=targets)).en == "No mirror passed the conditions."


def test_bars_are_told_before_the_winner() -> None:
    bars = (Requirement("p95<1s"), Requirement("knee>9", ("knee>9: m: 3",)))
    met, missed, winner, *_ = verdict(replace(rich_report(), requirements=bars)).blocks
    assert isinstance(met, Note)
    assert isinstance(missed, Note)
    assert isinstance(winner, Note)
    assert (met.text.en, met.level) == ("Met: p95<1s", "good")
    assert (missed.text.en, missed.level) == ("Not met: knee>9: m: 3", "bad")
    assert "is best" in winner.text.en


def test_every_excluded_mirror_is_named_with_the_reason() -> None:
    bad = [
        block.text.en
        for block in verdict(rich_report()).blocks
        if isinstance(block, Note) and block.level == "bad"
    ]
    assert bad == [
        f"{PARTIAL} is excluded: 86 % of popular modules, 98 % are needed",
        f"{CORRUPT} is excluded: 2 files with a wrong h1:",
    ]


def test_a_reason_to_exclude_is_chinese_in_chinese() -> None:
    found = rich_report().ranking
    assert found is not None
    (ranked,) = (each for each in found.targets if each.target == CORRUPT)
    assert excluded(ranked).zh == f"{CORRUPT} 被排除：2 个文件的 h1 错误"


def test_what_was_made_from_samples_is_said() -> None:
    report = rich_report()
    last = verdict(replace(report, run=replace(report.run, remade=("bench", "load")))).blocks[-1]
    assert isinstance(last, Note)
    assert last.text.en == "Made from the raw samples: bench, load."


def test_an_invalid_run_says_so_first_and_nothing_is_green() -> None:
    report = rich_report(flags=(Flag("clock_jump", "by 3.2 s"),))
    first, second, *rest = verdict(report).blocks
    assert isinstance(first, Note)
    assert isinstance(second, Note)
    assert first.text.en.startswith("INVALID RUN")
    assert second.text.en == "clock_jump: by 3.2 s"
    assert not [block for block in rest if isinstance(block, Note) and block.level == "good"]


def test_an_interrupted_run_says_so_first() -> None:
    first = verdict(rich_report(state="interrupted")).blocks[0]
    assert isinstance(first, Note)
    assert first.text.en.startswith("INCOMPLETE RUN (interrupted)")
    assert first.level == "bad"


def test_a_good_run_raises_no_alarm() -> None:
    assert list(alarms(rich_report())) == []


def test_the_setting_can_be_copied_and_names_both_variables() -> None:
    code = next(block for block in verdict(rich_report()).blocks if isinstance(block, Code))
    assert code.text == (
        "go env -w 'GOPROXY=https://harbour.test/goproxy|https://meadow.test,direct'\n"
        "go env -w GOSUMDB=sum.golang.org"
    )


def test_a_mirror_that_demands_no_checksums_is_in_the_setting() -> None:
    report = rich_report()
    assert report.setting is not None
    blocks = verdict(replace(report, setting=replace(report.setting, gonosumdb="*.corp"))).blocks
    code = next(block for block in blocks if isinstance(block, Code))
    assert code.text.endswith("\ngo env -w 'GONOSUMDB=*.corp'")


def test_without_a_mirror_to_recommend_there_is_nothing_to_paste() -> None:
    report = replace(
        rich_report(), setting=Setting("", "sum.golang.org", warnings=(Reason("", "none", "无"),))
    )
    blocks = verdict(report).blocks
    assert not [block for block in blocks if isinstance(block, Code)]
    assert isinstance(blocks[-1], Note)
    assert blocks[-1].text.en == "none"


def test_an_exclusion_is_told_once() -> None:
    setting = Setting("a", "b", warnings=(Reason(CORRUPT, "Left out", "x"), Reason("m", "slow", "慢")))
    texts = [
        block.text.en
        for block in verdict(replace(rich_report(), setting=setting)).blocks
        if isinstance(block, Note)
    ]
    assert [text for text in texts if CORRUPT in text] == [
        f"{CORRUPT} is excluded: 2 files with a wrong h1:"
    ]
    assert "m: slow" in texts


def test_a_run_without_ranking_has_a_verdict_all_the_same() -> None:
    report = replace(rich_report(), ranking=None, setting=None)
    assert [block.text.en for block in verdict(report).blocks if isinstance(block, Note)] == [
        "Nothing was ranked in this run."
    ]


@pytest.mark.parametrize("name", get_args(FlagName))
def test_every_reason_for_doubt_has_a_chinese_name(name: str) -> None:
    _, told = alarms(rich_report(flags=(Flag(name, "3"),)))
    assert told.text.en == f"{name}: 3"
    assert name not in told.text.zh
    assert told.text.zh.endswith("：3")
