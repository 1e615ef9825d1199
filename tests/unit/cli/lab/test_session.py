from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from modmirror.cli.lab import session
from modmirror.cli.lab.options import INVALID_RUN, THRESHOLD_FAILED, Options
from modmirror.cli.lab.session import Task, chosen_targets, perform
from modmirror.errors import StorageFull
from modmirror.lab.results.events import Event
from modmirror.lab.run.folder import RunFolder
from modmirror.lab.run.manifest import Flag, Manifest
from tests.fakes.lab import targets_named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from modmirror.lab.bundle import Lab


class Found(Struct):
    number: int


async def measure(lab: Lab) -> Found:
    lab.run.event(Event(lab.elapsed, "measured"))
    return Found(lab.chance.randrange(1000))


def show(result: Found, manifest: Manifest) -> str:
    return f"{manifest.verb} found {result.number}"


TASK = Task("probe", measure, show)


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge no run by how busy the machine of the tests is."""

    @asynccontextmanager
    async def calm(flag: Callable[[Flag], None]) -> AsyncIterator[None]:
        del flag
        yield

    monkeypatch.setattr(session, "watched", calm)
    monkeypatch.setattr(session, "drift", lambda before, after: None)


def test_a_result_is_shown_and_the_same_seed_finds_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for _ in range(2):
        assert perform(TASK, Options(seed=5), ()) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert shown[0].startswith("probe found ")


def test_json_is_one_document_with_the_manifest(capsys: pytest.CaptureFixture[str]) -> None:
    assert perform(TASK, Options(json_=True, seed=5, region="cn-east"), targets_named("a")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["manifest"]["region"] == "cn-east"
    assert told["manifest"]["state"] == "complete"
    assert [target["name"] for target in told["manifest"]["targets"]] == ["a"]
    assert told["failures"] == []
    assert set(told["result"]) == {"number"}


def test_a_saved_run_has_all_and_ends_complete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert perform(TASK, Options(save=tmp_path / "run"), ()) == 0
    run = RunFolder.open(tmp_path / "run")
    assert run.manifest.state == "complete"
    assert run.manifest.floor["total"] > 0
    assert run.result("probe", Found)
    assert [event.name for event in run.events()] == ["measured"]
    assert f"kept: {tmp_path / 'run'}" in capsys.readouterr().err


def test_a_bar_that_is_not_met_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    task = Task("probe", measure, show, lambda _: ["p95<1ms: a: 3"])
    assert perform(task, Options(), ()) == THRESHOLD_FAILED
    assert "threshold not met: p95<1ms: a: 3" in capsys.readouterr().err


def test_a_run_that_is_not_valid_is_exit_code_2_and_said_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    async def doubtful(lab: Lab) -> Found:
        lab.run.flag(Flag("dns_changed", "x.test moved"))
        return Found(1)

    task = Task("probe", doubtful, show, lambda _: ["p95<1ms: a: 3"])
    assert perform(task, Options(), ()) == INVALID_RUN
    assert "RUN NOT VALID: dns_changed: x.test moved" in capsys.readouterr().err


def test_a_client_that_became_slower_makes_a_run_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "drift", lambda before, after: Flag("drift", f"{before} {after}"))
    assert perform(TASK, Options(), ()) == INVALID_RUN


@pytest.mark.parametrize("failure", [KeyboardInterrupt, StorageFull("no space")])
def test_a_run_that_ends_early_keeps_what_it_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], failure: BaseException | type[BaseException]
) -> None:
    async def broken(lab: Lab) -> Found:
        lab.run.event(Event(0.0, "begun"))
        raise failure

    task = Task("probe", broken, show, so_far=lambda run: Found(len(run.events())))
    with pytest.raises((KeyboardInterrupt, StorageFull)):
        perform(task, Options(save=tmp_path / "run"), ())
    run = RunFolder.open(tmp_path / "run")
    assert run.manifest.state == "interrupted"
    assert [event.name for event in run.events()] == ["begun"]
    assert run.result("probe", Found) == Found(1)
    assert f"modmirror lab report {tmp_path / 'run'}" in capsys.readouterr().err


def test_a_run_in_memory_that_ends_early_says_how_to_keep_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def broken(lab: Lab) -> Found:
        raise KeyboardInterrupt(lab.began)

    with pytest.raises(KeyboardInterrupt):
        perform(Task("probe", broken, show), Options(), ())
    assert "--save DIR" in capsys.readouterr().err


def test_an_end_that_cannot_be_written_is_told_beside_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(lab: Lab) -> Found:
        raise StorageFull(f"no space for {lab.run.place}")

    def full(run: RunFolder, state: str) -> None:
        del run, state
        raise StorageFull("no space to write manifest.json")

    monkeypatch.setattr(RunFolder, "finish", full)
    with pytest.raises(StorageFull, match="no space for"):
        perform(Task("probe", broken, show), Options(save=tmp_path / "run"), ())
    assert "the end was not written: no space to write manifest.json" in capsys.readouterr().err


def test_targets_come_from_words_and_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[target]]\nname = "ours"\nurl = "http://127.0.0.1:8080"\n')
    assert [each.name for each in chosen_targets(Options(targets=file), ())] == ["ours"]
    assert [each.name for each in chosen_targets(Options(targets=file), ("goproxy.cn",))] == ["goproxy.cn"]
    assert len(chosen_targets(Options(), ())) == 6
