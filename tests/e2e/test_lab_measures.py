"""The lab's measurements of what mirrors have, made on a running mirror and on liars, in real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.modules import GREET, WORDS, fill_world, vouch_for
from tests.fakes.faults import Fault
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import StartMirror
    from tests.fakes.sumdb_server import ServedSumdb
    from tests.fakes.upstream import FakeUpstream

LIMIT = 120.0
TOOLCHAIN = "1.99.0"


@pytest.fixture
def database(upstream: FakeUpstream) -> Iterator[ServedSumdb]:
    """A database that has seen the right modules."""
    fill_world(upstream)
    upstream.toolchain(TOOLCHAIN, "linux-amd64", {"bin/go": "#!/bin/sh\n"})
    db = FakeSumdb(resolve=vouch_for(upstream.modules))
    for number in range(300):
        db.add(f"example.org/filler{number}", "v1.0.0", "h1:" + "A" * 43 + "=", "h1:" + "A" * 43 + "=")
    with serve(db) as served:
        yield served


@pytest.fixture
def mirror_url(upstream: FakeUpstream, database: ServedSumdb, start_mirror: StartMirror) -> str:
    """A mirror that verifies."""
    return start_mirror(
        {
            "route": [{"match": ["*"], "from": [upstream.url], "sumdb": "verify", "sumdb_down": "closed"}],
            "sumdb": [{"name": database.db.name, "key": database.db.key, "from": [database.url]}],
        }
    ).url


def lab(verb: str, *words: str) -> tuple[dict[str, Any], list[str]]:
    """Run a verb; return its result and what it failed. A busy machine may make the run itself doubtful."""
    command = [sys.executable, "-m", "modmirror", "lab", verb, *words, "--json", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    if document["manifest"]["flags"]:
        assert done.returncode == 2
    else:
        assert done.returncode == bool(document["failures"]), done.stderr
    return document["result"], document["failures"]


def protocol(url: str, key: str) -> tuple[dict[str, Any], list[str]]:
    words = ["--module", f"{GREET}@v1.2.0", "--upper", f"{GREET}@v1.1.0", "--branch", "main"]
    toolchain = f"v0.0.1-go{TOOLCHAIN}.linux-amd64"
    result, failures = lab("protocol", url, *words, "--toolchain", toolchain, "--sumdb", key)
    (cells,) = result["cells"].values()
    return cells, failures


def test_the_mirror_has_every_feature_that_the_go_command_needs(
    mirror_url: str, database: ServedSumdb
) -> None:
    cells, failures = protocol(mirror_url, database.db.key)
    assert failures == []
    lacking = {key: cell for key, cell in cells.items() if cell["verdict"] in {"no", "partly", "unknown"}}
    # Which protocols a server behind no TLS speaks is nothing it could be blamed for.
    assert lacking == {}
    assert cells["fetch-disabled"]["verdict"] == "yes"
    assert cells["sumdb-tiles"]["verdict"] == "yes"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    file = tmp_path / "corpus.toml"
    file.write_text(
        f'[[stratum]]\nname = "popular"\nmodules = ["{GREET}@v1.2.0", "{GREET}@v1.1.0"]\n'
        f'[[stratum]]\nname = "major"\nmodules = ["{WORDS}@v2.1.0"]\n'
        '[[stratum]]\nname = "nonexistent"\nexists = false\nmodules = ["example.com/none@v1.0.0"]\n'
    )
    return file


def test_the_mirror_has_the_whole_corpus_as_the_database_recorded_it(
    mirror_url: str, database: ServedSumdb, corpus: Path
) -> None:
    sumdb = f"{database.db.key} {database.url}"
    result, failures = lab("coverage", mirror_url, "--corpus", str(corpus), "--sumdb", sumdb)
    assert failures == []
    (found,) = result["targets"].values()
    assert (found["overall"]["ok"], found["overall"]["n"], found["missing"]) == (10, 10, [])


def test_who_changes_a_zip_fails_outright_and_who_cannot_be_reached_is_no_crash(
    upstream: FakeUpstream, database: ServedSumdb, corpus: Path
) -> None:
    sumdb = f"{database.db.key} {database.url}"
    words = ["--corpus", str(corpus), "--sumdb", sumdb]
    assert lab("coverage", upstream.url, *words)[1] == []
    upstream.add(GREET, "v1.2.0", {"go.mod": f"module {GREET}\n", "evil.go": "package greet\n"})
    result, failures = lab("coverage", upstream.url, "http://127.0.0.1:1", *words)
    by_name = result["targets"]
    assert by_name["127.0.0.1:1"]["overall"]["ok"] == 0
    (liar,) = (name for name in by_name if name != "127.0.0.1:1")
    wrong = [each["path"].rpartition("/")[2] for each in by_name[liar]["mismatches"]]
    assert sorted(wrong) == ["v1.2.0.mod", "v1.2.0.zip"]
    assert len(failures) == 1


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Fault(status=200, body=b"<html>welcome to the hotel</html>"), "list"),
        (Fault(status=500), "gone"),
        (Fault(truncate_after=20), "zip"),
        (Fault(reset_after=0), "info"),
    ],
)
def test_liars_and_sick_servers_are_found_and_crash_nothing(
    upstream: FakeUpstream, database: ServedSumdb, fault: Fault, key: str
) -> None:
    upstream.fault("*", fault)
    cells, failures = protocol(upstream.url, database.db.key)
    assert cells[key]["verdict"] != "yes"
    assert failures


def test_watching_ends_with_ctrl_c_and_keeps_a_result(upstream: FakeUpstream, tmp_path: Path) -> None:
    fill_world(upstream)
    when = datetime.now(UTC).isoformat()
    line = json.dumps({"Path": GREET, "Version": "v1.2.0", "Timestamp": when})
    upstream.put("index", line.encode())
    run = tmp_path / "run"
    words = [upstream.url, "--index", upstream.url, "--watch", "--save", str(run)]
    command = [sys.executable, "-m", "modmirror", "lab", "freshness", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        samples = run / "samples.jsonl"
        deadline = time.monotonic() + LIMIT
        while not (samples.is_file() and samples.read_text().count("\n") == 2):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert json.loads((run / "manifest.json").read_text())["state"] == "interrupted"
    (places,) = json.loads((run / "results" / "freshness.json").read_text())["targets"].values()
    assert {place: lag["never"] for place, lag in places.items()} == {"list": 0, "latest": 0}


def test_a_new_version_is_seen_on_the_mirror(
    mirror_url: str, database: ServedSumdb, tmp_path: Path
) -> None:
    assert database.url
    tags = tmp_path / "tags.jsonl"
    when = datetime.now(UTC).replace(microsecond=0).isoformat()
    tags.write_text(json.dumps({"Path": GREET, "Version": "v1.2.0", "Timestamp": when}))
    words = ["--versions", str(tags), "--ask", "both", "--minutes", "2"]
    result, _ = lab("freshness", mirror_url, *words)
    (places,) = result["targets"].values()
    assert {place: lag["never"] for place, lag in places.items()} == {"list": 0, "latest": 0, "info": 0}
