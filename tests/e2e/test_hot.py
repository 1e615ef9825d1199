"""A running mirror tells which modules are asked for most, however their answers were sent."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from tests.e2e.modules import GREET, WORDS, fill_world
from tests.fakes.gomodules import escape

if TYPE_CHECKING:
    from tests.e2e.conftest import StartMirror
    from tests.fakes.upstream import FakeUpstream

LIMIT = 30.0


def test_answers_from_memory_files_and_upstreams_are_counted_by_module(
    upstream: FakeUpstream, start_mirror: StartMirror
) -> None:
    fill_world(upstream)
    mirror = start_mirror(
        {
            "route": [
                {"match": [WORDS], "from": [upstream.url], "sumdb": "off"},
                {"match": ["*"], "from": [upstream.url], "sumdb": "proxy"},
            ],
            "memory": {"max_answer_bytes": 100},
            "hot": {"threshold": 6},
        }
    )
    for _ in range(2):
        for path in ("list", "v1.2.0.info", "v1.2.0.zip"):
            assert mirror.get(f"{escape(GREET)}/@v/{path}")[0] == 200
    assert mirror.get(f"{WORDS}/@v/v2.1.0.mod")[0] == 200
    assert mirror.get(f"{WORDS}/@v/v9.9.9.mod")[0] == 404
    deadline = time.monotonic() + LIMIT
    told = json.loads(mirror.get("-/hot")[1])
    while not (told["modules"] and told["private_modules_left_out"]):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
        told = json.loads(mirror.get("-/hot")[1])
    assert [(each["module"], each["in_window"], each["hot"]) for each in told["modules"]] == [
        (GREET, 6, True)
    ]
    assert told["private_modules_left_out"] == 1
