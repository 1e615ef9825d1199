from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.cache.log import Line, hottest, log_cache, read_log

if TYPE_CHECKING:
    from pathlib import Path

A, B = "/example.com/a/@v/v1.0.0.info", "/example.com/b/@v/v1.0.0.zip"


def line(time: float, path: str, cache: str, seconds: float = 0.01, status: int = 200) -> Line:
    return Line(time, path, status, seconds, cache)


def test_hits_waits_and_what_is_saved_are_told() -> None:
    lines = [line(float(at), A, "miss" if at == 0 else "hit") for at in range(20)]
    lines += [line(30.0 + at, f"/example.com/{at}/@v/v1.0.0.mod", "miss", 0.5) for at in range(9)]
    lines += [line(50.0, "/metrics", "none", 9.0), line(51.0, A, "miss", 9.0, 502)]
    found = log_cache(lines)
    assert found.cold.value == 0.5
    assert found.warm.value == 0.01
    assert found.saved_seconds == pytest.approx(0.49)
    assert (found.hits["cold"].ok, found.hits["cold"].n) == (0, 10)
    assert (found.hits["hot"].ok, found.hits["hot"].n) == (10, 10)
    assert found.coalescing is None


def test_too_few_lines_save_nothing_that_could_be_told() -> None:
    found = log_cache([line(0.0, A, "miss"), line(1.0, A, "coalesced")])
    assert found.cold.value is None
    assert found.saved_seconds is None
    assert found.hits["warm"].ok == 0


def test_the_hottest_files_come_first() -> None:
    lines = [line(float(at), A, "hit") for at in range(5)] + [
        line(6.0, B, "hit"),
        line(7.0, "/healthz", "none"),
    ]
    assert [(each.path, each.count, each.error) for each in hottest(lines, 10)] == [(A, 5, 0), (B, 1, 0)]
    assert len(hottest(lines, 1)) == 1


def test_a_log_is_read_in_order_of_time_and_without_a_torn_end(tmp_path: Path) -> None:
    file = tmp_path / "access.jsonl"
    rows = [
        {"time": time, "path": A, "status": 200, "seconds": 0.1, "cache": "hit", "id": "x"}
        for time in (2, 1)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"time": 3, "pa')
    assert [each.time for each in read_log(file)] == [1, 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        ("", "no line"),
        ("{", "no line that is whole"),
        ("GET /x 200\n", "line 1 is none"),
    ],
)
def test_what_is_no_log_is_named(tmp_path: Path, content: str | None, words: str) -> None:
    file = tmp_path / "access.jsonl"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError, match=words):
        read_log(file)
