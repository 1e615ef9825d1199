from __future__ import annotations

from msgspec.structs import replace

from modmirror.lab.report.facts import Flag
from tests.fakes.lab_mirrors import CORRUPT, GOOD, TARGETS
from tests.fakes.lab_runs import rich_report


def test_names_are_in_the_order_of_the_ranking() -> None:
    assert (rich_report().names[0], rich_report().names[-1]) == (GOOD, CORRUPT)


def test_without_a_ranking_names_are_in_the_order_that_was_given() -> None:
    assert replace(rich_report(), ranking=None).names == tuple(target.name for target in TARGETS)


def test_only_a_complete_run_without_flags_is_trusted() -> None:
    assert rich_report().trusted
    assert not rich_report(state="interrupted").trusted
    assert not rich_report(flags=(Flag("drift"),)).trusted
