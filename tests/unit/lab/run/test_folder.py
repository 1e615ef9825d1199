from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError, StorageBroken
from modmirror.lab.results.events import Event
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Flag, Manifest
from tests.fakes.lab import ENDED, MANIFEST, sample

if TYPE_CHECKING:
    from pathlib import Path


def begin(path: Path) -> RunFolder:
    return RunFolder.create(path, MANIFEST, lambda: ENDED)


def test_what_one_process_wrote_another_reads(tmp_path: Path) -> None:
    run = begin(tmp_path / "deep" / "run")
    run.append(sample())
    run.flag(Flag("drift", "x"))
    run.finish("complete")
    again = RunFolder.open(run.path)
    assert list(again.samples()) == [sample()]
    assert again.manifest == run.manifest
    assert again.notes == ()


def test_a_killed_run_loses_at_most_its_last_line_and_says_so(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    run.append(sample())
    run.append(sample(block=1))
    file = run.path / "samples.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    again = RunFolder.open(run.path, lambda: ENDED)
    assert list(again.samples()) == [sample()]
    assert again.notes == ("samples.jsonl: the last line was cut short and is left out",)
    assert again.manifest.state == "running"
    # Going on overwrites the torn line, never joins it.
    again.append(sample(block=2))
    assert list(RunFolder.open(run.path).samples()) == [sample(), sample(block=2)]


def test_a_line_that_was_changed_is_found(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    run.append(sample())
    file = run.path / "samples.jsonl"
    file.write_bytes(b'{"measurement": 3}\n' + file.read_bytes())
    with pytest.raises(StorageBroken, match=r"samples.jsonl, line 1: "):
        RunFolder.open(run.path).samples()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear").write_text("x")
    with pytest.raises(ConfigError, match="is not empty"):
        begin(tmp_path / "letters")
    with pytest.raises(ConfigError, match="cannot be made"):
        begin(tmp_path / "letters" / "dear")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "is no run: manifest.json: No such file"),
        ("{", "cannot be read"),
        (json.dumps({"verb": "x", "seed": 1, "started": "", "format": 99}), "has format 99"),
    ],
)
def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path, text: str | None, reason: str) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ConfigError, match=reason):
        RunFolder.open(tmp_path)


def test_a_result_of_another_shape_is_found(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    run.put_result("net", LinkCheck("cn", "tcp", {}, {}, good=True))
    with pytest.raises(StorageBroken, match="net.json cannot be read"):
        run.result("net", Manifest)


def test_the_manifest_on_disk_is_whole_at_any_time(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    for number in range(20):
        run.describe(corpus=str(number))
        stored = json.loads((run.path / "manifest.json").read_text())
        assert (stored["format"], stored["corpus"]) == (1, str(number))
    assert sorted(entry.name for entry in run.path.iterdir()) == ["manifest.json"]


def test_it_says_where_it_is(tmp_path: Path) -> None:
    assert begin(tmp_path / "run").place == str(tmp_path / "run")


def test_samples_that_are_made_again_are_set_aside_and_not_lost(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    for measurement in ("bench", "coverage", "bench"):
        run.append(sample(measurement=measurement))
    for number in range(3):
        run.event(Event(number, "look"))
    run.finish("interrupted")
    again = RunFolder.open(run.path, lambda: ENDED)
    again.resume()
    again.set_aside({"bench"}, [Event(1, "look")])
    again.event(Event(3, "look"))
    assert [event.at for event in again.events()] == [0, 2, 3]
    again.append(sample(measurement="probe"))
    assert [each.measurement for each in again.samples()] == ["coverage", "probe"]
    assert len((run.path / "set-aside-samples.jsonl").read_bytes().splitlines()) == 2
    assert RunFolder.open(run.path).manifest == again.manifest
    assert (again.manifest.state, again.manifest.ended) == ("running", "")


def test_nothing_is_set_aside_where_there_is_nothing(tmp_path: Path) -> None:
    run = begin(tmp_path / "run")
    run.set_aside({"bench"})
    assert not (run.path / "set-aside-samples.jsonl").exists()
