from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from modmirror.errors import StorageBroken
from modmirror.lab.report.facts import Flag
from modmirror.lab.report.reading import downloads, read_report
from modmirror.lab.run.folder import RunFolder
from modmirror.measure.sample import Sample, Timing
from tests.fakes.lab_mirrors import GOOD
from tests.fakes.lab_runs import rich_report, store_run

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.measure.sample import Outcome


def test_a_stored_run_is_read_whole(tmp_path: Path) -> None:
    rich = rich_report()
    found = read_report(RunFolder.open(store_run(tmp_path / "run", rich)))
    stored = replace(
        found, run=rich.run, downloads=rich.downloads, setting=rich.setting, links=rich.links,
        differences=rich.differences, hours=rich.hours, arch=rich.arch, elsewhere=rich.elsewhere,
    )  # fmt: skip
    assert stored == rich


def test_hours_and_the_score_of_arch_come_from_samples(tmp_path: Path) -> None:
    folder = RunFolder.open(store_run(tmp_path / "run", rich_report()))
    for block in range(3):
        timing = Timing(total=0.1 * (block + 1))
        started = 3600.0 * block
        folder.append(Sample("bench", GOOD, "info", "p", block, started, started, timing, "ok"))
    found = read_report(folder)
    assert found.hours is not None
    assert found.hours.hours == ("08", "09", "10")
    assert found.arch.keys() == {GOOD}


def test_flags_state_and_environment_come_from_the_manifest(tmp_path: Path) -> None:
    rich = rich_report(state="interrupted", flags=(Flag("drift", "12 %"),))
    run = read_report(RunFolder.open(store_run(tmp_path / "run", rich))).run
    assert (run.state, run.flags, run.version) == ("interrupted", rich.run.flags, "0.1.0")
    assert run.environment["congestion"] == "bbr"
    assert run.environment["the client's own share"] == "connect 40.0 µs, wait 100 µs"


def test_samples_are_counted(tmp_path: Path) -> None:
    run = read_report(RunFolder.open(store_run(tmp_path / "run", rich_report()))).run
    assert (run.requests, run.failed, run.received) == (100, 0, 200_000_000)


def test_a_torn_last_line_is_noted(tmp_path: Path) -> None:
    folder = store_run(tmp_path / "run", rich_report())
    with (folder / "samples.jsonl").open("ab") as file:
        file.write(b'{"measurement": "ben')
    assert read_report(RunFolder.open(folder)).run.notes == (
        "samples.jsonl: the last line was cut short and is left out",
    )


def test_a_result_of_another_shape_is_an_error(tmp_path: Path) -> None:
    folder = store_run(tmp_path / "run", rich_report())
    (folder / "results" / "bench.json").write_text('{"cases": 3}')
    with pytest.raises(StorageBroken, match=r"bench\.json cannot be read"):
        read_report(RunFolder.open(folder))


def test_a_result_that_was_not_stored_is_made_from_the_samples(tmp_path: Path) -> None:
    folder = store_run(tmp_path / "run", rich_report())
    (folder / "results" / "bench.json").unlink()
    found = read_report(RunFolder.open(folder))
    assert found.run.remade == ("bench",)
    assert found.bench is not None
    assert found.bench.speeds.keys() == found.downloads.keys()


def test_every_result_is_made_again_where_that_is_wished_and_can_be_done(tmp_path: Path) -> None:
    folder = store_run(tmp_path / "run", rich_report())
    (folder / "results" / "bench.json").write_text("{")
    found = read_report(RunFolder.open(folder), remade=True)
    assert found.run.remade == ("bench",)
    assert found.bench is not None
    assert found.bench.stopped == "interrupted"
    assert found.ranking is None
    # Of these nothing is kept but the result.
    assert found.protocol == rich_report().protocol
    assert found.faults == rich_report().faults


@pytest.mark.parametrize(
    ("measurement", "outcome", "size", "receive"),
    [
        ("bench", "truncated", 2_000_000, 1.0),
        ("bench", "ok", 999_999, 1.0),
        ("bench", "ok", 2_000_000, None),
        ("coverage", "ok", 2_000_000, 1.0),
    ],
)
def test_only_good_large_downloads_of_a_bench_say_something_about_speed(
    measurement: str, outcome: Outcome, size: int, receive: float | None
) -> None:
    timing = Timing(receive=receive, total=1.0)
    good = Sample("bench", "m", "zip", "p", 0, 0, 0, Timing(receive=0.5, total=1), "ok", size=2_000_000)
    other = Sample(measurement, "m", "zip", "p", 0, 0, 0, timing, outcome, size=size)
    assert downloads([good, other]) == {"m": (4_000_000.0,)}
