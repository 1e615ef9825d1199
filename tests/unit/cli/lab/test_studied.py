from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab.report import read_whole
from modmirror.cli.lab.studied import carried_out, write_reports
from modmirror.errors import StorageFull
from modmirror.lab.progress import Silent
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Manifest
from tests.fakes.lab import ENDED, STARTED
from tests.fakes.lab_runs import rich_report, store_run

if TYPE_CHECKING:
    from pathlib import Path


def run_in(folder: Path) -> RunFolder:
    return RunFolder.create(folder / "run", Manifest("study", 1, STARTED), lambda: ENDED)


async def well() -> tuple[str, ...]:
    return ()


async def partly() -> tuple[str, ...]:
    return ("fault: nothing starts here",)


def test_a_study_that_was_made_is_complete_and_one_that_lacks_a_step_is_not(tmp_path: Path) -> None:
    whole, part = run_in(tmp_path / "a"), run_in(tmp_path / "b")
    assert carried_out(whole, Silent(), well()) == ()
    assert carried_out(part, Silent(), partly()) == ("fault: nothing starts here",)
    assert (whole.manifest.state, part.manifest.state) == ("complete", "interrupted")


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), StorageFull("no space to write samples.jsonl")])
def test_whatever_ends_it_early_the_user_is_told_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: BaseException
) -> None:
    async def ended() -> tuple[str, ...]:
        raise ending

    run = run_in(tmp_path)
    with pytest.raises(type(ending)):
        carried_out(run, Silent(), ended())
    assert RunFolder.open(run.path).manifest.state == "interrupted"
    assert f"kept so far: {run.place}" in capsys.readouterr().err


def test_a_disk_that_is_full_at_the_end_too_is_one_more_fact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: RunFolder, __: str) -> None:
        raise StorageFull("no space to write manifest.json")

    run = run_in(tmp_path)
    monkeypatch.setattr(RunFolder, "finish", full)
    with pytest.raises(StorageFull):
        carried_out(run, Silent(), well())
    assert "the end was not written" in capsys.readouterr().err


def test_reports_stand_beside_the_run_in_every_form_that_people_read(tmp_path: Path) -> None:
    run = RunFolder.open(store_run(tmp_path / "run", rich_report()))
    files = write_reports(read_whole(run), run)
    assert [file.name for file in files] == ["report.txt", "report.md", "report.html", "report.json"]
    for file in files:
        assert "harbour-cn" in file.read_text(encoding="utf-8")
    # They are no part of the run: it can still be read.
    assert RunFolder.open(run.path).samples() is not None
