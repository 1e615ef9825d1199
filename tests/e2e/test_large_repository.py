"""A mirror makes modules from a repository of 10,000 files, 5,000 tags and 20,000 commits."""

from __future__ import annotations

import io
import json
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.fakes.git_http import git_server
from tests.fakes.large_git import (
    BRANCH,
    LARGE,
    committed,
    file_path,
    file_text,
    tagged_commit,
    version,
    write_large,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import MirrorProcess

pytestmark = pytest.mark.slow

MODULE = "github.com/bench/large"
SECONDS = 120.0
"""For all questions together. Generous: the machine may be busy with other tests."""
MEMORY = 400 << 20
"""Bytes that the mirror may ever have taken: the files alone are some 15 MB a version."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The URL of a server with the repository on it."""
    root = tmp_path / "served"
    (root / "bench").mkdir(parents=True)
    write_large(root / "bench" / "large", MODULE, LARGE)
    with git_server(root) as server:
        yield server.url


def told(mirror: MirrorProcess, file: str) -> bytes:
    status, body, _ = mirror.get(f"{MODULE}/{file}")
    assert status == 200, body
    return body


def check_zip(body: bytes, number: int) -> None:
    """Compare some files of a version with what its commit, or an earlier one, wrote."""
    latest = tagged_commit(LARGE, number)
    with ZipFile(io.BytesIO(body)) as archive:
        assert len(archive.namelist()) == LARGE.files + 2  # go.mod and LICENSE
        for file in (0, 1, latest % LARGE.files, LARGE.files - 1):
            written = latest - (latest - file) % LARGE.files
            text = archive.read(f"{MODULE}@{version(number)}/{file_path(file)}").decode()
            assert text == file_text(file, max(written, 0))


def peak_memory(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_a_large_repository_is_answered_for_in_bounded_time_and_memory(
    served: str, start_mirror: StartMirror, tmp_path: Path
) -> None:
    rewrite = [f"https://github.com/ -> {served}"]
    mirror = start_mirror(
        {"route": [{"match": ["*"], "from": ["direct"], "sumdb": "off", "rewrite": rewrite}]}
    )
    last = LARGE.tags - 1
    tip = subprocess.run(
        ["git", "-C", tmp_path / "served/bench/large", "rev-parse", BRANCH],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    start = time.monotonic()
    listed = told(mirror, "@v/list").decode().split()
    assert set(listed) == {version(number) for number in range(LARGE.tags)}
    assert len(listed) == LARGE.tags

    newest = json.loads(told(mirror, "@latest"))
    assert newest["Version"] == version(last)

    one = LARGE.tags // 2
    check_zip(told(mirror, f"@v/{version(one)}.zip"), one)

    branch = json.loads(told(mirror, f"@v/{BRANCH}.info"))
    moment = datetime.fromtimestamp(committed(LARGE.commits), UTC)
    major, minor, patch = version(last).split(".")
    base = f"{major}.{minor}.{int(patch) + 1}"
    assert branch["Version"] == f"{base}-0.{moment:%Y%m%d%H%M%S}-{tip[:12]}"

    ten = [number * LARGE.tags // 11 for number in range(1, 11)]
    with ThreadPoolExecutor(len(ten)) as pool:
        bodies = list(pool.map(lambda number: told(mirror, f"@v/{version(number)}.zip"), ten))
    assert time.monotonic() - start < SECONDS
    for number, body in zip(ten, bodies, strict=True):
        check_zip(body, number)
    assert peak_memory(mirror.pid) < MEMORY
