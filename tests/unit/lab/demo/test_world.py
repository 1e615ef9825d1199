from __future__ import annotations

import json
import subprocess
import sys
import urllib.request

import msgspec

from modmirror.lab.demo.cast import NEW_VERSION, cast, fresh
from modmirror.lab.demo.world import Job, Publish, Ready


def test_the_world_tells_where_it_is_publishes_what_it_is_told_and_ends_with_its_input() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "modmirror.lab.demo.world"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(Job(1, 3600.0)) + b"\n")
        process.stdin.flush()
        ready = msgspec.json.decode(process.stdout.readline(), type=Ready)
        assert [place.name for place in ready.places] == [part.role for part in cast(1.0)]
        assert len(ready.checks) == 3
        births = (Publish(fresh()[0], NEW_VERSION, 1.0),)
        process.stdin.write(msgspec.json.encode(births) + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())
        good = next(place for place in ready.places if place.name == "good")
        url = f"http://{good.host}:{good.port}/{fresh()[0]}/@v/list"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert NEW_VERSION in answer.read().decode().split()
        process.stdin.close()
        assert process.wait(10) == 0
