"""Several upstreams behind a real mirror, one of them sick: clients notice nothing."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.cli.main import run
from tests.e2e.client import fetch
from tests.e2e.mirror import MirrorProcess
from tests.e2e.modules import GREET, PROGRAM, fill_world
from tests.fakes.faults import Fault
from tests.fakes.gomodules import big_zip
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import NewMachine
    from tests.e2e.mirror import Tables

MODULES = [f"example.com/m{number}" for number in range(60)]
PATIENCE = {"connect_timeout": 2.0, "first_byte_timeout": 30.0}


@pytest.fixture
def upstreams() -> Iterator[list[FakeUpstream]]:
    with FakeUpstream() as one, FakeUpstream() as two, FakeUpstream() as three:
        for each in (one, two, three):
            for module in MODULES:
                each.add(module, "v1.0.0")
        yield [one, two, three]


@pytest.fixture
def mirror(upstreams: list[FakeUpstream], tmp_path: Path) -> Iterator[MirrorProcess]:
    route = {"match": ["*"], "from": [each.url for each in upstreams], "sumdb": "off"}
    with MirrorProcess(tmp_path / "mirror", {"route": [route], "http": PATIENCE}) as running:
        yield running


def statuses(mirror: MirrorProcess, modules: list[str], extension: str = "info") -> set[int]:
    """Ask for a file of each module, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        return set(
            pool.map(lambda module: fetch(mirror.url, f"{module}/@v/v1.0.0.{extension}").status, modules)
        )


def page(mirror: MirrorProcess, name: str) -> dict[str, Any]:
    got: dict[str, Any] = json.loads(fetch(mirror.url, f"-/{name}").body)
    return got


def breaker(mirror: MirrorProcess, upstream: FakeUpstream) -> str:
    states = {each["upstream"]: each["breaker"] for each in page(mirror, "upstreams")["upstreams"]}
    return str(states[upstream.url])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(stall_header=True),
        Fault(close_header=True),
        Fault(status=500),
        Fault(status=503, headers={"Retry-After": "30"}),
        Fault(status=404),
        Fault(delay=2.0),
    ],
    ids=["black-hole", "closes", "errs", "busy", "lacks-all", "slow"],
)
def test_with_one_upstream_sick_every_file_is_served(
    mirror: MirrorProcess, upstreams: list[FakeUpstream], fault: Fault
) -> None:
    assert statuses(mirror, MODULES[:20]) == {200}
    upstreams[0].fault("*", fault)
    assert statuses(mirror, MODULES[20:]) == {200}
    assert statuses(mirror, MODULES, "zip") == {200}


def test_a_flapping_upstream_fails_nobody(mirror: MirrorProcess, upstreams: list[FakeUpstream]) -> None:
    for start in range(0, 60, 15):
        upstreams[0].stop()
        assert statuses(mirror, MODULES[start : start + 8]) == {200}
        upstreams[0].start()
        assert statuses(mirror, MODULES[start + 8 : start + 15]) == {200}


def test_a_body_that_stalls_is_finished_by_another(upstreams: list[FakeUpstream], tmp_path: Path) -> None:
    packed = big_zip("example.com/big", "v1.0.0", 3 << 20)
    for each in upstreams:
        each.add("example.com/big", "v1.0.0", zip=packed)
    upstreams[0].fault("*.zip", Fault(stall_after=1 << 20))
    route = {"match": ["*"], "from": [each.url for each in upstreams], "sumdb": "off"}
    config: Tables = {"route": [route], "routing": {"stall_seconds": 0.5}}
    with MirrorProcess(tmp_path / "mirror", config) as mirror:
        got = fetch(mirror.url, "example.com/big/@v/v1.0.0.zip")
    assert (got.status, got.body == packed) == (200, True)


def test_with_all_down_a_miss_is_answered_at_once_and_names_everybody(
    mirror: MirrorProcess, upstreams: list[FakeUpstream]
) -> None:
    assert statuses(mirror, MODULES[:5]) == {200}
    for each in upstreams:
        each.stop()
    statuses(mirror, MODULES[5:25])
    began = time.monotonic()
    got = fetch(mirror.url, f"{MODULES[30]}/@v/v1.0.0.info")
    assert time.monotonic() - began < 5
    assert got.status == 502
    assert all(each.url in got.body.decode() for each in upstreams)
    assert statuses(mirror, MODULES[:5]) == {200}
    for each in upstreams:
        each.start()
    deadline = time.monotonic() + 30
    while fetch(mirror.url, f"{MODULES[30]}/@v/v1.0.0.info").status != 200:
        assert time.monotonic() < deadline, "nobody came back"
        time.sleep(0.1)


@pytest.mark.go
def test_builds_pass_while_one_upstream_is_cut(
    upstreams: list[FakeUpstream], mirror: MirrorProcess, new_machine: NewMachine
) -> None:
    for each in upstreams:
        fill_world(each)
    upstreams[0].fault("*", Fault(stall_header=True))
    go = new_machine(mirror.url)
    main = go.module("app", {GREET: "v1.2.0"}, PROGRAM)
    go.run("mod", "download", "all", cwd=main).must()


def test_the_pages_and_verbs_tell_who_is_asked_and_why(
    mirror: MirrorProcess, upstreams: list[FakeUpstream], capsys: pytest.CaptureFixture[str]
) -> None:
    upstreams[0].stop()
    assert statuses(mirror, MODULES[:30]) == {200}
    assert breaker(mirror, upstreams[0]) in {"open", "half-open"}
    assert run(["upstreams", mirror.url]) == 0
    assert "no longer asked" in capsys.readouterr().out
    assert run(["explain", f"{MODULES[40]}@v1.0.0", "--url", mirror.url, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["upstream"] for each in told["asked"]][-1] == upstreams[0].url
    assert told["stored"] == {"info": False, "mod": False, "zip": False}
    metrics = fetch(mirror.url, "metrics").body.decode()
    assert f'modproxy_upstream_breaker_state{{upstream="{upstreams[0].url}"}} ' in metrics
    assert "modproxy_retries_total" in metrics


def test_scores_outlive_a_restart(upstreams: list[FakeUpstream], tmp_path: Path) -> None:
    route = {"match": ["*"], "from": [each.url for each in upstreams], "sumdb": "off"}
    with MirrorProcess(tmp_path / "mirror", {"route": [route]}) as mirror:
        assert statuses(mirror, MODULES[:10]) == {200}
        assert mirror.stop() == 0
    with MirrorProcess(tmp_path / "mirror", {"route": [route]}) as mirror:
        scores = [each["score_ms"]["meta"] for each in page(mirror, "upstreams")["upstreams"]]
    assert scores[0] is not None
