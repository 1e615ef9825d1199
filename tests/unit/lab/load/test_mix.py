from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.load.mix import NAME, look, payload_of
from modmirror.lab.target import parse_target
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request

HERE, GONE = BenchModule("example.com/a", "v1.0.0"), BenchModule("example.com/b", "v1.0.0")


def some(request: Request, clock: JumpingClock) -> Fetched:
    if "/b/" in request.path:
        return answered(request, clock, status=404)
    return answered(request, clock, body=b"content")


async def test_only_what_the_server_has_is_asked_for_and_its_content_is_known() -> None:
    targets = targets_named("mine")
    lab = scripted_lab(targets, some)
    asks = await look(lab, targets[0], (HERE, GONE), ("info", "mod"))
    assert list(asks) == ["example.com/a/@v/v1.0.0.info", "example.com/a/@v/v1.0.0.mod"]
    ask = asks["example.com/a/@v/v1.0.0.info"]
    assert (ask.size, ask.digest) == (7, sha256(b"content").hexdigest())
    assert [sample.outcome for sample in lab.run.samples(NAME)] == ["ok", "ok", "4xx", "4xx"]


async def test_a_look_is_kept_by_the_kind_of_file() -> None:
    targets = targets_named("mine")
    lab = scripted_lab(targets, some)
    await look(lab, targets[0], (HERE,), ("list", "info"))
    assert [sample.case for sample in lab.run.samples(NAME)] == ["list", "info"]


async def test_a_server_that_has_nothing_of_it_cannot_be_loaded() -> None:
    targets = targets_named("mine")
    with pytest.raises(ConfigError, match=r"example.com/b/@v/v1.0.0.info: status 404"):
        await look(scripted_lab(targets, some), targets[0], (GONE,), ("info",))


def test_a_request_carries_the_headers_of_its_target() -> None:
    target = replace(parse_target("http://127.0.0.1:80/base"), headers={"authorization": "Basic x"})
    lines = payload_of(target, "x/@v/list").decode().split("\r\n")
    assert lines[0] == "GET /base/x/@v/list HTTP/1.1"
    assert "authorization: Basic x" in lines
    assert "host: 127.0.0.1" in lines
    assert lines[-2:] == ["", ""]
