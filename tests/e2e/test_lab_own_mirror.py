"""The lab against a real modmirror in front of an emulated upstream: cache, load and whole builds."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.cli.main import run
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import ModuleSet
from tests.e2e.go import find_go
from tests.e2e.mirror import MirrorProcess
from tests.fakes.builds import write_go_sum
from tests.fakes.own_thread import in_own_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

DONE = {0, 2}
"""2: the machine was too busy to measure, as it may be while tests run; there is a result all the same."""
WELL = "example.com/lab/well"
DELAY = 0.05


@asynccontextmanager
async def upstream() -> AsyncIterator[tuple[EmulatedMirror, str]]:
    mirror = EmulatedMirror(ModuleSet.generate(1), Behaviour(delay=DELAY))
    async with AsyncExitStack() as stack:
        yield mirror, await stack.enter_async_context(mirror.serve())


@pytest.fixture
def own(tmp_path: Path) -> Iterator[MirrorProcess]:
    """A mirror whose only upstream takes its time."""
    with in_own_thread(upstream()) as (emulated, url):
        name, key = emulated.world.sumdb.name, emulated.world.sumdb.key
        config: dict[str, Any] = {
            "route": [{"match": ["*"], "from": [url], "sumdb": "verify", "sumdb_down": "closed"}],
            "sumdb": [{"name": name, "key": key, "from": [f"{url}/sumdb/{name}"]}],
        }
        with MirrorProcess(tmp_path / "mirror", config) as mirror:
            yield mirror


def lab(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["lab", *words, "--json"]) in DONE
    result: dict[str, Any] = json.loads(capsys.readouterr().out)["result"]
    return result


def test_cold_files_wait_for_the_upstream_and_many_at_once_cause_one_fetch(
    own: MirrorProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    modules = [word for number in range(14) for word in ("--module", f"{WELL}@v1.0.{number}")]
    result = lab(capsys, "cache", own.url, *modules, "--requests", "60", "--together", "10")
    (found,) = result["targets"].values()
    assert found["cold"]["n"] == 8
    assert found["cold"]["value"] >= DELAY
    assert found["warm"]["value"] < found["cold"]["value"]
    assert found["coalescing"] == pytest.approx(1.0)
    assert (found["hits"]["cold"]["ok"], found["hits"]["cold"]["n"]) == (0, 8)
    assert found["hits"]["hot"]["ok"] == found["hits"]["hot"]["n"] > 0
    assert any("counted at the upstream" in note for note in found["notes"])


def test_its_own_load_its_cpu_its_memory_and_its_garbage_collector_are_seen(
    own: MirrorProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--module", f"{WELL}@v1.0.0", "--rate", "100", "--no-sweep", "--seconds", "1")
    (step,) = lab(capsys, "load", own.url, *words)["steps"]
    assert step["n"] > 50
    assert step["errors"] == {}
    assert step["server_rss"] > 20_000_000
    assert step["server_cpu"] is not None
    assert step["server_gc_count"] >= 0
    assert step["server_gc_seconds"] >= 0


@pytest.mark.go
@pytest.mark.skipif(find_go() is None, reason="needs the go command")
def test_a_whole_build_is_timed_with_and_without_the_go_command(
    own: MirrorProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = lab(capsys, "replay", str(write_go_sum(tmp_path)), own.url, "--repeats", "2", "--go")
    (cost,) = result["targets"].values()
    assert cost["failed"] == 0
    assert cost["requests"] == 13
    assert cost["go_seconds"]["n"] == 2
    assert cost["note"] == ""
